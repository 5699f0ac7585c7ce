/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which ranges of a file were asked for: how many there may be, what comes to them, how much they are. Pure functions. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* FALSE with LIMIT_EXCEEDED when @n ranges are more than one download may be asked for. */
gboolean sl_wanted_check (gsize n, GError **error);
/* Whether @wanted (nullable) is what @record is asked for. */
gboolean sl_wanted_is_same (const SlRecord *record, const SlRanges *wanted);
/*
 * @wanted (nullable: as before) are asked for from now on; once a download is transferred, they come to those before. FALSE
 * with LIMIT_EXCEEDED when they are too many.
 */
gboolean sl_wanted_add (SlRecord *record, const SlRanges *wanted, GError **error);
/* How many bytes are asked for; SL_SIZE_UNKNOWN */
guint64 sl_wanted_get_total (const SlRecord *record);

G_END_DECLS
