/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into the daemon, this is a machine with wrong clocks. The file SLUICE_CLOCK_SHIFT has two numbers of
 * seconds: the first shifts the wall clock, the second the clocks that count from the machine's start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int
clock_gettime (clockid_t clock, struct timespec *time)
{
  const char *path = getenv ("SLUICE_CLOCK_SHIFT");
  int result = (int)syscall (SYS_clock_gettime, clock, time);
  long wall = 0, boot = 0;
  FILE *file = path != NULL ? fopen (path, "re") : NULL;

  if (file != NULL) {
    if (fscanf (file, "%ld %ld", &wall, &boot) == 2)
      time->tv_sec += clock == CLOCK_REALTIME ? wall : boot;
    fclose (file);
  }
  return result;
}
