/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The arithmetic of a token bucket, without clock and threads. Everyone who has read takes a ticket: the time at which all
 * bytes up to and with his are due. A lower rate leaves the tickets that were taken as they are: whoever had one would
 * otherwise wait for minutes because of what he read at the old rate. A higher one draws them nearer.
 *
 * Times are monotonic µs, rates bytes a second, or SL_RATE_UNLIMITED.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So much time that was not used may be made up for: who wakes late must not be slow for it (µs). */
#define SL_TICKETS_BURST 100000.0

/* How many bytes to read at once, so that connections take turns often and cheaply; at most @wanted, at least 1. */
gsize sl_tickets_get_turn (guint64 rate, gsize wanted);
/* The ticket for @n bytes, behind @last, the last one before it. */
double sl_tickets_take (double last, guint64 rate, gsize n, double now);
/* The ticket @due, now that the rate is another. */
double sl_tickets_redraw (double due, guint64 old_rate, guint64 rate, double now);

G_END_DECLS
