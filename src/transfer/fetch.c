/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A transfer under way: which segments run, what to do when one ends, when all is over. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/fetch.h"

#include "base/error.h"
#include "http/stale-connections.h"
#include "transfer/learned.h"
#include "transfer/planner.h"
#include "transfer/segment.h"
#include "transfer/vain.h"
#include "transfer/worker.h"

/* Over how long rates are averaged. */
#define RATE_TIME (3 * G_USEC_PER_SEC)
/* So often a file may change on the server within one attempt before the transfer is broken off. */
#define CHANGES_MAX 3
/* So long a connection may take to begin until it's taken for slow (µs). */
#define STUCK_TIME G_USEC_PER_SEC

/* A segment that runs, and its rate. */
typedef struct {
  SlSegment *segment; /* (owned) */
  gint64 started_at;
  guint64 measured; /* position at the last tick */
  double rate;
  gboolean counted; /* took a connection besides the slot's own */
  /* the segment whose rest it shall take over; NULL once the server has accepted that, or for no such */
  SlSegment *victim;
  guint64 start;
} Active;

struct _SlTransfer {
  SlTransferTask task;
  SlSettings settings; /* as they were at the start */

  SlAttempt *attempt;    /* (owned) */
  SlFile *file;          /* (owned) */
  SlSource *source;      /* (owned) */
  SlPart *part;          /* (owned) (nullable) known from the first head on */
  GPtrArray *active;     /* (owned) (element-type Active) */
  guint max_connections; /* of this transfer; less when the server doesn't take so many */
  guint changes;
  gint64 latency; /* µs until a response's head */
  guint
      generation; /* counts parts begun: what is committed of an older one is not progress of this one */
  guint64 fetched;        /* by segments that ended */
  guint64 fetched_before; /* by earlier transfers of the download */

  gint64 started_at; /* monotonic, as those below */
  gint64 ticked_at;
  guint64 written; /* at the last tick */
  double rate;

  /* how far it is, and why it's coming to its end */
  enum { UNSEALING, RUNNING, STOPPING, FAILING, RESTARTING, SEALED, FINISHED } phase;
  GError *error; /* (owned) (nullable) */
  gboolean transient;
  guint32 retry_after;
  guint commits; /* under way; the transfer lives until they are over */
};

static const SlSegmentEvents segment_events;
static void commit_progress (SlTransfer *transfer);

static void
active_free (gpointer data)
{
  Active *active = data;

  sl_segment_unref (active->segment);
  g_free (active);
}

static void
transfer_free (SlTransfer *transfer)
{
  sl_attempt_unref (transfer->attempt);
  sl_file_unref (transfer->file);
  sl_source_unref (transfer->source);
  g_clear_pointer (&transfer->part, sl_part_unref);
  g_ptr_array_unref (transfer->active);
  g_clear_error (&transfer->error);
  g_free (transfer);
}

static Active *
add_active (SlTransfer *transfer, SlSegment *segment, gboolean counted)
{
  Active *active = g_new0 (Active, 1);

  active->segment = segment;
  active->started_at = g_get_monotonic_time ();
  active->measured = sl_segment_get_position (segment);
  active->counted = counted;
  active->start = active->measured;
  g_ptr_array_add (transfer->active, active);
  return active;
}

static void
renew_source (SlTransfer *transfer)
{
  g_clear_pointer (&transfer->source, sl_source_unref);
  transfer->source = sl_source_new (transfer->task.record);
}

static void
make_attempt (SlTransfer *transfer)
{
  g_clear_pointer (&transfer->attempt, sl_attempt_unref);
  transfer->attempt =
      sl_attempt_new (transfer->task.record, &transfer->settings, transfer->task.flow);
  renew_source (transfer);
}

static SlSegmentTask
get_task (SlTransfer *transfer)
{
  return (SlSegmentTask){transfer->attempt, transfer->file, transfer->source, &segment_events,
                         transfer};
}

