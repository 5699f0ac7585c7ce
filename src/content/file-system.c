/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Differences of file systems. */
#include "content/file-system.h"

#include "base/error.h"
#include "base/fd.h"
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

gboolean
sl_fs_is_unsupported (int err)
{
  switch (err) {
  case EINVAL: /* an unknown flag, or no such operation for this kind of file */
  case ENOSYS: /* an old kernel, or FUSE without it */
#if EOPNOTSUPP != ENOTSUP
  case ENOTSUP:
#endif
  case EOPNOTSUPP:
  case ENOTTY: /* some return it for a missing ioctl */
  case EPERM:  /* link () without links (vfat, MTP), modes and times without owners; sandboxes */
  case EXDEV:  /* union file systems, for names on two branches */
  case EMLINK: /* file systems that allow one link */
    return TRUE;
  default:
    return FALSE;
  }
}

gboolean
sl_fs_is_lost (int err)
{
  switch (err) {
  case ENOENT:
  case ENOTDIR:
  case ELOOP:  /* a link */
  case EISDIR: /* for writing */
  case ENXIO:  /* a socket, or a pipe that nobody reads */
  case ENODEV:
  case EINVAL: /* no regular file */
  case EACCES: /* we can read and write our own files */
  case EPERM:
    return TRUE;
  default:
    return FALSE;
  }
}

int
sl_fs_open_regular (int dir_fd, const char *name, int flags, SlStamp *stamp, guint64 *device)
{
  /* for a regular file, O_NONBLOCK matters only if another program holds a lease on it */
  g_auto (SlFd) fd = openat (dir_fd, name, flags | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);

  return fd >= 0 && sl_stamp_take_on (stamp, device, fd, "") ? sl_fd_steal (&fd) : -1;
}

/* A missing operation can't be helped; EIO and the like are failures. */
static int
forgive (int result)
{
  return result != 0 && (errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) ? 0 : result;
}

int
sl_fs_sync_data (int fd)
{
  return forgive (fdatasync (fd));
}

int
sl_fs_sync (int fd)
{
  return forgive (fsync (fd));
}

int
sl_fs_sync_directory (int fd)
{
  /* EBADF and EISDIR: some require a writable descriptor, which a directory can't have */
  return fsync (fd) == 0 || sl_fs_is_unsupported (errno) || errno == EBADF || errno == EISDIR ? 0
                                                                                              : -1;
}

void
sl_fs_set_error (GError **error, int err, const char *what, const char *path)
{
  if (err == EFBIG)
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "Could not %s “%s”: the file is larger than the file system, or the limit of the "
                 "service (RLIMIT_FSIZE), allows",
                 what, path);
  else if (err == ENAMETOOLONG)
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "Could not %s “%s”: the name is longer than the file system allows", what, path);
  else
    sl_error_set_errno (error, err, what, path);
}
