/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Feeds the scheduler with debounced conditions, time and routes, and turns each source on only while the scheduler
 * needs it, so that an idle service sleeps.
 */
#pragma once

#include "hints/hints.h"
#include "queue/scheduler.h"

G_BEGIN_DECLS

typedef struct _SlEnvironment SlEnvironment;

/* @changed: sl_environment_describe () says something else now; all others (transfer none), and outlive it */
SlEnvironment *sl_environment_new (SlScheduler *scheduler,
                                   const SlPolicySettings *policy,
                                   const SlBuses *buses,
                                   void (*changed) (gpointer user_data),
                                   gpointer user_data);
void sl_environment_free (SlEnvironment *environment);

/*
 * Tells the scheduler all that is known; to be called before sl_queue_begin (). Lets downloads run when the services have
 * had time to answer, lest a network be taken for free that is not.
 */
void sl_environment_begin (SlEnvironment *environment);
/* The settings are others now. */
void sl_environment_reconfigure (SlEnvironment *environment);
/* (transfer floating): a{sv}, the property Conditions of the manager */
GVariant *sl_environment_describe (SlEnvironment *environment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlEnvironment, sl_environment_free)

G_END_DECLS
