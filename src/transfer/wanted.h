/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wanted ranges of a file: checks, adds and measures them. Pure functions. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* FALSE with LIMIT_EXCEEDED if @n ranges are too many for one download. */
gboolean sl_wanted_check (gsize n, GError **error);
/* Whether @wanted (nullable: the whole file) are the ranges that @record wants. */
gboolean sl_wanted_is_same (const SlRecord *record, const SlRanges *wanted);
/*
 * Makes @wanted (nullable: no change) the wanted ranges; if @record is transferred, adds them to the earlier ones.
 * FALSE with LIMIT_EXCEEDED if these are too many.
 */
gboolean sl_wanted_add (SlRecord *record, const SlRanges *wanted, GError **error);
/* How many bytes are wanted, or SL_SIZE_UNKNOWN */
guint64 sl_wanted_get_total (const SlRecord *record);

G_END_DECLS
