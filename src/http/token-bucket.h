/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A token bucket: a limit in bytes a second that many threads share, and that can change at any time. A thread pays
 * after reading, and waits until its bytes are due (http/tickets.h), so on an idle line nobody waits.
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

/* Takes effect at once, also for waiting threads. @rate: bytes a second, at least 1, or SL_RATE_UNLIMITED */
void sl_token_bucket_set_rate (SlTokenBucket *bucket, guint64 rate);
guint64 sl_token_bucket_get_rate (SlTokenBucket *bucket);

/* How many bytes to read at once: see sl_tickets_get_turn () */
gsize sl_token_bucket_get_turn (SlTokenBucket *bucket, gsize wanted);
/* Waits until the @n bytes that were read are due. Returns early if @cancellable is cancelled. */
void sl_token_bucket_pay (SlTokenBucket *bucket, gsize n, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlTokenBucket, sl_token_bucket_unref)

G_END_DECLS
