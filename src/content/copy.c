/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies the content of a file into another file. */
#include "content/copy.h"

#include "content/file-system.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* How much is copied at once, so that reading and writing take turns. */
#define CHUNK (1024 * 1024)

/* Whether @err says that this way of copying is not for these two files; another way may be. */
static gboolean
is_no_way (int err)
{
  return err == EXDEV || err == EINVAL || sl_fs_is_unsupported (err);
}

/* Has the kernel copy from *@done on. FALSE with errno set. */
static gboolean
copy_in_kernel (int from, int to, guint64 size, guint64 *done)
{
  while (*done < size) {
    off_t in = (off_t)*done, out = in;
    gssize n = copy_file_range (from, &in, to, &out, MIN (size - *done, CHUNK), 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n == 0)
      errno = EIO; /* it is shorter than its stamp said */
    if (n <= 0)
      return FALSE;
    *done += (guint64)n;
  }
  return TRUE;
}

static gboolean
write_all (int fd, const guint8 *data, gsize length, guint64 offset)
{
  while (length > 0) {
    gssize n = pwrite (fd, data, length, (off_t)offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return FALSE;
    data += n;
    length -= (gsize)n;
    offset += (guint64)n;
  }
  return TRUE;
}

static gboolean
copy_by_hand (int from, int to, guint64 size, guint64 done)
{
  g_autofree guint8 *buffer = g_malloc (CHUNK);

  while (done < size) {
    gssize n = pread (from, buffer, MIN (size - done, CHUNK), (off_t)done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n == 0)
      errno = EIO;
    if (n <= 0 || !write_all (to, buffer, (gsize)n, done))
      return FALSE;
    done += (guint64)n;
  }
  return TRUE;
}

static gboolean
copy (int from, int to, guint64 size)
{
  guint64 done = 0;

  if (ftruncate (to, 0) != 0)
    return FALSE;
  if (ioctl (to, FICLONE, from) == 0)
    return ftruncate (to, (off_t)size) == 0;
  if (copy_in_kernel (from, to, size, &done))
    return TRUE;
  return is_no_way (errno) && copy_by_hand (from, to, size, done);
}

gboolean
sl_copy_content (int from, int to, guint64 size)
{
  int err;

  if (copy (from, to, size))
    return TRUE;
  err = errno;
  if (ftruncate (to, 0) != 0)
    g_debug ("could not empty what was copied in part: %s", g_strerror (errno));
  errno = err;
  return FALSE;
}
