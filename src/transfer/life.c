/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The state of one download, and what each change of the state means. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/life.h"

#include "base/error.h"
#include "transfer/restarts.h"
#include "transfer/retry.h"

static void
leave_state (SlLife *life)
{
  const SlDownloadContext *context = life->context;
  SlRecord *record = life->record;

  if (record->state == SL_STATE_QUEUED)
    context->host->leaves_queue (life->download, context->host_data);
  if (record->state == SL_STATE_RETRYING) {
    sl_record_edit_content (record)->retry_at = 0;
    record->disk_full = FALSE;
    sl_record_note (record, SL_FACT_RETRY_AT);
    context->host->retry_in (life->download, -1, context->host_data);
  }
}

static void
enter_state (SlLife *life)
{
  const SlDownloadContext *context = life->context;
  SlRecord *record = life->record;

  switch (record->state) {
  case SL_STATE_QUEUED:
    life->queued_at = g_get_monotonic_time ();
    context->host->wants_slot (life->download, context->host_data);
    break;
  case SL_STATE_TRANSFERRING:
    /* the time in the queue does not count for NoProgressTimeout */
    record->moved_at += g_get_monotonic_time () - life->queued_at;
    break;
  case SL_STATE_TRANSFERRED:
    sl_record_edit_content (record)->completed = g_get_real_time ();
    sl_record_note (record, SL_FACT_COMPLETED);
    sl_record_edit_content (record)->failures = 0;
    sl_record_clear_error (record);
    break;
  case SL_STATE_RETRYING:
    sl_record_trim_response_headers (record);
    break;
  case SL_STATE_FAILED:
    sl_record_trim_response_headers (record);
    g_message ("%s: failed: %s", record->id.text, record->error_message);
    break;
  case SL_STATE_FINALIZED:
  case SL_STATE_ABORTED:
    sl_record_trim_response_headers (record);
    sl_record_wipe_secrets (record);
    sl_record_edit_content (record)->expiry = g_get_real_time () + SL_DOWNLOAD_KEEP_ENDED;
    context->paths->release (life->download, context->paths_data);
    break;
  case SL_STATE_CREATED:
  case SL_STATE_PAUSED:
    break;
  }
}

void
sl_life_set_state (SlLife *life, SlState state)
{
  SlState old = life->record->state;

  if (state != old) {
    leave_state (life);
    sl_record_note (life->record, SL_FACT_STATE);
  }
  life->record->state = state;
  g_debug ("%s: %s → %s", life->record->id.text, sl_state_to_string (old),
           sl_state_to_string (state));
  enter_state (life);
}

static void
set_error (SlRecord *record, const GError *error)
{
  sl_record_set_error (record,
                       error->domain == SLUICE_ERROR ? error->code : (int)SLUICE_ERROR_INTERNAL,
                       error->message);
}

void
sl_life_start (SlLife *life)
{
  SlRecord *record = life->record;

  sl_record_clear_error (record);
  sl_restarts_reset (record);
  if (record->content->failures != 0)
    sl_record_edit_content (record)->failures = 0;
  life->best_done = sl_ranges_total (record->content->progress.done);
  record->moved_at = g_get_monotonic_time ();
  record->started = g_get_real_time ();
  sl_life_set_state (life, SL_STATE_QUEUED);
}

void
sl_life_fail (SlLife *life, const GError *error)
{
  set_error (life->record, error);
  sl_life_set_state (life, SL_STATE_FAILED);
}

void
sl_life_retry (SlLife *life, const GError *error, guint32 retry_after)
{
  const SlDownloadContext *context = life->context;
  SlRecord *record = life->record;
  guint64 done = sl_ranges_total (record->content->progress.done);
  SlFailure failure = {.now = g_get_monotonic_time (),
                       .progressed = done > life->best_done,
                       .retry_after = retry_after,
                       .jitter = g_random_double ()};
  g_autoptr (GError) enough = NULL;
  SlRetry retry;

  set_error (record, error);
  record->disk_full = record->error == SLUICE_ERROR_NO_SPACE;
  if (record->disk_full)
    record->moved_at = failure.now;
  if (!sl_retry_plan (record, context->settings, &failure, &retry, &enough)) {
    sl_life_fail (life, enough);
    return;
  }
  life->best_done = MAX (life->best_done, done);
  sl_record_edit_content (record)->failures = retry.failures;
  sl_life_set_state (life, SL_STATE_RETRYING);
  sl_record_edit_content (record)->retry_at = g_get_real_time () + retry.delay;
  sl_record_note (record, SL_FACT_RETRY_AT);
  context->host->retry_in (life->download, retry.delay, context->host_data);
  g_message ("%s: interrupted, next try in %.1f s: %s", record->id.text,
             (double)retry.delay / G_USEC_PER_SEC, record->error_message);
}

void
sl_life_begin_again (SlLife *life, const GError *error)
{
  SlRecord *record = life->record;
  g_autoptr (GError) enough = NULL;

  sl_restarts_count (record, sl_ranges_total (record->content->progress.done));
  sl_record_forget_content (record);
  if (!sl_restarts_may_continue (record, error, &enough)) {
    sl_life_fail (life, enough);
    return;
  }
  record->moved_at = g_get_monotonic_time ();
  set_error (record, error);
  sl_life_set_state (life, SL_STATE_QUEUED);
}

void
sl_life_resume (SlLife *life)
{
  SlRecord *record = life->record;
  const SlDownloadContext *context = life->context;
  gint64 max, delay;

  switch (record->state) {
  case SL_STATE_TRANSFERRING:
    /* progress is no touch: the last one may be months ago, though it was transferring */
    record->touched = sl_age_now (context->age);
    G_GNUC_FALLTHROUGH;
  case SL_STATE_QUEUED:
    /* the time without the service does not count for NoProgressTimeout */
    record->moved_at = g_get_monotonic_time ();
    sl_life_set_state (life, SL_STATE_QUEUED);
    break;
  case SL_STATE_RETRYING:
    max = (gint64)context->settings->retry_delay_max * 1000;
    delay = CLAMP (record->content->retry_at - g_get_real_time (), 0, max);
    record->moved_at = g_get_monotonic_time ();
    context->host->retry_in (life->download, delay, context->host_data);
    break;
  case SL_STATE_CREATED:
  case SL_STATE_PAUSED:
  case SL_STATE_FAILED:
  case SL_STATE_TRANSFERRED:
  case SL_STATE_FINALIZED:
  case SL_STATE_ABORTED:
    break;
  }
}

SlReasons
sl_life_get_reasons (const SlLife *life)
{
  const SlDownloadContext *context = life->context;
  SlReasons held;

  switch (life->record->state) {
  case SL_STATE_QUEUED:
    held = context->host->get_hold (life->download, NULL, context->host_data);
    return held != SL_REASON_NONE ? held : SL_REASON_SLOTS_FULL;
  case SL_STATE_RETRYING:
    return sl_retry_get_reasons (life->record, context->host->is_offline (context->host_data));
  default:
    return SL_REASON_NONE;
  }
}

gint64
sl_life_get_held_since (const SlLife *life)
{
  const SlDownloadContext *context = life->context;
  gint64 since = 0;

  if (life->record->state == SL_STATE_QUEUED)
    context->host->get_hold (life->download, &since, context->host_data);
  return since;
}
