/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing: the check of what was sealed, the rename that overwrites nothing, the sync. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/publish.h"

#include "base/digest.h"
#include "base/error.h"
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE (1024 * 1024)
/* What is longer, in bytes, is no extension, and may be shortened. */
#define EXTENSION_MAX 32

/* A file descriptor that closes itself at the end of the block. */
typedef int Fd;

static void
fd_clear (Fd *fd)
{
  if (*fd >= 0)
    close (*fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fd, fd_clear)

static void
set_exists (GError **error, const char *directory, const char *name)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
               "“%s/%s” exists already; set Overwrite to replace it", directory, name);
}

/* A link is replaced itself, not what it leads to. Devices, pipes and sockets stay. */
static gboolean
is_special (const struct stat *target)
{
  return !S_ISREG (target->st_mode) && !S_ISLNK (target->st_mode) && !S_ISDIR (target->st_mode);
}

static void
set_special (GError **error, const char *directory, const char *name)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
               "“%s/%s” is no file but a device, a pipe or a socket, which is not replaced",
               directory, name);
}

/* (transfer full) (nullable): NULL with @error */
static char *
compute_digest (int fd, const char *expected, GError **error)
{
  g_autoptr (SlDigest) digest = sl_digest_new (expected);
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);
  gssize n;

  while ((n = read (fd, buffer, READ_SIZE)) != 0) {
    if (n < 0 && errno != EINTR) {
      g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                   "Could not read back what was fetched: %s", g_strerror (errno));
      return NULL;
    }
    if (n > 0)
      sl_digest_update (digest, buffer, (gsize)n);
  }
  return sl_digest_finish (digest);
}

static SlPublishOutcome
check_digest (const SlPublication *publication, int fd, GError **error)
{
  g_autofree char *computed = NULL;
  const char *colon;

  if (publication->expected == NULL)
    return SL_PUBLISH_DONE;
  colon = strchr (publication->expected, ':');
  if (publication->computed != NULL && strncmp (publication->computed, publication->expected,
                                                (gsize)(colon - publication->expected) + 1) == 0)
    computed = g_strdup (publication->computed);
  else
    computed = compute_digest (fd, publication->expected, error);
  if (computed == NULL)
    return SL_PUBLISH_REFUSED;
  if (!g_str_equal (computed, publication->expected)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_DIGEST_MISMATCH,
                 "The content has the digest %s, expected was %s; it was dropped", computed,
                 publication->expected);
    return SL_PUBLISH_WRONG;
  }
  return SL_PUBLISH_DONE;
}

