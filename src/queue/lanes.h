/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is next: waiting downloads by host and by policy key. Hosts take turns, and a host that has all the
 * connections it may have holds up nobody else, nor do downloads that are held. Choosing costs the same whether
 * ten wait or a hundred thousand.
 */
#pragma once

#include "base/settings.h"
#include "queue/entry.h"
#include "queue/policy-cache.h"

G_BEGIN_DECLS

typedef struct _SlLanes SlLanes;

SlLanes *sl_lanes_new (const SlSettings *settings, SlPolicyCache *cache);
void sl_lanes_free (SlLanes *lanes);

void sl_lanes_add_waiting (SlLanes *lanes, SlEntry *entry, SlPolicyKey key);
void sl_lanes_remove_waiting (SlLanes *lanes, SlEntry *entry);
/* The policy key of @entry, which waits, now. */
void sl_lanes_set_key (SlLanes *lanes, SlEntry *entry, SlPolicyKey key);
/* (transfer none) (nullable): the next that may run now; it has a slot and a connection from then on */
SlEntry *sl_lanes_take_next (SlLanes *lanes);
void sl_lanes_return_slot (SlLanes *lanes, SlEntry *entry);

/* (transfer none) (nullable): the one that waits behind @entry; the first of all that wait after NULL */
SlEntry *sl_lanes_get_next_waiting (const SlLanes *lanes, const SlEntry *entry);
/* A walk along all that wait, which can be left and gone on with whoever comes and goes meanwhile. */
void sl_lanes_begin_walk (SlLanes *lanes);
/* (transfer none) (nullable) */
SlEntry *sl_lanes_walk (SlLanes *lanes);

/* After the cache's decisions have changed. */
void sl_lanes_update (SlLanes *lanes);
/* Whether somebody with the priority foreground may run and has no more than a connection to wait for. */
gboolean sl_lanes_foreground_is_blocked (const SlLanes *lanes);
/* Whether the foreground could run if @entry, which has a slot, gave its connections back. */
gboolean sl_lanes_blocks_foreground (SlLanes *lanes, SlEntry *entry);

/* The interface (index, 0: not known) over which the host of @entry is reached. */
guint sl_lanes_get_route (SlLanes *lanes, const SlEntry *entry);
/* The same for what has no entry. */
guint sl_lanes_find_route (SlLanes *lanes, const char *uri);
/* Tells the routes of hosts; asked for each host once, and again after sl_lanes_forget_routes (). */
typedef void (*SlRouteWanted) (const char *host, gpointer user_data);
void sl_lanes_set_route_wanted (SlLanes *lanes, SlRouteWanted wanted, gpointer user_data);
/* TRUE if it was another before, and downloads go there. */
gboolean sl_lanes_set_route (SlLanes *lanes, const char *host, guint route);
void sl_lanes_forget_routes (SlLanes *lanes);

/* One more connection for a download that has a slot; not while somebody waits who could use it. */
gboolean sl_lanes_acquire_connection (SlLanes *lanes, SlEntry *entry);
void sl_lanes_release_connection (SlLanes *lanes, SlEntry *entry);

guint sl_lanes_get_active (const SlLanes *lanes);
guint sl_lanes_get_waiting (const SlLanes *lanes);
/* Whether anything that waits is held. */
gboolean sl_lanes_has_held (const SlLanes *lanes);

G_END_DECLS
