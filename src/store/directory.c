/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state directory. */
#include "store/directory.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* As deep as a path of PATH_MAX can be. */
#define DEPTH_MAX 2048

static gboolean
check_access (int fd, const char *path, GError **error)
{
  g_autofree char *shown = sl_text_path (path);
  struct stat found;

  if (fstat (fd, &found) != 0) {
    sl_error_set_errno (error, errno, "look at the directory", path);
    return FALSE;
  }
  /* root can write everywhere: what it owns is as safe as what is one's own */
  if (found.st_uid != geteuid () && found.st_uid != 0) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "The state directory “%s” belongs to the user with the id %u, who could exchange "
                 "the queue; give it to the one that the service runs as",
                 shown, found.st_uid);
    return FALSE;
  }
  if (found.st_mode & (S_IWGRP | S_IWOTH)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "Others can write into the state directory “%s” (mode %04o), and could exchange "
                 "the queue; say: chmod go-w “%s”",
                 shown, found.st_mode & 07777, shown);
    return FALSE;
  }
  return TRUE;
}

int
sl_directory_open (const char *path, GError **error)
{
  int fd;

  if (g_mkdir_with_parents (path, 0700) != 0) {
    sl_error_set_errno (error, errno, "make the directory", path);
    return -1;
  }
  fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    sl_error_set_errno (error, errno, "open the directory", path);
    return -1;
  }
  if (check_access (fd, path, error))
    return fd;
  close (fd);
  return -1;
}

/* A descriptor of the nearest directory at or above @path; -1 if there is none */
static int
open_nearest (const char *path)
{
  g_autofree char *at = g_strdup (path);

  for (;;) {
    g_autofree char *above = NULL;
    int fd = open (at, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 || g_str_equal (at, "/"))
      return fd;
    above = g_path_get_dirname (at);
    if (g_str_equal (above, at))
      return -1;
    g_free (at);
    at = g_steal_pointer (&above);
  }
}

static gboolean
is_same (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

gboolean
sl_directory_holds (int fd, const char *path)
{
  struct stat wanted, found, before = {0};
  int at = open_nearest (path);
  gboolean holds = FALSE;

  if (at < 0 || fstat (fd, &wanted) != 0) {
    if (at >= 0)
      close (at);
    return FALSE;
  }
  /* up from where all links lead to, as the kernel sees it; the root is above itself */
  for (int depth = 0; depth < DEPTH_MAX && !holds && fstat (at, &found) == 0; depth++) {
    int above;
    holds = is_same (&found, &wanted);
    if (holds || (depth > 0 && is_same (&found, &before)))
      break;
    before = found;
    above = openat (at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (above < 0)
      break;
    close (at);
    at = above;
  }
  close (at);
  return holds;
}
