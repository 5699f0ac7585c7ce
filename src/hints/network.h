/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hint that the network is another one now, so that what failed before may work. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlNetwork SlNetwork;

/* Calls @changed, on the main loop, some time after the routes or the connectivity have changed and settled. */
SlNetwork *sl_network_new (void (*changed) (gpointer user_data), gpointer user_data);
/* Whether there is a way to anywhere: a default route, or NetworkManager's word. */
gboolean sl_network_is_available (SlNetwork *network);
void sl_network_free (SlNetwork *network);

G_END_DECLS
