/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fetches a file: starts segments, acts on their reports, and ends the transfer. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/fetch.h"

#include "base/error.h"
#include "http/stale-connections.h"
#include "transfer/closing.h"
#include "transfer/connections.h"
#include "transfer/recorder.h"
#include "transfer/restarts.h"

/* Time over which the rate is averaged (µs). */
#define RATE_TIME (3 * G_USEC_PER_SEC)
/* If a file changes on the server more often than this within one transfer, the transfer fails. */
#define CHANGES_MAX 3

struct _SlTransfer {
  SlTransferTask task;
  SlSettings settings; /* at the start of the transfer */

  SlAttempt *attempt; /* (owned) */
  SlFile *file;       /* (owned) */
  SlSource *source;   /* (owned) */
  SlPart *part;       /* (owned) (nullable) known from the first head on */
  SlConnections connections;
  SlRecorder recorder;
  guint changes;
  guint64 fetched_before; /* by earlier transfers of the download */

  gint64 started_at; /* monotonic */
  gint64 ticked_at;  /* the last tick; monotonic */
  guint64 written;   /* at the last tick */
  double rate;       /* bytes a second */

  /* what it does, and how it will end */
  enum { UNSEALING, RUNNING, STOPPING, FAILING, RESTARTING, SEALED, FINISHED } phase;
  GError *error; /* (owned) (nullable) */
  gboolean transient;
  guint32 retry_after;
  gboolean closing; /* a worker is closing the part file */
};

static const SlSegmentEvents segment_events;
static void on_committed (const GError *error, gpointer user_data);

static void
transfer_free (SlTransfer *transfer)
{
  sl_attempt_unref (transfer->attempt);
  sl_file_unref (transfer->file);
  sl_source_unref (transfer->source);
  g_clear_pointer (&transfer->part, sl_part_unref);
  sl_connections_clear (&transfer->connections);
  g_clear_error (&transfer->error);
  g_free (transfer);
}

/* Call it when more, or something else, is known about the version. */
static void
renew_source (SlTransfer *transfer)
{
  g_clear_pointer (&transfer->source, sl_source_unref);
  transfer->source = sl_source_new (transfer->task.record);
  transfer->connections.segments.source = transfer->source;
}

static void
make_attempt (SlTransfer *transfer)
{
  g_clear_pointer (&transfer->attempt, sl_attempt_unref);
  transfer->attempt =
      sl_attempt_new (transfer->task.record, &transfer->settings, transfer->task.limit);
  transfer->connections.segments.attempt = transfer->attempt;
  renew_source (transfer);
}

/* Begins with one connection. @restart: from the start of the file, in a new part file */
static void
begin (SlTransfer *transfer, gboolean restart)
{
  transfer->phase = RUNNING;
  sl_connections_begin (&transfer->connections, restart);
}

static guint64
fetch_get_fetched (SlTransfer *transfer)
{
  return transfer->fetched_before + sl_connections_get_fetched (&transfer->connections);
}

static void
commit_progress (SlTransfer *transfer)
{
  sl_record_edit_content (transfer->task.record)->progress.fetched = fetch_get_fetched (transfer);
  sl_recorder_commit (&transfer->recorder, transfer->part);
}

