/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection's share of a transfer, as a straight line: open, ask, judge, read and write, report. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/segment.h"

#include "base/error.h"
#include "http/range-verdict.h"
#include "transfer/planner.h"
#include "transfer/worker.h"

#include <stdatomic.h>

/* Large reads make libsoup cheap, and large writes the file system: both are gathered up to this size. Twice as
 * much would save another tenth of the CPU time, and cost half a MiB a connection. */
#define BUFFER_SIZE (512 * 1024)
/* So long is gathered at most, and so long at least waited when nothing more is there at the moment (µs). */
#define GATHER_TIME 10000
#define GATHER_REST 1000
/* What came so long ago is not kept back while the segment waits because of a limit (µs). */
#define KEEP_TIME 100000
/* So many turns the server may send ahead: half a second's worth, so that a path may be as long as that. */
#define AHEAD_TURNS 10

/* So many tries to resume may be answered wrongly. */
#define WRONG_RESUMES_MAX 3

/* Whether the segment is alone, and so may seal the file when it's done. */
enum { SOLE, SHARED, SEALING };

struct _SlSegment {
  gatomicrefcount ref_count;
  SlAttempt *attempt;            /* (owned) */
  const SlSegmentEvents *events; /* static */
  gpointer owner;                /* of the events; outlives the segment's run */
  gboolean first;
  gboolean restart;
  SlPart *part;           /* (owned) (nullable) opened by a first segment */
  SlResponse *response;   /* (owned) (nullable) */
  SlBodyReader *body;     /* (owned) (nullable) of it */
  SlRangeVerdict verdict; /* on it */
  SlValidator known;      /* (owned) the version that was asked for */
  gboolean restarted;
  gboolean no_ranges;
  GError *cause; /* (owned) (nullable) why it restarted */
  _Atomic guint64 position;
  _Atomic guint64 end;
  _Atomic guint64 fetched;
  _Atomic int sharing;
};

/* A report on its way to the main loop. */
typedef struct {
  SlSegment *segment; /* (owned) */
  enum { REPORT_HEAD, REPORT_SYNCED, REPORT_ENDED } kind;
  SlHead head;
  SlSynced synced;
  SlSegmentEnd end;
} Report;

SlAttempt *
sl_attempt_new (const SlRecord *record, SlFlow *flow)
{
  SlAttempt *attempt = g_new0 (SlAttempt, 1);

  g_atomic_ref_count_init (&attempt->ref_count);
  attempt->record = sl_record_copy (record);
  attempt->place = sl_place_new (record->asked.local_path, &record->id);
  attempt->cancellable = g_cancellable_new ();
  attempt->max_size = record->asked.max_size;
  attempt->flow = sl_flow_ref (flow);
  return attempt;
}

SlValidator
sl_attempt_get_validator (const SlRecord *record)
{
  return (SlValidator){record->etag, record->last_modified, record->weak_date, record->size};
}

void
sl_attempt_unref (SlAttempt *attempt)
{
  if (!g_atomic_ref_count_dec (&attempt->ref_count))
    return;
  sl_record_free (attempt->record);
  sl_place_free (attempt->place);
  g_object_unref (attempt->cancellable);
  sl_flow_unref (attempt->flow);
  g_free (attempt);
}

SlSegment *
sl_segment_ref (SlSegment *segment)
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
  g_clear_pointer (&segment->part, sl_part_unref);
  g_clear_pointer (&segment->response, sl_response_unref);
  sl_validator_clear (&segment->known);
  g_clear_error (&segment->cause);
  g_free (segment);
}

static void
report_free (Report *report)
{
  sl_segment_unref (report->segment);
  g_clear_pointer (&report->head.part, sl_part_unref);
  g_clear_pointer (&report->head.response, sl_response_unref);
  g_clear_error (&report->head.cause);
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
    segment->events->head (segment, &report->head, segment->owner);
    break;
  case REPORT_SYNCED:
    segment->events->synced (segment, &report->synced, segment->owner);
    break;
  case REPORT_ENDED:
    segment->events->ended (segment, &report->end, segment->owner);
    break;
  }
  report_free (report);
  return G_SOURCE_REMOVE;
}

