/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long to wait before the next try. A pure function. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * µs: @min ms, doubled for each failure in a row after the first, but at most @max ms. @jitter (0 to 1) takes up to a
 * quarter off, so that not all clients of a server come at once when it is back.
 */
gint64 sl_backoff (guint failures, guint min, guint max, double jitter);

G_END_DECLS
