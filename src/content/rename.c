/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Renames without overwriting. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/rename.h"

#include "base/fd.h"
#include "content/file-system.h"
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* (transfer full): the text in a placeholder, for people who find one */
static char *
make_text (const char *from)
{
  return g_strdup_printf ("Sluice is putting “%s” in the place of this file.\n", from);
}

/* Whether @to is the placeholder for @from; sets @stamp. */
static gboolean
find (int dir_fd, const char *from, const char *to, SlStamp *stamp)
{
  g_autofree char *text = make_text (from);
  g_autofree char *found = NULL;
  gsize length = strlen (text);
  guint64 device;
  g_auto (SlFd) fd = -1;

  /* don't open what can't be the placeholder: opening can have side effects */
  if (!sl_stamp_take (stamp, dir_fd, to) || stamp->size != length)
    return FALSE;
  fd = sl_fs_open_regular (dir_fd, to, O_RDONLY, stamp, &device);
  if (fd < 0)
    return FALSE;
  found = g_malloc0 (length);
  return stamp->size == length && pread (fd, found, length, 0) == (gssize)length &&
         memcmp (found, text, length) == 0;
}

/* Makes a placeholder. FALSE with errno set. */
static gboolean
make (int dir_fd, const char *from, const char *to)
{
  g_autofree char *text = make_text (from);
  gsize length = strlen (text);
  int fd = openat (dir_fd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gssize n;
  int err;

  if (fd < 0)
    return FALSE;
  /* synced: an empty one after a power cut would not be known as ours, and stay in the way */
  n = write (fd, text, length);
  err = n < 0 ? errno : n < (gssize)length ? ENOSPC : 0;
  if (err == 0 && sl_fs_sync (fd) != 0)
    err = errno;
  if (close (fd) != 0 && err == 0)
    err = errno;
  if (err == 0)
    return TRUE;
  unlinkat (dir_fd, to, 0);
  errno = err;
  return FALSE;
}

void
sl_placeholder_remove (int dir_fd, const char *from, const char *to)
{
  SlStamp stamp;

  if (find (dir_fd, from, to, &stamp))
    unlinkat (dir_fd, to, 0);
}

/* Replaces what others put there between the last check and the rename; that time is as short as possible. */
static gboolean
rename_over_placeholder (int dir_fd, const char *from, const char *to)
{
  SlStamp ours, now;
  int err;

  if (!find (dir_fd, from, to, &ours)) {
    if (!make (dir_fd, from, to))
      return FALSE;
    if (!find (dir_fd, from, to, &ours)) {
      errno = EEXIST;
      return FALSE;
    }
  }
  if (!sl_stamp_take (&now, dir_fd, to) || !sl_stamp_same_content (&ours, &now)) {
    errno = EEXIST;
    return FALSE;
  }
  if (renameat (dir_fd, from, dir_fd, to) == 0)
    return TRUE;
  err = errno;
  sl_placeholder_remove (dir_fd, from, to);
  errno = err;
  return FALSE;
}

gboolean
sl_rename_is_done (int dir_fd, const char *from, const char *to)
{
  SlStamp one, other;

  return sl_stamp_take (&one, dir_fd, from) && sl_stamp_take (&other, dir_fd, to) &&
         sl_stamp_same_file (&one, &other);
}

/* Renames where RENAME_NOREPLACE is not supported. */
static gboolean
rename_otherwise (int dir_fd, const char *from, const char *to)
{
  if (linkat (dir_fd, from, dir_fd, to, 0) == 0)
    return unlinkat (dir_fd, from, 0) == 0;
  /* EACCES: some file systems know links, but refuse to make them */
  return (errno == EEXIST || errno == EACCES || sl_fs_is_unsupported (errno)) &&
         rename_over_placeholder (dir_fd, from, to);
}

gboolean
sl_rename_exclusively (int dir_fd, const char *from, const char *to)
{
  SlStamp stamp;
  int err;

  if (renameat2 (dir_fd, from, dir_fd, to, RENAME_NOREPLACE) == 0)
    return TRUE;
  err = errno;
  if (sl_rename_is_done (dir_fd, from, to))
    return unlinkat (dir_fd, from, 0) == 0;
  if (sl_fs_is_unsupported (err))
    return rename_otherwise (dir_fd, from, to);
  /* a placeholder may be older than the file system's support for RENAME_NOREPLACE */
  if (err == EEXIST && find (dir_fd, from, to, &stamp))
    return rename_over_placeholder (dir_fd, from, to);
  errno = err;
  return FALSE;
}
