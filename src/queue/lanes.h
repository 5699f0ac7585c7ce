/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is next: waiting downloads by host and priority. Hosts take turns, and a host that has all the
 * connections it may have holds up nobody else. Choosing costs the same whether ten wait or a hundred thousand.
 */
#pragma once

#include "base/settings.h"
#include "transfer/download.h"

G_BEGIN_DECLS

typedef struct _SlLanes SlLanes;

SlLanes *sl_lanes_new (const SlSettings *settings);
void sl_lanes_free (SlLanes *lanes);

void sl_lanes_add_waiting (SlLanes *lanes, SlDownload *download);
void sl_lanes_remove_waiting (SlLanes *lanes, SlDownload *download);
/* (transfer none) (nullable): the next that may run now; it has a slot and a connection from then on */
SlDownload *sl_lanes_take_next (SlLanes *lanes);
void sl_lanes_return_slot (SlLanes *lanes, SlDownload *download);

/* One more connection for a download that has a slot; not while somebody waits who could use it. */
gboolean sl_lanes_acquire_connection (SlLanes *lanes, SlDownload *download);
void sl_lanes_release_connection (SlLanes *lanes, SlDownload *download);

guint sl_lanes_get_active (const SlLanes *lanes);
guint sl_lanes_get_waiting (const SlLanes *lanes);

G_END_DECLS
