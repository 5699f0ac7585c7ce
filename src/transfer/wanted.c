/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The wanted ranges of a file. */
#include "transfer/wanted.h"

#include "base/error.h"

/* Each range may become a request, and all of them are in the row, which is written often. */
#define RANGES_MAX 20000

gboolean
sl_wanted_check (gsize n, GError **error)
{
  if (n <= RANGES_MAX)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED,
               "A download can have at most %d ranges, not %" G_GSIZE_FORMAT, RANGES_MAX, n);
  return FALSE;
}

gboolean
sl_wanted_is_same (const SlRecord *record, const SlRanges *wanted)
{
  if (record->wanted == NULL || wanted == NULL)
    return record->wanted == wanted;
  return sl_ranges_equal (record->wanted, wanted);
}

gboolean
sl_wanted_add (SlRecord *record, const SlRanges *wanted, GError **error)
{
  g_autoptr (SlRanges) all = NULL;

  /* a transferred download without ranges has the whole file already */
  if (wanted == NULL || (record->state == SL_STATE_TRANSFERRED && record->wanted == NULL))
    return TRUE;
  all = sl_ranges_copy (wanted);
  if (record->state == SL_STATE_TRANSFERRED)
    sl_ranges_add_all (all, record->wanted);
  if (!sl_wanted_check (sl_ranges_count (all), error))
    return FALSE;
  /* BytesTotal depends on the ranges */
  sl_record_note (record, SL_FACT_SIZE);
  g_clear_pointer (&record->wanted, sl_ranges_unref);
  record->wanted = g_steal_pointer (&all);
  return TRUE;
}

guint64
sl_wanted_get_total (const SlRecord *record)
{
  g_autoptr (SlRanges) wanted = NULL;

  if (record->wanted == NULL)
    return record->content->version.size;
  wanted = sl_ranges_copy (record->wanted);
  if (record->content->version.size != SL_SIZE_UNKNOWN)
    sl_ranges_remove (wanted, record->content->version.size, SL_SIZE_UNKNOWN);
  return sl_ranges_end (wanted) == SL_SIZE_UNKNOWN ? SL_SIZE_UNKNOWN : sl_ranges_total (wanted);
}
