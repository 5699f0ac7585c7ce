/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranges as they are on the bus. */
#include "service/range-list.h"

#include "base/error.h"
#include "transfer/wanted.h"

/* The largest length reaches to the end of the file. */
static gboolean
parse_range (guint64 offset, guint64 length, SlRange *range, GError **error)
{
  range->start = offset;
  range->end = length == SL_SIZE_UNKNOWN ? SL_SIZE_UNKNOWN : offset + length;
  if (length > 0 && range->end > offset && offset <= G_MAXINT64 &&
      (range->end <= G_MAXINT64 || range->end == SL_SIZE_UNKNOWN))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
               "%" G_GUINT64_FORMAT " bytes from %" G_GUINT64_FORMAT " is no range of a file",
               length, offset);
  return FALSE;
}

SlRanges *
sl_range_list_parse (GVariant *value, GError **error)
{
  g_autoptr (GArray) array = g_array_new (FALSE, FALSE, sizeof (SlRange));
  SlRanges *ranges;
  GVariantIter iter;
  guint64 offset, length;
  SlRange range;

  if (!sl_wanted_check (g_variant_n_children (value), error))
    return NULL;
  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(tt)", &offset, &length)) {
    if (!parse_range (offset, length, &range, error))
      return NULL;
    g_array_append_val (array, range);
  }
  if (array->len == 0)
    return NULL;
  ranges = sl_ranges_new_sorted (array);
  if (ranges == NULL)
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "The ranges overlap");
  return ranges;
}

GVariant *
sl_range_list_new (const SlRanges *ranges)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(tt)"));

  for (guint i = 0; i < sl_ranges_count (ranges); i++) {
    const SlRange *range = sl_ranges_get (ranges, i);
    g_variant_builder_add (&builder, "(tt)", range->start, range->end - range->start);
  }
  return g_variant_builder_end (&builder);
}
