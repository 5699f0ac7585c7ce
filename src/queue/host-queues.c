/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chooses who runs next: a queue for each host, in it one for each policy key. */
#include "queue/host-queues.h"

#include "base/address.h"

/* 1/n of the connections is kept for others, see has_free_connection (). */
enum { NO_RESERVE = G_MAXINT, FOR_FOREGROUND = 8, FOR_FIRST = 4 };

/*
 * The waiting downloads of one host and one owner with the same policy key. Those that may run take turns, so that no owner
 * waits for all that another has at that host.
 */
struct _SlClassQueue {
  SlHostQueue *host_queue;
  SlClassQueue *next; /* the next of the same host */
  guint32 owner;
  SlPolicyKey key;
  SlPriority priority;
  gboolean held;  /* as the policy cache decided */
  GQueue waiting; /* an empty queue is removed */
  GList ready;    /* link in queues->ready; in it while not held */
};

struct _SlHostQueue {
  char *host;            /* (owned) */
  SlClassQueue *classes; /* (owned) (nullable) */
  guint route;
  gboolean route_asked;
  guint connections;
  guint slots;
};

struct _SlHostQueues {
  const SlSettings *settings;
  SlPolicyCache *cache;
  GHashTable *by_host;           /* (owned) host → SlHostQueue (owned) */
  GHashTable *routes;            /* (owned) host (owned) → interface, where known */
  GQueue ready[SL_N_PRIORITIES]; /* class queues that are not held, the next first */
  guint connections;
  GQueue waiting;             /* all that wait, in order; the links are in the entries */
  GList *walk;                /* (nullable) where the walk continues in waiting */
  guint held;                 /* how many class queues are held */
  guint active[SL_N_CLASSES]; /* slots taken */
  SlRouteWanted route_wanted;
  gpointer route_data;
};

static void
host_queue_free (gpointer data)
{
  SlHostQueue *host_queue = data;

  while (host_queue->classes != NULL) {
    SlClassQueue *class_queue = host_queue->classes;
    host_queue->classes = class_queue->next;
    g_free (class_queue);
  }
  g_free (host_queue->host);
  g_free (host_queue);
}

SlHostQueues *
sl_host_queues_new (const SlSettings *settings, SlPolicyCache *cache)
{
  SlHostQueues *queues = g_new0 (SlHostQueues, 1);

  queues->settings = settings;
  queues->cache = cache;
  queues->by_host = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, host_queue_free);
  queues->routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return queues;
}

void
sl_host_queues_free (SlHostQueues *queues)
{
  g_hash_table_unref (queues->by_host);
  g_hash_table_unref (queues->routes);
  g_free (queues);
}

/* Routes. */

static void
ask_for_route (SlHostQueues *queues, SlHostQueue *host_queue)
{
  if (host_queue->route_asked || queues->route_wanted == NULL)
    return;
  host_queue->route_asked = TRUE;
  queues->route_wanted (host_queue->host, queues->route_data);
}

static void
hold_or_release (SlHostQueues *queues, SlClassQueue *class_queue)
{
  gboolean held = sl_policy_cache_decide (queues->cache, class_queue->host_queue->route,
                                          class_queue->key) != SL_REASON_NONE;

  if (held == class_queue->held)
    return;
  class_queue->held = held;
  if (held) {
    queues->held++;
    g_queue_unlink (&queues->ready[class_queue->priority], &class_queue->ready);
  } else {
    queues->held--;
    g_queue_push_tail_link (&queues->ready[class_queue->priority], &class_queue->ready);
  }
}

static void
update_host (SlHostQueues *queues, SlHostQueue *host_queue)
{
  for (SlClassQueue *class_queue = host_queue->classes; class_queue != NULL;
       class_queue = class_queue->next)
    hold_or_release (queues, class_queue);
}

void
sl_host_queues_set_route_wanted (SlHostQueues *queues, SlRouteWanted wanted, gpointer user_data)
{
  GHashTableIter iter;
  gpointer host_queue;

  queues->route_wanted = wanted;
  queues->route_data = user_data;
  g_hash_table_iter_init (&iter, queues->by_host);
  while (g_hash_table_iter_next (&iter, NULL, &host_queue))
    ask_for_route (queues, host_queue);
}

