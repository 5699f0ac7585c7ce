/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the machine and the queue: hears hints, clock and routes, steadies them, and tells the queue; and hears of
 * the queue what of that it needs at all, so that an idle service sleeps.
 */
#pragma once

#include "hints/hints.h"
#include "queue/queue.h"

G_BEGIN_DECLS

typedef struct _SlSurround SlSurround;

/* @changed: sl_surround_describe () says something else now; all others (transfer none), and outlive it */
SlSurround *sl_surround_new (SlQueue *queue,
                             const SlPolicySettings *policy,
                             const SlBuses *buses,
                             void (*changed) (gpointer user_data),
                             gpointer user_data);
void sl_surround_free (SlSurround *surround);

/*
 * Tells the queue all that is known; to be called before sl_queue_begin (). Lets the queue run when the services have
 * had time to answer, lest a network be taken for free that is not.
 */
void sl_surround_begin (SlSurround *surround);
/* The settings are others now. */
void sl_surround_reconfigure (SlSurround *surround);
/* (transfer floating): a{sv}, the property Conditions of the manager */
GVariant *sl_surround_describe (SlSurround *surround);

/* What the queue tells; see SlQueueEvents. */
void sl_surround_replan (SlSurround *surround);
void sl_surround_find_route (SlSurround *surround, const char *host);
void sl_surround_moved (SlSurround *surround, guint route, guint64 bytes);
void sl_surround_set_activity (SlSurround *surround, gboolean transferring, gboolean urgent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlSurround, sl_surround_free)

G_END_DECLS
