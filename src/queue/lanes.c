/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is next: a lane a host, in each a bin for every demand. */
#include "queue/lanes.h"

#include <string.h>

/* Which share of the connections is left to others: 1/n, see has_free_connection () */
enum { NO_RESERVE = G_MAXINT, FOR_FOREGROUND = 8, FOR_FIRST = 4 };

typedef struct _Lane Lane;
typedef struct _Bin Bin;

/* Those at one host that demand the same. */
struct _Bin {
  Lane *lane;
  Bin *next; /* of the same lane */
  SlDemand demand;
  SlPriority priority;
  gboolean held;  /* by the gate */
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
  SlGate *gate;
  GHashTable *by_host;           /* (owned) host → Lane (owned) */
  GHashTable *routes;            /* (owned) host (owned) → interface, as far as it's known */
  GQueue ready[SL_N_PRIORITIES]; /* bins in which something waits that may run, the next first */
  guint connections;
  guint waiting;
  guint held;      /* bins */
  guint active[2]; /* slots taken, of the background [0] and of the foreground [1] */
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
sl_lanes_new (const SlSettings *settings, SlGate *gate)
{
  SlLanes *lanes = g_new0 (SlLanes, 1);

  lanes->settings = settings;
  lanes->gate = gate;
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
get_host (SlDownload *download)
{
  const char *uri = sl_download_get_record (download)->asked.uri;
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
  gboolean held = sl_gate_decide (lanes->gate, bin->lane->route, bin->demand) != SL_REASON_NONE;

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
sl_lanes_get_route (SlLanes *lanes, SlDownload *download)
{
  const Lane *lane = sl_download_get_links (download)->lane;
  g_autofree char *host = NULL;

  if (lane != NULL)
    return lane->route;
  host = get_host (download);
  return GPOINTER_TO_UINT (g_hash_table_lookup (lanes->routes, host));
}

/* Waiting. */

static Lane *
find_lane (SlLanes *lanes, SlDownload *download)
{
  g_autofree char *host = get_host (download);
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
find_bin (SlLanes *lanes, Lane *lane, SlDemand demand)
{
  Bin *bin;

  for (bin = lane->bins; bin != NULL; bin = bin->next) {
    if (bin->demand == demand)
      return bin;
  }
  bin = g_new0 (Bin, 1);
  bin->lane = lane;
  bin->demand = demand;
  bin->priority = sl_demand_unpack (demand).priority;
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
sl_lanes_add_waiting (SlLanes *lanes, SlDownload *download, SlDemand demand)
{
  SlQueueLinks *links = sl_download_get_links (download);
  Lane *lane = find_lane (lanes, download);
  Bin *bin = find_bin (lanes, lane, demand);

  g_return_if_fail (links->bin == NULL);
  links->lane = lane;
  links->bin = bin;
  g_queue_push_tail_link (&bin->waiting, &links->waiting);
  lanes->waiting++;
}

void
sl_lanes_remove_waiting (SlLanes *lanes, SlDownload *download)
{
  SlQueueLinks *links = sl_download_get_links (download);
  Lane *lane = links->lane;
  Bin *bin = links->bin;

  if (bin == NULL)
    return;
  g_queue_unlink (&bin->waiting, &links->waiting);
  if (g_queue_is_empty (&bin->waiting))
    drop_bin (lanes, bin);
  links->bin = NULL;
  lanes->waiting--;
  if (!links->has_slot)
    links->lane = NULL;
  drop_if_unused (lanes, lane);
}

void
sl_lanes_set_demand (SlLanes *lanes, SlDownload *download, SlDemand demand)
{
  SlQueueLinks *links = sl_download_get_links (download);
  Bin *old = links->bin;
  Bin *bin;

  if (old->demand == demand)
    return;
  bin = find_bin (lanes, old->lane, demand);
  g_queue_unlink (&old->waiting, &links->waiting);
  g_queue_push_tail_link (&bin->waiting, &links->waiting);
  links->bin = bin;
  if (g_queue_is_empty (&old->waiting))
    drop_bin (lanes, old);
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
find_ready (const SlLanes *lanes, guint priority)
{
  for (const GList *link = lanes->ready[priority].head; link != NULL; link = link->next) {
    Bin *bin = link->data;
    if (has_free_connection (lanes, bin->lane,
                             priority == SL_PRIORITY_FOREGROUND ? NO_RESERVE : FOR_FOREGROUND))
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

SlDownload *
sl_lanes_take_next (SlLanes *lanes)
{
  for (guint priority = 0; priority < SL_N_PRIORITIES; priority++) {
    guint *active = &lanes->active[priority == SL_PRIORITY_FOREGROUND];
    SlDownload *download;
    Bin *bin;
    Lane *lane;

    /* the foreground has slots of its own: background never keeps it waiting */
    if (*active >= lanes->settings->max_active)
      continue;
    bin = find_ready (lanes, priority);
    if (bin == NULL)
      continue;
    move_to_end (lanes, bin);
    lane = bin->lane;
    download = bin->waiting.head->data;
    lane->connections++;
    lane->slots++;
    lanes->connections++;
    (*active)++;
    sl_lanes_remove_waiting (lanes, download);
    sl_download_get_links (download)->has_slot = TRUE;
    sl_download_get_links (download)->slot_foreground = priority == SL_PRIORITY_FOREGROUND;
    sl_download_get_links (download)->lane = lane;
    return download;
  }
  return NULL;
}

gboolean
sl_lanes_foreground_is_blocked (const SlLanes *lanes)
{
  return lanes->ready[SL_PRIORITY_FOREGROUND].head != NULL &&
         lanes->active[TRUE] < lanes->settings->max_active &&
         find_ready (lanes, SL_PRIORITY_FOREGROUND) == NULL;
}

gboolean
sl_lanes_blocks_foreground (SlLanes *lanes, SlDownload *download)
{
  SlQueueLinks *links = sl_download_get_links (download);

  if (links->slot_foreground)
    return FALSE;
  for (GList *link = lanes->ready[SL_PRIORITY_FOREGROUND].head; link != NULL; link = link->next) {
    const Lane *lane = ((Bin *)link->data)->lane;
    if (lane == links->lane || lane->connections < lanes->settings->max_connections_per_host)
      return TRUE;
  }
  return FALSE;
}

void
sl_lanes_return_slot (SlLanes *lanes, SlDownload *download)
{
  SlQueueLinks *links = sl_download_get_links (download);
  Lane *lane = links->lane;

  g_return_if_fail (links->has_slot);
  links->has_slot = FALSE;
  lanes->active[links->slot_foreground]--;
  lane->slots--;
  sl_lanes_release_connection (lanes, download);
  links->lane = NULL;
  drop_if_unused (lanes, lane);
}

/* A download that could begin comes before a connection that makes another one faster. */
static gboolean
could_begin (const SlLanes *lanes, const Lane *lane)
{
  for (const Bin *bin = lane->bins; bin != NULL; bin = bin->next) {
    if (!bin->held &&
        lanes->active[bin->priority == SL_PRIORITY_FOREGROUND] < lanes->settings->max_active)
      return TRUE;
  }
  return FALSE;
}

gboolean
sl_lanes_acquire_connection (SlLanes *lanes, SlDownload *download)
{
  Lane *lane = sl_download_get_links (download)->lane;

  if (!has_free_connection (lanes, lane, FOR_FIRST) || could_begin (lanes, lane))
    return FALSE;
  lane->connections++;
  lanes->connections++;
  return TRUE;
}

void
sl_lanes_release_connection (SlLanes *lanes, SlDownload *download)
{
  Lane *lane = sl_download_get_links (download)->lane;

  lane->connections--;
  lanes->connections--;
}

guint
sl_lanes_get_active (const SlLanes *lanes)
{
  return lanes->active[0] + lanes->active[1];
}

guint
sl_lanes_get_waiting (const SlLanes *lanes)
{
  return lanes->waiting;
}

gboolean
sl_lanes_has_held (const SlLanes *lanes)
{
  return lanes->held > 0;
}
