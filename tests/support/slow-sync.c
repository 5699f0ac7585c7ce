/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into the daemon, this is a disk on which each fdatasync of a part file, or of files with SLUICE_SYNC_OF
 * in their path, takes SLUICE_SYNC_DELAY milliseconds, while writes stay fast.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int
fdatasync (int fd)
{
  const char *delay = getenv ("SLUICE_SYNC_DELAY"), *of = getenv ("SLUICE_SYNC_OF");
  char link[64], path[4096];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink (link, path, sizeof path - 1);
  if (n > 0 && delay != NULL) {
    path[n] = '\0';
    if (strstr (path, of != NULL ? of : ".sluice-part") != NULL)
      usleep ((useconds_t)atoi (delay) * 1000);
  }
  return (int)syscall (SYS_fdatasync, fd);
}
