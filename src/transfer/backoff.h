/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long to wait before the next try. A pure function. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * µs: @min ms doubled for each of the @failures in a row after the first, at most @max ms; up to a quarter is
 * taken off by @jitter (0 to 1), so that many clients of a server that comes back don't come at once.
 */
gint64 sl_backoff (guint failures, guint min, guint max, double jitter);

G_END_DECLS
