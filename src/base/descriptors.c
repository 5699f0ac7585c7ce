/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limit of open files. */
#include "base/descriptors.h"

#include <sys/resource.h>

static struct rlimit found;

void
sl_descriptors_raise (void)
{
  struct rlimit raised;

  if (getrlimit (RLIMIT_NOFILE, &found) != 0)
    return;
  raised = (struct rlimit){found.rlim_max, found.rlim_max};
  setrlimit (RLIMIT_NOFILE, &raised);
}

void
sl_descriptors_restore (void)
{
  if (found.rlim_max != 0)
    setrlimit (RLIMIT_NOFILE, &found);
}

guint64
sl_descriptors_get_limit (void)
{
  struct rlimit now;

  return getrlimit (RLIMIT_NOFILE, &now) == 0 && now.rlim_max != RLIM_INFINITY ? now.rlim_max
                                                                               : G_MAXUINT64;
}
