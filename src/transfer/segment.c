/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One connection's share of a transfer: opens the file, sends the request, moves the body, seals the file, and reports.
 */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/segment.h"

#include "base/error.h"
#include "transfer/ask.h"
#include "transfer/body.h"
#include "transfer/worker.h"

struct _SlSegment {
  gatomicrefcount ref_count;
  SlAttempt *attempt; /* (owned) */
  SlFile *file;       /* (owned) */
  SlSource *source;   /* (owned) */
  SlOpening
      *opening; /* (owned) (nullable) of the segment that begins the file, until that is reported */
  const SlSegmentEvents *events; /* static */
  gpointer user_data;
  SlCursor cursor;
};

/* A report on its way to the main loop. */
typedef struct {
  SlSegment *segment; /* (owned) */
  enum { REPORT_HEAD, REPORT_SYNCED, REPORT_ENDED } kind;
  SlHead head;
  SlSynced synced;
  SlSegmentEnd end;
} Report;

static SlSegment *
segment_new (const SlSegmentTask *task, guint64 start, guint64 end)
{
  SlSegment *segment = g_new0 (SlSegment, 1);

  g_atomic_ref_count_init (&segment->ref_count);
  segment->attempt = sl_attempt_ref (task->attempt);
  segment->file = sl_file_ref (task->file);
  segment->source = sl_source_ref (task->source);
  segment->events = task->events;
  segment->user_data = task->user_data;
  segment->cursor.position = start;
  segment->cursor.end = end;
  return segment;
}

static SlSegment *
segment_ref (SlSegment *segment)
{
  g_atomic_ref_count_inc (&segment->ref_count);
  return segment;
}

void
sl_segment_unref (SlSegment *segment)
{
  if (!g_atomic_ref_count_dec (&segment->ref_count))
    return;
  sl_attempt_unref (segment->attempt);
  sl_file_unref (segment->file);
  sl_source_unref (segment->source);
  g_clear_pointer (&segment->opening, sl_opening_free);
  g_free (segment);
}

/* Reports. */

static void
report_free (Report *report)
{
  sl_segment_unref (report->segment);
  g_clear_pointer (&report->head.response, sl_response_unref);
  g_clear_pointer (&report->head.opening, sl_opening_free);
  sl_synced_clear (&report->synced);
  g_clear_error (&report->end.error);
  g_clear_pointer (&report->end.headers, g_variant_unref);
  sl_synced_clear (&report->end.sealed);
  g_free (report->end.digest);
  g_free (report);
}

/* On the main loop. */
static gboolean
deliver (gpointer data)
{
  Report *report = data;
  SlSegment *segment = report->segment;

  switch (report->kind) {
  case REPORT_HEAD:
    segment->events->head (segment, &report->head, segment->user_data);
    break;
  case REPORT_SYNCED:
    segment->events->synced (segment, &report->synced, segment->user_data);
    break;
  case REPORT_ENDED:
    segment->events->ended (segment, &report->end, segment->user_data);
    break;
  }
  report_free (report);
  return G_SOURCE_REMOVE;
}

static Report *
report_new (SlSegment *segment, int kind)
{
  Report *report = g_new0 (Report, 1);

  report->segment = segment_ref (segment);
  report->kind = kind;
  return report;
}

static void
report_head (SlSegment *segment, const SlAsk *ask)
{
  Report *report = report_new (segment, REPORT_HEAD);

  report->head.response = sl_response_ref (ask->response);
  report->head.size = ask->verdict.size;
  report->head.opening = g_steal_pointer (&segment->opening);
  sl_worker_post (deliver, report);
}

static void
report_synced (SlSynced *synced, gpointer data)
{
  Report *report = report_new (data, REPORT_SYNCED);

  report->synced.ranges = g_steal_pointer (&synced->ranges);
  report->synced.stamp = synced->stamp;
  sl_worker_post (deliver, report);
}

/* The run, in a worker thread. */

