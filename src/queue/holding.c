/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holding and releasing: what the queue does when conditions, the time or the settings are others. */
#define G_LOG_DOMAIN "sluice-queue"

#include "queue/queue-private.h"

/* So many downloads are looked at in one go, when changed reasons are told. */
#define WALK_STEP 256
/* So many are started one after the other after a release. */
#define RAMP_LENGTH 32
/* Waits that are long enough are looked for no more often than this (µs). */
#define PATIENCE_STEP G_USEC_PER_SEC

/* When the comfort of others has held @record for long enough: Unix µs. */
static gint64
get_patience_end (SlQueue *queue, const SlRecord *record)
{
  gint64 end = record->asked.deadline != 0 ? record->asked.deadline : G_MAXINT64;
  gint64 max_wait = (gint64)queue->around.policy->max_wait * G_USEC_PER_SEC;

  return max_wait != 0 && record->started != 0 ? MIN (end, record->started + max_wait) : end;
}

SlDemand
sl_queue_get_demand (SlQueue *queue, SlDownload *download)
{
  const SlRecord *record = sl_download_get_record (download);
  SlDemandParts parts = {
      .priority = record->asked.priority,
      .cost_policy = record->asked.cost_policy,
      .disallow_on_cellular = record->asked.disallow_on_cellular,
      .only_when_idle = record->asked.only_when_idle,
      .only_on_external_power = record->asked.only_on_external_power,
      .patient = get_patience_end (queue, record) > g_get_real_time (),
      .forced = record->asked.ignore_conditions,
  };

  return sl_demand_pack (&parts);
}

void
sl_queue_note_patience (SlQueue *queue, SlDownload *download)
{
  gint64 end = get_patience_end (queue, sl_download_get_record (download));

  if (end >= queue->next_patience || end <= g_get_real_time ())
    return;
  queue->next_patience = end;
  queue->events->replanned (queue->owner);
}

/* Telling changed reasons: a stretch at a time, as there may be a hundred thousand. */

static gboolean
on_walk (gpointer data)
{
  SlQueue *queue = data;

  for (guint i = 0; i < WALK_STEP && queue->walk_next != NULL; i++) {
    SlDownload *download = queue->walk_next->data;
    queue->walk_next = queue->walk_next->next;
    if (sl_download_get_links (download)->bin != NULL)
      sl_download_tell_reasons (download);
  }
  if (queue->walk_next != NULL)
    return G_SOURCE_CONTINUE;
  queue->walk_id = 0;
  return G_SOURCE_REMOVE;
}

static void
tell_reasons (SlQueue *queue)
{
  queue->walk_next = queue->all.head;
  if (queue->walk_id == 0)
    queue->walk_id = g_idle_add (on_walk, queue);
}

void
sl_queue_forget_walk (SlQueue *queue, SlDownload *download)
{
  if (queue->walk_next == &sl_download_get_links (download)->all)
    queue->walk_next = queue->walk_next->next;
}

/* Those whose patience is at an end wait with another demand from now on. */
static void
renew_demands (SlQueue *queue)
{
  gint64 now = g_get_real_time ();

  queue->next_patience = G_MAXINT64;
  for (GList *link = queue->all.head; link != NULL; link = link->next) {
    SlDownload *download = link->data;
    gint64 end;
    if (sl_download_get_links (download)->bin == NULL)
      continue;
    end = get_patience_end (queue, sl_download_get_record (download));
    if (end > now)
      queue->next_patience = MIN (queue->next_patience, end);
    sl_lanes_set_demand (queue->lanes, download, sl_queue_get_demand (queue, download));
    sl_download_tell_reasons (download);
  }
  if (queue->next_patience != G_MAXINT64)
    queue->next_patience = MAX (queue->next_patience, now + PATIENCE_STEP);
}

