/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where to put the next connection of a transfer. Pure functions. */
#pragma once

#include "base/ranges.h"

G_BEGIN_DECLS

/* A segment under way: bytes from @position up to @end are still to come, at @rate bytes a second. */
typedef struct {
  guint64 position;
  guint64 end;
  double rate; /* 0 while unknown */
} SlPlanned;

/*
 * Whether one of @n segments is worth splitting, given that a new connection takes @latency µs until its
 * first byte; if so which, and where: a fast newcomer gets the larger part of a slow one's rest.
 */
gboolean
sl_plan_split (const SlPlanned *segments, guint n, gint64 latency, guint *which, guint64 *at);

G_END_DECLS