static SlTransfer *
fetch_start (const SlTransferTask *task)
{
  SlTransfer *transfer = g_new0 (SlTransfer, 1);
  const SlSettings *settings = task->settings;
  SlRecord *record = task->record;

  transfer->task = *task;
  transfer->settings = *settings;
  transfer->file = sl_file_new (record);
  transfer->connections.segments =
      (SlSegmentTask){.file = transfer->file, .events = &segment_events, .user_data = transfer};
  sl_connections_init (&transfer->connections, &transfer->task);
  transfer->recorder = (SlRecorder){.record = record,
                                    .store = task->store,
                                    .committed = on_committed,
                                    .user_data = transfer};
  transfer->fetched_before = record->content->progress.fetched;
  transfer->started_at = transfer->ticked_at = g_get_monotonic_time ();
  transfer->written = sl_ranges_total_within (record->content->progress.done, record->wanted);
  if (record->content->progress.stamp.sealed &&
      sl_ranges_count (record->content->progress.done) == 0)
    sl_record_edit_content (record)->progress.stamp.sealed = FALSE;
  make_attempt (transfer);
  if (!record->content->progress.stamp.sealed) {
    begin (transfer, FALSE);
    return transfer;
  }
  /*
   * After a crash, our own writes to a sealed file would look like another program's. So it is unsealed on record
   * before the first write. The attempt's copy of the record still has the seal, against which the file is checked.
   */
  sl_record_edit_content (record)->progress.stamp.sealed = FALSE;
  transfer->phase = UNSEALING;
  commit_progress (transfer);
  return transfer;
}

static void
fetch_stop (SlTransfer *transfer)
{
  if (transfer->phase == FINISHED)
    return;
  transfer->phase = STOPPING;
  g_cancellable_cancel (transfer->attempt->cancellable);
}

static guint64
fetch_get_transferred (SlTransfer *transfer)
{
  const SlRecord *record = transfer->task.record;
  g_autoptr (SlRanges) written = NULL;

  if (transfer->part == NULL)
    return sl_ranges_total_within (record->content->progress.done, record->wanted);
  if (record->wanted == NULL)
    return sl_part_get_written (transfer->part);
  written = sl_part_dup_written (transfer->part);
  return sl_ranges_total_within (written, record->wanted);
}

static guint64
fetch_get_rate (SlTransfer *transfer)
{
  return (guint64)transfer->rate;
}

static gint64
fetch_get_active_time (SlTransfer *transfer, gint64 now)
{
  return transfer->task.record->content->progress.active_time + now - transfer->started_at;
}

static void finish_if_over (SlTransfer *transfer);

static void
fail (SlTransfer *transfer, const GError *error, gboolean transient, guint32 retry_after)
{
  if (transfer->phase == STOPPING || transfer->phase == FINISHED)
    return;
  transfer->phase = FAILING;
  g_clear_error (&transfer->error);
  transfer->error =
      transient ? sl_restarts_explain (transfer->task.record, error) : g_error_copy (error);
  transfer->transient = transient;
  transfer->retry_after = retry_after;
  g_cancellable_cancel (transfer->attempt->cancellable);
}

static void
fetch_fail (SlTransfer *transfer, const GError *error)
{
  fail (transfer, error, FALSE, 0);
}

static void
on_committed (const GError *error, gpointer user_data)
{
  SlTransfer *transfer = user_data;

  if (error != NULL)
    fail (transfer, error, TRUE, 0);
  else if (transfer->phase == UNSEALING)
    begin (transfer, FALSE);
  finish_if_over (transfer);
}

/* The end: a worker syncs the file a last time or seals it, then the end is reported. */

static void
report_end (SlTransfer *transfer, SlTransferOutcome outcome)
{
  SlTransferEnd end = {outcome, transfer->error, transfer->transient, transfer->retry_after};
  SlProgress *progress = &sl_record_edit_content (transfer->task.record)->progress;

  transfer->phase = FINISHED;
  progress->fetched = fetch_get_fetched (transfer);
  progress->active_time += g_get_monotonic_time () - transfer->started_at;
  transfer->task.events->ended (&end, transfer->task.user_data);
  transfer_free (transfer);
}

static void
lose_part (SlTransfer *transfer, const GError *error)
{
  SlRecord *record = transfer->task.record;

  sl_restarts_count (record, sl_part_get_written (transfer->part));
  sl_record_forget_content (record);
  transfer->task.events->restarted (error, transfer->task.user_data);
}

/* The download has begun again because of @cause. If that was once too often, fails the transfer and returns FALSE. */
static gboolean
may_begin_again (SlTransfer *transfer, const GError *cause)
{
  g_autoptr (GError) error = NULL;

  if (sl_restarts_may_continue (transfer->task.record, cause, &error))
    return TRUE;
  fail (transfer, error, FALSE, 0);
  return FALSE;
}

