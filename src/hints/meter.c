/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How busy one link is, from samples of its counters. */
#include "hints/meter.h"

#include <math.h>

#define SMOOTHING      5.0  /* s: the time constant of the averages */
#define CAPACITY_HALF  3600 /* s: half-life of the highest rate */
#define MAX_GAP        5.0  /* after a longer gap between samples, averaging starts anew */
#define ENOUGH_SAMPLES 3
#define MIN_BUSY       (32 * 1024.0) /* less is normal background traffic */
#define QUIET_TIME     (10 * G_USEC_PER_SEC)
/*
 * Bytes on the link for each byte of a file: headers of Ethernet, IP, TCP and TLS (5 %), and acknowledgements (2 %).
 */
#define OVERHEAD 1.07

static void
judge (SlMeter *meter, guint share)
{
  double limit = MAX (meter->capacity * share / 100, MIN_BUSY);
  double others = meter->others / meter->weight;

  if (others > limit / 2)
    meter->quiet_since = 0;
  else if (meter->quiet_since == 0)
    meter->quiet_since = meter->time;
  if (others > limit)
    meter->busy = TRUE;
  else if (meter->quiet_since != 0 && meter->time - meter->quiet_since >= QUIET_TIME)
    meter->busy = FALSE;
}

/* Until we have used the link, its capacity is unknown: other programs may need only a little of it. */
static void
measure (SlMeter *meter, double seconds, guint64 bytes, guint64 own)
{
  double keep = exp (-seconds / SMOOTHING);
  double others = (double)bytes - OVERHEAD * (double)own;

  meter->total = meter->total * keep + (double)bytes / seconds * (1 - keep);
  meter->others = meter->others * keep + others / seconds * (1 - keep);
  meter->weight = meter->weight * keep + (1 - keep);
  if (own > 0 && meter->own_samples < ENOUGH_SAMPLES)
    meter->own_samples++;
  if (own > 0 || meter->own_samples == ENOUGH_SAMPLES)
    meter->capacity = MAX (meter->capacity, meter->total / meter->weight);
}

void
sl_meter_add (SlMeter *meter, gint64 time, guint64 bytes, guint64 own, guint share)
{
  double seconds = (double)(time - meter->time) / G_USEC_PER_SEC;
  gboolean first = meter->time == 0 || seconds > MAX_GAP || bytes < meter->bytes;
  guint64 more = bytes - meter->bytes;

  if (meter->time != 0 && seconds <= 0)
    return;
  if (meter->time != 0)
    meter->capacity *= exp2 (-seconds / CAPACITY_HALF);
  meter->time = time;
  meter->bytes = bytes;
  if (first) {
    meter->total = meter->others = meter->weight = 0;
    meter->quiet_since = 0;
    return;
  }
  measure (meter, seconds, more, own);
  if (sl_meter_get_capacity (meter) > 0)
    judge (meter, share);
}

guint64
sl_meter_get_capacity (const SlMeter *meter)
{
  return meter->own_samples == ENOUGH_SAMPLES ? (guint64)meter->capacity : 0;
}
