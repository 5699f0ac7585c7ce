/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How busy one link is with what others send and receive, and how much it can carry: arithmetic over samples of its
 * counters. Pure: reads no clock and no file.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 time;        /* µs, of the last sample; 0 for none */
  guint64 bytes;      /* that had gone over the link by then */
  double total;       /* bytes a second, smoothed over some seconds; not yet divided by weight */
  double others;      /* the same, without our own; below 0 while ours are counted late */
  double weight;      /* what the samples since the start of smoothing weigh, up to 1 */
  double capacity;    /* bytes a second: the highest rate seen, and slowly forgotten */
  guint own_samples;  /* with bytes of our own, up to what is enough */
  gboolean busy;      /* others need it */
  gint64 quiet_since; /* µs: since when they hardly use it; 0: they do */
} SlMeter;

/*
 * @bytes: the link's counter, of both directions; @own: bytes of downloads since the last sample; @share: percent of the capacity
 * that others have to use for the link to be busy.
 */
void sl_meter_add (SlMeter *meter, gint64 time, guint64 bytes, guint64 own, guint share);
/* Bytes a second; 0 before there was enough traffic of our own to tell. */
guint64 sl_meter_get_capacity (const SlMeter *meter);

G_END_DECLS
