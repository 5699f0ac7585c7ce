/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits how fast one transfer may read: for the bytes that it has read it pays first to a bucket of its own, then to
 * the one of its class. Only one of its connections at a time pays to the class, so the transfers of a class get
 * equal shares, not their connections.
 */
#pragma once

#include "http/token-bucket.h"

G_BEGIN_DECLS

typedef struct _SlTransferLimit SlTransferLimit; /* counted references; all calls from any thread */

/* (transfer full): without a limit of its own; @shared: (nullable) (transfer none) the bucket of its class */
SlTransferLimit *sl_transfer_limit_new (SlTokenBucket *shared);
SlTransferLimit *sl_transfer_limit_ref (SlTransferLimit *limit);
void sl_transfer_limit_unref (SlTransferLimit *limit);

/* Sets its own limit (bytes a second), or SL_RATE_UNLIMITED; takes effect at once. */
void sl_transfer_limit_set_rate (SlTransferLimit *limit, guint64 rate);
/*
 * Moves it to the class with the bucket @shared (nullable) (transfer none), at once: no connection keeps waiting at
 * the old one.
 */
void sl_transfer_limit_set_class (SlTransferLimit *limit, SlTokenBucket *shared);

/* How many bytes to read before it has to pay: one turn, or @wanted if that is less or there is no limit. */
gsize sl_transfer_limit_get_turn (SlTransferLimit *limit, gsize wanted);
/*
 * Waits until the @n bytes that were read are due; at most one turn is charged. Returns early if @cancellable
 * (nullable) is cancelled, which must be the same for all connections that pay at the same time.
 */
void sl_transfer_limit_pay (SlTransferLimit *limit, gsize n, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlTransferLimit, sl_transfer_limit_unref)

G_END_DECLS
