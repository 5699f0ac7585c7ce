/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads of the service. One timer for all retries, one tick for all that run, none when idle. */
#define G_LOG_DOMAIN "sluice-queue"

#include "queue/queue.h"

#include "base/error.h"
#include "content/place.h"
#include "content/publish.h"
#include "http/file-name.h"
#include "queue/queue-private.h"
#include "transfer/fetch.h"
#include "transfer/worker.h"

#include <string.h>

#define TICK_INTERVAL  100  /* ms */
#define SWEEP_INTERVAL 3600 /* s */
/* The first, so that those who come back with the service can ask for what is theirs before (s). */
#define SWEEP_FIRST 600
/* More than this one user may not have: a program that goes wild must not fill the disk. */
#define DOWNLOADS_MAX 1000000
/* Between two starts, when many are released at once (ms). */
#define RAMP_INTERVAL 20

/* Slots. */

/* How fast the classes may be now, after what runs or how fast it is has changed. */
static void
update_pace (SlQueue *queue)
{
  SlPaceSeen seen = {.now = g_get_monotonic_time ()};

  for (GList *link = queue->running.head; link != NULL; link = link->next) {
    SlDownload *download = link->data;
    if (sl_download_get_record (download)->asked.priority == SL_PRIORITY_FOREGROUND) {
      seen.n_foreground++;
      seen.foreground += sl_download_get_rate (download);
    } else {
      seen.background += sl_download_get_rate (download);
    }
  }
  sl_pace_update (queue->pace, &seen);
}

static gboolean
on_tick (gpointer data)
{
  SlQueue *queue = data;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GList) running = g_list_copy (queue->running.head);

  for (GList *link = running; link != NULL; link = link->next) {
    sl_download_tick (link->data, now);
    sl_queue_count (queue, link->data);
  }
  sl_queue_tell_activity (queue);
  sl_queue_follow_usage (queue);
  update_pace (queue);
  return G_SOURCE_CONTINUE;
}

