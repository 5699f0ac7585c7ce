/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The time that a download may take: NoProgressTimeout, without a byte, and MaximumDownloadTime, in transferring. Pure
 * functions.
 */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* TRUE with @error when at @now (monotonic) no byte has come for longer than the download allows. */
gboolean sl_time_limits_no_progress (const SlRecord *record, gint64 now, GError **error);
/* TRUE with @error when it has been transferring, for @active_time in all (µs), for longer than it may. */
gboolean sl_time_limits_too_long (const SlRecord *record, gint64 active_time, GError **error);

G_END_DECLS
