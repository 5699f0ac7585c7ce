/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast one transfer may read: it pays for what it has read first to a bucket of its own, then to the one that its class
 * shares. However many connections it has, only one of them at a time pays to the class, so that the transfers of a class
 * get equal shares, and not their connections.
 */
#pragma once

#include "http/token-bucket.h"

G_BEGIN_DECLS

typedef struct _SlTransferLimit SlTransferLimit; /* counted references; all calls from any thread */

/* (transfer full): without a limit of its own, in the class that shares @shared (nullable) (transfer none) */
SlTransferLimit *sl_transfer_limit_new (SlTokenBucket *shared);
SlTransferLimit *sl_transfer_limit_ref (SlTransferLimit *limit);
void sl_transfer_limit_unref (SlTransferLimit *limit);

/* Its own limit, in bytes a second, or SL_RATE_UNLIMITED; takes effect at once. */
void sl_transfer_limit_set_rate (SlTransferLimit *limit, guint64 rate);
/* Moves it to the class that shares @shared (nullable) (transfer none), at once: nobody waits in the old one. */
void sl_transfer_limit_set_class (SlTransferLimit *limit, SlTokenBucket *shared);

/* How many bytes to read until it has to pay: one turn, or @wanted if that's less or there is no limit at all. */
gsize sl_transfer_limit_get_turn (SlTransferLimit *limit, gsize wanted);
/*
 * Waits until the @n bytes that were read, of which one turn at most counts, were due. Returns early when @cancellable
 * (nullable) is cancelled, which has to be the same for all connections that pay at one time.
 */
void sl_transfer_limit_pay (SlTransferLimit *limit, gsize n, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlTransferLimit, sl_transfer_limit_unref)

G_END_DECLS