/* Begins, or begins again, with one connection. */
static void
begin (SlTransfer *transfer, gboolean restart)
{
  SlSegmentTask task = get_task (transfer);

  transfer->phase = RUNNING;
  sl_file_begin (transfer->file);
  add_active (transfer, sl_segment_begin (&task, restart), FALSE);
}

static SlTransfer *
fetch_start (const SlTransferTask *task)
{
  SlTransfer *transfer = g_new0 (SlTransfer, 1);
  const SlSettings *settings = task->settings;
  SlRecord *record = task->record;

  transfer->task = *task;
  transfer->settings = *settings;
  transfer->active = g_ptr_array_new_with_free_func (active_free);
  transfer->max_connections = record->asked.priority == SL_PRIORITY_FOREGROUND
                                  ? settings->connections_foreground
                                  : settings->connections_background;
  if (record->no_ranges || record->asked.dynamic || record->one_connection ||
      sl_learned_is_one_connection (record->asked.uri))
    transfer->max_connections = 1;
  transfer->fetched_before = record->fetched;
  transfer->started_at = transfer->ticked_at = g_get_monotonic_time ();
  transfer->written = sl_ranges_total_within (record->done, record->wanted);
  record->stamp.sealed = record->stamp.sealed && sl_ranges_count (record->done) > 0;
  transfer->file = sl_file_new (record);
  make_attempt (transfer);
  if (!record->stamp.sealed) {
    begin (transfer, FALSE);
    return transfer;
  }
  /* the attempt's copy still tells what the file has to be like; a crash must not make our own writes suspicious, so
   * that none may come before the commit */
  record->stamp.sealed = FALSE;
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
    return sl_ranges_total_within (record->done, record->wanted);
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
  return transfer->task.record->active_time + now - transfer->started_at;
}

static guint64
fetch_get_fetched (SlTransfer *transfer)
{
  guint64 fetched = transfer->fetched_before + transfer->fetched;

  for (guint i = 0; i < transfer->active->len; i++)
    fetched += sl_segment_get_fetched (((Active *)transfer->active->pdata[i])->segment);
  return fetched;
}

/* Commits. */

typedef struct {
  SlTransfer *transfer;
  SlRanges *ranges; /* (owned) */
  guint generation;
} Commit;

static void finish_if_over (SlTransfer *transfer);

