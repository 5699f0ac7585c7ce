/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides who runs now. */
#define G_LOG_DOMAIN "sluice-queue"

#include "queue/scheduler.h"

#include "queue/accounting.h"
#include "queue/bandwidth.h"
#include "queue/policy-key.h"
#include "queue/retries.h"
#include "queue/waiting.h"
#include "transfer/fetch.h"

#define TICK_INTERVAL 100 /* ms */
/* When many downloads are released at once, this many start one at a time, with this interval (ms). */
#define RAMP_LENGTH   32
#define RAMP_INTERVAL 20

struct _SlScheduler {
  SlStore *store;
  const SlPolicySettings *policy;
  const SlSchedulerEvents *events; /* (nullable) */
  gpointer user_data;

  SlHostQueues *queues;     /* (owned) */
  SlWaiting *waiting;       /* (owned) */
  SlPolicyCache *cache;     /* (owned) */
  SlAccounting *accounting; /* (owned) */
  SlBandwidth *bandwidth;   /* (owned) */
  SlRetries *retries;       /* (owned) */
  GQueue running;           /* (owned) (element-type SlEntry) downloads with a slot */

  guint schedule_id; /* 0: none is due */
  guint tick_id;     /* 0 when nothing runs */
  guint decide_id;   /* idle source that decides anew; 0: none */
  guint ramp;        /* how many are still to be started one at a time */
  gboolean begun;    /* the conditions are known; downloads may be started */
  gboolean stopping;
  gboolean reported_moving;
  gboolean reported_urgent;
};

static void schedule (SlScheduler *scheduler);

static void
report_replanned (SlScheduler *scheduler)
{
  if (scheduler->events != NULL)
    scheduler->events->replanned (scheduler->user_data);
}

/* The present policy key of @download. */
static SlPolicyKey
get_key (SlScheduler *scheduler, SlDownload *download)
{
  return sl_policy_key_of (sl_download_get_record (download), scheduler->policy,
                           g_get_real_time ());
}

/* Reports whether downloads run, and whether one of them is urgent. */
static void
report_activity (SlScheduler *scheduler)
{
  gboolean moving = !g_queue_is_empty (&scheduler->running), urgent = FALSE;

  for (GList *link = scheduler->running.head; link != NULL && !urgent; link = link->next) {
    const SlEntry *entry = link->data;
    urgent = sl_policy_key_is_urgent (get_key (scheduler, entry->download));
  }
  /* a download that waits only for a quiet link needs that link measured */
  moving |= sl_host_queues_has_held (scheduler->queues) &&
            sl_policy_cache_holds_only_for (scheduler->cache, SL_REASON_LINK_BUSY);
  if (moving == scheduler->reported_moving && urgent == scheduler->reported_urgent)
    return;
  scheduler->reported_moving = moving;
  scheduler->reported_urgent = urgent;
  if (scheduler->events != NULL)
    scheduler->events->activity (moving, urgent, scheduler->user_data);
}

/* Holding and releasing. */

static void
hold_running (SlScheduler *scheduler)
{
  g_autoptr (GList) running = g_list_copy (scheduler->running.head);

  for (GList *link = running; link != NULL; link = link->next) {
    SlEntry *entry = link->data;
    guint route = sl_host_queues_get_route (scheduler->queues, entry);
    if (sl_policy_cache_decide (scheduler->cache, route, get_key (scheduler, entry->download)) ==
        SL_REASON_NONE)
      continue;
    g_debug ("%s: held", sl_download_get_record (entry->download)->id.text);
    sl_download_yield (entry->download);
  }
}

/*
 * Applies the decisions: stops downloads that are held now, starts those that may run. @changed: some decision
 * changed.
 */
static void
apply (SlScheduler *scheduler, gboolean changed)
{
  gboolean had_held = sl_host_queues_has_held (scheduler->queues);

  if (changed) {
    sl_host_queues_update (scheduler->queues);
    sl_waiting_report_reasons (scheduler->waiting);
    if (had_held)
      scheduler->ramp = RAMP_LENGTH;
  }
  hold_running (scheduler);
  sl_bandwidth_follow (scheduler->bandwidth, sl_policy_cache_get_context (scheduler->cache));
  report_activity (scheduler);
  schedule (scheduler);
  report_replanned (scheduler);
}

/* Call it when decisions may have changed. */
static void
decide_anew (SlScheduler *scheduler)
{
  gint64 now = g_get_real_time ();

  if (scheduler->stopping)
    return;
  sl_accounting_refresh (scheduler->accounting, now);
  apply (scheduler, sl_policy_cache_refresh (scheduler->cache, now));
}

static gboolean
on_decide (gpointer data)
{
  SlScheduler *scheduler = data;

  scheduler->decide_id = 0;
  sl_waiting_report_reasons (scheduler->waiting);
  decide_anew (scheduler);
  return G_SOURCE_REMOVE;
}

