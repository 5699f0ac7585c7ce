/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of one download. */
#include "store/record.h"

SlRecord *
sl_record_new (void)
{
  SlRecord *record = g_new0 (SlRecord, 1);

  record->priority = SL_PRIORITY_NORMAL;
  record->persistent = TRUE;
  record->progress_interval = 1;
  record->size = SL_SIZE_UNKNOWN;
  record->done = sl_ranges_new ();
  record->error = SL_NO_ERROR;
  return record;
}

SlRecord *
sl_record_copy (const SlRecord *record)
{
  SlRecord *copy = g_memdup2 (record, sizeof *record);

  copy->uri = g_strdup (record->uri);
  copy->content_id = g_strdup (record->content_id);
  copy->display_name = g_strdup (record->display_name);
  copy->correlation = g_strdup (record->correlation);
  copy->local_path = g_strdup (record->local_path);
  copy->digest = g_strdup (record->digest);
  copy->headers = record->headers != NULL ? g_variant_ref (record->headers) : NULL;
  copy->wanted = record->wanted != NULL ? sl_ranges_copy (record->wanted) : NULL;
  copy->done = sl_ranges_copy (record->done);
  copy->etag = g_strdup (record->etag);
  copy->last_modified = g_strdup (record->last_modified);
  copy->computed = g_strdup (record->computed);
  copy->error_message = g_strdup (record->error_message);
  copy->response_headers =
      record->response_headers != NULL ? g_variant_ref (record->response_headers) : NULL;
  copy->effective_uri = g_strdup (record->effective_uri);
  return copy;
}

void
sl_record_free (SlRecord *record)
{
  g_free (record->uri);
  g_free (record->content_id);
  g_free (record->display_name);
  g_free (record->correlation);
  g_free (record->local_path);
  g_free (record->digest);
  g_clear_pointer (&record->headers, g_variant_unref);
  g_clear_pointer (&record->wanted, sl_ranges_free);
  g_clear_pointer (&record->done, sl_ranges_free);
  g_free (record->etag);
  g_free (record->last_modified);
  g_free (record->computed);
  g_free (record->error_message);
  g_clear_pointer (&record->response_headers, g_variant_unref);
  g_free (record->effective_uri);
  g_free (record);
}

void
sl_record_forget_content (SlRecord *record)
{
  sl_ranges_clear (record->done);
  record->stamp = (SlStamp){0};
  g_clear_pointer (&record->computed, g_free);
  record->completed = 0;
}
