/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long to wait before the next try. */
#include "transfer/backoff.h"

gint64
sl_backoff (guint failures, guint min, guint max, double jitter)
{
  guint doublings = failures > 0 ? MIN (failures - 1, 30) : 0;
  guint64 delay = MIN ((guint64)min << doublings, MAX (min, max));

  return (gint64)((double)delay * 1000 * (1 - jitter / 4));
}