/* The foreground takes what it lacks from the background: one download at a time, which is soon queued again. */
static void
make_room (SlQueue *queue)
{
  SlDownload *victim = NULL;

  if (!sl_lanes_foreground_is_blocked (queue->lanes))
    return;
  for (GList *link = queue->running.head; link != NULL; link = link->next) {
    if (sl_lanes_blocks_foreground (queue->lanes, link->data)) {
      victim = link->data;
      /* one that gives way already is enough for now */
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
  SlQueue *queue = data;
  SlDownload *download;

  queue->schedule_id = 0;
  while (!queue->stopping && (download = sl_lanes_take_next (queue->lanes)) != NULL) {
    g_queue_push_tail (&queue->running, download);
    if (queue->tick_id == 0)
      queue->tick_id = g_timeout_add (TICK_INTERVAL, on_tick, queue);
    sl_download_run (download);
    sl_queue_tell_activity (queue);
    if (queue->ramp > 0) {
      queue->ramp--;
      queue->schedule_id = g_timeout_add (RAMP_INTERVAL, on_schedule, queue);
      return G_SOURCE_REMOVE;
    }
  }
  queue->ramp = 0;
  make_room (queue);
  update_pace (queue);
  return G_SOURCE_REMOVE;
}

/* Later, so that all that happens at once is seen together. */
void
sl_queue_schedule (SlQueue *queue)
{
  if (queue->schedule_id == 0 && queue->begun && !queue->stopping)
    queue->schedule_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_schedule, queue, NULL);
}

static void
on_wants_slot (SlDownload *download, gpointer owner)
{
  SlQueue *queue = owner;
  SlQueueLinks *links = sl_download_get_links (download);

  if (links->admitting || links->bin != NULL || queue->stopping)
    return;
  links->waiting_since = g_get_real_time ();
  sl_lanes_add_waiting (queue->lanes, download, sl_queue_get_demand (queue, download));
  sl_queue_note_patience (queue, download);
  sl_queue_schedule (queue);
}

static void
on_leaves_queue (SlDownload *download, gpointer owner)
{
  sl_lanes_remove_waiting (((SlQueue *)owner)->lanes, download);
}

static void
on_returns_slot (SlDownload *download, gpointer owner)
{
  SlQueue *queue = owner;

  sl_queue_count (queue, download);
  sl_lanes_return_slot (queue->lanes, download);
  g_queue_remove (&queue->running, download);
  sl_queue_tell_activity (queue);
  if (g_queue_is_empty (&queue->running)) {
    g_clear_handle_id (&queue->tick_id, g_source_remove);
    sl_usage_flush (queue->usage);
  }
  /* one that was shorter than a tick may have used up a volume all the same */
  sl_queue_follow_usage (queue);
  update_pace (queue);
  sl_queue_schedule (queue);
}

static gboolean
on_acquire_connection (SlDownload *download, const char *host, gpointer owner)
{
  return sl_lanes_acquire_connection (((SlQueue *)owner)->lanes, download);
}

static SlReasons
on_get_hold (SlDownload *download, gint64 *since, gpointer owner)
{
  SlQueue *queue = owner;
  guint route = sl_lanes_get_route (queue->lanes, download);
  SlDemand demand = sl_queue_get_demand (queue, download);

  if (since != NULL) {
    *since = sl_gate_get_held_since (queue->gate, route, demand);
    if (*since != 0)
      *since = MAX (*since, sl_download_get_links (download)->waiting_since);
  }
  return sl_gate_decide (queue->gate, route, demand);
}

static void
on_release_connection (SlDownload *download, const char *host, gpointer owner)
{
  SlQueue *queue = owner;

  sl_lanes_release_connection (queue->lanes, download);
  sl_queue_schedule (queue);
}

/* Retries. */

static gint
compare_retries (gconstpointer a, gconstpointer b, gpointer user_data)
{
  SlDownload *first = (SlDownload *)a, *second = (SlDownload *)b;
  gint64 x = sl_download_get_links (first)->retry_at, y = sl_download_get_links (second)->retry_at;

  if (x != y)
    return x < y ? -1 : 1;
  return a < b ? -1 : a > b;
}

static void
arm_retry_timer (SlQueue *queue)
{
  GSequenceIter *first = g_sequence_get_begin_iter (queue->retries);

  g_source_set_ready_time (queue->retry_timer,
                           g_sequence_iter_is_end (first)
                               ? -1
                               : sl_download_get_links (g_sequence_get (first))->retry_at);
}

static gboolean
on_retry_time (gpointer data)
{
  SlQueue *queue = data;
  gint64 now = g_get_monotonic_time ();

  g_source_set_ready_time (queue->retry_timer, -1);
  while (!queue->stopping) {
    GSequenceIter *first = g_sequence_get_begin_iter (queue->retries);
    if (g_sequence_iter_is_end (first) ||
        sl_download_get_links (g_sequence_get (first))->retry_at > now)
      break;
    sl_download_retry (g_sequence_get (first));
  }
  arm_retry_timer (queue);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_retry (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs retry_funcs = {.dispatch = dispatch_retry};

static void
on_retry_in (SlDownload *download, gint64 delay, gpointer owner)
{
  SlQueue *queue = owner;
  SlQueueLinks *links = sl_download_get_links (download);

  if (links->retry_at >= 0) {
    GSequenceIter *iter = g_sequence_lookup (queue->retries, download, compare_retries, NULL);
    if (iter != NULL)
      g_sequence_remove (iter);
    links->retry_at = -1;
  }
  if (delay >= 0) {
    links->retry_at = g_get_monotonic_time () + delay;
    g_sequence_insert_sorted (queue->retries, download, compare_retries, NULL);
  }
  arm_retry_timer (queue);
}

void
sl_queue_retry_all (SlQueue *queue)
{
  sl_fetch_break_orphans ();
  while (!g_sequence_is_empty (queue->retries))
    sl_download_retry (g_sequence_get (g_sequence_get_begin_iter (queue->retries)));
}

/* Destinations. */

static void
release_path (SlQueue *queue, SlDownload *download)
{
  const char *path = sl_download_get_record (download)->asked.local_path;

  if (path != NULL && g_hash_table_lookup (queue->by_path, path) == download)
    g_hash_table_remove (queue->by_path, path);
}

gboolean
sl_queue_claim_path (SlQueue *queue, SlDownload *download, const char *path, GError **error)
{
  SlDownload *other = path != NULL ? g_hash_table_lookup (queue->by_path, path) : NULL;
  const SlId *id = &sl_download_get_record (download)->id;
  g_autoptr (SlPlace) place = path != NULL ? sl_place_new (path, id) : NULL;

  if (place != NULL && !sl_store_check_target (queue->store, place->directory, error))
    return FALSE;
  if (other != NULL && other != download) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
                 "Download %s has the LocalPath “%s” already",
                 sl_download_get_record (other)->id.text, path);
    return FALSE;
  }
  release_path (queue, download);
  if (place != NULL && place->target_name != NULL)
    g_hash_table_insert (queue->by_path, g_strdup (path), download);
  return TRUE;
}

static gboolean
is_path_taken (const char *path, gpointer data)
{
  return g_hash_table_contains (((SlQueue *)data)->by_path, path);
}

static char *
on_choose_path (SlDownload *download, const char *file_name, gpointer owner)
{
  SlQueue *queue = owner;
  const SlRecord *record = sl_download_get_record (download);
  g_autofree char *suggested =
      file_name != NULL ? g_strdup (file_name) : sl_file_name_from_uri (record->asked.uri);
  g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);
  g_autofree char *wished = g_build_filename (place->directory, suggested, NULL);
  g_autofree char *name = NULL;
  char *path;

  if (record->asked.overwrite && !is_path_taken (wished, queue))
    name = sl_publish_fit_name (place->directory, suggested);
  else
    name = sl_publish_free_name (place->directory, suggested, is_path_taken, queue);
  path = g_build_filename (place->directory, name, NULL);
  g_hash_table_insert (queue->by_path, g_strdup (path), download);
  return path;
}