static void
on_closed (SlClosing *closing, gpointer user_data)
{
  SlTransfer *transfer = user_data;
  gboolean lost = sl_part_is_lost (closing->part);
  SlTransferOutcome outcome =
      transfer->phase == STOPPING ? SL_TRANSFER_STOPPED : SL_TRANSFER_FAILED;

  if (closing->error != NULL) {
    if (lost)
      lose_part (transfer, closing->error);
    if (transfer->phase == RUNNING && may_begin_again (transfer, closing->error))
      fail (transfer, closing->error, lost || closing->error->code == SLUICE_ERROR_NO_SPACE, 0);
  } else if (closing->complete) {
    sl_recorder_claim_sealed (&transfer->recorder, &closing->synced,
                              g_steal_pointer (&closing->digest));
    outcome = SL_TRANSFER_COMPLETE;
  } else {
    sl_recorder_claim (&transfer->recorder, &closing->synced);
  }
  report_end (transfer, outcome);
}

static void
close_and_finish (SlTransfer *transfer)
{
  SlClosing wish = {.part = transfer->part,
                    .owner = transfer->task.record->owner,
                    .complete = transfer->phase == RUNNING,
                    .modified = sl_response_parse_time (
                        transfer->task.record->content->version.last_modified),
                    .closed = on_closed,
                    .user_data = transfer};

  transfer->closing = TRUE;
  sl_closing_start (&wish);
}

/* If no segment runs and no commit is under way any more, begins again, closes the part file, or ends the transfer. */
static void
finish_if_over (SlTransfer *transfer)
{
  if (transfer->connections.active->len > 0 || transfer->recorder.commits > 0 ||
      transfer->closing || transfer->phase == FINISHED)
    return;
  if (transfer->phase == RESTARTING) {
    make_attempt (transfer);
    begin (transfer, TRUE);
    return;
  }
  if (transfer->phase == SEALED) {
    report_end (transfer, SL_TRANSFER_COMPLETE);
    return;
  }
  if (transfer->part == NULL) {
    /* nothing has been written, so the seal still holds */
    sl_record_edit_content (transfer->task.record)->progress.stamp.sealed =
        transfer->attempt->record->content->progress.stamp.sealed;
    report_end (transfer, transfer->phase == STOPPING ? SL_TRANSFER_STOPPED : SL_TRANSFER_FAILED);
    return;
  }
  close_and_finish (transfer);
}

/* Reports of the segments. */

static void
add_connections (SlTransfer *transfer)
{
  if (transfer->phase == RUNNING)
    sl_connections_add (&transfer->connections);
}

static gboolean
start_next (SlTransfer *transfer, gboolean counted)
{
  return transfer->phase == RUNNING && sl_connections_start_next (&transfer->connections, counted);
}

/* Stores what the head says about the file and the server. */
static void
store_head (SlRecord *record, const SlHead *head)
{
  const SlResponse *response = head->response;
  SlValidator version = response->validator;

  version.size = head->size;
  sl_record_set_http_status (record, response->status);
  sl_record_set_response_headers (record, response->headers);
  sl_record_set_effective_uri (record, record->asked.redirect_policy == SL_REDIRECT_REPORT
                                           ? response->effective_uri
                                           : NULL);
  sl_record_set_version (record, &version);
  sl_record_set_no_ranges (record, head->opening->no_ranges || response->refuses_ranges);
}

