/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The connections of a transfer: which segments run, how fast each is, and where one more would help. A further segment
 * takes over a part of the rest of another one, its donor. The donor keeps its end until the server has accepted the
 * new range.
 */
#pragma once

#include "transfer/kind.h"
#include "transfer/segment.h"

G_BEGIN_DECLS

typedef struct {
  const SlTransferTask *task;
  SlSegmentTask segments; /* the task for every segment; its members belong to the transfer */
  SlPart *part;           /* (unowned) (nullable) known from the first head on */
  GPtrArray *active;      /* (owned) (element-type Active) the segments that run */
  guint max;       /* connections at a time; lowered if the server doesn't accept that many */
  gint64 latency;  /* µs from the request to the head of the response */
  guint64 fetched; /* body bytes read by segments that have ended */
} SlConnections;

void sl_connections_init (SlConnections *connections, const SlTransferTask *task);
void sl_connections_clear (SlConnections *connections);

/* Starts the segment that begins the file. @restart: from its start, in a new part file */
void sl_connections_begin (SlConnections *connections, gboolean restart);
/* Starts as many further segments as are useful and allowed. */
void sl_connections_add (SlConnections *connections);
/*
 * After a segment's end: starts another one in its place. FALSE if there is nothing left to fetch for it. @counted: the
 * ended segment had acquired a connection besides the slot's own
 */
gboolean sl_connections_start_next (SlConnections *connections, gboolean counted);
/* The server has accepted the range of @segment: its donor may stop where it begins. */
void sl_connections_accept (SlConnections *connections, SlSegment *segment);
/*
 * @segment has ended. TRUE if it had acquired a connection besides the slot's own; the caller uses that for another
 * segment or releases it.
 */
gboolean sl_connections_remove (SlConnections *connections, SlSegment *segment);
/* From now on this download has one connection, and for an hour so have others from its host. */
void sl_connections_set_single (SlConnections *connections, const char *why);

/* Whether ranges of the file can be requested. */
gboolean sl_connections_can_use_ranges (const SlConnections *connections);
/* Whether all wanted bytes have been written. */
gboolean sl_connections_is_complete (const SlConnections *connections);
/* Body bytes read by all segments so far. */
guint64 sl_connections_get_fetched (const SlConnections *connections);
/* Measures the rates. @elapsed: µs since the last call */
void sl_connections_measure (SlConnections *connections, gint64 elapsed);
/* A moving average over about @time µs: @old is the last average, @sample the value of the last @elapsed µs. */
double sl_connections_average (double old, double sample, gint64 elapsed, gint64 time);

G_END_DECLS