gboolean
sl_host_queues_set_route (SlHostQueues *queues, const char *host, guint route)
{
  SlHostQueue *host_queue = g_hash_table_lookup (queues->by_host, host);

  g_hash_table_insert (queues->routes, g_strdup (host), GUINT_TO_POINTER (route));
  if (host_queue == NULL || host_queue->route == route)
    return FALSE;
  host_queue->route = route;
  update_host (queues, host_queue);
  return TRUE;
}

void
sl_host_queues_forget_routes (SlHostQueues *queues)
{
  GHashTableIter iter;
  gpointer host_queue;

  g_hash_table_remove_all (queues->routes);
  g_hash_table_iter_init (&iter, queues->by_host);
  while (g_hash_table_iter_next (&iter, NULL, &host_queue)) {
    ((SlHostQueue *)host_queue)->route_asked = FALSE;
    ask_for_route (queues, host_queue);
  }
}

guint
sl_host_queues_get_route (SlHostQueues *queues, const SlEntry *entry)
{
  const SlHostQueue *host_queue = entry->host_queue;

  return host_queue != NULL
             ? host_queue->route
             : sl_host_queues_find_route (queues,
                                          sl_download_get_record (entry->download)->asked.uri);
}

guint
sl_host_queues_find_route (SlHostQueues *queues, const char *uri)
{
  g_autofree char *host = sl_address_dup_server (uri);

  return GPOINTER_TO_UINT (g_hash_table_lookup (queues->routes, host));
}

/* Waiting. */

/* (transfer none): made if there is none */
static SlHostQueue *
find_host (SlHostQueues *queues, const char *host)
{
  SlHostQueue *host_queue = g_hash_table_lookup (queues->by_host, host);
  gpointer route = NULL;

  if (host_queue == NULL) {
    host_queue = g_new0 (SlHostQueue, 1);
    host_queue->host = g_strdup (host);
    host_queue->route_asked =
        g_hash_table_lookup_extended (queues->routes, host_queue->host, NULL, &route);
    host_queue->route = GPOINTER_TO_UINT (route);
    g_hash_table_insert (queues->by_host, host_queue->host, host_queue);
    ask_for_route (queues, host_queue);
  }
  return host_queue;
}

static SlClassQueue *
find_class (SlHostQueues *queues, SlHostQueue *host_queue, guint32 owner, SlPolicyKey key)
{
  SlClassQueue *class_queue;

  for (class_queue = host_queue->classes; class_queue != NULL; class_queue = class_queue->next) {
    if (class_queue->key == key && class_queue->owner == owner)
      return class_queue;
  }
  class_queue = g_new0 (SlClassQueue, 1);
  class_queue->host_queue = host_queue;
  class_queue->owner = owner;
  class_queue->key = key;
  class_queue->priority = sl_policy_key_unpack (key).priority;
  class_queue->ready.data = class_queue;
  class_queue->next = host_queue->classes;
  host_queue->classes = class_queue;
  /* starts as held, so that only hold_or_release () puts it into the ready list */
  class_queue->held = TRUE;
  queues->held++;
  hold_or_release (queues, class_queue);
  return class_queue;
}

static void
drop_class (SlHostQueues *queues, SlClassQueue *class_queue)
{
  SlClassQueue **place = &class_queue->host_queue->classes;

  while (*place != class_queue)
    place = &(*place)->next;
  *place = class_queue->next;
  if (class_queue->held)
    queues->held--;
  else
    g_queue_unlink (&queues->ready[class_queue->priority], &class_queue->ready);
  g_free (class_queue);
}

static void
drop_if_unused (SlHostQueues *queues, SlHostQueue *host_queue)
{
  if (host_queue->classes == NULL && host_queue->connections == 0 && host_queue->slots == 0)
    g_hash_table_remove (queues->by_host, host_queue->host);
}

