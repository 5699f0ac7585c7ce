/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limit of open files. */
#include "base/descriptors.h"

#include <sys/resource.h>

void
sl_descriptors_raise (void)
{
  struct rlimit found, raised;

  if (getrlimit (RLIMIT_NOFILE, &found) != 0)
    return;
  raised = (struct rlimit){found.rlim_max, found.rlim_max};
  setrlimit (RLIMIT_NOFILE, &raised);
}

guint64
sl_descriptors_get_limit (void)
{
  struct rlimit now;

  return getrlimit (RLIMIT_NOFILE, &now) == 0 && now.rlim_max != RLIM_INFINITY ? now.rlim_max
                                                                               : G_MAXUINT64;
}