/* Decides in an idle callback, because the routes of a thousand hosts may arrive together. */
static void
decide_soon (SlScheduler *scheduler)
{
  if (scheduler->decide_id == 0)
    scheduler->decide_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_decide, scheduler, NULL);
}

/* Counts the bytes of the transfer since the last call. */
static void
count (SlScheduler *scheduler, SlEntry *entry)
{
  guint64 fetched = sl_download_get_fetched (entry->download);
  guint64 bytes = fetched - MIN (fetched, entry->counted);
  guint route = sl_host_queues_get_route (scheduler->queues, entry);

  if (bytes == 0)
    return;
  sl_accounting_add (scheduler->accounting, route, bytes);
  if (scheduler->events != NULL)
    scheduler->events->moved (route, bytes, scheduler->user_data);
  entry->counted = fetched;
}

/* Decides anew when the counts matter: a volume may be used up now. */
static void
follow_usage (SlScheduler *scheduler)
{
  gint64 now = g_get_real_time ();

  if (scheduler->stopping || !sl_accounting_matters (scheduler->accounting))
    return;
  sl_accounting_refresh (scheduler->accounting, now);
  if (sl_policy_cache_refresh (scheduler->cache, now))
    apply (scheduler, TRUE);
}

/* Slots. */

/* Call it when other downloads run, or their rates changed. */
static void
update_bandwidth (SlScheduler *scheduler)
{
  SlBandwidthSample sample = {.now = g_get_monotonic_time ()};

  for (GList *link = scheduler->running.head; link != NULL; link = link->next) {
    SlDownload *download = ((SlEntry *)link->data)->download;
    if (sl_class_of (sl_download_get_record (download)->asked.priority) == SL_CLASS_FOREGROUND) {
      sample.n_foreground++;
      sample.foreground += sl_download_get_rate (download);
    } else {
      sample.background += sl_download_get_rate (download);
    }
  }
  sl_bandwidth_update (scheduler->bandwidth, &sample);
}

static gboolean
on_tick (gpointer data)
{
  SlScheduler *scheduler = data;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GList) running = g_list_copy (scheduler->running.head);

  for (GList *link = running; link != NULL; link = link->next) {
    SlEntry *entry = link->data;
    sl_download_tick (entry->download, now);
    count (scheduler, entry);
  }
  report_activity (scheduler);
  follow_usage (scheduler);
  update_bandwidth (scheduler);
  return G_SOURCE_CONTINUE;
}

/* Stops one background download if the foreground lacks a connection. It is soon queued again. */
static void
make_room (SlScheduler *scheduler)
{
  SlDownload *victim = NULL;

  if (!sl_host_queues_foreground_is_blocked (scheduler->queues))
    return;
  for (GList *link = scheduler->running.head; link != NULL; link = link->next) {
    SlEntry *entry = link->data;
    if (sl_host_queues_blocks_foreground (scheduler->queues, entry)) {
      victim = entry->download;
      /* one that is stopping already is enough for now */
      if (sl_download_is_stopping (victim))
        return;
    }
  }
  if (victim != NULL)
    sl_download_yield (victim);
}

static gboolean
on_schedule (gpointer data)
{
  SlScheduler *scheduler = data;
  SlEntry *entry;

  scheduler->schedule_id = 0;
  while (!scheduler->stopping && (entry = sl_host_queues_take_next (scheduler->queues)) != NULL) {
    g_queue_push_tail (&scheduler->running, entry);
    if (scheduler->tick_id == 0)
      scheduler->tick_id = g_timeout_add (TICK_INTERVAL, on_tick, scheduler);
    sl_download_run (entry->download);
    report_activity (scheduler);
    if (scheduler->ramp > 0) {
      scheduler->ramp--;
      scheduler->schedule_id = g_timeout_add (RAMP_INTERVAL, on_schedule, scheduler);
      return G_SOURCE_REMOVE;
    }
  }
  scheduler->ramp = 0;
  make_room (scheduler);
  update_bandwidth (scheduler);
  return G_SOURCE_REMOVE;
}

/* Starts the downloads that may run: in an idle callback, so that simultaneous events are handled together. */
static void
schedule (SlScheduler *scheduler)
{
  if (scheduler->schedule_id == 0 && scheduler->begun && !scheduler->stopping)
    scheduler->schedule_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_schedule, scheduler, NULL);
}

/* Functions that downloads call. */

static void
on_wants_slot (SlDownload *download, gpointer host_data)
{
  SlScheduler *scheduler = host_data;
  SlEntry *entry = sl_entry_of (download);

  if (entry == NULL || entry->class_queue != NULL || scheduler->stopping)
    return;
  entry->waiting_since = g_get_real_time ();
  sl_host_queues_add_waiting (scheduler->queues, entry, get_key (scheduler, download));
  if (sl_waiting_note_deadline (scheduler->waiting, entry))
    report_replanned (scheduler);
  schedule (scheduler);
}