static void
fail (SlTransfer *transfer, const GError *error, gboolean transient, guint32 retry_after)
{
  if (transfer->phase == STOPPING || transfer->phase == FINISHED)
    return;
  transfer->phase = FAILING;
  g_clear_error (&transfer->error);
  transfer->error =
      transient ? sl_vain_explain (transfer->task.record, error) : g_error_copy (error);
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
on_committed (const GError *error, gpointer data)
{
  Commit *commit = data;
  SlTransfer *transfer = commit->transfer;

  transfer->commits--;
  if (error != NULL)
    fail (transfer, error, TRUE, 0);
  else if (transfer->phase == UNSEALING)
    begin (transfer, FALSE);
  else if (transfer->part != NULL && commit->generation == transfer->generation)
    sl_part_set_recorded (transfer->part, commit->ranges);
  sl_ranges_free (commit->ranges);
  g_free (commit);
  finish_if_over (transfer);
}

static void
record_synced (SlTransfer *transfer, const SlSynced *synced)
{
  SlRecord *record = transfer->task.record;

  sl_ranges_free (record->done);
  record->done = sl_ranges_copy (synced->ranges);
  record->stamp = synced->stamp;
  record->modified = g_get_real_time ();
}

/* @digest: (transfer full) (nullable) of the whole file; without one, none of before holds */
static void
record_sealed (SlTransfer *transfer, const SlSynced *synced, char **digest)
{
  record_synced (transfer, synced);
  g_free (transfer->task.record->computed);
  transfer->task.record->computed = g_steal_pointer (digest);
}

static void
commit_progress (SlTransfer *transfer)
{
  Commit *commit = g_new0 (Commit, 1);

  transfer->task.record->fetched = fetch_get_fetched (transfer);
  commit->transfer = transfer;
  commit->ranges = sl_ranges_copy (transfer->task.record->done);
  commit->generation = transfer->generation;
  transfer->commits++;
  sl_store_save (transfer->task.store, transfer->task.record, on_committed, commit);
}

/* Further connections. */

static gboolean
can_use_ranges (const SlTransfer *transfer)
{
  const SlRecord *record = transfer->task.record;

  return transfer->part != NULL && !record->no_ranges && !record->asked.dynamic &&
         record->size != SL_SIZE_UNKNOWN && sl_validator_can_resume (&transfer->source->version);
}

/* A range for one more connection, and whose rest it is. */
typedef struct {
  SlRange range;
  SlSegment *victim; /* (unowned) (nullable) */
} Work;

static void
start_segment (SlTransfer *transfer, const Work *work, gboolean counted)
{
  SlSegmentTask task = get_task (transfer);
  Active *active = add_active (transfer, sl_segment_start (&task, &work->range), counted);

  active->victim = work->victim;
}

/* Where the segment will end once those that shall take over its rest have been accepted. */
static guint64
get_planned_end (SlTransfer *transfer, SlSegment *segment)
{
  guint64 end = sl_segment_get_end (segment);

  for (guint i = 0; i < transfer->active->len; i++) {
    Active *active = transfer->active->pdata[i];
    if (active->victim == segment)
      end = MIN (end, active->start);
  }
  return end;
}

/* (transfer full): what the running segments will bring */
static SlRanges *
collect_taken (SlTransfer *transfer)
{
  SlRanges *taken = sl_ranges_new ();

  for (guint i = 0; i < transfer->active->len; i++) {
    Active *active = transfer->active->pdata[i];
    sl_ranges_add (taken, sl_segment_get_position (active->segment),
                   sl_segment_get_end (active->segment));
  }
  return taken;
}

/* What the segments are at, for the planner. FALSE when one of them has no end yet, or is about to seal. */
static gboolean
describe (SlTransfer *transfer, SlPlanned *planned)
{
  for (guint i = 0; i < transfer->active->len; i++) {
    Active *active = transfer->active->pdata[i];
    guint64 end = get_planned_end (transfer, active->segment);
    if (end == SL_SIZE_UNKNOWN)
      return FALSE;
    planned[i].end = end;
    planned[i].position = MIN (sl_segment_get_position (active->segment), end);
    planned[i].rate = active->rate;
    /* what has brought nothing for so long is slow, not unknown */
    if (active->rate == 0 && g_get_monotonic_time () - active->started_at > STUCK_TIME)
      planned[i].rate = 1;
  }
  return TRUE;
}

/* What one more connection could do: what nobody fetches yet, or a share of the slowest segment's. */
static gboolean
find_work (SlTransfer *transfer, Work *work)
{
  g_autoptr (SlRanges) written = sl_part_dup_written (transfer->part);
  g_autoptr (SlRanges) taken = collect_taken (transfer);
  g_autofree SlPlanned *planned = g_new0 (SlPlanned, transfer->active->len + 1);
  guint which;

  work->victim = NULL;
  if (sl_plan_missing (transfer->task.record->wanted, transfer->task.record->size, written, taken,
                       &work->range))
    return sl_file_share (transfer->file);
  if (!describe (transfer, planned) ||
      !sl_plan_split (planned, transfer->active->len, transfer->latency, &which,
                      &work->range.start))
    return FALSE;
  work->range.end = planned[which].end;
  work->victim = ((Active *)transfer->active->pdata[which])->segment;
  return sl_file_share (transfer->file);
}

static void
add_connections (SlTransfer *transfer)
{
  if (transfer->phase != RUNNING || !can_use_ranges (transfer) ||
      g_cancellable_is_cancelled (transfer->attempt->cancellable))
    return;
  while (transfer->active->len > 0 && transfer->active->len < transfer->max_connections) {
    Work work;
    if (!transfer->task.events->acquire_connection (transfer->task.owner))
      return;
    if (!find_work (transfer, &work)) {
      transfer->task.events->release_connection (transfer->task.owner);
      return;
    }
    start_segment (transfer, &work, TRUE);
  }
}

/* After a segment's end: puts its connection to work again. FALSE when there is nothing to do for it. */
static gboolean
start_next (SlTransfer *transfer, gboolean counted)
{
  Work work;

  if (transfer->phase != RUNNING || !can_use_ranges (transfer) ||
      g_cancellable_is_cancelled (transfer->attempt->cancellable) ||
      transfer->active->len >= transfer->max_connections || !find_work (transfer, &work))
    return FALSE;
  start_segment (transfer, &work, counted);
  return TRUE;
}

/* The server has accepted the newcomer's range: the one whose rest that is may stop there. */
static void
accept_newcomer (SlTransfer *transfer, SlSegment *segment)
{
  for (guint i = 0; i < transfer->active->len; i++) {
    Active *active = transfer->active->pdata[i];
    if (active->segment != segment)
      continue;
    if (active->victim != NULL && sl_segment_get_end (active->victim) > active->start)
      sl_segment_set_end (active->victim, active->start);
    active->victim = NULL;
  }
}

/* The end: a last sync or the seal by a worker, then the owner is told. */

typedef struct {
  SlTransfer *transfer;
  SlPart *part; /* (owned) */
  gboolean complete;
  gint64 modified;
  SlSynced synced;
  char *digest;  /* (owned) (nullable) */
  GError *error; /* (owned) (nullable) */
} Closing;

static void
tell_end (SlTransfer *transfer, SlTransferOutcome outcome)
{
  SlTransferEnd end = {outcome, transfer->error, transfer->transient, transfer->retry_after};

  transfer->phase = FINISHED;
  transfer->task.record->fetched = fetch_get_fetched (transfer);
  transfer->task.record->active_time += g_get_monotonic_time () - transfer->started_at;
  transfer->task.events->ended (&end, transfer->task.owner);
  transfer_free (transfer);
}

static void
lose_part (SlTransfer *transfer, const GError *error)
{
  SlRecord *record = transfer->task.record;

  sl_vain_count (record, sl_part_get_written (transfer->part));
  sl_record_forget_content (record);
  transfer->task.events->restarted (error, transfer->task.owner);
}

/* It has begun again because of @cause; FALSE when that was once too often, and the transfer fails. */
static gboolean
may_begin_again (SlTransfer *transfer, const GError *cause)
{
  g_autoptr (GError) error = NULL;

  if (sl_vain_may_go_on (transfer->task.record, cause, &error))
    return TRUE;
  fail (transfer, error, FALSE, 0);
  return FALSE;
}

static gboolean
on_closed (gpointer data)
{
  Closing *closing = data;
  SlTransfer *transfer = closing->transfer;
  SlTransferOutcome outcome =
      transfer->phase == STOPPING ? SL_TRANSFER_STOPPED : SL_TRANSFER_FAILED;

  if (closing->error == NULL) {
    if (closing->complete) {
      record_sealed (transfer, &closing->synced, &closing->digest);
      outcome = SL_TRANSFER_COMPLETE;
    } else {
      record_synced (transfer, &closing->synced);
    }
  } else {
    if (sl_part_is_lost (closing->part))
      lose_part (transfer, closing->error);
    if (transfer->phase == RUNNING && may_begin_again (transfer, closing->error))
      fail (transfer, closing->error,
            sl_part_is_lost (closing->part) || closing->error->code == SLUICE_ERROR_NO_SPACE, 0);
  }
  tell_end (transfer, outcome);
  sl_part_unref (closing->part);
  sl_synced_clear (&closing->synced);
  g_free (closing->digest);
  g_clear_error (&closing->error);
  g_free (closing);
  return G_SOURCE_REMOVE;
}

/* In a worker thread. */
static void
close_part (gpointer data)
{
  Closing *closing = data;

  if (closing->complete)
    sl_part_seal (closing->part, closing->modified, &closing->synced, &closing->digest,
                  &closing->error);
  else
    sl_part_rest (closing->part, &closing->synced, &closing->error);
  sl_worker_post (on_closed, closing);
}

static gboolean
is_complete (SlTransfer *transfer)
{
  g_autoptr (SlRanges) written = NULL;
  SlRange missing;

  if (transfer->part == NULL || transfer->task.record->size == SL_SIZE_UNKNOWN)
    return FALSE;
  written = sl_part_dup_written (transfer->part);
  return !sl_plan_missing (transfer->task.record->wanted, transfer->task.record->size, written,
                           NULL, &missing);
}

static void
close_and_finish (SlTransfer *transfer)
{
  Closing *closing = g_new0 (Closing, 1);

  closing->transfer = transfer;
  closing->part = sl_part_ref (transfer->part);
  closing->complete = transfer->phase == RUNNING;
  closing->modified = sl_response_parse_time (transfer->task.record->last_modified);
  if (!closing->complete && sl_part_is_lost (transfer->part)) {
    g_set_error_literal (&closing->error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                         "The part file was deleted or changed by somebody else");
    sl_worker_post (on_closed, closing);
    return;
  }
  sl_worker_run (close_part, closing);
}

/* When no segment runs and no commit is under way any more: what now? */
static void
finish_if_over (SlTransfer *transfer)
{
  if (transfer->active->len > 0 || transfer->commits > 0 || transfer->phase == FINISHED)
    return;
  if (transfer->phase == RESTARTING) {
    make_attempt (transfer);
    begin (transfer, TRUE);
    return;
  }
  if (transfer->phase == SEALED) {
    tell_end (transfer, SL_TRANSFER_COMPLETE);
    return;
  }
  if (transfer->part == NULL) {
    /* nothing has been written, and so the seal holds */
    transfer->task.record->stamp.sealed = transfer->attempt->record->stamp.sealed;
    tell_end (transfer, transfer->phase == STOPPING ? SL_TRANSFER_STOPPED : SL_TRANSFER_FAILED);
    return;
  }
  close_and_finish (transfer);
  transfer->commits++; /* the closing; never counted down, as nothing waits for it but itself */
}

/* Reports of the segments. */

static void
store_head (SlRecord *record, const SlHead *head)
{
  const SlResponse *response = head->response;

  record->http_status = response->status;
  sl_record_set_response_headers (record, response->headers);
  sl_record_set_effective_uri (record, record->asked.redirect_policy == SL_REDIRECT_REPORT
                                           ? response->effective_uri
                                           : NULL);
  sl_record_set_validator (record, response->validator.etag, response->validator.last_modified);
  record->weak_date = response->validator.weak_date;
  record->size = head->size;
  record->no_ranges = head->opening->no_ranges || response->refuses_ranges;
}

static void
on_head (SlSegment *segment, SlHead *head, gpointer owner)
{
  SlTransfer *transfer = owner;
  SlRecord *record = transfer->task.record;
  const SlOpening *opening = head->opening;

  if (opening == NULL) {
    accept_newcomer (transfer, segment);
    return;
  }
  if (transfer->part == NULL)
    transfer->part = sl_part_ref (transfer->file->part);
  transfer->latency = head->response->latency;
  store_head (record, head);
  renew_source (transfer);
  if (record->no_ranges)
    transfer->max_connections = 1;
  if (opening->restarted) {
    transfer->generation++;
    sl_vain_count (record, sl_ranges_total (record->done));
    sl_record_forget_content (record);
    transfer->task.events->restarted (opening->cause, transfer->task.owner);
    if (!may_begin_again (transfer, opening->cause))
      return;
  }
  transfer->task.events->head (head->response->file_name, transfer->task.owner);
  add_connections (transfer);
}

static void
on_synced (SlSegment *segment, SlSynced *synced, gpointer owner)
{
  SlTransfer *transfer = owner;

  record_synced (transfer, synced);
  commit_progress (transfer);
}

static void
remove_active (SlTransfer *transfer, SlSegment *segment, gboolean *counted)
{
  for (guint i = 0; i < transfer->active->len; i++) {
    Active *active = transfer->active->pdata[i];
    if (active->segment == segment) {
      *counted = active->counted;
      transfer->fetched += sl_segment_get_fetched (segment);
      g_ptr_array_remove_index (transfer->active, i);
      break;
    }
  }
  for (guint i = 0; i < transfer->active->len; i++) {
    Active *active = transfer->active->pdata[i];
    if (active->victim == segment)
      active->victim = NULL;
  }
}

/* The file is whole, and the worker has sealed it; commits that are still under way are waited for. */
static void
take_sealed (SlTransfer *transfer, SlSegmentEnd *end)
{
  if (transfer->phase != RUNNING)
    return;
  transfer->phase = SEALED;
  record_sealed (transfer, &end->sealed, &end->digest);
}

/* All begins again with a new part file, once every segment has ended. */
static void
restart_all (SlTransfer *transfer, const GError *cause)
{
  if (transfer->phase != RUNNING)
    return;
  sl_vain_count (transfer->task.record,
                 transfer->part != NULL ? sl_part_get_written (transfer->part) : 0);
  if (!may_begin_again (transfer, cause))
    return;
  if (++transfer->changes > CHANGES_MAX || sl_vain_is_much (transfer->task.record)) {
    g_autoptr (GError) error =
        g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                             "The file on the server changes faster than it can be fetched");
    fail (transfer, error, TRUE, 0);
    return;
  }
  transfer->phase = RESTARTING;
  transfer->generation++;
  sl_record_forget_content (transfer->task.record);
  g_clear_pointer (&transfer->task.record->etag, g_free);
  g_clear_pointer (&transfer->task.record->last_modified, g_free);
  transfer->task.record->size = SL_SIZE_UNKNOWN;
  transfer->task.events->restarted (cause, transfer->task.owner);
  g_cancellable_cancel (transfer->attempt->cancellable);
}

