/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chooses who runs next: waiting downloads by host, owner and policy key. Hosts take turns, and owners at each of them. A
 * host that uses all of its connections delays no other host, and neither do downloads that are held. Choosing costs the
 * same for ten waiting downloads as for a hundred thousand.
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
/* Gives @entry, which waits, a new policy key. */
void sl_host_queues_set_key (SlHostQueues *queues, SlEntry *entry, SlPolicyKey key);
/* (transfer none) (nullable): the next download that may run; it now has a slot and a connection */
SlEntry *sl_host_queues_take_next (SlHostQueues *queues);
void sl_host_queues_return_slot (SlHostQueues *queues, SlEntry *entry);

/* (transfer none) (nullable): the waiting download after @entry; the first one after NULL */
SlEntry *sl_host_queues_get_next_waiting (const SlHostQueues *queues, const SlEntry *entry);
/* Begins a walk over all that wait. Downloads may come and go between its steps. */
void sl_host_queues_begin_walk (SlHostQueues *queues);
/* (transfer none) (nullable) */
SlEntry *sl_host_queues_walk (SlHostQueues *queues);

/* Call it after the cache's decisions have changed. */
void sl_host_queues_update (SlHostQueues *queues);
/* Whether a foreground download may run and lacks only a connection. */
gboolean sl_host_queues_foreground_is_blocked (const SlHostQueues *queues);
/* Whether the foreground could run if @entry, which has a slot, returned its connections. */
gboolean sl_host_queues_blocks_foreground (SlHostQueues *queues, SlEntry *entry);

/* The interface (index; 0: unknown) over which the host of @entry is reached. */
guint sl_host_queues_get_route (SlHostQueues *queues, const SlEntry *entry);
/* The same for a download without an entry. */
guint sl_host_queues_find_route (SlHostQueues *queues, const char *uri);
/* Asks for the route of @host; called once for each host, and again after sl_host_queues_forget_routes (). */
typedef void (*SlRouteWanted) (const char *host, gpointer user_data);
void
sl_host_queues_set_route_wanted (SlHostQueues *queues, SlRouteWanted wanted, gpointer user_data);
/* TRUE if the route differs from before, and the host has downloads. */
gboolean sl_host_queues_set_route (SlHostQueues *queues, const char *host, guint route);
void sl_host_queues_forget_routes (SlHostQueues *queues);

/*
 * Takes a further connection to @host (host and port), where the file of a download that has a slot comes from. FALSE if none
 * is free, or a waiting download could use it.
 */
gboolean sl_host_queues_acquire_connection (SlHostQueues *queues, const char *host);
void sl_host_queues_release_connection (SlHostQueues *queues, const char *host);

guint sl_host_queues_get_active (const SlHostQueues *queues);
guint sl_host_queues_get_waiting (const SlHostQueues *queues);
/* Whether any waiting download is held. */
gboolean sl_host_queues_has_held (const SlHostQueues *queues);

G_END_DECLS