static Report *
report_new (SlSegment *segment, int kind)
{
  Report *report = g_new0 (Report, 1);

  report->segment = sl_segment_ref (segment);
  report->kind = kind;
  return report;
}

static void
report_head (SlSegment *segment)
{
  Report *report = report_new (segment, REPORT_HEAD);

  report->head.part = sl_part_ref (segment->part);
  report->head.response = sl_response_ref (segment->response);
  report->head.size = segment->verdict.size;
  report->head.restarted = segment->restarted;
  report->head.no_ranges = segment->no_ranges;
  report->head.cause = g_steal_pointer (&segment->cause);
  sl_worker_post (deliver, report);
}

/* Syncs if it's time to; again as long as others have written much meanwhile: they may wait for room, which only a sync makes. */
static gboolean
keep_synced (SlSegment *segment, GError **error)
{
  while (sl_part_wants_sync (segment->part)) {
    g_auto (SlSynced) synced = {0};
    Report *report;

    if (!sl_part_sync (segment->part, &synced, error))
      return FALSE;
    report = report_new (segment, REPORT_SYNCED);
    report->synced.ranges = g_steal_pointer (&synced.ranges);
    report->synced.stamp = synced.stamp;
    sl_worker_post (deliver, report);
  }
  return TRUE;
}

static gboolean
check_size (SlSegment *segment, guint64 size, GError **error)
{
  guint64 max = segment->attempt->max_size;

  if (max == 0 || size == SL_SIZE_UNKNOWN || size <= max)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_TOO_LARGE,
               "The file has more than %" G_GUINT64_FORMAT " bytes, which MaxSize allows", max);
  return FALSE;
}

/* Bytes read and not written yet, and where they belong. */
typedef struct {
  guint8 *buffer; /* (owned) aligned */
  gsize size;     /* of buffer */
  guint8 *data;   /* in buffer, aligned as its position in the file is */
  gsize room;     /* for data */
  gsize filled;
  gint64 since;     /* when the first of it came; monotonic */
  guint64 position; /* of data[0] in the file */
  gsize unpaid;     /* read and not paid for yet */
  gsize turn;       /* how much could be read at once when that was last looked at; 0: never */
} Gathered;