static void
hold_running (SlQueue *queue)
{
  g_autoptr (GList) running = g_list_copy (queue->running.head);

  for (GList *link = running; link != NULL; link = link->next) {
    SlDownload *download = link->data;
    guint route = sl_lanes_get_route (queue->lanes, download);
    SlReasons reasons = sl_gate_decide (queue->gate, route, sl_queue_get_demand (queue, download));
    if (reasons == SL_REASON_NONE)
      continue;
    g_debug ("%s: held", sl_download_get_record (download)->id.text);
    sl_download_yield (download);
  }
}

/* At a rate of 0 runs only who ignores the conditions, and so that one too. */
static guint64
get_limit (const SlMoment *moment, SlClass class_, guint64 capacity)
{
  guint64 rate = sl_decide_rate (moment, class_, capacity);

  return rate != 0 ? rate : SL_RATE_UNLIMITED;
}

/* The limits of the two classes: those of the hour, and shares of what the primary link can do. */
static void
set_limits (SlQueue *queue)
{
  const SlMoment *moment = sl_gate_get_moment (queue->gate);
  const SlLink *link = sl_conditions_find_link (moment->conditions, 0);
  guint64 capacity = link != NULL ? link->capacity : 0;

  sl_pace_set_limits (queue->pace, get_limit (moment, SL_CLASS_FOREGROUND, capacity),
                      get_limit (moment, SL_CLASS_BACKGROUND, capacity));
}

/* The gate decides by what has been used, and counts for the periods that it knows. */
static void
tell_used (SlQueue *queue)
{
  const GPtrArray *links = sl_gate_get_moment (queue->gate)->conditions->links;

  for (guint i = 0; i < links->len; i++) {
    const SlLink *link = links->pdata[i];
    gint64 period = sl_gate_get_period (queue->gate, link);
    sl_gate_set_used (queue->gate, link->uuid, sl_usage_get_month (queue->usage, link->uuid),
                      period != 0 ? sl_usage_get_period (queue->usage, link->uuid, period) : 0);
  }
}

/* Lets the world be as the gate has it now; @changed: it has another mind than before. */
static void
act (SlQueue *queue, gboolean changed)
{
  gboolean had_held = sl_lanes_has_held (queue->lanes);

  if (changed) {
    sl_lanes_update (queue->lanes);
    tell_reasons (queue);
    if (had_held)
      queue->ramp = RAMP_LENGTH;
  }
  hold_running (queue);
  set_limits (queue);
  sl_queue_tell_activity (queue);
  sl_queue_schedule (queue);
  queue->events->replanned (queue->owner);
}

void
sl_queue_decide_anew (SlQueue *queue)
{
  gint64 now = g_get_real_time ();

  if (queue->stopping)
    return;
  sl_usage_set_time (queue->usage, now, queue->zone, queue->around.policy->cap_day);
  tell_used (queue);
  act (queue, sl_gate_refresh (queue->gate, now));
}

static gboolean
on_decide (gpointer data)
{
  SlQueue *queue = data;

  queue->decide_id = 0;
  tell_reasons (queue);
  sl_queue_decide_anew (queue);
  return G_SOURCE_REMOVE;
}

/* In a moment: the routes of a thousand hosts may come at once. */
static void
decide_soon (SlQueue *queue)
{
  if (queue->decide_id == 0)
    queue->decide_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_decide, queue, NULL);
}

/* What the service says. */

void
sl_queue_set_conditions (SlQueue *queue, const SlConditions *conditions)
{
  sl_gate_set_conditions (queue->gate, conditions);
  queue->around.offline = conditions->connectivity == SL_CONNECTIVITY_NONE;
  sl_queue_decide_anew (queue);
}

void
sl_queue_refresh (SlQueue *queue, GTimeZone *zone)
{
  g_time_zone_ref (zone);
  g_time_zone_unref (queue->zone);
  queue->zone = zone;
  sl_gate_set_zone (queue->gate, zone);
  renew_demands (queue);
  sl_queue_decide_anew (queue);
}

