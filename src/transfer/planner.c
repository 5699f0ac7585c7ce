/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which range the next connection of a transfer takes over. */
#include "transfer/planner.h"

/* Fewer bytes than this are not worth a request. */
#define SPLIT_MIN (256 * 1024)
/* A segment with this many bytes left is split even before its rate is known. */
#define SPLIT_AT_ONCE (16 * 1024 * 1024)
/* A new connection has to save time: the rest must take longer than this (µs), and than this many latencies. */
#define SPLIT_TIME_MIN  (300 * 1000)
#define SPLIT_LATENCIES 4

/* µs until the segment ends by itself. */
static double
time_left (const SlPlanned *segment)
{
  guint64 rest = segment->end - segment->position;

  if (segment->rate > 0)
    return (double)rest / segment->rate * G_USEC_PER_SEC;
  return rest >= SPLIT_AT_ONCE ? G_MAXDOUBLE / 2 + (double)rest : 0;
}

/* The rate to expect of a new connection: the mean of the other segments, or else that of the slow one. */
static double
expected_rate (const SlPlanned *segments, guint n, guint slow)
{
  double sum = 0;
  guint known = 0;

  for (guint i = 0; i < n; i++) {
    if (i != slow && segments[i].rate > 0) {
      sum += segments[i].rate;
      known++;
    }
  }
  return known > 0 ? sum / known : segments[slow].rate;
}

gboolean
sl_plan_split (const SlPlanned *segments, guint n, gint64 latency, guint *which, guint64 *at)
{
  double longest = 0, newcomer, share;
  guint slow = n;
  guint64 rest;

  for (guint i = 0; i < n; i++) {
    double left = time_left (&segments[i]);
    if (left > longest ||
        (left == longest && slow < n &&
         segments[i].end - segments[i].position > segments[slow].end - segments[slow].position)) {
      longest = left;
      slow = i;
    }
  }
  if (slow == n || longest < MAX (SPLIT_TIME_MIN, SPLIT_LATENCIES * (double)latency))
    return FALSE;
  rest = segments[slow].end - segments[slow].position;
  if (rest < 2 * SPLIT_MIN)
    return FALSE;
  newcomer = expected_rate (segments, n, slow);
  /* an unknown rate is not a slow one: taken for slow, the segment would be split again and again */
  share = segments[slow].rate > 0 ? segments[slow].rate / (segments[slow].rate + newcomer) : 0.5;
  *which = slow;
  *at = segments[slow].position +
        CLAMP ((guint64)((double)rest * share), (guint64)SPLIT_MIN, rest - SPLIT_MIN);
  return TRUE;
}
