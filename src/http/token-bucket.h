/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A limit of bytes a second that many threads share, changed in flight: a token bucket. Whoever has read
 * pays for it, and waits until the bytes were due (http/tickets.h); so an idle line costs nobody anything.
 */
#pragma once

#include "base/settings.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlTokenBucket SlTokenBucket; /* counted references; all calls from any thread */

/* (transfer full): without a limit */
SlTokenBucket *sl_token_bucket_new (void);
SlTokenBucket *sl_token_bucket_ref (SlTokenBucket *bucket);
void sl_token_bucket_unref (SlTokenBucket *bucket);

/* Takes effect at once, also for those who wait. @rate: bytes a second, at least 1, or SL_RATE_UNLIMITED */
void sl_token_bucket_set_rate (SlTokenBucket *bucket, guint64 rate);
guint64 sl_token_bucket_get_rate (SlTokenBucket *bucket);

/* How many bytes to read at once: see sl_tickets_get_turn () */
gsize sl_token_bucket_get_turn (SlTokenBucket *bucket, gsize wanted);
/* Waits until the @n bytes that were read were due. Returns early when @cancellable is cancelled. */
void sl_token_bucket_pay (SlTokenBucket *bucket, gsize n, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlTokenBucket, sl_token_bucket_unref)

G_END_DECLS
