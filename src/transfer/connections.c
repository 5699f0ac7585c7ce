/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The connections of a transfer: which segments run, how fast each is, and where one more would help. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/connections.h"

#include "transfer/planner.h"
#include "transfer/single-connection.h"

/*
 * Time over which a segment's rate is averaged (µs): shorter than for the rate that people see, because splitting
 * depends on it.
 */
#define RATE_TIME G_USEC_PER_SEC
/* A connection that has brought nothing for this long is slow (µs). */
#define STUCK_TIME G_USEC_PER_SEC

/* A running segment and its rate. */
typedef struct {
  SlSegment *segment; /* (owned) */
  gint64 started_at;
  guint64 start;
  guint64 measured; /* position at the last measurement */
  double rate;      /* bytes a second; 0 while unknown */
  gboolean counted; /* acquired a connection besides the slot's own */
  /* the segment from which it takes over; NULL once the server has accepted that, or if there is none */
  SlSegment *donor; /* (unowned) (nullable) */
} Active;

static void
active_free (gpointer data)
{
  Active *active = data;

  sl_segment_unref (active->segment);
  g_free (active);
}

static Active *
get_active (const SlConnections *connections, guint i)
{
  return connections->active->pdata[i];
}

static guint
get_max (const SlTransferTask *task)
{
  const SlRecord *record = task->record;

  if (record->content->no_ranges || record->asked.dynamic || record->content->one_connection ||
      sl_single_connection_has (record->asked.uri))
    return 1;
  return sl_class_of (record->asked.priority) == SL_CLASS_FOREGROUND
             ? task->settings->connections_foreground
             : task->settings->connections_background;
}

void
sl_connections_init (SlConnections *connections, const SlTransferTask *task)
{
  connections->task = task;
  connections->active = g_ptr_array_new_with_free_func (active_free);
  connections->max = get_max (task);
}

void
sl_connections_clear (SlConnections *connections)
{
  g_clear_pointer (&connections->active, g_ptr_array_unref);
}

/* (transfer full) @segment */
static Active *
add_active (SlConnections *connections, SlSegment *segment, gboolean counted)
{
  Active *active = g_new0 (Active, 1);

  active->segment = segment;
  active->started_at = g_get_monotonic_time ();
  active->start = active->measured = sl_segment_get_position (segment);
  active->counted = counted;
  g_ptr_array_add (connections->active, active);
  return active;
}

void
sl_connections_begin (SlConnections *connections, gboolean restart)
{
  sl_file_begin (connections->segments.file);
  add_active (connections, sl_segment_begin (&connections->segments, restart), FALSE);
}

/* Further connections. */

gboolean
sl_connections_can_use_ranges (const SlConnections *connections)
{
  const SlRecord *record = connections->task->record;

  return connections->part != NULL && !record->content->no_ranges && !record->asked.dynamic &&
         record->content->version.size != SL_SIZE_UNKNOWN &&
         sl_validator_can_resume (&connections->segments.source->version);
}

/* A range for a further connection, and the segment that gives it up. */
typedef struct {
  SlRange range;
  SlSegment *donor; /* (unowned) (nullable) */
} Work;

static void
start_segment (SlConnections *connections, const Work *work, gboolean counted)
{
  SlSegment *segment = sl_segment_start (&connections->segments, &work->range);

  add_active (connections, segment, counted)->donor = work->donor;
}

/* Where the segment will end once the server has accepted the ranges that others take over from it. */
static guint64
get_planned_end (const SlConnections *connections, SlSegment *segment)
{
  guint64 end = sl_segment_get_end (segment);

  for (guint i = 0; i < connections->active->len; i++) {
    const Active *active = get_active (connections, i);
    if (active->donor == segment)
      end = MIN (end, active->start);
  }
  return end;
}

/* (transfer full): the ranges that the running segments fetch */
static SlRanges *
collect_taken (const SlConnections *connections)
{
  SlRanges *taken = sl_ranges_new ();

  for (guint i = 0; i < connections->active->len; i++) {
    SlSegment *segment = get_active (connections, i)->segment;
    sl_ranges_add (taken, sl_segment_get_position (segment), sl_segment_get_end (segment));
  }
  return taken;
}

/* Describes the segments to the planner. FALSE if one of them has no known end. */
static gboolean
describe (const SlConnections *connections, SlPlanned *planned)
{
  for (guint i = 0; i < connections->active->len; i++) {
    const Active *active = get_active (connections, i);
    guint64 end = get_planned_end (connections, active->segment);
    if (end == SL_SIZE_UNKNOWN)
      return FALSE;
    planned[i].end = end;
    planned[i].position = MIN (sl_segment_get_position (active->segment), end);
    planned[i].rate = active->rate;
    /* a rate of 0 would mean “unknown” */
    if (active->rate == 0 && g_get_monotonic_time () - active->started_at > STUCK_TIME)
      planned[i].rate = 1;
  }
  return TRUE;
}