static void
gathered_clear (Gathered *gathered)
{
  g_aligned_free (gathered->buffer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gathered, gathered_clear)

/* What comes next belongs at @position. */
static void
gather_from (Gathered *gathered, guint64 position)
{
  gsize lead = (gsize)(position % SL_PART_ALIGN);

  gathered->position = position;
  gathered->data = gathered->buffer + lead;
  gathered->room = gathered->size - lead;
  gathered->filled = 0;
}

static gboolean
write_gathered (SlSegment *segment, Gathered *gathered, GError **error)
{
  if (gathered->filled == 0)
    return TRUE;
  if (!sl_part_write (segment->part, gathered->position, gathered->data, gathered->filled,
                      segment->attempt->cancellable, error))
    return FALSE;
  gather_from (gathered, gathered->position + gathered->filled);
  segment->position = gathered->position;
  return keep_synced (segment, error);
}

/* How long the rest of the room takes to fill, as fast as it has been filling; 0 when that's too long. */
static gulong
get_rest (const Gathered *gathered)
{
  gint64 elapsed = g_get_monotonic_time () - gathered->since;
  double rest = (double)MAX (elapsed, 1) * (double)(gathered->room - gathered->filled) /
                (double)gathered->filled;

  return elapsed >= GATHER_TIME ? 0 : (gulong)CLAMP (rest, GATHER_REST, GATHER_TIME);
}

/* More of what is there already, to go with what is gathered; 0 with @rest when that is all for now. */
static gssize
read_more (SlSegment *segment, Gathered *gathered, gsize room, gboolean *rest, GError **error)
{
  for (;;) {
    g_autoptr (GError) cause = NULL;
    gulong time;
    gssize n =
        sl_body_reader_read_ready (segment->body, gathered->data + gathered->filled, room, &cause);
    if (n >= 0)
      return n;
    if (!g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      g_propagate_error (error, g_steal_pointer (&cause));
      return -1;
    }
    time = get_rest (gathered);
    if (time == 0 || g_cancellable_is_cancelled (segment->attempt->cancellable)) {
      *rest = TRUE;
      return 0;
    }
    g_usleep (time);
  }
}

/* Reads once, and writes if that's enough. @n: what was read, 0 at the end of the body, -1 for an error of the line */
static gboolean
read_once (SlSegment *segment, Gathered *gathered, guint64 limit, gssize *n, GError **error)
{
  guint64 reached = gathered->position + gathered->filled;
  gsize room = (gsize)MIN (gathered->room - gathered->filled, limit - reached);
  gsize turn = sl_flow_limit_read (segment->attempt->flow, room + gathered->unpaid);
  gboolean rest = FALSE;

  /* a turn that a lower limit has made shorter may have been exceeded already */
  room = turn > gathered->unpaid ? turn - gathered->unpaid : 1;

  if (gathered->filled > 0)
    *n = read_more (segment, gathered, room, &rest, error);
  else
    *n = sl_body_reader_read (segment->body, gathered->data, room, segment->attempt->cancellable,
                              error);
  if (rest) {
    *n = 1; /* not the end of the body */
    return write_gathered (segment, gathered, error);
  }
  if (*n <= 0)
    return *n == 0;
  if (gathered->filled == 0)
    gathered->since = g_get_monotonic_time ();
  segment->fetched += (guint64)*n;
  gathered->unpaid += (gsize)*n;
  reached += (guint64)*n;
  if (!check_size (segment, reached, error))
    return FALSE;
  gathered->filled += (gsize)*n;
  if (gathered->filled < gathered->room && reached < limit)
    return TRUE;
  return write_gathered (segment, gathered, error);
}

/* After a whole turn, however many reads it took: waits until the next one may begin. */
static gboolean
pay_turn (SlSegment *segment, Gathered *gathered, GError **error)
{
  SlAttempt *attempt = segment->attempt;
  gsize turn = sl_flow_limit_read (attempt->flow, G_MAXSIZE);

  if (turn != gathered->turn) {
    gathered->turn = turn;
    sl_body_reader_limit_ahead (segment->body, turn == G_MAXSIZE ? G_MAXSIZE : turn * AHEAD_TURNS);
  }
  if (turn == G_MAXSIZE)
    gathered->unpaid = 0;
  if (gathered->unpaid < turn)
    return TRUE;
  if (gathered->filled > 0 && g_get_monotonic_time () - gathered->since >= KEEP_TIME &&
      !write_gathered (segment, gathered, error))
    return FALSE;
  sl_flow_pay (attempt->flow, gathered->unpaid, attempt->cancellable);
  gathered->unpaid = 0;
  return !g_cancellable_set_error_if_cancelled (attempt->cancellable, error);
}

/* Reads and writes until the segment's end, or the body's. */
static gboolean
move_bytes (SlSegment *segment, SlSegmentEnd *end, GError **error)
{
  const SlRangeVerdict *answer = &segment->verdict;
  g_auto (Gathered) gathered = {.position = answer->start};
  guint64 limit = segment->end;
  gssize n = 1;
  guint8 byte;

  if (limit <= gathered.position)
    return TRUE;
  gathered.size =
      (gsize)MIN (BUFFER_SIZE - SL_PART_ALIGN, limit - gathered.position) + SL_PART_ALIGN;
  gathered.buffer = g_aligned_alloc (gathered.size, 1, SL_PART_ALIGN);
  gather_from (&gathered, answer->start);
  while (n > 0 && gathered.position + gathered.filled < (limit = segment->end)) {
    if (!read_once (segment, &gathered, limit, &n, error) ||
        !pay_turn (segment, &gathered, error)) {
      /* another try may have a better line, or a better server; what came before is good, and owed for */
      end->transient |= n < 0;
      write_gathered (segment, &gathered, NULL);
      sl_flow_pay (segment->attempt->flow, gathered.unpaid, segment->attempt->cancellable);
      return FALSE;
    }
  }
  if (!write_gathered (segment, &gathered, error))
    return FALSE;
  sl_flow_pay (segment->attempt->flow, gathered.unpaid, segment->attempt->cancellable);
  if (answer->end == SL_SIZE_UNKNOWN) {
    end->size = gathered.position;
    return TRUE;
  }
  /* the end is proven, so that nothing was cut: the server contradicts itself */
  if (gathered.position < limit) {
    end->transient = TRUE;
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server sent %" G_GUINT64_FORMAT " of the %" G_GUINT64_FORMAT
                 " bytes that it announced, and then the end",
                 gathered.position - answer->start, answer->end - answer->start);
    return FALSE;
  }
  /* lets libsoup see the end, so that the connection can be used again */
  if (gathered.position == answer->end)
    sl_body_reader_read (segment->body, &byte, 1, segment->attempt->cancellable, NULL);
  return TRUE;
}