/* Changes that only pass through. */

static void
on_changed (SlDownload *download, SlChanges changes, gpointer owner)
{
  SlQueue *queue = owner;

  if (!sl_download_get_links (download)->admitting)
    queue->events->changed (download, changes, queue->owner);
}

static void
on_status (SlDownload *download, int cause, gpointer owner)
{
  SlQueue *queue = owner;

  if (!sl_download_get_links (download)->admitting)
    queue->events->status (download, cause, queue->owner);
}

static void
on_range (SlDownload *download, guint64 offset, guint64 length, gpointer owner)
{
  SlQueue *queue = owner;

  queue->events->range (download, offset, length, queue->owner);
}

static void
on_download_ended (SlDownload *download, gpointer owner)
{
  release_path (owner, download);
}

static const SlDownloadEvents download_events = {
    .changed = on_changed,
    .status = on_status,
    .range = on_range,
    .wants_slot = on_wants_slot,
    .leaves_queue = on_leaves_queue,
    .returns_slot = on_returns_slot,
    .retry_in = on_retry_in,
    .acquire_connection = on_acquire_connection,
    .release_connection = on_release_connection,
    .choose_path = on_choose_path,
    .get_hold = on_get_hold,
    .ended = on_download_ended,
};

/* Coming and going. */

/* (transfer full) @download */
static void
add (SlQueue *queue, SlDownload *download)
{
  gpointer id = (gpointer)sl_download_get_record (download)->id.text;

  sl_download_get_links (download)->counted = sl_download_get_record (download)->fetched;
  g_hash_table_insert (queue->by_id, id, download);
  g_queue_push_tail_link (&queue->all, &sl_download_get_links (download)->all);
}

static void
forget (SlQueue *queue, SlDownload *download)
{
  release_path (queue, download);
  sl_queue_forget_walk (queue, download);
  g_queue_unlink (&queue->all, &sl_download_get_links (download)->all);
  g_hash_table_remove (queue->by_id, sl_download_get_record (download)->id.text);
}

