/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints of GNetworkMonitor: that the network is another one now, so that what failed before may work; and, for where
 * there is no NetworkManager, whether it leads anywhere and what it costs.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlNetwork SlNetwork;

/* Called on the main loop, some time after the routes or the connectivity have changed and settled. */
typedef void (*SlNetworkSettled) (gpointer user_data);

/* @changed: (nullable), as source.h has it, called at once */
SlNetwork *sl_network_new (SlNetworkSettled settled, SlSourceChanged changed, gpointer user_data);
/* Whether there is a way to anywhere: a default route, or NetworkManager's word. */
gboolean sl_network_is_available (SlNetwork *network);
/* To be folded before all that know more. Writes one link, of which only this is known, if there is a way to anywhere. */
void sl_network_fold (SlNetwork *network, SlConditions *conditions);
void sl_network_free (SlNetwork *network);

G_END_DECLS
