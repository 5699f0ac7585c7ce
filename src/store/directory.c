/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state directory. */
#include "store/directory.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
check_access (int fd, const char *path, GError **error)
{
  g_autofree char *shown = sl_text_path (path);
  struct stat found;

  if (fstat (fd, &found) != 0) {
    sl_error_set_errno (error, errno, "look at the directory", path);
    return FALSE;
  }
  /* root can write everywhere anyway: its directory is as safe as our own */
  if (found.st_uid != geteuid () && found.st_uid != 0) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "The state directory “%s” belongs to the user with the id %u, who could replace "
                 "the queue; change its owner to the user that the service runs as",
                 shown, found.st_uid);
    return FALSE;
  }
  if (found.st_mode & (S_IWGRP | S_IWOTH)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "Other users can write to the state directory “%s” (mode %04o), and could replace "
                 "the queue; run: chmod go-w “%s”",
                 shown, found.st_mode & 07777, shown);
    return FALSE;
  }
  if (faccessat (fd, ".", W_OK | X_OK, 0) != 0) {
    sl_error_set_errno (error, errno, "write into the state directory", path);
    return FALSE;
  }
  return TRUE;
}

int
sl_directory_open (const char *path, GError **error)
{
  g_auto (SlFd) fd = -1;

  if (g_mkdir_with_parents (path, 0700) != 0) {
    sl_error_set_errno (error, errno, "make the directory", path);
    return -1;
  }
  fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    sl_error_set_errno (error, errno, "open the directory", path);
    return -1;
  }
  return check_access (fd, path, error) ? sl_fd_steal (&fd) : -1;
}

int
sl_directory_lock (const char *directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, "lock", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0) {
    sl_error_set_errno (error, errno, "open", path);
    return -1;
  }
  if (flock (fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
               "Another sluiced uses “%s”; stop it first", directory);
  close (fd);
  return -1;
}

static gboolean
is_same (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* (transfer full): @path if it is a directory, else the nearest directory above it */
static char *
find_nearest (const char *path)
{
  char *at = g_strdup (path);
  struct stat found;

  while ((stat (at, &found) != 0 || !S_ISDIR (found.st_mode)) && strchr (at, '/') != NULL &&
         !g_str_equal (at, "/")) {
    char *above = g_path_get_dirname (at);
    g_free (at);
    at = above;
  }
  return at;
}

gboolean
sl_directory_holds (int fd, const char *path)
{
  g_autofree char *nearest = find_nearest (path);
  g_autoptr (GString) at = g_string_new (nearest);
  struct stat wanted, found, below = {0};

  if (fstat (fd, &wanted) != 0)
    return FALSE;
  /* the kernel follows all links and “..”, so no name is compared; above the root is the root itself */
  while (at->len < PATH_MAX && stat (at->str, &found) == 0 && !is_same (&found, &below)) {
    if (is_same (&found, &wanted))
      return TRUE;
    below = found;
    g_string_append (at, "/..");
  }
  return FALSE;
}
