/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures who uses the links: reads their counters for the meters. */
#include "hints/traffic.h"

#include "base/fd.h"
#include "hints/meter.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DIRECTORY "/sys/class/net"
#define INTERVAL  1 /* s */

typedef struct {
  guint index;
  char *interface; /* (owned) */
  gboolean vpn;
  gboolean primary;
  gboolean readable;
  guint64 own; /* since the last sample */
  SlMeter meter;
} Counted;

struct _SlTraffic {
  GPtrArray *counted; /* (owned) (element-type Counted) */
  guint share;        /* percent */
  guint timer_id;     /* 0 while not active */
  SlSourceChanged changed;
  gpointer user_data;
};

static void
counted_free (gpointer data)
{
  Counted *counted = data;

  g_free (counted->interface);
  g_free (counted);
}

SlTraffic *
sl_traffic_new (guint share, SlSourceChanged changed, gpointer user_data)
{
  SlTraffic *traffic = g_new0 (SlTraffic, 1);

  traffic->counted = g_ptr_array_new_with_free_func (counted_free);
  traffic->share = share;
  traffic->changed = changed;
  traffic->user_data = user_data;
  return traffic;
}

static gboolean
read_counter (const char *interface, const char *name, guint64 *value)
{
  char path[128], text[32];
  g_auto (SlFd) fd = -1;
  gssize length;

  if (strchr (interface, '/') != NULL)
    return FALSE;
  g_snprintf (path, sizeof path, DIRECTORY "/%s/statistics/%s", interface, name);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return FALSE;
  length = read (fd, text, sizeof text - 1);
  if (length <= 0)
    return FALSE;
  text[length] = '\0';
  *value = g_ascii_strtoull (text, NULL, 10);
  return TRUE;
}

static void
sample (SlTraffic *traffic, Counted *counted)
{
  guint64 received = 0, sent = 0;

  counted->readable = read_counter (counted->interface, "rx_bytes", &received) &&
                      read_counter (counted->interface, "tx_bytes", &sent);
  if (counted->readable)
    sl_meter_add (&counted->meter, g_get_monotonic_time (), received + sent, counted->own,
                  traffic->share);
  counted->own = 0;
}

/* TRUE if the reported hint changed. A new capacity alone is not reported. */
static gboolean
sample_and_compare (SlTraffic *traffic, Counted *counted)
{
  gboolean readable = counted->readable, busy = counted->meter.busy;
  gboolean measured = sl_meter_get_capacity (&counted->meter) > 0;

  sample (traffic, counted);
  return counted->readable != readable || counted->meter.busy != busy ||
         (sl_meter_get_capacity (&counted->meter) > 0) != measured;
}

static gboolean
on_timer (gpointer data)
{
  SlTraffic *traffic = data;
  gboolean differs = FALSE;

  for (guint i = 0; i < traffic->counted->len; i++) {
    if (sample_and_compare (traffic, traffic->counted->pdata[i]))
      differs = TRUE;
  }
  if (differs)
    traffic->changed (traffic->user_data);
  return G_SOURCE_CONTINUE;
}

void
sl_traffic_set_share (SlTraffic *traffic, guint share)
{
  traffic->share = share;
}

/* Without measuring, no link counts as busy. */
static void
forget_busy (SlTraffic *traffic)
{
  gboolean differs = FALSE;

  for (guint i = 0; i < traffic->counted->len; i++) {
    Counted *counted = traffic->counted->pdata[i];
    differs = differs || counted->meter.busy;
    counted->meter.busy = FALSE;
    counted->own = 0;
  }
  if (differs)
    traffic->changed (traffic->user_data);
}

void
sl_traffic_set_active (SlTraffic *traffic, gboolean active)
{
  if (active == (traffic->timer_id != 0))
    return;
  if (active) {
    traffic->timer_id = g_timeout_add_seconds (INTERVAL, on_timer, traffic);
    on_timer (traffic);
    return;
  }
  g_clear_handle_id (&traffic->timer_id, g_source_remove);
  forget_busy (traffic);
}

/* Traffic through a tunnel goes over the primary link, too. */
void
sl_traffic_add_own (SlTraffic *traffic, guint index, guint64 bytes)
{
  gboolean primary = index == 0;

  for (guint i = 0; i < traffic->counted->len && !primary; i++) {
    const Counted *counted = traffic->counted->pdata[i];
    primary = counted->index == index && counted->vpn;
  }
  for (guint i = 0; i < traffic->counted->len; i++) {
    Counted *counted = traffic->counted->pdata[i];
    if ((index != 0 && counted->index == index) || (primary && counted->primary && !counted->vpn))
      counted->own += bytes;
  }
}

/* (transfer full): the counted link, or a new one */
static Counted *
take_counted (SlTraffic *traffic, const SlLink *link)
{
  Counted *counted;

  for (guint i = 0; i < traffic->counted->len; i++) {
    counted = traffic->counted->pdata[i];
    if (counted->index == link->index && g_str_equal (counted->interface, link->interface))
      return g_ptr_array_steal_index_fast (traffic->counted, i);
  }
  counted = g_new0 (Counted, 1);
  counted->index = link->index;
  counted->interface = g_strdup (link->interface);
  sample (traffic, counted);
  return counted;
}

void
sl_traffic_fold (SlTraffic *traffic, SlConditions *conditions)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (counted_free);

  for (guint i = 0; i < conditions->links->len; i++) {
    SlLink *link = conditions->links->pdata[i];
    Counted *counted;

    if (*link->interface == '\0')
      continue;
    counted = take_counted (traffic, link);
    counted->vpn = link->vpn;
    counted->primary = link->primary;
    g_ptr_array_add (all, counted);
    if (!counted->readable)
      continue;
    link->busy = counted->meter.busy;
    link->capacity = sl_meter_get_capacity (&counted->meter);
    conditions->sources[SL_HINT_LINK_BUSY] = DIRECTORY;
  }
  g_ptr_array_unref (traffic->counted);
  traffic->counted = all;
}

void
sl_traffic_free (SlTraffic *traffic)
{
  g_clear_handle_id (&traffic->timer_id, g_source_remove);
  g_ptr_array_unref (traffic->counted);
  g_free (traffic);
}
