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

/* (transfer full): @changed is called when sl_environment_describe () has changed; all others (transfer none), and outlive it */
SlEnvironment *sl_environment_new (SlScheduler *scheduler,
                                   const SlPolicySettings *policy,
                                   const SlBuses *buses,
                                   void (*changed) (gpointer user_data),
                                   gpointer user_data);
void sl_environment_free (SlEnvironment *environment);

/*
 * Tells the scheduler all that is known; to be called before sl_queue_begin (). Downloads may run when the machine's services
 * have had time to answer: before that, a metered network could be taken for a free one.
 */
void sl_environment_begin (SlEnvironment *environment);
/* To be called when the settings have changed. */
void sl_environment_reconfigure (SlEnvironment *environment);
/* (transfer floating): a{sv}, the manager's property Conditions */
GVariant *sl_environment_describe (SlEnvironment *environment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlEnvironment, sl_environment_free)

G_END_DECLS
