/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network-change hint, from GNetworkMonitor: NetworkManager where it is, the kernel's routes else. */
#include "hints/network.h"

#include <gio/gio.h>

/* A change comes as a burst of signals; it has settled when none came for so long (ms). */
#define SETTLE_TIME 500

struct _SlNetwork {
  GNetworkMonitor *monitor; /* (unowned) the process's */
  gulong handler;
  guint settle_id; /* 0 when nothing has changed */
  void (*changed) (gpointer user_data);
  gpointer user_data;
};

static gboolean
on_settled (gpointer data)
{
  SlNetwork *network = data;

  network->settle_id = 0;
  network->changed (network->user_data);
  return G_SOURCE_REMOVE;
}

static void
on_changed (GNetworkMonitor *monitor, gboolean available, gpointer data)
{
  SlNetwork *network = data;

  g_clear_handle_id (&network->settle_id, g_source_remove);
  network->settle_id = g_timeout_add (SETTLE_TIME, on_settled, network);
}

SlNetwork *
sl_network_new (void (*changed) (gpointer user_data), gpointer user_data)
{
  SlNetwork *network = g_new0 (SlNetwork, 1);

  network->changed = changed;
  network->user_data = user_data;
  network->monitor = g_network_monitor_get_default ();
  network->handler =
      g_signal_connect (network->monitor, "network-changed", G_CALLBACK (on_changed), network);
  return network;
}

gboolean
sl_network_is_available (SlNetwork *network)
{
  return g_network_monitor_get_network_available (network->monitor);
}

void
sl_network_free (SlNetwork *network)
{
  g_signal_handler_disconnect (network->monitor, network->handler);
  g_clear_handle_id (&network->settle_id, g_source_remove);
  g_free (network);
}