static void
on_head (SlSegment *segment, SlHead *head, gpointer user_data)
{
  SlTransfer *transfer = user_data;
  SlRecord *record = transfer->task.record;
  const SlOpening *opening = head->opening;

  if (opening == NULL) {
    sl_connections_accept (&transfer->connections, segment);
    return;
  }
  if (transfer->part == NULL)
    transfer->part = transfer->connections.part = sl_part_ref (transfer->file->part);
  transfer->connections.latency = head->response->latency;
  store_head (record, head);
  renew_source (transfer);
  if (record->content->no_ranges)
    transfer->connections.max = 1;
  if (opening->restarted) {
    sl_restarts_count (record, sl_ranges_total (record->content->progress.done));
    sl_recorder_begin_again (&transfer->recorder);
    transfer->task.events->restarted (opening->cause, transfer->task.user_data);
    if (!may_begin_again (transfer, opening->cause))
      return;
  }
  transfer->task.events->head (head->response->file_name, transfer->task.user_data);
  add_connections (transfer);
}

static void
on_synced (SlSegment *segment, SlSynced *synced, gpointer user_data)
{
  SlTransfer *transfer = user_data;

  sl_recorder_claim (&transfer->recorder, synced);
  commit_progress (transfer);
}

/* The worker has sealed the complete file. The transfer ends when no commit is under way any more. */
static void
take_sealed (SlTransfer *transfer, SlSegmentEnd *end)
{
  if (transfer->phase != RUNNING)
    return;
  transfer->phase = SEALED;
  sl_recorder_claim_sealed (&transfer->recorder, &end->sealed, g_steal_pointer (&end->digest));
}

/* Stops all segments; when they have ended, begins again with a new part file. */
static void
restart_all (SlTransfer *transfer, const GError *cause)
{
  if (transfer->phase != RUNNING)
    return;
  sl_restarts_count (transfer->task.record,
                     transfer->part != NULL ? sl_part_get_written (transfer->part) : 0);
  if (!may_begin_again (transfer, cause))
    return;
  if (++transfer->changes > CHANGES_MAX || sl_restarts_are_many (transfer->task.record)) {
    g_autoptr (GError) error =
        g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                             "The file on the server changes faster than it can be fetched");
    fail (transfer, error, TRUE, 0);
    return;
  }
  transfer->phase = RESTARTING;
  sl_recorder_begin_again (&transfer->recorder);
  sl_record_set_version (transfer->task.record, &(SlValidator){.size = SL_SIZE_UNKNOWN});
  transfer->task.events->restarted (cause, transfer->task.user_data);
  g_cancellable_cancel (transfer->attempt->cancellable);
}

/* A further connection got a response that is not proven to be of the same version: the others go on without it. */
static void
on_changed (SlTransfer *transfer, SlSegmentEnd *end)
{
  sl_connections_set_single (&transfer->connections,
                             end->error != NULL ? end->error->message : "the whole file came");
  if (transfer->connections.active->len == 0)
    restart_all (transfer, end->error);
}

static gboolean
is_local (const GError *error)
{
  return error->domain == SLUICE_ERROR &&
         (error->code == SLUICE_ERROR_LOCAL_FILE || error->code == SLUICE_ERROR_NO_SPACE ||
          error->code == SLUICE_ERROR_TOO_LARGE);
}

static void
on_failed (SlTransfer *transfer, SlSegmentEnd *end)
{
  gboolean lost = transfer->part != NULL && sl_part_is_lost (transfer->part);

  if (transfer->phase != RUNNING)
    return;
  if (end->status != 0)
    sl_record_set_http_status (transfer->task.record, end->status);
  if (end->headers != NULL && transfer->part == NULL)
    sl_record_set_response_headers (transfer->task.record, end->headers);
  /* while other connections bring bytes, the loss of one is no failure */
  if (transfer->connections.active->len > 0 && !is_local (end->error)) {
    g_debug ("%s: one connection less: %s", transfer->task.record->id.text, end->error->message);
    transfer->connections.max = transfer->connections.active->len;
    if (transfer->connections.active->len == 1 && end->status >= 400)
      sl_connections_set_single (&transfer->connections, end->error->message);
    return;
  }
  fail (transfer, end->error, end->transient || lost, end->retry_after);
}