static gboolean
is_ended (const SlRecord *record)
{
  return record->state == SL_STATE_FINALIZED || record->state == SL_STATE_ABORTED;
}

static gboolean
is_abandoned (const SlRecord *record, gint64 age)
{
  return !is_ended (record) && !record->unreadable && record->state != SL_STATE_TRANSFERRING &&
         age - record->touched > SL_DOWNLOAD_KEEP_IDLE;
}

/* Forgets what ended long ago, and gives up what nobody has asked for. */
static gboolean
on_sweep (gpointer data)
{
  SlQueue *queue = data;
  gint64 age = sl_age_now (queue->age);
  GList *next;

  sl_age_save (queue->age);

  for (GList *link = queue->all.head; link != NULL; link = next) {
    SlDownload *download = link->data;
    const SlRecord *record = sl_download_get_record (download);
    next = link->next;
    if (is_abandoned (record, age)) {
      g_message ("%s: given up, nobody has asked for it for 90 days", record->id.text);
      sl_download_abort (download, NULL, NULL);
    } else if (is_ended (record) && age - record->touched > SL_DOWNLOAD_KEEP_ENDED) {
      g_autoptr (SlDownload) kept = sl_download_ref (download);
      sl_store_remove (queue->store, record);
      forget (queue, download);
      queue->events->removed (kept, queue->owner);
    }
  }
  queue->sweep_id = g_timeout_add_seconds (SWEEP_INTERVAL, on_sweep, queue);
  return G_SOURCE_REMOVE;
}

static void
on_loaded (SlRecord *record, gpointer data)
{
  SlQueue *queue = data;
  SlDownload *download;

  download = sl_download_new (record, &queue->around);
  add (queue, download);
  if (!is_ended (record) && record->asked.local_path != NULL &&
      !sl_place_is_open (record->asked.local_path))
    g_hash_table_insert (queue->by_path, g_strdup (record->asked.local_path), download);
}

SlQueue *
sl_queue_new (const char *state_directory,
              const SlSettings *settings,
              const SlPolicySettings *policy,
              const SlQueueEvents *events,
              gpointer owner,
              GError **error)
{
  g_autoptr (SlQueue) queue = g_new0 (SlQueue, 1);

  queue->events = events;
  queue->owner = owner;
  queue->by_id =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)sl_download_unref);
  queue->by_path = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  queue->zone = g_time_zone_new_local ();
  queue->gate = sl_gate_new (policy);
  queue->lanes = sl_lanes_new (settings, queue->gate);
  queue->next_patience = G_MAXINT64;
  queue->pace = sl_pace_new ();
  queue->retries = g_sequence_new (NULL);
  queue->retry_timer = g_source_new (&retry_funcs, sizeof (GSource));
  g_source_set_callback (queue->retry_timer, on_retry_time, queue, NULL);
  g_source_attach (queue->retry_timer, NULL);
  queue->around = (SlSurroundings){
      .settings = settings,
      .policy = policy,
      .kind = &sl_fetch_kind,
      .events = &download_events,
      .owner = queue,
      .classes = {sl_pace_get_pacer (queue->pace, FALSE), sl_pace_get_pacer (queue->pace, TRUE)},
  };
  queue->store = sl_store_open (state_directory, on_loaded, queue, error);
  if (queue->store == NULL)
    return NULL;
  queue->next_seq = sl_store_get_last_seq (queue->store) + 1;
  queue->around.store = queue->store;
  queue->age = queue->around.age = sl_age_new (queue->store);
  queue->usage = sl_usage_new (queue->store);
  sl_usage_set_time (queue->usage, g_get_real_time (), queue->zone, policy->cap_day);
  sl_gate_set_suspended (queue->gate, sl_store_get_number (queue->store, "suspended") != 0);
  return g_steal_pointer (&queue);
}