/* Moves the body of the response to @ask into the file, and seals the file if it is complete. */
static gboolean
store_body (SlSegment *segment, const SlAsk *ask, SlSegmentEnd *end, GError **error)
{
  const SlRangeVerdict *verdict = &ask->verdict;
  SlBody body = {.attempt = segment->attempt,
                 .part = segment->file->part,
                 .reader = ask->body,
                 .verdict = verdict,
                 .cursor = &segment->cursor,
                 .synced = report_synced,
                 .user_data = segment};

  segment->cursor.position = verdict->start;
  if (ask->opening != NULL)
    segment->cursor.end = MIN (ask->range.end, verdict->end);
  if (!sl_body_check_size (&body, verdict->size, error) ||
      (ask->opening != NULL &&
       !sl_file_reserve (segment->file, segment->attempt, verdict->size, error)))
    return FALSE;
  report_head (segment, ask);
  if (!sl_body_move (&body, end, error))
    return FALSE;
  if (segment->attempt->record->wanted != NULL)
    return TRUE;
  return sl_file_seal_if_complete (segment->file,
                                   verdict->size != SL_SIZE_UNKNOWN ? verdict->size : end->size,
                                   ask->response->validator.last_modified, end, error);
}

static gboolean
fetch (SlSegment *segment, SlAsk *ask, SlSegmentEnd *end, GError **error)
{
  const SlRecord *record = segment->attempt->record;

  if (ask->opening != NULL) {
    if (!sl_file_open (segment->file, segment->attempt, segment->source, ask->opening, error))
      return FALSE;
    if (!sl_file_find_missing (segment->file, record, &ask->range))
      return sl_file_seal (segment->file, record->content->version.last_modified, end, error);
  }
  return sl_ask (ask, end, error) && store_body (segment, ask, end, error);
}

/* A body of unknown size that filled the disk would fill it again: drops its bytes, and TRUE, which forbids a retry. */
static gboolean
give_up_endless (const SlAsk *ask, const GError *error)
{
  if (error->code != SLUICE_ERROR_NO_SPACE || ask->response == NULL ||
      ask->verdict.end != SL_SIZE_UNKNOWN)
    return FALSE;
  sl_part_reset (ask->file->part, NULL);
  return TRUE;
}

static void
run (gpointer data)
{
  g_autoptr (SlSegment) segment = data;
  Report *report = report_new (segment, REPORT_ENDED);
  SlSegmentEnd *end = &report->end;
  SlAsk ask = {.attempt = segment->attempt,
               .source = segment->source,
               .file = segment->file,
               .opening = segment->opening,
               .range = {segment->cursor.position, segment->cursor.end}};

  sl_client_enter (sl_worker_get_client ());
  end->outcome = SL_SEGMENT_DONE;
  end->size = SL_SIZE_UNKNOWN;
  if (!fetch (segment, &ask, end, &end->error) && end->outcome == SL_SEGMENT_DONE) {
    end->outcome = g_error_matches (end->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                       ? SL_SEGMENT_STOPPED
                       : SL_SEGMENT_FAILED;
    /* for a status code the verdict has set it already */
    if (end->error->domain == SLUICE_ERROR && !give_up_endless (&ask, end->error))
      end->transient |= sl_error_info (end->error->code)->transient;
  }
  sl_ask_close (&ask);
  sl_client_leave (sl_worker_get_client ());
  sl_worker_post (deliver, report);
}

SlSegment *
sl_segment_begin (const SlSegmentTask *task, gboolean restart)
{
  SlSegment *segment = segment_new (task, 0, SL_SIZE_UNKNOWN);

  segment->opening = g_new0 (SlOpening, 1);
  segment->opening->restart = restart;
  sl_worker_run_requests (run, segment_ref (segment));
  return segment;
}

SlSegment *
sl_segment_start (const SlSegmentTask *task, const SlRange *range)
{
  SlSegment *segment = segment_new (task, range->start, range->end);

  sl_worker_run_requests (run, segment_ref (segment));
  return segment;
}

/* From any thread. */

guint64
sl_segment_get_position (SlSegment *segment)
{
  return segment->cursor.position;
}

guint64
sl_segment_get_end (SlSegment *segment)
{
  return segment->cursor.end;
}

guint64
sl_segment_get_fetched (SlSegment *segment)
{
  return segment->cursor.fetched;
}

void
sl_segment_set_end (SlSegment *segment, guint64 end)
{
  segment->cursor.end = end;
}
