/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What GNetworkMonitor says. Its word comes from NetworkManager or the portal if they are there, else from the
 * kernel's routes.
 */
#include "hints/network.h"

/* Changes come as a burst of signals; it is over when this time has passed without one (ms). */
#define SETTLE_TIME 500

/* What this process's implementation of GNetworkMonitor knows, beyond that something changed. */
typedef enum {
  KNOWS_NOTHING,
  KNOWS_ROUTES, /* but takes everything to be free of charge */
  KNOWS_COSTS,
} Knowledge;

struct _SlNetwork {
  GNetworkMonitor *monitor; /* (unowned) the process's */
  Knowledge knowledge;
  gulong handlers[3];
  guint settle_id; /* 0 when nothing has changed */
  SlNetworkSettled settled;
  SlSourceChanged changed; /* (nullable) */
  gpointer user_data;
  /* As reported. */
  SlConnectivity connectivity;
  SlMetered metered;
  gboolean available;
};

/*
 * GLib's monitor for NetworkManager repeats the last state for ever once NetworkManager is gone;
 * hints/network-manager.h reads it first-hand.
 */
static Knowledge
get_knowledge (GNetworkMonitor *monitor)
{
  const char *name = G_OBJECT_TYPE_NAME (monitor);

  if (g_str_equal (name, "GNetworkMonitorPortal"))
    return KNOWS_COSTS;
  return g_str_equal (name, "GNetworkMonitorNetlink") ? KNOWS_ROUTES : KNOWS_NOTHING;
}

static SlConnectivity
get_connectivity (SlNetwork *network)
{
  switch (g_network_monitor_get_connectivity (network->monitor)) {
  case G_NETWORK_CONNECTIVITY_LOCAL:
    return SL_CONNECTIVITY_NONE;
  case G_NETWORK_CONNECTIVITY_LIMITED:
    return SL_CONNECTIVITY_LIMITED;
  case G_NETWORK_CONNECTIVITY_PORTAL:
    return SL_CONNECTIVITY_PORTAL;
  case G_NETWORK_CONNECTIVITY_FULL:
    return SL_CONNECTIVITY_FULL;
  default:
    return SL_CONNECTIVITY_UNKNOWN;
  }
}

static SlMetered
get_metered (SlNetwork *network)
{
  if (network->knowledge != KNOWS_COSTS)
    return SL_METERED_UNKNOWN;
  return g_network_monitor_get_network_metered (network->monitor) ? SL_METERED_YES : SL_METERED_NO;
}

/* Reads the monitor; TRUE if the hints changed. */
static gboolean
look (SlNetwork *network)
{
  SlConnectivity connectivity = get_connectivity (network);
  SlMetered metered = get_metered (network);
  gboolean available = sl_network_is_available (network);
  gboolean differs = connectivity != network->connectivity || metered != network->metered ||
                     available != network->available;

  network->connectivity = connectivity;
  network->metered = metered;
  network->available = available;
  return differs && network->knowledge != KNOWS_NOTHING;
}

static void
on_property (GNetworkMonitor *monitor, GParamSpec *property, gpointer data)
{
  SlNetwork *network = data;

  if (look (network) && network->changed != NULL)
    network->changed (network->user_data);
}

static gboolean
on_settled (gpointer data)
{
  SlNetwork *network = data;

  network->settle_id = 0;
  network->settled (network->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GNetworkMonitor *monitor, gboolean available, gpointer data)
{
  SlNetwork *network = data;

  g_clear_handle_id (&network->settle_id, g_source_remove);
  network->settle_id = g_timeout_add (SETTLE_TIME, on_settled, network);
  on_property (monitor, NULL, network);
}

SlNetwork *
sl_network_new (SlNetworkSettled settled, SlSourceChanged changed, gpointer user_data)
{
  SlNetwork *network = g_new0 (SlNetwork, 1);
  GNetworkMonitor *monitor = g_network_monitor_get_default ();

  network->settled = settled;
  network->changed = changed;
  network->user_data = user_data;
  network->monitor = monitor;
  network->knowledge = get_knowledge (monitor);
  look (network);
  network->handlers[0] =
      g_signal_connect (monitor, "network-changed", G_CALLBACK (on_changed), network);
  network->handlers[1] =
      g_signal_connect (monitor, "notify::connectivity", G_CALLBACK (on_property), network);
  network->handlers[2] =
      g_signal_connect (monitor, "notify::network-metered", G_CALLBACK (on_property), network);
  return network;
}

gboolean
sl_network_is_available (SlNetwork *network)
{
  return g_network_monitor_get_network_available (network->monitor);
}

void
sl_network_fold (SlNetwork *network, SlConditions *conditions)
{
  SlLink *link;

  if (network->knowledge == KNOWS_NOTHING)
    return;
  conditions->connectivity = network->connectivity;
  conditions->sources[SL_HINT_CONNECTIVITY] = "GNetworkMonitor";
  if (network->knowledge == KNOWS_COSTS)
    conditions->sources[SL_HINT_METERED] = "GNetworkMonitor";
  if (!network->available)
    return;
  link = sl_link_new (0, "");
  link->primary = TRUE;
  link->metered = network->metered;
  g_ptr_array_add (conditions->links, link);
}

void
sl_network_free (SlNetwork *network)
{
  for (guint i = 0; i < G_N_ELEMENTS (network->handlers); i++)
    g_signal_handler_disconnect (network->monitor, network->handlers[i]);
  g_clear_handle_id (&network->settle_id, g_source_remove);
  g_free (network);
}
