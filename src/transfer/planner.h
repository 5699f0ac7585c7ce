/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides which range the next connection of a transfer takes over. Pure functions. */
#pragma once

#include "base/ranges.h"

G_BEGIN_DECLS

/* A running segment: the bytes from @position up to @end are still to come, at @rate bytes a second. */
typedef struct {
  guint64 position;
  guint64 end;
  double rate; /* 0 while unknown */
} SlPlanned;

/*
 * Whether it is worth splitting one of @n segments, if a new connection needs @latency µs until its first byte. If so,
 * @which is the segment and @at the offset from which the new connection takes over: the faster of the two gets the
 * larger part.
 */
gboolean
sl_plan_split (const SlPlanned *segments, guint n, gint64 latency, guint *which, guint64 *at);

G_END_DECLS
