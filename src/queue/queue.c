/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads of the service, from loading to forgetting. */
#define G_LOG_DOMAIN "sluice-queue"

#include "queue/queue.h"

#include "content/place.h"
#include "transfer/fetch.h"

#define SWEEP_INTERVAL 3600 /* s */
/*
 * The first sweep comes after this time (s), so that programs that return with the service can ask for their
 * downloads before.
 */
#define SWEEP_FIRST 600
/* How many downloads one owner may have: a program out of control must not fill the disk. */
#define DOWNLOADS_MAX 1000000

struct _SlQueue {
  const SlQueueEvents *events;
  gpointer user_data;

  SlStore *store;               /* (owned) */
  SlAge *age;                   /* (owned) */
  SlRegistry *registry;         /* (owned) */
  SlDestinations *destinations; /* (owned) */
  SlScheduler *scheduler;       /* (owned) */
  SlDownloadContext context;
  SlAdmission admission;

  guint sweep_id;
  guint n_stopping;
  void (*stopped) (gpointer user_data);
  gpointer stopped_data;
};

static gboolean
is_ended (const SlRecord *record)
{
  return record->state == SL_STATE_FINALIZED || record->state == SL_STATE_ABORTED;
}

static void
forget (SlQueue *queue, SlEntry *entry)
{
  sl_destinations_release (queue->destinations, entry->download);
  sl_store_remove (queue->store, sl_download_get_record (entry->download));
  sl_registry_remove (queue->registry, entry);
}

/* Age. */

static gboolean
is_abandoned (const SlRecord *record, gint64 age)
{
  return !is_ended (record) && !record->unreadable && record->state != SL_STATE_TRANSFERRING &&
         age - record->touched > SL_DOWNLOAD_KEEP_IDLE;
}

/* Forgets downloads that ended long ago, and aborts those that nobody has asked for. */
static gboolean
on_sweep (gpointer data)
{
  SlQueue *queue = data;
  gint64 age = sl_age_now (queue->age);
  SlEntry *next;

  sl_age_save (queue->age);
  for (SlEntry *entry = sl_registry_get_next (queue->registry, NULL); entry != NULL; entry = next) {
    SlDownload *download = entry->download;
    const SlRecord *record = sl_download_get_record (download);
    next = sl_registry_get_next (queue->registry, entry);
    if (is_abandoned (record, age)) {
      g_message ("%s: given up, nobody has asked for it for 90 days", record->id.text);
      sl_download_abort (download, NULL, NULL);
    } else if (is_ended (record) && age - record->touched > SL_DOWNLOAD_KEEP_ENDED) {
      g_autoptr (SlDownload) kept = sl_download_ref (download);
      forget (queue, entry);
      queue->events->removed (kept, queue->user_data);
    }
  }
  queue->sweep_id = g_timeout_add_seconds (SWEEP_INTERVAL, on_sweep, queue);
  return G_SOURCE_REMOVE;
}

/* Life. */

static void
on_loaded (SlRecord *record, gpointer data)
{
  SlQueue *queue = data;
  SlDownload *download = sl_download_new (record, &queue->context);

  sl_registry_add (queue->registry, download);
  if (!is_ended (record))
    sl_destinations_take (queue->destinations, download);
}

static void
on_added (SlDownload *download, gpointer data)
{
  SlQueue *queue = data;

  queue->events->added (download, queue->user_data);
}

/* Call it once all parts of the queue exist. */
static void
fill_context (SlQueue *queue)
{
  SlDownloadContext *context = &queue->context;

  context->store = queue->store;
  context->age = queue->age;
  context->host = &sl_scheduler_host;
  context->host_data = queue->scheduler;
  context->paths = &sl_destinations_paths;
  context->paths_data = queue->destinations;
  for (SlClass class_ = 0; class_ < SL_N_CLASSES; class_++)
    context->classes[class_] = sl_scheduler_get_bucket (queue->scheduler, class_);
}