/* What is to be asked for: the whole file plainly where that says the same. */
static void
make_request (SlSegment *segment, const SlRange *range, SlRequest *request)
{
  const SlRecord *record = segment->attempt->record;
  gboolean fresh = segment->first && sl_part_get_written (segment->part) == 0;

  *request = (SlRequest){
      .method = "GET",
      .address = record->asked.uri,
      .access = {.owner = record->owner, .security = record->asked.security},
      .headers = record->asked.headers,
      .range = {.ranged = !fresh || record->wanted != NULL,
                .start = range->start,
                .end = range->end,
                .known = fresh ? NULL : &segment->known},
      .redirect_policy = record->asked.redirect_policy,
      .insecure_redirect = record->asked.insecure_redirect,
      .first_byte_timeout = segment->attempt->first_byte_timeout,
      .stall_timeout = segment->attempt->stall_timeout,
  };
}

/* Drops what is there; the first reason is told with the head of the next response. */
static gboolean
drop (SlSegment *segment, SluiceError code, const char *why, GError **error)
{
  if (!segment->restarted)
    segment->cause = g_error_new_literal (SLUICE_ERROR, (int)code, why);
  segment->restarted = TRUE;
  return sl_part_reset (segment->part, error);
}

/* A whole file though a range was asked for: another version, or a server without ranges. */
static gboolean
accept_whole (SlSegment *segment, const SlRequest *request, GError **error)
{
  gboolean same = segment->verdict.version == SL_VERSION_SAME;

  if (!request->range.ranged)
    return TRUE;
  if (segment->attempt->record->wanted != NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_RANGE_NOT_SUPPORTED,
                         "Parts of the file were asked for, and the server only sends the whole");
    return FALSE;
  }
  segment->no_ranges |= same;
  return drop (segment, SLUICE_ERROR_REMOTE_FILE_CHANGED,
               same ? "The server does not resume; the file begins again"
                    : "The file changed on the server; it begins again",
               error);
}

/* Whether the first segment, having got @response, should drop what is there and ask again. */
static gboolean
should_begin_again (SlSegment *segment, const SlRequest *request)
{
  SlVerdict verdict = segment->verdict.verdict;

  return request->range.known != NULL &&
         (verdict == SL_VERDICT_CHANGED || verdict == SL_VERDICT_UNPROVEN ||
          verdict == SL_VERDICT_BAD_RANGE);
}

/* What nobody can use, whichever connection it came by. */
static gboolean
take_refusal (SlSegment *segment, SlSegmentEnd *end)
{
  const SlRangeVerdict *answer = &segment->verdict;

  if (answer->verdict == SL_VERDICT_CHANGED || answer->verdict == SL_VERDICT_UNPROVEN)
    end->outcome = SL_SEGMENT_CHANGED;
  if (answer->verdict == SL_VERDICT_ERROR) {
    end->transient = answer->transient;
    end->retry_after = segment->response->retry_after;
  }
  return FALSE;
}

