/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranges as they are on the bus, a(tt): offset and length of each. */
#pragma once

#include "base/ranges.h"

G_BEGIN_DECLS

/*
 * (transfer full) (nullable): the ranges that a caller gave. NULL without @error for an empty list; NULL with @error when there
 * are too many, when one is not a range of a file, or when two overlap.
 */
SlRanges *sl_range_list_parse (GVariant *value, GError **error);
/* (transfer floating) */
GVariant *sl_range_list_new (const SlRanges *ranges);

G_END_DECLS