static void
on_leaves_queue (SlDownload *download, gpointer host_data)
{
  SlScheduler *scheduler = host_data;
  SlEntry *entry = sl_entry_of (download);

  if (entry != NULL)
    sl_host_queues_remove_waiting (scheduler->queues, entry);
}

static void
on_returns_slot (SlDownload *download, gpointer host_data)
{
  SlScheduler *scheduler = host_data;
  SlEntry *entry = sl_entry_of (download);

  count (scheduler, entry);
  sl_host_queues_return_slot (scheduler->queues, entry);
  g_queue_remove (&scheduler->running, entry);
  report_activity (scheduler);
  if (g_queue_is_empty (&scheduler->running)) {
    g_clear_handle_id (&scheduler->tick_id, g_source_remove);
    sl_accounting_flush (scheduler->accounting);
  }
  /* even a transfer shorter than a tick may have used up a volume */
  follow_usage (scheduler);
  update_bandwidth (scheduler);
  schedule (scheduler);
}

static void
on_retry_in (SlDownload *download, gint64 delay, gpointer host_data)
{
  SlScheduler *scheduler = host_data;
  SlEntry *entry = sl_entry_of (download);

  if (delay >= 0)
    sl_retries_set (scheduler->retries, entry, g_get_monotonic_time () + delay);
  else
    sl_retries_remove (scheduler->retries, entry);
}

static gboolean
on_acquire_connection (SlDownload *download, const char *host, gpointer host_data)
{
  SlScheduler *scheduler = host_data;

  return sl_host_queues_acquire_connection (scheduler->queues, host);
}

static void
on_release_connection (SlDownload *download, const char *host, gpointer host_data)
{
  SlScheduler *scheduler = host_data;

  sl_host_queues_release_connection (scheduler->queues, host);
  schedule (scheduler);
}

static SlReasons
on_get_hold (SlDownload *download, gint64 *since, gpointer host_data)
{
  SlScheduler *scheduler = host_data;
  SlEntry *entry = sl_entry_of (download);
  SlPolicyKey key = get_key (scheduler, download);
  guint route = entry != NULL
                    ? sl_host_queues_get_route (scheduler->queues, entry)
                    : sl_host_queues_find_route (scheduler->queues,
                                                 sl_download_get_record (download)->asked.uri);

  if (since != NULL) {
    *since = sl_policy_cache_get_held_since (scheduler->cache, route, key);
    if (*since != 0 && entry != NULL)
      *since = MAX (*since, entry->waiting_since);
  }
  return sl_policy_cache_decide (scheduler->cache, route, key);
}

static gboolean
on_is_offline (gpointer host_data)
{
  SlScheduler *scheduler = host_data;

  return sl_policy_cache_get_context (scheduler->cache)->conditions->connectivity ==
         SL_CONNECTIVITY_NONE;
}

const SlDownloadHost sl_scheduler_host = {
    .wants_slot = on_wants_slot,
    .leaves_queue = on_leaves_queue,
    .returns_slot = on_returns_slot,
    .retry_in = on_retry_in,
    .acquire_connection = on_acquire_connection,
    .release_connection = on_release_connection,
    .get_hold = on_get_hold,
    .is_offline = on_is_offline,
};

static void
on_retry_due (SlEntry *entry, gpointer data)
{
  SlScheduler *scheduler = data;

  if (!scheduler->stopping)
    sl_download_retry (entry->download);
}

SlTokenBucket *
sl_scheduler_get_bucket (SlScheduler *scheduler, SlClass class_)
{
  return sl_bandwidth_get_bucket (scheduler->bandwidth, class_);
}

/* Functions that the service calls when something changed. */

void
sl_scheduler_reorder (SlScheduler *scheduler, SlDownload *download)
{
  SlEntry *entry = sl_entry_of (download);

  update_bandwidth (scheduler);
  if (entry->class_queue != NULL) {
    sl_host_queues_set_key (scheduler->queues, entry, get_key (scheduler, download));
    sl_waiting_note_deadline (scheduler->waiting, entry);
    sl_download_report_reasons (download);
  }
  decide_anew (scheduler);
}

void
sl_scheduler_retry_all (SlScheduler *scheduler)
{
  sl_fetch_break_stale ();
  sl_retries_run_all (scheduler->retries);
}

void
sl_scheduler_set_conditions (SlScheduler *scheduler, const SlConditions *conditions)
{
  sl_policy_cache_set_conditions (scheduler->cache, conditions);
  decide_anew (scheduler);
}