void
sl_queue_free (SlQueue *queue)
{
  g_clear_handle_id (&queue->schedule_id, g_source_remove);
  g_clear_handle_id (&queue->tick_id, g_source_remove);
  g_clear_handle_id (&queue->sweep_id, g_source_remove);
  g_clear_handle_id (&queue->walk_id, g_source_remove);
  g_clear_handle_id (&queue->decide_id, g_source_remove);
  g_source_destroy (queue->retry_timer);
  g_source_unref (queue->retry_timer);
  g_sequence_free (queue->retries);
  g_clear_pointer (&queue->usage, sl_usage_free);
  g_clear_pointer (&queue->age, sl_age_free);
  g_clear_pointer (&queue->store, sl_store_close);
  g_queue_clear (&queue->running);
  g_hash_table_unref (queue->by_path);
  g_hash_table_unref (queue->by_id);
  sl_lanes_free (queue->lanes);
  sl_pace_free (queue->pace);
  sl_gate_free (queue->gate);
  g_time_zone_unref (queue->zone);
  g_free (queue);
}

void
sl_queue_let_run (SlQueue *queue)
{
  queue->begun = TRUE;
  sl_queue_schedule (queue);
}

void
sl_queue_begin (SlQueue *queue)
{
  GList *next;

  for (GList *link = queue->all.head; link != NULL; link = next) {
    SlDownload *download = link->data;
    const SlRecord *record = sl_download_get_record (download);
    next = link->next;
    if (record->asked.persistent) {
      sl_download_resume (download);
      continue;
    }
    if (record->asked.local_path != NULL && !is_ended (record)) {
      g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);
      sl_place_discard (place);
    }
    sl_store_remove (queue->store, record);
    forget (queue, download);
  }
  sl_lanes_set_route_wanted (queue->lanes, queue->events->route_wanted, queue->owner);
  queue->sweep_id = g_timeout_add_seconds (SWEEP_FIRST, on_sweep, queue);
}

static gboolean
tell_stopped (gpointer data)
{
  SlQueue *queue = data;

  queue->stopped (queue->stopped_data);
  return G_SOURCE_REMOVE;
}

static void
on_suspended (const GError *error, gpointer data)
{
  SlQueue *queue = data;

  if (--queue->n_stopping == 0)
    g_idle_add (tell_stopped, queue);
}

void
sl_queue_stop (SlQueue *queue, void (*stopped) (gpointer user_data), gpointer user_data)
{
  queue->stopping = TRUE;
  queue->stopped = stopped;
  queue->stopped_data = user_data;
  queue->n_stopping = 1;
  for (GList *link = queue->all.head; link != NULL; link = link->next) {
    queue->n_stopping++;
    sl_download_suspend (link->data, on_suspended, queue);
  }
  on_suspended (NULL, queue);
}

/* Records on their way into the database. */
typedef struct {
  SlQueue *queue;
  GPtrArray *downloads; /* (owned) (element-type SlDownload) */
  SlAdmitted admitted;
  gpointer user_data;
  guint n_saved; /* so many of the first are on their way into the database */
  guint waiting; /* commits */
  GError *error; /* (owned) (nullable) */
} Admission;

/* (transfer full) @error: none of them is admitted, nor stays in the database, and their destinations are free again. */
static void
refuse_all (Admission *admission, GError *error)
{
  SlQueue *queue = admission->queue;

  admission->error = error;
  for (guint i = 0; i < admission->downloads->len; i++) {
    SlDownload *download = admission->downloads->pdata[i];
    if (i < admission->n_saved)
      sl_store_remove (queue->store, sl_download_get_record (download));
    release_path (queue, download);
  }
}

static void
finish_admission (Admission *admission)
{
  SlQueue *queue = admission->queue;
  GPtrArray *downloads = admission->downloads;

  for (guint i = 0; admission->error == NULL && i < downloads->len; i++) {
    SlDownload *download = downloads->pdata[i];
    sl_download_get_links (download)->admitting = FALSE;
    add (queue, sl_download_ref (download));
    queue->events->added (download, queue->owner);
    sl_download_resume (download);
  }
  queue->n_admitting -= downloads->len;
  admission->admitted (downloads, admission->error, admission->user_data);
  g_ptr_array_unref (downloads);
  g_clear_error (&admission->error);
  g_free (admission);
}

