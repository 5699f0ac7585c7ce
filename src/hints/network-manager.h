/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints of NetworkManager, on the system bus: connectivity, VPN, and what each link costs. It knows these best,
 * so it overrides GNetworkMonitor (hints/network.h).
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlNetworkManager SlNetworkManager;

/* @bus: (nullable): the system bus */
SlNetworkManager *
sl_network_manager_new (GDBusConnection *bus, SlSourceChanged changed, gpointer user_data);
/*
 * Replaces the links, unless NetworkManager has none. Keeps a better connectivity where NetworkManager reports none,
 * because NetworkManager sees only the devices that it manages.
 */
void sl_network_manager_fold (SlNetworkManager *manager, SlConditions *conditions);
void sl_network_manager_free (SlNetworkManager *manager);

G_END_DECLS