void
sl_scheduler_refresh (SlScheduler *scheduler, GTimeZone *zone)
{
  sl_policy_cache_set_zone (scheduler->cache, zone);
  sl_accounting_set_zone (scheduler->accounting, zone);
  sl_waiting_renew (scheduler->waiting);
  decide_anew (scheduler);
}

void
sl_scheduler_set_route (SlScheduler *scheduler, const char *host, guint route)
{
  if (sl_host_queues_set_route (scheduler->queues, host, route))
    decide_soon (scheduler);
}

void
sl_scheduler_forget_routes (SlScheduler *scheduler)
{
  sl_host_queues_forget_routes (scheduler->queues);
}

void
sl_scheduler_set_suspended (SlScheduler *scheduler,
                            gboolean suspended,
                            SlDone done,
                            gpointer user_data)
{
  sl_store_set_number (scheduler->store, "suspended", suspended, done, user_data);
  sl_policy_cache_set_suspended (scheduler->cache, suspended);
  decide_anew (scheduler);
}

gboolean
sl_scheduler_is_suspended (SlScheduler *scheduler)
{
  return sl_policy_cache_get_context (scheduler->cache)->suspended;
}

/* Functions by which the service asks. */

gint64
sl_scheduler_get_next_change (SlScheduler *scheduler)
{
  gint64 next = MIN (sl_policy_cache_get_next_change (scheduler->cache),
                     sl_accounting_get_end (scheduler->accounting));

  return MIN (next, sl_waiting_get_next_deadline (scheduler->waiting));
}

SlCostState
sl_scheduler_get_cost (SlScheduler *scheduler, const SlLink *link)
{
  return sl_policy_cache_get_cost (scheduler->cache, link);
}

guint64
sl_scheduler_get_used (SlScheduler *scheduler, const SlLink *link)
{
  return sl_accounting_get_used (scheduler->accounting, link);
}

gboolean
sl_scheduler_is_in_window (SlScheduler *scheduler)
{
  return sl_policy_cache_get_context (scheduler->cache)->in_window;
}

gint64
sl_scheduler_get_window_change (SlScheduler *scheduler)
{
  return sl_policy_cache_get_window_change (scheduler->cache);
}

guint
sl_scheduler_get_active (SlScheduler *scheduler)
{
  return sl_host_queues_get_active (scheduler->queues);
}

guint
sl_scheduler_get_queued (SlScheduler *scheduler)
{
  return sl_host_queues_get_waiting (scheduler->queues) +
         sl_retries_get_length (scheduler->retries);
}

guint64
sl_scheduler_get_rate (SlScheduler *scheduler)
{
  guint64 rate = 0;

  for (GList *link = scheduler->running.head; link != NULL; link = link->next)
    rate += sl_download_get_rate (((SlEntry *)link->data)->download);
  return rate;
}

/* Life. */

SlScheduler *
sl_scheduler_new (SlStore *store, const SlSettings *settings, const SlPolicySettings *policy)
{
  SlScheduler *scheduler = g_new0 (SlScheduler, 1);

  scheduler->store = store;
  scheduler->policy = policy;
  scheduler->cache = sl_policy_cache_new (policy);
  sl_policy_cache_set_suspended (scheduler->cache, sl_store_get_number (store, "suspended") != 0);
  scheduler->queues = sl_host_queues_new (settings, scheduler->cache);
  scheduler->waiting = sl_waiting_new (scheduler->queues, policy);
  scheduler->accounting = sl_accounting_new (store, scheduler->cache, policy);
  scheduler->bandwidth = sl_bandwidth_new ();
  scheduler->retries = sl_retries_new (on_retry_due, scheduler);
  return scheduler;
}

void
sl_scheduler_free (SlScheduler *scheduler)
{
  g_clear_handle_id (&scheduler->schedule_id, g_source_remove);
  g_clear_handle_id (&scheduler->tick_id, g_source_remove);
  g_clear_handle_id (&scheduler->decide_id, g_source_remove);
  g_queue_clear (&scheduler->running);
  sl_retries_free (scheduler->retries);
  sl_bandwidth_free (scheduler->bandwidth);
  sl_accounting_free (scheduler->accounting);
  sl_waiting_free (scheduler->waiting);
  sl_host_queues_free (scheduler->queues);
  sl_policy_cache_free (scheduler->cache);
  g_free (scheduler);
}

void
sl_scheduler_set_events (SlScheduler *scheduler,
                         const SlSchedulerEvents *events,
                         gpointer user_data)
{
  scheduler->events = events;
  scheduler->user_data = user_data;
  sl_host_queues_set_route_wanted (scheduler->queues, events != NULL ? events->route_wanted : NULL,
                                   user_data);
}

void
sl_scheduler_let_run (SlScheduler *scheduler)
{
  scheduler->begun = TRUE;
  schedule (scheduler);
}

void
sl_scheduler_stop (SlScheduler *scheduler)
{
  scheduler->stopping = TRUE;
}
