/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Local time in plain seconds, for any time zone and year. A local second is what a wall clock shows, counted as if
 * its offset had never changed: 1970-01-01 00:00 on the wall is 0, everywhere.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The local second at @moment (Unix seconds). */
gint64 sl_zone_to_local (GTimeZone *zone, gint64 moment);
/*
 * The first moment (Unix seconds) at which it is @local. If clocks skip @local, the moment at which they are put
 * forward.
 */
gint64 sl_zone_from_local (GTimeZone *zone, gint64 local);
/* The first second after @from with another offset; G_MAXINT64 if there is none up to @to. */
gint64 sl_zone_find_change (GTimeZone *zone, gint64 from, gint64 to);

/* Division that rounds down, for times before 1970. */
static inline gint64
sl_floor_div (gint64 a, gint64 b)
{
  return a / b - (a % b < 0);
}

static inline gint64
sl_floor_mod (gint64 a, gint64 b)
{
  return a - sl_floor_div (a, b) * b;
}

G_END_DECLS
