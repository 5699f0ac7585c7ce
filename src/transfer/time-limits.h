/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The time limits of a download: NoProgressTimeout, the longest time without a byte, and MaximumDownloadTime, the
 * longest time in state transferring. Pure functions.
 */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* TRUE with @error if at @now (monotonic) no byte has arrived for NoProgressTimeout. */
gboolean sl_time_limits_no_progress (const SlRecord *record, gint64 now, GError **error);
/* TRUE with @error if @active_time (µs in state transferring) is longer than MaximumDownloadTime. */
gboolean sl_time_limits_too_long (const SlRecord *record, gint64 active_time, GError **error);

G_END_DECLS
