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

typedef struct _SlHostQueues SlHostQueues;

SlHostQueues *sl_host_queues_new (const SlSettings *settings, SlPolicyCache *cache);
void sl_host_queues_free (SlHostQueues *queues);

void sl_host_queues_add_waiting (SlHostQueues *queues, SlEntry *entry, SlPolicyKey key);
void sl_host_queues_remove_waiting (SlHostQueues *queues, SlEntry *entry);
/* The policy key of @entry, which waits, now. */
void sl_host_queues_set_key (SlHostQueues *queues, SlEntry *entry, SlPolicyKey key);
/* (transfer none) (nullable): the next that may run now; it has a slot and a connection from then on */
SlEntry *sl_host_queues_take_next (SlHostQueues *queues);
void sl_host_queues_return_slot (SlHostQueues *queues, SlEntry *entry);

/* (transfer none) (nullable): the one that waits behind @entry; the first of all that wait after NULL */
SlEntry *sl_host_queues_get_next_waiting (const SlHostQueues *queues, const SlEntry *entry);
/* A walk along all that wait, which can be left and gone on with whoever comes and goes meanwhile. */
void sl_host_queues_begin_walk (SlHostQueues *queues);
/* (transfer none) (nullable) */
SlEntry *sl_host_queues_walk (SlHostQueues *queues);

/* After the cache's decisions have changed. */
void sl_host_queues_update (SlHostQueues *queues);
/* Whether somebody with the priority foreground may run and has no more than a connection to wait for. */
gboolean sl_host_queues_foreground_is_blocked (const SlHostQueues *queues);
/* Whether the foreground could run if @entry, which has a slot, gave its connections back. */
gboolean sl_host_queues_blocks_foreground (SlHostQueues *queues, SlEntry *entry);

/* The interface (index, 0: not known) over which the host of @entry is reached. */
guint sl_host_queues_get_route (SlHostQueues *queues, const SlEntry *entry);
/* The same for what has no entry. */
guint sl_host_queues_find_route (SlHostQueues *queues, const char *uri);
/* Tells the routes of hosts; asked for each host once, and again after sl_host_queues_forget_routes (). */
typedef void (*SlRouteWanted) (const char *host, gpointer user_data);
void
sl_host_queues_set_route_wanted (SlHostQueues *queues, SlRouteWanted wanted, gpointer user_data);
/* TRUE if it was another before, and downloads go there. */
gboolean sl_host_queues_set_route (SlHostQueues *queues, const char *host, guint route);
void sl_host_queues_forget_routes (SlHostQueues *queues);

/* One more connection for a download that has a slot; not while somebody waits who could use it. */
gboolean sl_host_queues_acquire_connection (SlHostQueues *queues, SlEntry *entry);
void sl_host_queues_release_connection (SlHostQueues *queues, SlEntry *entry);

guint sl_host_queues_get_active (const SlHostQueues *queues);
guint sl_host_queues_get_waiting (const SlHostQueues *queues);
/* Whether anything that waits is held. */
gboolean sl_host_queues_has_held (const SlHostQueues *queues);

G_END_DECLS
