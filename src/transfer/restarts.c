/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts restarts and the bytes fetched in vain, and decides when that is enough. */
#include "transfer/restarts.h"

#include "base/error.h"

void
sl_restarts_count (SlRecord *record, guint64 dropped)
{
  SlContent *content = sl_record_edit_content (record);

  content->restart_count++;
  content->vain_restarts++;
  content->vain_bytes += MIN (dropped, G_MAXINT64 - content->vain_bytes);
  if (sl_restarts_are_many (record))
    sl_record_set_one_connection (record, TRUE);
  sl_record_note (record, SL_FACT_RESTART_COUNT);
}

void
sl_restarts_reset (SlRecord *record)
{
  SlContent *content;

  if (record->content->vain_restarts == 0 && record->content->vain_bytes == 0)
    return;
  content = sl_record_edit_content (record);
  content->vain_restarts = 0;
  content->vain_bytes = 0;
  sl_record_note (record, 0);
}

gboolean
sl_restarts_are_many (const SlRecord *record)
{
  return record->content->vain_restarts >= SL_RESTARTS_MANY;
}

static gboolean
is_enough (const SlRecord *record)
{
  if (record->content->vain_restarts >= SL_RESTARTS_MAX)
    return TRUE;
  return record->content->vain_restarts >= SL_RESTARTS_LIMIT &&
         (record->content->version.size == SL_SIZE_UNKNOWN ||
          record->content->vain_bytes / SL_RESTARTS_FACTOR >= record->content->version.size);
}

gboolean
sl_restarts_may_continue (const SlRecord *record, const GError *cause, GError **error)
{
  if (!is_enough (record))
    return TRUE;
  g_set_error (error, SLUICE_ERROR,
               cause != NULL && cause->domain == SLUICE_ERROR ? cause->code
                                                              : SLUICE_ERROR_REMOTE_FILE_CHANGED,
               "Given up: the download began again %u times, and %" G_GUINT64_FORMAT
               " bytes were fetched in vain. The last cause: %s%s%s",
               record->content->vain_restarts, record->content->vain_bytes,
               cause != NULL ? cause->message : "the file could not be resumed",
               record->error_message != NULL ? "; before that: " : "",
               record->error_message != NULL ? record->error_message : "");
  return FALSE;
}

GError *
sl_restarts_explain (const SlRecord *record, const GError *cause)
{
  if (!sl_restarts_are_many (record))
    return g_error_copy (cause);
  return g_error_new (cause->domain, cause->code,
                      "%s (the download has begun again %u times, and %" G_GUINT64_FORMAT
                      " bytes were fetched in vain)",
                      cause->message, record->content->vain_restarts, record->content->vain_bytes);
}
