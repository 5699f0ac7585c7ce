/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One transfer's place in a class of transfers: it pays for what it reads first by its own limit, then by that which
 * the class shares. However many connections it has, it stands in the line of its class only once: fair is
 * what is fair among transfers.
 */
#pragma once

#include "http/pacer.h"

G_BEGIN_DECLS

typedef struct _SlFlow SlFlow; /* counted references; all calls from any thread */

/* (transfer full): without a limit of its own, in the class that shares @shared (nullable) (transfer none) */
SlFlow *sl_flow_new (SlPacer *shared);
SlFlow *sl_flow_ref (SlFlow *flow);
void sl_flow_unref (SlFlow *flow);

/* Its own limit, in bytes a second, or SL_RATE_UNLIMITED; takes effect at once. */
void sl_flow_set_limit (SlFlow *flow, guint64 rate);
/* Moves it to the class that shares @shared (nullable) (transfer none), at once: nobody waits in the old one. */
void sl_flow_set_class (SlFlow *flow, SlPacer *shared);

/* How many bytes to read until it has to pay: one turn, or @wanted if that's less or there is no limit at all. */
gsize sl_flow_limit_read (SlFlow *flow, gsize wanted);
/*
 * Waits until the @n bytes that were read, at most a turn, were due. Returns early when @cancellable (nullable) is cancelled, which has to be the
 * same for all connections that pay at one time.
 */
void sl_flow_pay (SlFlow *flow, gsize n, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlFlow, sl_flow_unref)

G_END_DECLS
