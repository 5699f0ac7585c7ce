/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is next: a lane a host, in each a queue a priority. */
#include "queue/lanes.h"

#include <string.h>

/* Which share of the connections is left to others: 1/n, see has_free_connection () */
enum { NO_RESERVE = G_MAXINT, FOR_FOREGROUND = 8, FOR_FIRST = 4 };

typedef struct {
  char *host; /* (owned) */
  GQueue waiting[SL_N_PRIORITIES];
  GList ready
      [SL_N_PRIORITIES]; /* links in lanes->ready; linked while something waits at that priority */
  guint connections;
  guint slots;
} Lane;

struct _SlLanes {
  const SlSettings *settings;
  GHashTable *by_host;           /* (owned) host → Lane (owned) */
  GQueue ready[SL_N_PRIORITIES]; /* lanes in which something waits, the next first */
  guint connections;
  guint waiting;
  guint active[2]; /* slots taken, of the background [0] and of the foreground [1] */
};

static void
lane_free (gpointer data)
{
  Lane *lane = data;

  g_free (lane->host);
  g_free (lane);
}

SlLanes *
sl_lanes_new (const SlSettings *settings)
{
  SlLanes *lanes = g_new0 (SlLanes, 1);

  lanes->settings = settings;
  lanes->by_host = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, lane_free);
  return lanes;
}

void
sl_lanes_free (SlLanes *lanes)
{
  g_hash_table_unref (lanes->by_host);
  g_free (lanes);
}

/* (transfer full): host and port, as the limit is of what one server sees */
static char *
get_host (SlDownload *download)
{
  const char *uri = sl_download_get_record (download)->uri;
  const char *start = strstr (uri, "://");

  start = start != NULL ? start + 3 : uri;
  return g_ascii_strdown (start, (gssize)strcspn (start, "/?#"));
}

static Lane *
find_lane (SlLanes *lanes, SlDownload *download)
{
  g_autofree char *host = get_host (download);
  Lane *lane = g_hash_table_lookup (lanes->by_host, host);

  if (lane == NULL) {
    lane = g_new0 (Lane, 1);
    lane->host = g_steal_pointer (&host);
    for (guint i = 0; i < SL_N_PRIORITIES; i++)
      lane->ready[i].data = lane;
    g_hash_table_insert (lanes->by_host, lane->host, lane);
  }
  return lane;
}

static void
drop_if_unused (SlLanes *lanes, Lane *lane)
{
  for (guint i = 0; i < SL_N_PRIORITIES; i++) {
    if (!g_queue_is_empty (&lane->waiting[i]))
      return;
  }
  if (lane->connections == 0 && lane->slots == 0)
    g_hash_table_remove (lanes->by_host, lane->host);
}

void
sl_lanes_add_waiting (SlLanes *lanes, SlDownload *download)
{
  SlQueueLinks *links = sl_download_get_links (download);
  Lane *lane = find_lane (lanes, download);
  SlPriority priority = sl_download_get_record (download)->priority;

  g_return_if_fail (links->priority < 0);
  links->lane = lane;
  links->priority = (gint)priority;
  if (g_queue_is_empty (&lane->waiting[priority]))
    g_queue_push_tail_link (&lanes->ready[priority], &lane->ready[priority]);
  g_queue_push_tail_link (&lane->waiting[priority], &links->waiting);
  lanes->waiting++;
}

void
sl_lanes_remove_waiting (SlLanes *lanes, SlDownload *download)
{
  SlQueueLinks *links = sl_download_get_links (download);
  Lane *lane = links->lane;
  gint priority = links->priority;

  if (priority < 0)
    return;
  g_queue_unlink (&lane->waiting[priority], &links->waiting);
  if (g_queue_is_empty (&lane->waiting[priority]))
    g_queue_unlink (&lanes->ready[priority], &lane->ready[priority]);
  links->priority = -1;
  lanes->waiting--;
  if (!links->has_slot)
    links->lane = NULL;
  drop_if_unused (lanes, lane);
}

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

/* The first lane that waits with @priority and may have a connection; it goes to the end of the line. */
static Lane *
find_ready (SlLanes *lanes, guint priority)
{
  for (GList *link = lanes->ready[priority].head; link != NULL; link = link->next) {
    Lane *lane = link->data;
    if (has_free_connection (lanes, lane,
                             priority == SL_PRIORITY_FOREGROUND ? NO_RESERVE : FOR_FOREGROUND)) {
      g_queue_unlink (&lanes->ready[priority], link);
      g_queue_push_tail_link (&lanes->ready[priority], link);
      return lane;
    }
  }
  return NULL;
}

SlDownload *
sl_lanes_take_next (SlLanes *lanes)
{
  for (guint priority = 0; priority < SL_N_PRIORITIES; priority++) {
    guint *active = &lanes->active[priority == SL_PRIORITY_FOREGROUND];
    SlDownload *download;
    Lane *lane;

    /* the foreground has slots of its own: background never keeps it waiting */
    if (*active >= lanes->settings->max_active)
      continue;
    lane = find_ready (lanes, priority);
    if (lane == NULL)
      continue;
    download = lane->waiting[priority].head->data;
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

gboolean
sl_lanes_acquire_connection (SlLanes *lanes, SlDownload *download)
{
  Lane *lane = sl_download_get_links (download)->lane;

  if (!has_free_connection (lanes, lane, FOR_FIRST))
    return FALSE;
  /* a download that could begin comes before a connection that makes another one faster */
  for (guint i = 0; i < SL_N_PRIORITIES; i++) {
    if (!g_queue_is_empty (&lane->waiting[i]) &&
        lanes->active[i == SL_PRIORITY_FOREGROUND] < lanes->settings->max_active)
      return FALSE;
  }
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
