/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints of GNetworkMonitor: that the network changed, so that what failed before may work; and, where there is no
 * NetworkManager, connectivity and what the network costs.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlNetwork SlNetwork;

/*
 * Called on the main loop when routes or connectivity have changed and some time has passed without another change.
 */
typedef void (*SlNetworkSettled) (gpointer user_data);

/* @changed: (nullable), see source.h; called without that delay */
SlNetwork *sl_network_new (SlNetworkSettled settled, SlSourceChanged changed, gpointer user_data);
/* Whether the network leads anywhere: there is a default route, or NetworkManager says so. */
gboolean sl_network_is_available (SlNetwork *network);
/* Call it before the other sources. Adds one link without details, if the network leads anywhere. */
void sl_network_fold (SlNetwork *network, SlConditions *conditions);
void sl_network_free (SlNetwork *network);

G_END_DECLS