/* What the answer to the first request of an attempt means. TRUE when the body is to be stored; else @error says why not. */
static gboolean
judge_first (SlSegment *segment, const SlRequest *request, SlSegmentEnd *end, GError **error)
{
  if (segment->verdict.verdict == SL_VERDICT_RANGE)
    return TRUE;
  if (segment->verdict.verdict == SL_VERDICT_WHOLE)
    return accept_whole (segment, request, error);
  return take_refusal (segment, end);
}

/*
 * What the answer on a further connection means: it can only be of use or not, and takes nothing from those that bring
 * bytes (RFC 9110, section 15.3.7: a part is used only where it's proven to be of the same version). TRUE when it is.
 */
static gboolean
judge_further (SlSegment *segment, SlSegmentEnd *end)
{
  const SlRangeVerdict *answer = &segment->verdict;
  gboolean whole = answer->verdict == SL_VERDICT_WHOLE;
  gboolean same = whole && answer->version == SL_VERSION_SAME;

  if (answer->verdict == SL_VERDICT_RANGE)
    return TRUE;
  if (same || answer->verdict == SL_VERDICT_BAD_RANGE)
    end->outcome = SL_SEGMENT_NO_RANGES;
  else if (whole)
    end->outcome = SL_SEGMENT_CHANGED;
  return take_refusal (segment, end);
}