SlQueue *
sl_queue_new (const char *state_directory,
              const SlSettings *settings,
              const SlPolicySettings *policy,
              const SlQueueEvents *events,
              gpointer user_data,
              GError **error)
{
  g_autoptr (SlQueue) queue = g_new0 (SlQueue, 1);

  queue->events = events;
  queue->user_data = user_data;
  queue->registry = sl_registry_new (DOWNLOADS_MAX);
  queue->destinations = sl_destinations_new ();
  queue->context =
      (SlDownloadContext){.settings = settings, .policy = policy, .kind = &sl_fetch_kind};
  queue->admission = (SlAdmission){
      .context = &queue->context,
      .registry = queue->registry,
      .destinations = queue->destinations,
      .added = on_added,
      .user_data = queue,
  };
  queue->store = sl_store_open (state_directory, on_loaded, queue, error);
  if (queue->store == NULL)
    return NULL;
  queue->admission.next_seq = sl_store_get_last_seq (queue->store) + 1;
  queue->age = sl_age_new (queue->store);
  queue->scheduler = sl_scheduler_new (queue->store, settings, policy);
  fill_context (queue);
  return g_steal_pointer (&queue);
}

void
sl_queue_free (SlQueue *queue)
{
  g_clear_handle_id (&queue->sweep_id, g_source_remove);
  g_clear_pointer (&queue->scheduler, sl_scheduler_free);
  g_clear_pointer (&queue->age, sl_age_free);
  g_clear_pointer (&queue->store, sl_store_close);
  sl_destinations_free (queue->destinations);
  sl_registry_free (queue->registry);
  g_free (queue);
}

void
sl_queue_set_observer (SlQueue *queue, const SlDownloadObserver *observer, gpointer user_data)
{
  queue->context.observer = observer;
  queue->context.observer_data = user_data;
}

/* Drops a download that is not persistent. */
static void
drop (SlQueue *queue, SlEntry *entry)
{
  const SlRecord *record = sl_download_get_record (entry->download);

  if (record->asked.local_path != NULL && !is_ended (record)) {
    g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);
    sl_place_discard (place);
  }
  forget (queue, entry);
}

void
sl_queue_begin (SlQueue *queue)
{
  SlEntry *next;

  for (SlEntry *entry = sl_registry_get_next (queue->registry, NULL); entry != NULL; entry = next) {
    next = sl_registry_get_next (queue->registry, entry);
    if (sl_download_get_record (entry->download)->asked.persistent)
      sl_download_resume (entry->download);
    else
      drop (queue, entry);
  }
  queue->sweep_id = g_timeout_add_seconds (SWEEP_FIRST, on_sweep, queue);
}

static gboolean
report_stopped (gpointer data)
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
    g_idle_add (report_stopped, queue);
}

void
sl_queue_stop (SlQueue *queue, void (*stopped) (gpointer user_data), gpointer user_data)
{
  SlEntry *entry = NULL;

  sl_scheduler_stop (queue->scheduler);
  queue->stopped = stopped;
  queue->stopped_data = user_data;
  queue->n_stopping = 1;
  while ((entry = sl_registry_get_next (queue->registry, entry)) != NULL) {
    queue->n_stopping++;
    sl_download_suspend (entry->download, on_suspended, queue);
  }
  on_suspended (NULL, queue);
}

void
sl_queue_admit (SlQueue *queue, GPtrArray *records, SlAdmitted admitted, gpointer user_data)
{
  sl_admission_admit (&queue->admission, records, admitted, user_data);
}

gboolean
sl_queue_claim_path (SlQueue *queue, SlDownload *download, const char *path, GError **error)
{
  if (!sl_admission_check_path (&queue->admission, download, path, error))
    return FALSE;
  sl_destinations_release (queue->destinations, download);
  return TRUE;
}

void
sl_queue_take_path (SlQueue *queue, SlDownload *download)
{
  sl_destinations_take (queue->destinations, download);
}

SlDownload *
sl_queue_find (SlQueue *queue, const SlId *id)
{
  SlEntry *entry = sl_registry_find (queue->registry, id);

  return entry != NULL ? entry->download : NULL;
}

SlDownload *
sl_queue_get_next (SlQueue *queue, SlDownload *download)
{
  SlEntry *entry =
      sl_registry_get_next (queue->registry, download != NULL ? sl_entry_of (download) : NULL);

  return entry != NULL ? entry->download : NULL;
}

SlScheduler *
sl_queue_get_scheduler (SlQueue *queue)
{
  return queue->scheduler;
}