/* From now on this download has one connection, and its host too for a while. */
static void
learn_one_connection (SlTransfer *transfer, const char *why)
{
  g_debug ("%s: one connection from now on: %s", transfer->task.record->id.text, why);
  transfer->task.record->one_connection = TRUE;
  transfer->max_connections = 1;
  sl_learned_one_connection (transfer->task.record->asked.uri);
}

/* What a further connection is sent is not proven to be of the same version: those that bring bytes go on without it. */
static void
on_changed (SlTransfer *transfer, SlSegmentEnd *end)
{
  learn_one_connection (transfer, end->error != NULL ? end->error->message : "the whole file came");
  if (transfer->active->len == 0)
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
    transfer->task.record->http_status = end->status;
  if (end->headers != NULL && transfer->part == NULL)
    sl_record_set_response_headers (transfer->task.record, end->headers);
  /* while others bring bytes, one connection less is no failure */
  if (transfer->active->len > 0 && !is_local (end->error)) {
    g_debug ("%s: a connection less: %s", transfer->task.record->id.text, end->error->message);
    transfer->max_connections = transfer->active->len;
    if (transfer->active->len == 1 && end->status >= 400)
      learn_one_connection (transfer, end->error->message);
    return;
  }
  fail (transfer, end->error, end->transient || lost, end->retry_after);
}

