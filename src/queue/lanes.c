/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is next: a lane a host, in each a bin for every policy key. */
#include "queue/lanes.h"

#include <string.h>

/* Which share of the connections is left to others: 1/n, see has_free_connection () */
enum { NO_RESERVE = G_MAXINT, FOR_FOREGROUND = 8, FOR_FIRST = 4 };

typedef struct _Lane Lane;
typedef struct _Bin Bin;

/* Those at one host with the same policy key. */
struct _Bin {
  Lane *lane;
  Bin *next; /* of the same lane */
  SlPolicyKey key;
  SlPriority priority;
  gboolean held;  /* by what the cache has decided */
  GQueue waiting; /* never empty for long */
  GList ready;    /* link in lanes->ready; linked while something waits and is not held */
};

struct _Lane {
  char *host; /* (owned) */
  Bin *bins;  /* (owned) (nullable) */
  guint route;
  gboolean route_asked;
  guint connections;
  guint slots;
};

struct _SlLanes {
  const SlSettings *settings;
  SlPolicyCache *cache;
  GHashTable *by_host;           /* (owned) host → Lane (owned) */
  GHashTable *routes;            /* (owned) host (owned) → interface, as far as it's known */
  GQueue ready[SL_N_PRIORITIES]; /* bins in which something waits that may run, the next first */
  guint connections;
  GQueue waiting;             /* all that wait, as they came; links inside the entries */
  GList *walk;                /* (nullable) of these, where the walk goes on */
  guint held;                 /* bins */
  guint active[SL_N_CLASSES]; /* slots taken */
  SlRouteWanted route_wanted;
  gpointer route_data;
};

static void
lane_free (gpointer data)
{
  Lane *lane = data;

  while (lane->bins != NULL) {
    Bin *bin = lane->bins;
    lane->bins = bin->next;
    g_free (bin);
  }
  g_free (lane->host);
  g_free (lane);
}

SlLanes *
sl_lanes_new (const SlSettings *settings, SlPolicyCache *cache)
{
  SlLanes *lanes = g_new0 (SlLanes, 1);

  lanes->settings = settings;
  lanes->cache = cache;
  lanes->by_host = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, lane_free);
  lanes->routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return lanes;
}

void
sl_lanes_free (SlLanes *lanes)
{
  g_hash_table_unref (lanes->by_host);
  g_hash_table_unref (lanes->routes);
  g_free (lanes);
}

/* (transfer full): host and port, as the limit is of what one server sees */
static char *
get_host (const char *uri)
{
  const char *start = strstr (uri, "://");

  start = start != NULL ? start + 3 : uri;
  return g_ascii_strdown (start, (gssize)strcspn (start, "/?#"));
}

/* Routes. */

static void
ask_for_route (SlLanes *lanes, Lane *lane)
{
  if (lane->route_asked || lanes->route_wanted == NULL)
    return;
  lane->route_asked = TRUE;
  lanes->route_wanted (lane->host, lanes->route_data);
}

static void
hold_or_release (SlLanes *lanes, Bin *bin)
{
  gboolean held =
      sl_policy_cache_decide (lanes->cache, bin->lane->route, bin->key) != SL_REASON_NONE;

  if (held == bin->held)
    return;
  bin->held = held;
  if (held) {
    lanes->held++;
    g_queue_unlink (&lanes->ready[bin->priority], &bin->ready);
  } else {
    lanes->held--;
    g_queue_push_tail_link (&lanes->ready[bin->priority], &bin->ready);
  }
}

static void
update_lane (SlLanes *lanes, Lane *lane)
{
  for (Bin *bin = lane->bins; bin != NULL; bin = bin->next)
    hold_or_release (lanes, bin);
}

void
sl_lanes_set_route_wanted (SlLanes *lanes, SlRouteWanted wanted, gpointer user_data)
{
  GHashTableIter iter;
  gpointer lane;

  lanes->route_wanted = wanted;
  lanes->route_data = user_data;
  g_hash_table_iter_init (&iter, lanes->by_host);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    ask_for_route (lanes, lane);
}

gboolean
sl_lanes_set_route (SlLanes *lanes, const char *host, guint route)
{
  Lane *lane = g_hash_table_lookup (lanes->by_host, host);

  g_hash_table_insert (lanes->routes, g_strdup (host), GUINT_TO_POINTER (route));
  if (lane == NULL || lane->route == route)
    return FALSE;
  lane->route = route;
  update_lane (lanes, lane);
  return TRUE;
}

void
sl_lanes_forget_routes (SlLanes *lanes)
{
  GHashTableIter iter;
  gpointer lane;

  g_hash_table_remove_all (lanes->routes);
  g_hash_table_iter_init (&iter, lanes->by_host);
  while (g_hash_table_iter_next (&iter, NULL, &lane)) {
    ((Lane *)lane)->route_asked = FALSE;
    ask_for_route (lanes, lane);
  }
}