/* One request. FALSE with @error unless there is a response, whatever its verdict; @why is about the verdict. */
static gboolean
request_once (
    SlSegment *segment, const SlRequest *request, SlSegmentEnd *end, GError **why, GError **error)
{
  g_autoptr (GError) cause = NULL;

  segment->response = sl_client_open (sl_worker_get_client (), request, &segment->body,
                                      segment->attempt->cancellable, &cause);
  if (segment->response == NULL) {
    /* what is wrong with the answer to a range may be right with the whole file: see is_resume_hopeless () */
    end->transient = cause->domain != SLUICE_ERROR || sl_error_info (cause->code)->transient ||
                     (request->range.ranged && cause->code == SLUICE_ERROR_INVALID_RESPONSE);
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  end->status = segment->response->status;
  g_clear_pointer (&end->headers, g_variant_unref);
  end->headers = g_variant_ref (segment->response->headers);
  segment->verdict = sl_range_verdict_reach (&request->range, segment->response);
  *why = sl_range_verdict_dup_error (&segment->verdict, segment->response);
  return TRUE;
}

static void
close_response (SlSegment *segment)
{
  g_clear_pointer (&segment->body, sl_body_reader_free);
  g_clear_pointer (&segment->response, sl_response_unref);
}

/* What the first segment should begin with; FALSE when nothing is missing. */
static gboolean
find_range (SlSegment *segment, SlRange *range)
{
  const SlRecord *record = segment->attempt->record;
  g_autoptr (SlRanges) written = sl_part_dup_written (segment->part);
  gboolean fresh = sl_ranges_count (written) == 0;

  return sl_plan_missing (record->wanted, fresh ? SL_SIZE_UNKNOWN : record->size, written, NULL,
                          range);
}

/* Asks; a second time, for the first segment, if what is there had to be dropped. */
static gboolean
ask (SlSegment *segment, SlRange *range, SlSegmentEnd *end, GError **error)
{
  for (guint tries = 0;; tries++) {
    g_autoptr (GError) why = NULL;
    SlRequest request;

    make_request (segment, range, &request);
    if (!request_once (segment, &request, end, &why, error))
      return FALSE;
    if (tries > 0 || !segment->first || !should_begin_again (segment, &request)) {
      gboolean ok = segment->first ? judge_first (segment, &request, end, error)
                                   : judge_further (segment, end);
      if (why != NULL && (error == NULL || *error == NULL))
        g_propagate_error (error, g_steal_pointer (&why));
      return ok;
    }
    segment->no_ranges |= segment->verdict.verdict == SL_VERDICT_BAD_RANGE;
    close_response (segment);
    if (!drop (segment, why->code, why->message, error))
      return FALSE;
    find_range (segment, range);
  }
}

/* Whoever answered wrongly so often, and brought nothing, is asked for the whole file, plainly. */
static gboolean
is_resume_hopeless (const SlRecord *record)
{
  return record->wanted == NULL && record->error == SLUICE_ERROR_INVALID_RESPONSE &&
         record->failures >= WRONG_RESUMES_MAX;
}

/* What was recorded can't be gone on with if the server doesn't tell versions apart. */
static gboolean
prepare_first (SlSegment *segment, GError **error)
{
  SlAttempt *attempt = segment->attempt;
  const SlRecord *record = attempt->record;
  gboolean can_resume =
      !record->asked.dynamic && !record->no_ranges && sl_validator_can_resume (&segment->known);

  if (segment->part == NULL) {
    segment->part = sl_part_open (attempt->place, &record->stamp, record->done, error);
    if (segment->part == NULL)
      return FALSE;
    sl_part_set_minimum_free (segment->part, attempt->minimum_free);
    if (record->asked.digest != NULL && record->wanted == NULL)
      sl_part_compute_digest (segment->part, record->asked.digest);
  }
  if (segment->restart)
    return sl_part_reset (segment->part, error);
  if (sl_part_get_written (segment->part) == 0 && sl_ranges_count (record->done) > 0)
    return drop (segment, SLUICE_ERROR_LOCAL_FILE,
                 "What had been fetched was deleted or changed by somebody else; it begins again",
                 error);
  if (sl_part_get_written (segment->part) > 0 && !can_resume)
    return drop (segment, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                 "The server has no means to resume a file; it begins again", error);
  if (sl_part_get_written (segment->part) > 0 && is_resume_hopeless (record)) {
    segment->no_ranges = TRUE;
    return drop (segment, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server answers wrongly when a file is to be resumed; it begins again", error);
  }
  return TRUE;
}

static gboolean
seal (SlSegment *segment, const char *modified, SlSegmentEnd *end, GError **error)
{
  if (!sl_part_seal (segment->part, sl_response_parse_time (modified), &end->sealed, &end->digest,
                     error))
    return FALSE;
  end->outcome = SL_SEGMENT_SEALED;
  return TRUE;
}

/* All that was wanted is in the file, and no other segment is at work: finish it here, in one go. */
static gboolean
seal_if_complete (SlSegment *segment, SlSegmentEnd *end, GError **error)
{
  const SlRecord *record = segment->attempt->record;
  guint64 size = segment->verdict.size != SL_SIZE_UNKNOWN ? segment->verdict.size : end->size;
  g_autoptr (SlRanges) written = sl_part_dup_written (segment->part);
  int sole = SOLE;

  if (record->wanted != NULL || size == SL_SIZE_UNKNOWN || !sl_ranges_contains (written, 0, size) ||
      !atomic_compare_exchange_strong (&segment->sharing, &sole, SEALING))
    return TRUE;
  return seal (segment, segment->response->validator.last_modified, end, error);
}

static gboolean
reserve (SlSegment *segment, GError **error)
{
  guint64 size = segment->verdict.size;

  if (!check_size (segment, size, error))
    return FALSE;
  if (!segment->first || segment->attempt->record->wanted != NULL || size == SL_SIZE_UNKNOWN)
    return TRUE;
  return sl_part_reserve (segment->part, size, error);
}

static gboolean
fetch (SlSegment *segment, SlSegmentEnd *end, GError **error)
{
  SlRange range = {segment->position, segment->end};

  if (segment->first) {
    if (!prepare_first (segment, error))
      return FALSE;
    if (!find_range (segment, &range))
      return seal (segment, segment->attempt->record->last_modified, end, error);
  }
  if (!ask (segment, &range, end, error))
    return FALSE;
  segment->position = segment->verdict.start;
  if (segment->first)
    segment->end = MIN (range.end, segment->verdict.end);
  if (!reserve (segment, error))
    return FALSE;
  report_head (segment);
  return move_bytes (segment, end, error) && seal_if_complete (segment, end, error);
}

/* A body of unknown size that filled the disk would fill it again: nothing of it is kept. */
static gboolean
give_up_endless (SlSegment *segment, const GError *error)
{
  if (error->code != SLUICE_ERROR_NO_SPACE || segment->response == NULL ||
      segment->verdict.end != SL_SIZE_UNKNOWN)
    return FALSE;
  sl_part_reset (segment->part, NULL);
  return TRUE;
}

/* In a worker thread. */
static void
run (gpointer data)
{
  g_autoptr (SlSegment) segment = data;
  Report *report = report_new (segment, REPORT_ENDED);
  SlSegmentEnd *end = &report->end;

  sl_client_enter (sl_worker_get_client ());
  end->outcome = SL_SEGMENT_DONE;
  end->size = SL_SIZE_UNKNOWN;
  if (!fetch (segment, end, &end->error) && end->outcome == SL_SEGMENT_DONE) {
    end->outcome = g_error_matches (end->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                       ? SL_SEGMENT_STOPPED
                       : SL_SEGMENT_FAILED;
    /* a verdict has said so already for a status code */
    if (end->error->domain == SLUICE_ERROR && !give_up_endless (segment, end->error))
      end->transient |= sl_error_info (end->error->code)->transient;
  }
  close_response (segment);
  sl_client_leave (sl_worker_get_client ());
  sl_worker_post (deliver, report);
}

static SlSegment *
segment_new (SlAttempt *attempt,
             SlPart *part,
             const SlValidator *known,
             const SlSegmentEvents *events,
             gpointer owner)
{
  SlSegment *segment = g_new0 (SlSegment, 1);

  g_atomic_ref_count_init (&segment->ref_count);
  g_atomic_ref_count_inc (&attempt->ref_count);
  segment->attempt = attempt;
  segment->part = part != NULL ? sl_part_ref (part) : NULL;
  sl_validator_copy (&segment->known, known);
  segment->events = events;
  segment->owner = owner;
  return segment;
}

SlSegment *
sl_segment_start_first (SlAttempt *attempt,
                        SlPart *part,
                        gboolean restart,
                        const SlSegmentEvents *events,
                        gpointer owner)
{
  SlValidator known = sl_attempt_get_validator (attempt->record);
  SlSegment *segment = segment_new (attempt, part, &known, events, owner);

  segment->first = TRUE;
  segment->restart = restart;
  segment->end = SL_SIZE_UNKNOWN;
  sl_worker_run_requests (run, sl_segment_ref (segment));
  return segment;
}

SlSegment *
sl_segment_start (SlAttempt *attempt,
                  SlPart *part,
                  const SlRange *range,
                  const SlValidator *known,
                  const SlSegmentEvents *events,
                  gpointer owner)
{
  SlSegment *segment = segment_new (attempt, part, known, events, owner);

  segment->position = range->start;
  segment->end = range->end;
  segment->sharing = SHARED;
  sl_worker_run_requests (run, sl_segment_ref (segment));
  return segment;
}

gboolean
sl_segment_is_first (SlSegment *segment)
{
  return segment->first;
}

gboolean
sl_segment_share (SlSegment *segment)
{
  int sole = SOLE;

  return atomic_compare_exchange_strong (&segment->sharing, &sole, SHARED) || sole == SHARED;
}

guint64
sl_segment_get_position (SlSegment *segment)
{
  return segment->position;
}

guint64
sl_segment_get_end (SlSegment *segment)
{
  return segment->end;
}

guint64
sl_segment_get_fetched (SlSegment *segment)
{
  return segment->fetched;
}

void
sl_segment_set_end (SlSegment *segment, guint64 end)
{
  segment->end = end;
}