/* Finds work for a further connection: a range that no segment fetches yet, or a part of the slowest segment's. */
static gboolean
find_work (const SlConnections *connections, Work *work)
{
  const SlRecord *record = connections->task->record;
  g_autoptr (SlRanges) taken = collect_taken (connections);
  g_autofree SlPlanned *planned = g_new0 (SlPlanned, connections->active->len + 1);
  guint which;

  work->donor = NULL;
  if (!sl_part_find_missing (connections->part, record->wanted, record->content->version.size,
                             taken, &work->range)) {
    if (!describe (connections, planned) ||
        !sl_plan_split (planned, connections->active->len, connections->latency, &which,
                        &work->range.start))
      return FALSE;
    work->range.end = planned[which].end;
    work->donor = get_active (connections, which)->segment;
  }
  return sl_file_share (connections->segments.file);
}

static gboolean
may_start (const SlConnections *connections)
{
  return sl_connections_can_use_ranges (connections) &&
         connections->active->len < connections->max &&
         !g_cancellable_is_cancelled (connections->segments.attempt->cancellable);
}

void
sl_connections_add (SlConnections *connections)
{
  const SlTransferTask *task = connections->task;
  const char *host = connections->segments.source->host;

  while (connections->active->len > 0 && may_start (connections)) {
    Work work;
    if (!task->events->acquire_connection (host, task->user_data))
      return;
    if (!find_work (connections, &work)) {
      task->events->release_connection (host, task->user_data);
      return;
    }
    start_segment (connections, &work, TRUE);
  }
}

gboolean
sl_connections_start_next (SlConnections *connections, gboolean counted)
{
  Work work;

  if (!may_start (connections) || !find_work (connections, &work))
    return FALSE;
  start_segment (connections, &work, counted);
  return TRUE;
}

void
sl_connections_accept (SlConnections *connections, SlSegment *segment)
{
  for (guint i = 0; i < connections->active->len; i++) {
    Active *active = get_active (connections, i);
    if (active->segment != segment)
      continue;
    if (active->donor != NULL && sl_segment_get_end (active->donor) > active->start)
      sl_segment_set_end (active->donor, active->start);
    active->donor = NULL;
  }
}

gboolean
sl_connections_remove (SlConnections *connections, SlSegment *segment)
{
  gboolean counted = FALSE;

  for (guint i = 0; i < connections->active->len; i++) {
    if (get_active (connections, i)->donor == segment)
      get_active (connections, i)->donor = NULL;
  }
  for (guint i = 0; i < connections->active->len; i++) {
    if (get_active (connections, i)->segment != segment)
      continue;
    counted = get_active (connections, i)->counted;
    connections->fetched += sl_segment_get_fetched (segment);
    g_ptr_array_remove_index (connections->active, i);
    break;
  }
  return counted;
}

void
sl_connections_set_single (SlConnections *connections, const char *why)
{
  SlRecord *record = connections->task->record;

  g_debug ("%s: one connection from now on: %s", record->id.text, why);
  sl_record_set_one_connection (record, TRUE);
  connections->max = 1;
  sl_single_connection_add (record->asked.uri);
}

/* Progress. */

gboolean
sl_connections_is_complete (const SlConnections *connections)
{
  const SlRecord *record = connections->task->record;
  SlRange missing;

  return connections->part != NULL && record->content->version.size != SL_SIZE_UNKNOWN &&
         !sl_part_find_missing (connections->part, record->wanted, record->content->version.size,
                                NULL, &missing);
}

guint64
sl_connections_get_fetched (const SlConnections *connections)
{
  guint64 fetched = connections->fetched;

  for (guint i = 0; i < connections->active->len; i++)
    fetched += sl_segment_get_fetched (get_active (connections, i)->segment);
  return fetched;
}

double
sl_connections_average (double old, double sample, gint64 elapsed, gint64 time)
{
  return old + (sample - old) * MIN (1.0, (double)elapsed / (double)time);
}

void
sl_connections_measure (SlConnections *connections, gint64 elapsed)
{
  for (guint i = 0; i < connections->active->len; i++) {
    Active *active = get_active (connections, i);
    guint64 position = sl_segment_get_position (active->segment);
    guint64 moved = position > active->measured ? position - active->measured : 0;
    double sample = (double)moved * G_USEC_PER_SEC / (double)elapsed;
    active->rate = active->rate == 0
                       ? sample
                       : sl_connections_average (active->rate, sample, elapsed, RATE_TIME);
    active->measured = position;
  }
}
