/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A limit of bytes a second that many threads share, changed in flight: a token bucket. Whoever has read
 * pays for it, and waits until the bytes were due; so an idle line costs nobody anything.
 */
#pragma once

#include "base/settings.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlPacer SlPacer; /* counted references; all calls from any thread */

/* (transfer full): without a limit */
SlPacer *sl_pacer_new (void);
SlPacer *sl_pacer_ref (SlPacer *pacer);
void sl_pacer_unref (SlPacer *pacer);

/* Takes effect at once, also for those who wait. @rate: bytes a second, at least 1, or SL_RATE_UNLIMITED */
void sl_pacer_set_rate (SlPacer *pacer, guint64 rate);
guint64 sl_pacer_get_rate (SlPacer *pacer);

/* How many bytes to read at once, so that connections take turns often and cheaply; at most @wanted, at least 1. */
gsize sl_pacer_limit_read (SlPacer *pacer, gsize wanted);
/* Waits until the @n bytes that were read were due. Returns early when @cancellable is cancelled. */
void sl_pacer_pay (SlPacer *pacer, gsize n, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPacer, sl_pacer_unref)

G_END_DECLS