static void
handle_end (SlTransfer *transfer, SlSegmentEnd *end)
{
  if (end->size != SL_SIZE_UNKNOWN && end->outcome != SL_SEGMENT_FAILED &&
      transfer->phase == RUNNING) {
    transfer->task.record->size = end->size;
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
    transfer->task.record->no_ranges = TRUE;
    learn_one_connection (transfer, "no ranges that could be believed");
    break;
  case SL_SEGMENT_CHANGED:
    on_changed (transfer, end);
    break;
  case SL_SEGMENT_FAILED:
    on_failed (transfer, end);
    break;
  }
}

/* A range is left that nobody fetches and that can't be asked for any more: that's for another attempt. */
static void
fail_incomplete (SlTransfer *transfer)
{
  g_autoptr (GError) error = NULL;

  if (transfer->task.record->wanted != NULL && !can_use_ranges (transfer))
    error = g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_RANGE_NOT_SUPPORTED,
                                 "The server does not say which version of the file its parts are "
                                 "of, so that only one part can be fetched");
  else
    error = g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_CONNECT,
                                 "The server stopped sending parts of the file");
  fail (transfer, error, error->code == SLUICE_ERROR_CONNECT, 0);
}

static void
on_ended (SlSegment *segment, SlSegmentEnd *end, gpointer owner)
{
  SlTransfer *transfer = owner;
  gboolean counted = FALSE, reused;

  remove_active (transfer, segment, &counted);
  handle_end (transfer, end);
  /* who is still on the way to what has come by another connection need not arrive */
  if (transfer->active->len > 0 && transfer->phase == RUNNING && is_complete (transfer))
    g_cancellable_cancel (transfer->attempt->cancellable);
  reused = end->outcome == SL_SEGMENT_DONE && start_next (transfer, counted);
  if (counted && !reused)
    transfer->task.events->release_connection (transfer->task.owner);
  if (transfer->active->len == 0 && transfer->phase == RUNNING && !is_complete (transfer) &&
      !start_next (transfer, FALSE))
    fail_incomplete (transfer);
  finish_if_over (transfer);
}

