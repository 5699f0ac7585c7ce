/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks after those that wait: lets their policy keys follow the time, and has them say why they wait. */
#pragma once

#include "queue/host-queues.h"

G_BEGIN_DECLS

typedef struct _SlWaiting SlWaiting;

/* (transfer none) @queues, @policy */
SlWaiting *sl_waiting_new (SlHostQueues *queues, const SlPolicySettings *policy);
void sl_waiting_free (SlWaiting *waiting);

/* Has those whose reasons have changed tell them: a stretch at a time, as a hundred thousand may wait. */
void sl_waiting_tell_reasons (SlWaiting *waiting);
/* @entry waits, or waits otherwise: TRUE if sl_waiting_get_next_deadline () is sooner for that. */
gboolean sl_waiting_note_deadline (SlWaiting *waiting, const SlEntry *entry);
/* Those whose comfort deadline has passed wait with another policy key from now on. */
void sl_waiting_renew (SlWaiting *waiting);
/* The next comfort deadline of those that wait (Unix µs); G_MAXINT64 for never. */
gint64 sl_waiting_get_next_deadline (const SlWaiting *waiting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlWaiting, sl_waiting_free)

G_END_DECLS
