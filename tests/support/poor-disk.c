/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into the daemon, this is a file system with few features: the calls in SLUICE_POOR, such as "renameat2=22
 * linkat=1", fail with these values of errno; names longer than SLUICE_POOR_NAME_MAX are refused.
 */
/* each call is defined with both of its names */
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The errno with which @call has to fail; 0: none. */
static int
get_error (const char *call)
{
  const char *poor = getenv ("SLUICE_POOR"), *found = poor;
  size_t length = strlen (call);

  while (found != NULL && (found = strstr (found, call)) != NULL) {
    if (found[length] == '=' && (found == poor || found[-1] == ' '))
      return atoi (found + length + 1);
    found += length;
  }
  return 0;
}

static int
fails (const char *call)
{
  int error = get_error (call);

  if (error != 0)
    errno = error;
  return error != 0;
}

static int
is_too_long (const char *path)
{
  const char *max = getenv ("SLUICE_POOR_NAME_MAX"), *slash = strrchr (path, '/');

  if (max == NULL || strlen (slash != NULL ? slash + 1 : path) <= (size_t)atoi (max))
    return 0;
  errno = ENAMETOOLONG;
  return 1;
}

/* The database is on another disk. */
static int
is_of_the_database (int fd)
{
  char link[64], path[4096];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink (link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  return strstr (path, "/state/") != NULL;
}

static int
is_directory (int fd)
{
  struct stat found;

  return fstat (fd, &found) == 0 && S_ISDIR (found.st_mode);
}

int
renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
  if ((flags != 0 && fails ("renameat2")) || is_too_long (to))
    return -1;
  return (int)syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int
renameat (int from_fd, const char *from, int to_fd, const char *to)
{
  return renameat2 (from_fd, from, to_fd, to, 0);
}

int
linkat (int from_fd, const char *from, int to_fd, const char *to, int flags)
{
  if (fails ("linkat") || is_too_long (to))
    return -1;
  return (int)syscall (SYS_linkat, from_fd, from, to_fd, to, flags);
}

int
lstat64 (const char *path, struct stat64 *found)
{
  if (is_too_long (path))
    return -1;
  return fstatat64 (AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

int
lstat (const char *path, struct stat *found)
{
  return lstat64 (path, (struct stat64 *)found);
}

int
fallocate64 (int fd, int mode, off64_t offset, off64_t length)
{
  if (fails ("fallocate"))
    return -1;
  return (int)syscall (SYS_fallocate, fd, mode, offset, length);
}

int
fallocate (int fd, int mode, off_t offset, off_t length)
{
  return fallocate64 (fd, mode, offset, length);
}

int
fsync (int fd)
{
  if (!is_of_the_database (fd) && fails (is_directory (fd) ? "fsync-directory" : "fsync"))
    return -1;
  return (int)syscall (SYS_fsync, fd);
}

int
fdatasync (int fd)
{
  if (!is_of_the_database (fd) && fails ("fdatasync"))
    return -1;
  return (int)syscall (SYS_fdatasync, fd);
}

int
futimens (int fd, const struct timespec times[2])
{
  if (fails ("futimens"))
    return -1;
  return (int)syscall (SYS_utimensat, fd, NULL, times, 0);
}

int
fchmod (int fd, mode_t mode)
{
  if (fails ("fchmod"))
    return -1;
  return (int)syscall (SYS_fchmod, fd, mode);
}

off64_t
lseek64 (int fd, off64_t offset, int whence)
{
  if ((whence == SEEK_HOLE || whence == SEEK_DATA) && fails ("lseek"))
    return -1;
  return syscall (SYS_lseek, fd, offset, whence);
}

off_t
lseek (int fd, off_t offset, int whence)
{
  return lseek64 (fd, offset, whence);
}

ssize_t
pwrite64 (int fd, const void *data, size_t length, off64_t offset)
{
  if ((fcntl (fd, F_GETFL) & O_DIRECT) != 0 && fails ("direct"))
    return -1;
  return syscall (SYS_pwrite64, fd, data, length, offset);
}

ssize_t
pwrite (int fd, const void *data, size_t length, off_t offset)
{
  return pwrite64 (fd, data, length, offset);
}
