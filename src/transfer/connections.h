/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The connections of a transfer: which segments run, how fast each is, and where one more would help. A newcomer takes over
 * the rest of a donor, which keeps its end until the server has accepted that.
 */
#pragma once

#include "transfer/kind.h"
#include "transfer/segment.h"

G_BEGIN_DECLS

typedef struct {
  const SlTransferTask *task;
  SlSegmentTask segments; /* what they work on: their owner's */
  SlPart *part;           /* (unowned) (nullable) known from the first head on */
  GPtrArray *active;      /* (owned) those that run */
  guint max;              /* less when the server doesn't take so many */
  gint64 latency;         /* µs until a response's head */
  guint64 fetched;        /* by segments that ended */
} SlConnections;

void sl_connections_init (SlConnections *connections, const SlTransferTask *task);
void sl_connections_clear (SlConnections *connections);

/* Starts the one that begins the file, or begins it again. */
void sl_connections_begin (SlConnections *connections, gboolean restart);
/* Starts as many more as are of use, and may be. */
void sl_connections_add (SlConnections *connections);
/*
 * After a segment's end: puts its connection to work again. FALSE when there is nothing to do for it. @counted: it took a
 * connection besides the slot's own
 */
gboolean sl_connections_start_next (SlConnections *connections, gboolean counted);
/* The server has accepted the newcomer's range: the donor may stop there. */
void sl_connections_accept (SlConnections *connections, SlSegment *segment);
/* @segment has ended. Whether it took a connection besides the slot's own, which is to be put to work again or released. */
gboolean sl_connections_remove (SlConnections *connections, SlSegment *segment);
/* From now on this download has one connection, and its host too for a while. */
void sl_connections_set_single (SlConnections *connections, const char *why);

/* Whether a part of the file can be asked for. */
gboolean sl_connections_can_use_ranges (const SlConnections *connections);
/* Whether nothing is missing of what is wanted. */
gboolean sl_connections_is_complete (const SlConnections *connections);
/* Body bytes read by all of them so far. */
guint64 sl_connections_get_fetched (const SlConnections *connections);
/* @elapsed: µs since the last time */
void sl_connections_measure (SlConnections *connections, gint64 elapsed);
/* The mean of @old and @sample, which is of the last @elapsed µs, over about @time. */
double sl_connections_average (double old, double sample, gint64 elapsed, gint64 time);

G_END_DECLS