void
sl_host_queues_add_waiting (SlHostQueues *queues, SlEntry *entry, SlPolicyKey key)
{
  g_autofree char *host =
      sl_address_dup_server (sl_download_get_record (entry->download)->asked.uri);
  SlHostQueue *host_queue = find_host (queues, host);
  SlClassQueue *class_queue = find_class (queues, host_queue, entry->owner, key);

  g_return_if_fail (entry->class_queue == NULL);
  entry->host_queue = host_queue;
  entry->class_queue = class_queue;
  g_queue_push_tail_link (&class_queue->waiting, &entry->in_class);
  g_queue_push_tail_link (&queues->waiting, &entry->waiting);
}

void
sl_host_queues_remove_waiting (SlHostQueues *queues, SlEntry *entry)
{
  SlHostQueue *host_queue = entry->host_queue;
  SlClassQueue *class_queue = entry->class_queue;

  if (class_queue == NULL)
    return;
  g_queue_unlink (&class_queue->waiting, &entry->in_class);
  if (g_queue_is_empty (&class_queue->waiting))
    drop_class (queues, class_queue);
  entry->class_queue = NULL;
  if (queues->walk == &entry->waiting)
    queues->walk = entry->waiting.next;
  g_queue_unlink (&queues->waiting, &entry->waiting);
  if (!entry->has_slot)
    entry->host_queue = NULL;
  drop_if_unused (queues, host_queue);
}

void
sl_host_queues_set_key (SlHostQueues *queues, SlEntry *entry, SlPolicyKey key)
{
  SlClassQueue *old = entry->class_queue;
  SlClassQueue *class_queue;

  if (old->key == key)
    return;
  class_queue = find_class (queues, old->host_queue, entry->owner, key);
  g_queue_unlink (&old->waiting, &entry->in_class);
  g_queue_push_tail_link (&class_queue->waiting, &entry->in_class);
  entry->class_queue = class_queue;
  if (g_queue_is_empty (&old->waiting))
    drop_class (queues, old);
}

SlEntry *
sl_host_queues_get_next_waiting (const SlHostQueues *queues, const SlEntry *entry)
{
  const GList *link = entry != NULL ? entry->waiting.next : queues->waiting.head;

  return link != NULL ? link->data : NULL;
}

void
sl_host_queues_begin_walk (SlHostQueues *queues)
{
  queues->walk = queues->waiting.head;
}

SlEntry *
sl_host_queues_walk (SlHostQueues *queues)
{
  const GList *link = queues->walk;

  if (link == NULL)
    return NULL;
  queues->walk = link->next;
  return link->data;
}

void
sl_host_queues_update (SlHostQueues *queues)
{
  GHashTableIter iter;
  gpointer host_queue;

  g_hash_table_iter_init (&iter, queues->by_host);
  while (g_hash_table_iter_next (&iter, NULL, &host_queue))
    update_host (queues, host_queue);
}

/* Running. */

/*
 * Whether a connection is free beside the 1/@reserve that are kept: an eighth for the foreground, a quarter for the
 * first connections of downloads that wait.
 */
static gboolean
has_free_connection (const SlHostQueues *queues, const SlHostQueue *host_queue, guint reserve)
{
  guint all = queues->settings->max_connections, host = queues->settings->max_connections_per_host;

  return queues->connections < all - all / reserve &&
         host_queue->connections < host - host / reserve;
}

/* The first ready queue of @priority that may have a connection. */
static SlClassQueue *
find_ready (const SlHostQueues *queues, SlPriority priority)
{
  guint reserve = sl_class_of (priority) == SL_CLASS_FOREGROUND ? NO_RESERVE : FOR_FOREGROUND;

  for (const GList *link = queues->ready[priority].head; link != NULL; link = link->next) {
    SlClassQueue *class_queue = link->data;
    if (has_free_connection (queues, class_queue->host_queue, reserve))
      return class_queue;
  }
  return NULL;
}

/* Call it when @class_queue has had its turn. */
static void
move_to_end (SlHostQueues *queues, SlClassQueue *class_queue)
{
  g_queue_unlink (&queues->ready[class_queue->priority], &class_queue->ready);
  g_queue_push_tail_link (&queues->ready[class_queue->priority], &class_queue->ready);
}