void
sl_queue_set_route (SlQueue *queue, const char *host, guint route)
{
  if (sl_lanes_set_route (queue->lanes, host, route))
    decide_soon (queue);
}

void
sl_queue_forget_routes (SlQueue *queue)
{
  sl_lanes_forget_routes (queue->lanes);
}

void
sl_queue_set_suspended (SlQueue *queue, gboolean suspended, SlDone done, gpointer user_data)
{
  sl_store_set_number (queue->store, "suspended", suspended, done, user_data);
  sl_gate_set_suspended (queue->gate, suspended);
  sl_queue_decide_anew (queue);
}

gboolean
sl_queue_is_suspended (SlQueue *queue)
{
  return sl_gate_get_moment (queue->gate)->suspended;
}

gint64
sl_queue_get_next_change (SlQueue *queue)
{
  gint64 next = MIN (sl_gate_get_next_change (queue->gate), sl_usage_get_end (queue->usage));

  return MIN (next, queue->next_patience);
}

gboolean
sl_queue_is_in_window (SlQueue *queue)
{
  return sl_gate_get_moment (queue->gate)->in_window;
}

gint64
sl_queue_get_window_change (SlQueue *queue)
{
  return sl_gate_get_window_change (queue->gate);
}

SlCostState
sl_queue_get_cost (SlQueue *queue, const SlLink *link)
{
  return sl_gate_get_cost (queue->gate, link);
}

guint64
sl_queue_get_used (SlQueue *queue, const SlLink *link)
{
  return sl_usage_get_month (queue->usage, link->uuid);
}

/* Counting. */

void
sl_queue_count (SlQueue *queue, SlDownload *download)
{
  SlQueueLinks *links = sl_download_get_links (download);
  guint64 fetched = sl_download_get_fetched (download);
  guint route = sl_lanes_get_route (queue->lanes, download);
  const SlLink *link =
      sl_conditions_find_link (sl_gate_get_moment (queue->gate)->conditions, route);

  if (fetched <= links->counted)
    return;
  if (link != NULL)
    sl_usage_add (queue->usage, link->uuid, sl_gate_get_period (queue->gate, link),
                  fetched - links->counted);
  queue->events->moved (route, fetched - links->counted, queue->owner);
  links->counted = fetched;
}

void
sl_queue_follow_usage (SlQueue *queue)
{
  const SlConditions *conditions = sl_gate_get_moment (queue->gate)->conditions;
  gboolean counts = queue->around.policy->monthly_cap != SL_CAP_NONE;

  for (guint i = 0; i < conditions->links->len; i++)
    counts |= ((const SlLink *)conditions->links->pdata[i])->user_data != NULL;
  if (!counts || queue->stopping)
    return;
  tell_used (queue);
  if (sl_gate_refresh (queue->gate, g_get_real_time ()))
    act (queue, TRUE);
}

/* Somebody waits for it: a person, or a point in time. */
static gboolean
is_urgent (SlQueue *queue, SlDownload *download)
{
  SlDemandParts parts = sl_demand_unpack (sl_queue_get_demand (queue, download));

  return parts.priority == SL_PRIORITY_FOREGROUND || !parts.patient;
}

void
sl_queue_tell_activity (SlQueue *queue)
{
  gboolean moving = !g_queue_is_empty (&queue->running), urgent = FALSE;

  for (GList *link = queue->running.head; link != NULL && !urgent; link = link->next)
    urgent = is_urgent (queue, link->data);
  /* what only waits for a quiet link has it watched */
  moving |=
      sl_lanes_has_held (queue->lanes) && sl_gate_holds_only_for (queue->gate, SL_REASON_LINK_BUSY);
  if (moving == queue->told_moving && urgent == queue->told_urgent)
    return;
  queue->told_moving = moving;
  queue->told_urgent = urgent;
  queue->events->activity (moving, urgent, queue->owner);
}