static const SlSegmentEvents segment_events = {on_head, on_synced, on_ended};

/* Measuring. */

static double
average (double old, double sample, gint64 elapsed, gint64 time)
{
  return old + (sample - old) * MIN (1.0, (double)elapsed / (double)time);
}

static void
measure_segment (Active *active, gint64 elapsed)
{
  guint64 position = sl_segment_get_position (active->segment);
  double sample;

  if (position < active->measured)
    active->measured = position;
  sample = (double)(position - active->measured) * G_USEC_PER_SEC / (double)elapsed;
  /* a segment's rate decides on splitting, so it follows faster than what people are shown */
  active->rate =
      active->rate == 0 ? sample : average (active->rate, sample, elapsed, RATE_TIME / 3);
  active->measured = position;
}

void
sl_fetch_break_orphans (void)
{
  sl_stale_connections_break ();
}

static void
fetch_tick (SlTransfer *transfer, gint64 now)
{
  gint64 elapsed = now - transfer->ticked_at;
  /* at first over all of the time, so that a leap at the beginning doesn't count for more than it is */
  gint64 time = CLAMP (now - transfer->started_at, 1, RATE_TIME);
  guint64 written = fetch_get_transferred (transfer);

  if (elapsed <= 0)
    return;
  if (written > transfer->written && transfer->part != NULL)
    transfer->task.record->progress_at = g_get_monotonic_time ();
  transfer->rate =
      average (transfer->rate,
               (double)(written > transfer->written ? written - transfer->written : 0) *
                   G_USEC_PER_SEC / (double)elapsed,
               elapsed, time);
  transfer->written = written;
  transfer->ticked_at = now;
  for (guint i = 0; i < transfer->active->len; i++)
    measure_segment (transfer->active->pdata[i], elapsed);
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
