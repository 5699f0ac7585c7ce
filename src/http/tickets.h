/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arithmetic of a token bucket, without clock and threads. After reading, each reader takes a ticket: the time at
 * which its bytes and all before them are due. A lower rate leaves existing tickets unchanged: otherwise readers
 * would wait for minutes because of bytes read at the old rate. A higher rate brings them closer.
 *
 * Times are monotonic µs; rates are bytes a second, or SL_RATE_UNLIMITED.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How much unused time may be made up for (µs): a thread that wakes up late must not become slower. */
#define SL_TICKETS_BURST 100000.0

/* How many bytes to read at once, so that connections take turns often and cheaply; at least 1, at most @wanted. */
gsize sl_tickets_get_turn (guint64 rate, gsize wanted);
/* The ticket for @n bytes; @last: the previous ticket. */
double sl_tickets_take (double last, guint64 rate, gsize n, double now);
/* The ticket @due after the rate has changed. */
double sl_tickets_redraw (double due, guint64 old_rate, guint64 rate, double now);

G_END_DECLS
