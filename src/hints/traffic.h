/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hint that others need a link, and how much it carries, from the kernel's counters below /sys/class/net. The
 * kernel does not signal changes, so the counters are read once a second, but only while it matters.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlTraffic SlTraffic;

/* @share: percent of a link's capacity that others must use for it to be busy */
SlTraffic *sl_traffic_new (guint share, SlSourceChanged changed, gpointer user_data);
void sl_traffic_set_share (SlTraffic *traffic, guint share);
/* @active: downloads run, or wait because a link is busy. While FALSE no link is busy, and capacities are kept. */
void sl_traffic_set_active (SlTraffic *traffic, gboolean active);
/* @bytes of downloads came over the interface @index; 0: over the primary link */
void sl_traffic_add_own (SlTraffic *traffic, guint index, guint64 bytes);
/* Call it after the sources that make links; measures the links in @conditions from now on. */
void sl_traffic_fold (SlTraffic *traffic, SlConditions *conditions);
void sl_traffic_free (SlTraffic *traffic);

G_END_DECLS
