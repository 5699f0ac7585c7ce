/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps waiting downloads up to date: their policy keys, and the reasons that they report. */
#pragma once

#include "queue/host-queues.h"

G_BEGIN_DECLS

typedef struct _SlWaiting SlWaiting;

/* (transfer none) @queues, @policy */
SlWaiting *sl_waiting_new (SlHostQueues *queues, const SlPolicySettings *policy);
void sl_waiting_free (SlWaiting *waiting);

/* Has waiting downloads report changed reasons: a part at a time, because a hundred thousand may wait. */
void sl_waiting_report_reasons (SlWaiting *waiting);
/*
 * Call it when @entry begins to wait, or its deadline changes: TRUE if sl_waiting_get_next_deadline () is sooner now.
 */
gboolean sl_waiting_note_deadline (SlWaiting *waiting, const SlEntry *entry);
/* Gives downloads whose comfort deadline has passed their new policy key. */
void sl_waiting_renew (SlWaiting *waiting);
/* The next comfort deadline of a waiting download (Unix µs); G_MAXINT64 for never. */
gint64 sl_waiting_get_next_deadline (const SlWaiting *waiting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlWaiting, sl_waiting_free)

G_END_DECLS
