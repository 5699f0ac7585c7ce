/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The arithmetic of a token bucket. */
#include "http/tickets.h"

#include "base/settings.h"

/* How many turns fit into a second, so that all get turns often, but of sizes that are cheap to read. */
#define TURNS_A_SECOND 20
#define TURN_MIN       4096
#define TURN_MAX       ((guint64)1024 * 1024)

gsize
sl_tickets_get_turn (guint64 rate, gsize wanted)
{
  if (rate == SL_RATE_UNLIMITED)
    return wanted;
  /* at most a second's worth, so that even the slowest rate makes progress */
  return (gsize)MIN (CLAMP (rate / TURNS_A_SECOND, MIN (rate, TURN_MIN), TURN_MAX), wanted);
}

double
sl_tickets_take (double last, guint64 rate, gsize n, double now)
{
  if (rate == SL_RATE_UNLIMITED)
    return now;
  return MAX (last, now - SL_TICKETS_BURST) + (double)n * G_USEC_PER_SEC / (double)rate;
}

double
sl_tickets_redraw (double due, guint64 old_rate, guint64 rate, double now)
{
  double factor = rate == SL_RATE_UNLIMITED ? 0 : MIN (1.0, (double)old_rate / (double)rate);

  /* closer in proportion to the higher rate */
  return due > now ? now + (due - now) * factor : due;
}
