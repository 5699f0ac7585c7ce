/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints of NetworkManager, on the system bus: connectivity, VPN, and what each link costs. It's the best source there
 * is for these, so it's folded over what GNetworkMonitor tells (hints/network.h).
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlNetworkManager SlNetworkManager;

/* @bus: (nullable): the system bus */
SlNetworkManager *
sl_network_manager_new (GDBusConnection *bus, SlSourceChanged changed, gpointer user_data);
/*
 * Replaces the links, unless it has none. A connectivity is left that is better than none where NetworkManager knows of none: it
 * sees only what it manages itself.
 */
void sl_network_manager_fold (SlNetworkManager *manager, SlConditions *conditions);
void sl_network_manager_free (SlNetworkManager *manager);

G_END_DECLS