SlEntry *
sl_host_queues_take_next (SlHostQueues *queues)
{
  for (SlPriority priority = 0; priority < SL_N_PRIORITIES; priority++) {
    SlClass class_ = sl_class_of (priority);
    SlEntry *entry;
    SlClassQueue *class_queue;
    SlHostQueue *host_queue;

    /* the foreground has slots of its own, so the background never blocks it */
    if (queues->active[class_] >= queues->settings->max_active)
      continue;
    class_queue = find_ready (queues, priority);
    if (class_queue == NULL)
      continue;
    move_to_end (queues, class_queue);
    host_queue = class_queue->host_queue;
    entry = class_queue->waiting.head->data;
    host_queue->connections++;
    host_queue->slots++;
    queues->connections++;
    queues->active[class_]++;
    sl_host_queues_remove_waiting (queues, entry);
    entry->has_slot = TRUE;
    entry->slot_class = class_;
    entry->host_queue = host_queue;
    return entry;
  }
  return NULL;
}

gboolean
sl_host_queues_foreground_is_blocked (const SlHostQueues *queues)
{
  return queues->ready[SL_PRIORITY_FOREGROUND].head != NULL &&
         queues->active[SL_CLASS_FOREGROUND] < queues->settings->max_active &&
         find_ready (queues, SL_PRIORITY_FOREGROUND) == NULL;
}

gboolean
sl_host_queues_blocks_foreground (SlHostQueues *queues, SlEntry *entry)
{
  if (entry->slot_class == SL_CLASS_FOREGROUND)
    return FALSE;
  for (GList *link = queues->ready[SL_PRIORITY_FOREGROUND].head; link != NULL; link = link->next) {
    const SlHostQueue *host_queue = ((SlClassQueue *)link->data)->host_queue;
    if (host_queue == entry->host_queue ||
        host_queue->connections < queues->settings->max_connections_per_host)
      return TRUE;
  }
  return FALSE;
}

static void
release_connection (SlHostQueues *queues, SlHostQueue *host_queue)
{
  host_queue->connections--;
  queues->connections--;
  drop_if_unused (queues, host_queue);
}

void
sl_host_queues_return_slot (SlHostQueues *queues, SlEntry *entry)
{
  SlHostQueue *host_queue = entry->host_queue;

  g_return_if_fail (entry->has_slot);
  entry->has_slot = FALSE;
  queues->active[entry->slot_class]--;
  host_queue->slots--;
  entry->host_queue = NULL;
  release_connection (queues, host_queue);
}

/* Whether a download of this host could begin. It comes before a further connection of another download. */
static gboolean
could_begin (const SlHostQueues *queues, const SlHostQueue *host_queue)
{
  for (const SlClassQueue *class_queue = host_queue->classes; class_queue != NULL;
       class_queue = class_queue->next) {
    if (!class_queue->held &&
        queues->active[sl_class_of (class_queue->priority)] < queues->settings->max_active)
      return TRUE;
  }
  return FALSE;
}

gboolean
sl_host_queues_acquire_connection (SlHostQueues *queues, const char *host)
{
  SlHostQueue *host_queue = find_host (queues, host);

  if (!has_free_connection (queues, host_queue, FOR_FIRST) || could_begin (queues, host_queue)) {
    drop_if_unused (queues, host_queue);
    return FALSE;
  }
  host_queue->connections++;
  queues->connections++;
  return TRUE;
}

void
sl_host_queues_release_connection (SlHostQueues *queues, const char *host)
{
  release_connection (queues, find_host (queues, host));
}

guint
sl_host_queues_get_active (const SlHostQueues *queues)
{
  return queues->active[SL_CLASS_BACKGROUND] + queues->active[SL_CLASS_FOREGROUND];
}

guint
sl_host_queues_get_waiting (const SlHostQueues *queues)
{
  return queues->waiting.length;
}

gboolean
sl_host_queues_has_held (const SlHostQueues *queues)
{
  return queues->held > 0;
}