guint
sl_lanes_get_route (SlLanes *lanes, const SlEntry *entry)
{
  const Lane *lane = entry->lane;

  return lane != NULL
             ? lane->route
             : sl_lanes_find_route (lanes, sl_download_get_record (entry->download)->asked.uri);
}

guint
sl_lanes_find_route (SlLanes *lanes, const char *uri)
{
  g_autofree char *host = get_host (uri);

  return GPOINTER_TO_UINT (g_hash_table_lookup (lanes->routes, host));
}

/* Waiting. */

static Lane *
find_lane (SlLanes *lanes, SlEntry *entry)
{
  g_autofree char *host = get_host (sl_download_get_record (entry->download)->asked.uri);
  Lane *lane = g_hash_table_lookup (lanes->by_host, host);
  gpointer route = NULL;

  if (lane == NULL) {
    lane = g_new0 (Lane, 1);
    lane->host = g_steal_pointer (&host);
    lane->route_asked = g_hash_table_lookup_extended (lanes->routes, lane->host, NULL, &route);
    lane->route = GPOINTER_TO_UINT (route);
    g_hash_table_insert (lanes->by_host, lane->host, lane);
    ask_for_route (lanes, lane);
  }
  return lane;
}

static Bin *
find_bin (SlLanes *lanes, Lane *lane, SlPolicyKey key)
{
  Bin *bin;

  for (bin = lane->bins; bin != NULL; bin = bin->next) {
    if (bin->key == key)
      return bin;
  }
  bin = g_new0 (Bin, 1);
  bin->lane = lane;
  bin->key = key;
  bin->priority = sl_policy_key_unpack (key).priority;
  bin->ready.data = bin;
  bin->next = lane->bins;
  lane->bins = bin;
  /* as if it had been held, so that there is one place where it gets into the line */
  bin->held = TRUE;
  lanes->held++;
  hold_or_release (lanes, bin);
  return bin;
}

static void
drop_bin (SlLanes *lanes, Bin *bin)
{
  Bin **place = &bin->lane->bins;

  while (*place != bin)
    place = &(*place)->next;
  *place = bin->next;
  if (bin->held)
    lanes->held--;
  else
    g_queue_unlink (&lanes->ready[bin->priority], &bin->ready);
  g_free (bin);
}

static void
drop_if_unused (SlLanes *lanes, Lane *lane)
{
  if (lane->bins == NULL && lane->connections == 0 && lane->slots == 0)
    g_hash_table_remove (lanes->by_host, lane->host);
}

void
sl_lanes_add_waiting (SlLanes *lanes, SlEntry *entry, SlPolicyKey key)
{
  Lane *lane = find_lane (lanes, entry);
  Bin *bin = find_bin (lanes, lane, key);

  g_return_if_fail (entry->bin == NULL);
  entry->lane = lane;
  entry->bin = bin;
  g_queue_push_tail_link (&bin->waiting, &entry->in_bin);
  g_queue_push_tail_link (&lanes->waiting, &entry->waiting);
}

void
sl_lanes_remove_waiting (SlLanes *lanes, SlEntry *entry)
{
  Lane *lane = entry->lane;
  Bin *bin = entry->bin;

  if (bin == NULL)
    return;
  g_queue_unlink (&bin->waiting, &entry->in_bin);
  if (g_queue_is_empty (&bin->waiting))
    drop_bin (lanes, bin);
  entry->bin = NULL;
  if (lanes->walk == &entry->waiting)
    lanes->walk = entry->waiting.next;
  g_queue_unlink (&lanes->waiting, &entry->waiting);
  if (!entry->has_slot)
    entry->lane = NULL;
  drop_if_unused (lanes, lane);
}

void
sl_lanes_set_key (SlLanes *lanes, SlEntry *entry, SlPolicyKey key)
{
  Bin *old = entry->bin;
  Bin *bin;

  if (old->key == key)
    return;
  bin = find_bin (lanes, old->lane, key);
  g_queue_unlink (&old->waiting, &entry->in_bin);
  g_queue_push_tail_link (&bin->waiting, &entry->in_bin);
  entry->bin = bin;
  if (g_queue_is_empty (&old->waiting))
    drop_bin (lanes, old);
}

SlEntry *
sl_lanes_get_next_waiting (const SlLanes *lanes, const SlEntry *entry)
{
  const GList *link = entry != NULL ? entry->waiting.next : lanes->waiting.head;

  return link != NULL ? link->data : NULL;
}

void
sl_lanes_begin_walk (SlLanes *lanes)
{
  lanes->walk = lanes->waiting.head;
}

SlEntry *
sl_lanes_walk (SlLanes *lanes)
{
  const GList *link = lanes->walk;

  if (link == NULL)
    return NULL;
  lanes->walk = link->next;
  return link->data;
}

void
sl_lanes_update (SlLanes *lanes)
{
  GHashTableIter iter;
  gpointer lane;

  g_hash_table_iter_init (&iter, lanes->by_host);
  while (g_hash_table_iter_next (&iter, NULL, &lane))
    update_lane (lanes, lane);
}

