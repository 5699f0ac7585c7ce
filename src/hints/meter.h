/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How busy one link is with what others send and receive, and how much it can carry: arithmetic over samples of its
 * counters. Pure: reads no clock and no file.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 time;       /* µs, of the last sample; 0 for none */
  guint64 bytes;     /* the counter at that time */
  double total;      /* bytes a second, smoothed over some seconds; still to be divided by weight */
  double others;     /* the same without our own bytes; below 0 while those are counted late */
  double weight;     /* sum of the samples' weights since smoothing began, up to 1 */
  double capacity;   /* bytes a second: the highest rate seen; it decays slowly */
  guint own_samples; /* samples with bytes of our own; counted up to ENOUGH_SAMPLES */
  gboolean busy;     /* others use it */
  gint64 quiet_since; /* µs: since when others hardly use it; 0: they use it */
} SlMeter;

/*
 * @bytes: the link's counter, both directions together; @own: bytes of downloads since the last sample; @share:
 * percent of the capacity that others must use for the link to be busy
 */
void sl_meter_add (SlMeter *meter, gint64 time, guint64 bytes, guint64 own, guint share);
/* Bytes a second; 0 until enough bytes of our own were seen. */
guint64 sl_meter_get_capacity (const SlMeter *meter);

G_END_DECLS
