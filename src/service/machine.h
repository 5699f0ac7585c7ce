/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Feeds the scheduler with debounced conditions, time and routes, and turns each source on only while the scheduler
 * needs it, so that an idle service sleeps.
 */
#pragma once

#include "hints/hints.h"
#include "queue/scheduler.h"

G_BEGIN_DECLS

typedef struct _SlMachine SlMachine;

/* @changed: sl_machine_describe () says something else now; all others (transfer none), and outlive it */
SlMachine *sl_machine_new (SlScheduler *scheduler,
                           const SlPolicySettings *policy,
                           const SlBuses *buses,
                           void (*changed) (gpointer user_data),
                           gpointer user_data);
void sl_machine_free (SlMachine *machine);

/*
 * Tells the scheduler all that is known; to be called before sl_queue_begin (). Lets downloads run when the services have
 * had time to answer, lest a network be taken for free that is not.
 */
void sl_machine_begin (SlMachine *machine);
/* The settings are others now. */
void sl_machine_reconfigure (SlMachine *machine);
/* (transfer floating): a{sv}, the property Conditions of the manager */
GVariant *sl_machine_describe (SlMachine *machine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlMachine, sl_machine_free)

G_END_DECLS