/* Renames without overwriting, also where the file system can't do that in one step. */
static gboolean
rename_exclusively (int dir_fd, const char *from, const char *to)
{
  if (renameat2 (dir_fd, from, dir_fd, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS)
    return FALSE;
  return linkat (dir_fd, from, dir_fd, to, 0) == 0 && unlinkat (dir_fd, from, 0) == 0;
}

static SlPublishOutcome
move (const SlPublication *publication, int dir_fd, GError **error)
{
  const char *from = publication->part_name, *to = publication->target_name;
  struct stat target;
  gboolean ok;
  int err;

  if (publication->overwrite && fstatat (dir_fd, to, &target, AT_SYMLINK_NOFOLLOW) == 0 &&
      is_special (&target)) {
    set_special (error, publication->directory, to);
    return SL_PUBLISH_REFUSED;
  }
  ok = publication->overwrite ? renameat (dir_fd, from, dir_fd, to) == 0
                              : rename_exclusively (dir_fd, from, to);
  err = errno;
  if (!ok && err == EEXIST)
    set_exists (error, publication->directory, to);
  else if (!ok)
    sl_error_set_errno (error, err, "publish", to);
  return ok ? SL_PUBLISH_DONE : SL_PUBLISH_REFUSED;
}

static gboolean
sync_directory (int dir_fd, const char *directory, GError **error)
{
  if (fsync (dir_fd) == 0)
    return TRUE;
  sl_error_set_errno (error, errno, "sync the directory", directory);
  return FALSE;
}

static gboolean
is_published (const SlPublication *publication, int dir_fd)
{
  SlStamp target;

  return sl_stamp_take (&target, dir_fd, publication->target_name) &&
         sl_stamp_same_content (&target, publication->stamp);
}

SlPublishOutcome
sl_publish (const SlPublication *publication, GError **error)
{
  g_auto (Fd) dir_fd = open (publication->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_auto (Fd) fd = -1;
  SlStamp found;
  SlPublishOutcome outcome;

  if (dir_fd < 0) {
    sl_error_set_errno (error, errno, "open the directory", publication->directory);
    return SL_PUBLISH_REFUSED;
  }
  fd = openat (dir_fd, publication->part_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT && is_published (publication, dir_fd))
    return sync_directory (dir_fd, publication->directory, error) ? SL_PUBLISH_DONE
                                                                  : SL_PUBLISH_REFUSED;
  if (fd < 0 || !sl_stamp_take (&found, fd, "") ||
      !sl_stamp_same_content (&found, publication->stamp)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "“%s/%s” was deleted or changed by somebody else; it is being fetched again",
                 publication->directory, publication->part_name);
    return SL_PUBLISH_CHANGED;
  }
  outcome = check_digest (publication, fd, error);
  if (outcome != SL_PUBLISH_DONE)
    return outcome;
  outcome = move (publication, dir_fd, error);
  if (outcome == SL_PUBLISH_DONE && !sync_directory (dir_fd, publication->directory, error))
    outcome = SL_PUBLISH_REFUSED;
  return outcome;
}

void
sl_publish_discard (const char *directory, const char *part_name)
{
  g_autofree char *path = g_build_filename (directory, part_name, NULL);

  if (unlink (path) != 0 && errno != ENOENT)
    g_message ("Could not delete “%s”: %s", path, g_strerror (errno));
}

gboolean
sl_publish_check_target (const char *directory,
                         const char *name,
                         gboolean overwrite,
                         GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  struct stat stat;

  if (lstat (directory, &stat) == 0 && !S_ISDIR (stat.st_mode) && !S_ISLNK (stat.st_mode)) {
    sl_error_set_errno (error, ENOTDIR, "write into the directory", directory);
    return FALSE;
  }
  if (faccessat (AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) != 0) {
    sl_error_set_errno (error, errno, "write into the directory", directory);
    return FALSE;
  }
  if (name == NULL || lstat (path, &stat) != 0)
    return TRUE;
  if (S_ISDIR (stat.st_mode)) {
    sl_error_set_errno (error, EISDIR, "publish", path);
    return FALSE;
  }
  if (overwrite && !is_special (&stat))
    return TRUE;
  if (overwrite)
    set_special (error, directory, name);
  else
    set_exists (error, directory, name);
  return FALSE;
}

/* "name (2).ext", with the name shortened, between characters, to what a directory takes. */
static char *
add_number (const char *name, gsize stem, guint n)
{
  g_autofree char *number = g_strdup_printf (" (%u)%s", n, name + stem);
  gsize room = NAME_MAX - MIN (strlen (number), NAME_MAX - 1);

  for (stem = MIN (stem, room); stem > 0 && ((guchar)name[stem] & 0xc0) == 0x80; stem--)
    ;
  return g_strdup_printf ("%.*s%s", (int)stem, name, number);
}

char *
sl_publish_free_name (const char *directory,
                      const char *name,
                      gboolean (*taken) (const char *path, gpointer user_data),
                      gpointer user_data)
{
  const char *dot = strrchr (name, '.');
  gboolean extended = dot != NULL && dot != name && strlen (dot) <= EXTENSION_MAX;
  gsize stem = extended ? (gsize)(dot - name) : strlen (name);

  for (guint n = 1;; n++) {
    g_autofree char *tried = NULL, *path = NULL;
    struct stat stat;

    tried = n == 1 ? g_strdup (name) : add_number (name, stem, n);
    path = g_build_filename (directory, tried, NULL);
    if (lstat (path, &stat) != 0 && errno == ENOENT && !taken (path, user_data))
      return g_steal_pointer (&tried);
    /* a directory that can't be looked into: the name is as good as any, the error comes later */
    if (n >= 10000)
      return g_strdup (name);
  }
}