static void
handle_end (SlTransfer *transfer, SlSegmentEnd *end)
{
  if (end->size != SL_SIZE_UNKNOWN && end->outcome != SL_SEGMENT_FAILED &&
      transfer->phase == RUNNING) {
    sl_record_set_size (transfer->task.record, end->size);
    renew_source (transfer);
  }
  switch (end->outcome) {
  case SL_SEGMENT_DONE:
  case SL_SEGMENT_STOPPED:
    break;
  case SL_SEGMENT_SEALED:
    take_sealed (transfer, end);
    break;
  case SL_SEGMENT_NO_RANGES:
    sl_record_set_no_ranges (transfer->task.record, TRUE);
    sl_connections_set_single (&transfer->connections, "the server does not send valid ranges");
    break;
  case SL_SEGMENT_CHANGED:
    on_changed (transfer, end);
    break;
  case SL_SEGMENT_FAILED:
    on_failed (transfer, end);
    break;
  }
}

/* Bytes are missing, and no segment can be started for them: the transfer fails. */
static void
fail_incomplete (SlTransfer *transfer)
{
  g_autoptr (GError) error = NULL;

  if (transfer->task.record->wanted != NULL &&
      !sl_connections_can_use_ranges (&transfer->connections))
    error = g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_RANGE_NOT_SUPPORTED,
                                 "The server does not say which version of the file it sends, so "
                                 "only one part can be fetched");
  else
    error = g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_CONNECT,
                                 "The server stopped sending parts of the file");
  fail (transfer, error, error->code == SLUICE_ERROR_CONNECT, 0);
}

static void
on_ended (SlSegment *segment, SlSegmentEnd *end, gpointer user_data)
{
  SlTransfer *transfer = user_data;
  gboolean counted = sl_connections_remove (&transfer->connections, segment), reused;

  handle_end (transfer, end);
  /* all bytes are there: segments that are still under way have nothing left to fetch */
  if (transfer->connections.active->len > 0 && transfer->phase == RUNNING &&
      sl_connections_is_complete (&transfer->connections))
    g_cancellable_cancel (transfer->attempt->cancellable);
  reused = end->outcome == SL_SEGMENT_DONE && start_next (transfer, counted);
  if (counted && !reused)
    transfer->task.events->release_connection (transfer->source->host, transfer->task.user_data);
  if (transfer->connections.active->len == 0 && transfer->phase == RUNNING &&
      !sl_connections_is_complete (&transfer->connections) && !start_next (transfer, FALSE))
    fail_incomplete (transfer);
  finish_if_over (transfer);
}

static const SlSegmentEvents segment_events = {on_head, on_synced, on_ended};

/* Measuring. */

void
sl_fetch_break_stale (void)
{
  sl_stale_connections_break ();
}

static void
fetch_tick (SlTransfer *transfer, gint64 now)
{
  gint64 elapsed = now - transfer->ticked_at;
  /* in the first seconds over the time so far, so that a jump at the start does not count too much */
  gint64 time = CLAMP (now - transfer->started_at, 1, RATE_TIME);
  guint64 written = fetch_get_transferred (transfer);

  if (elapsed <= 0)
    return;
  if (written > transfer->written && transfer->part != NULL)
    transfer->task.record->moved_at = g_get_monotonic_time ();
  transfer->rate =
      sl_connections_average (transfer->rate,
                              (double)(written > transfer->written ? written - transfer->written
                                                                   : 0) *
                                  G_USEC_PER_SEC / (double)elapsed,
                              elapsed, time);
  transfer->written = written;
  transfer->ticked_at = now;
  sl_connections_measure (&transfer->connections, elapsed);
  add_connections (transfer);
}

const SlTransferKind sl_fetch_kind = {
    .start = fetch_start,
    .stop = fetch_stop,
    .fail = fetch_fail,
    .tick = fetch_tick,
    .get_transferred = fetch_get_transferred,
    .get_rate = fetch_get_rate,
    .get_active_time = fetch_get_active_time,
    .get_fetched = fetch_get_fetched,
};