static void
on_admission_saved (const GError *error, gpointer data)
{
  Admission *admission = data;

  if (error != NULL && admission->error == NULL)
    refuse_all (admission, g_error_copy (error));
  if (--admission->waiting == 0)
    finish_admission (admission);
}

static gboolean
check_room (SlQueue *queue, guint n, GError **error)
{
  guint there = queue->all.length + queue->n_admitting;

  if (there + n <= DOWNLOADS_MAX)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED,
               "There are %u downloads; the limit is %d. Abort what is not needed any more", there,
               DOWNLOADS_MAX);
  return FALSE;
}

/* (transfer full) @record. Saves it, started if that's wanted. FALSE when all have been refused because of it. */
static gboolean
admit_one (Admission *admission, SlRecord *record)
{
  SlQueue *queue = admission->queue;
  SlDownload *download;
  GError *error = NULL;

  sl_id_init_random (&record->id);
  record->seq = queue->next_seq++;
  record->created = record->modified = g_get_real_time ();
  record->progress_at = g_get_monotonic_time ();
  record->touched = sl_age_now (queue->age);
  download = sl_download_new (record, &queue->around);
  sl_download_get_links (download)->admitting = TRUE;
  g_ptr_array_add (admission->downloads, download);
  if (!sl_queue_claim_path (queue, download, record->asked.local_path, &error)) {
    refuse_all (admission, error);
    return FALSE;
  }
  admission->waiting++;
  if (record->asked.auto_start)
    sl_download_start (download, NULL, on_admission_saved, admission);
  else
    sl_store_save (queue->store, record, on_admission_saved, admission);
  if (admission->error != NULL)
    return FALSE;
  admission->n_saved++;
  return TRUE;
}

void
sl_queue_admit (SlQueue *queue, GPtrArray *records, SlAdmitted admitted, gpointer user_data)
{
  Admission *admission = g_new0 (Admission, 1);

  admission->queue = queue;
  admission->downloads = g_ptr_array_new_with_free_func ((GDestroyNotify)sl_download_unref);
  admission->admitted = admitted;
  admission->user_data = user_data;
  admission->waiting = 1;
  check_room (queue, records->len, &admission->error);
  sl_store_hold (queue->store);
  for (guint i = 0; admission->error == NULL && i < records->len; i++) {
    if (!admit_one (admission, g_steal_pointer (&records->pdata[i])) && records->len > 1)
      g_prefix_error (&admission->error, "Download %u of the list: ", i);
  }
  sl_store_release (queue->store);
  queue->n_admitting += admission->downloads->len;
  on_admission_saved (NULL, admission);
}

SlDownload *
sl_queue_find (SlQueue *queue, const SlId *id)
{
  return g_hash_table_lookup (queue->by_id, id->text);
}

GList *
sl_queue_get_all (SlQueue *queue)
{
  return queue->all.head;
}

void
sl_queue_reorder (SlQueue *queue, SlDownload *download)
{
  update_pace (queue);
  if (sl_download_get_links (download)->bin != NULL) {
    sl_lanes_set_demand (queue->lanes, download, sl_queue_get_demand (queue, download));
    sl_queue_note_patience (queue, download);
    sl_download_tell_reasons (download);
  }
  sl_queue_decide_anew (queue);
}

guint
sl_queue_get_active (SlQueue *queue)
{
  return sl_lanes_get_active (queue->lanes);
}

guint
sl_queue_get_queued (SlQueue *queue)
{
  return sl_lanes_get_waiting (queue->lanes) + (guint)g_sequence_get_length (queue->retries);
}

guint64
sl_queue_get_rate (SlQueue *queue)
{
  guint64 rate = 0;

  for (GList *link = queue->running.head; link != NULL; link = link->next)
    rate += sl_download_get_rate (link->data);
  return rate;
}
