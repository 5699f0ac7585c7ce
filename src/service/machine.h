/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the machine and the queue: hears hints, clock and routes, steadies them, and tells the queue; and hears of
 * the queue what of that it needs at all, so that an idle service sleeps.
 */
#pragma once

#include "hints/hints.h"
#include "queue/queue.h"

G_BEGIN_DECLS

typedef struct _SlMachine SlMachine;

/* @changed: sl_machine_describe () says something else now; all others (transfer none), and outlive it */
SlMachine *sl_machine_new (SlQueue *queue,
                           const SlPolicySettings *policy,
                           const SlBuses *buses,
                           void (*changed) (gpointer user_data),
                           gpointer user_data);
void sl_machine_free (SlMachine *machine);

/*
 * Tells the queue all that is known; to be called before sl_queue_begin (). Lets the queue run when the services have
 * had time to answer, lest a network be taken for free that is not.
 */
void sl_machine_begin (SlMachine *machine);
/* The settings are others now. */
void sl_machine_reconfigure (SlMachine *machine);
/* (transfer floating): a{sv}, the property Conditions of the manager */
GVariant *sl_machine_describe (SlMachine *machine);

/* What the queue tells; see SlQueueEvents. */
void sl_machine_replan (SlMachine *machine);
void sl_machine_find_route (SlMachine *machine, const char *host);
void sl_machine_moved (SlMachine *machine, guint route, guint64 bytes);
void sl_machine_set_activity (SlMachine *machine, gboolean transferring, gboolean urgent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlMachine, sl_machine_free)

G_END_DECLS