/* Running. */

/*
 * Whether there is a connection besides a share of 1/@reserve of all, kept for those that come first: one for each
 * eight is left by the background to the foreground, and two of eight by further connections to other downloads' first.
 */
static gboolean
has_free_connection (const SlLanes *lanes, const Lane *lane, guint reserve)
{
  guint all = lanes->settings->max_connections, host = lanes->settings->max_connections_per_host;

  return lanes->connections < all - all / reserve && lane->connections < host - host / reserve;
}

/* The first bin that waits with @priority and may have a connection. */
static Bin *
find_ready (const SlLanes *lanes, SlPriority priority)
{
  guint reserve = sl_class_of (priority) == SL_CLASS_FOREGROUND ? NO_RESERVE : FOR_FOREGROUND;

  for (const GList *link = lanes->ready[priority].head; link != NULL; link = link->next) {
    Bin *bin = link->data;
    if (has_free_connection (lanes, bin->lane, reserve))
      return bin;
  }
  return NULL;
}

/* @bin has had its turn. */
static void
move_to_end (SlLanes *lanes, Bin *bin)
{
  g_queue_unlink (&lanes->ready[bin->priority], &bin->ready);
  g_queue_push_tail_link (&lanes->ready[bin->priority], &bin->ready);
}

SlEntry *
sl_lanes_take_next (SlLanes *lanes)
{
  for (SlPriority priority = 0; priority < SL_N_PRIORITIES; priority++) {
    SlClass class_ = sl_class_of (priority);
    SlEntry *entry;
    Bin *bin;
    Lane *lane;

    /* the foreground has slots of its own: background never keeps it waiting */
    if (lanes->active[class_] >= lanes->settings->max_active)
      continue;
    bin = find_ready (lanes, priority);
    if (bin == NULL)
      continue;
    move_to_end (lanes, bin);
    lane = bin->lane;
    entry = bin->waiting.head->data;
    lane->connections++;
    lane->slots++;
    lanes->connections++;
    lanes->active[class_]++;
    sl_lanes_remove_waiting (lanes, entry);
    entry->has_slot = TRUE;
    entry->slot_class = class_;
    entry->lane = lane;
    return entry;
  }
  return NULL;
}

gboolean
sl_lanes_foreground_is_blocked (const SlLanes *lanes)
{
  return lanes->ready[SL_PRIORITY_FOREGROUND].head != NULL &&
         lanes->active[SL_CLASS_FOREGROUND] < lanes->settings->max_active &&
         find_ready (lanes, SL_PRIORITY_FOREGROUND) == NULL;
}

gboolean
sl_lanes_blocks_foreground (SlLanes *lanes, SlEntry *entry)
{

  if (entry->slot_class == SL_CLASS_FOREGROUND)
    return FALSE;
  for (GList *link = lanes->ready[SL_PRIORITY_FOREGROUND].head; link != NULL; link = link->next) {
    const Lane *lane = ((Bin *)link->data)->lane;
    if (lane == entry->lane || lane->connections < lanes->settings->max_connections_per_host)
      return TRUE;
  }
  return FALSE;
}

void
sl_lanes_return_slot (SlLanes *lanes, SlEntry *entry)
{
  Lane *lane = entry->lane;

  g_return_if_fail (entry->has_slot);
  entry->has_slot = FALSE;
  lanes->active[entry->slot_class]--;
  lane->slots--;
  sl_lanes_release_connection (lanes, entry);
  entry->lane = NULL;
  drop_if_unused (lanes, lane);
}

/* A download that could begin comes before a connection that makes another one faster. */
static gboolean
could_begin (const SlLanes *lanes, const Lane *lane)
{
  for (const Bin *bin = lane->bins; bin != NULL; bin = bin->next) {
    if (!bin->held && lanes->active[sl_class_of (bin->priority)] < lanes->settings->max_active)
      return TRUE;
  }
  return FALSE;
}

gboolean
sl_lanes_acquire_connection (SlLanes *lanes, SlEntry *entry)
{
  Lane *lane = entry->lane;

  if (!has_free_connection (lanes, lane, FOR_FIRST) || could_begin (lanes, lane))
    return FALSE;
  lane->connections++;
  lanes->connections++;
  return TRUE;
}

void
sl_lanes_release_connection (SlLanes *lanes, SlEntry *entry)
{
  Lane *lane = entry->lane;

  lane->connections--;
  lanes->connections--;
}

guint
sl_lanes_get_active (const SlLanes *lanes)
{
  return lanes->active[SL_CLASS_BACKGROUND] + lanes->active[SL_CLASS_FOREGROUND];
}

guint
sl_lanes_get_waiting (const SlLanes *lanes)
{
  return lanes->waiting.length;
}

gboolean
sl_lanes_has_held (const SlLanes *lanes)
{
  return lanes->held > 0;
}
