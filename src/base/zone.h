/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Local time in plain seconds, for any time zone and year. A local second is what a clock on the wall shows, counted
 * as if the day it hangs in had never changed its offset: 1970-01-01 00:00 by the wall is 0, everywhere.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the wall shows at @moment (Unix seconds) */
gint64 sl_zone_to_local (GTimeZone *zone, gint64 moment);
/*
 * When (Unix seconds) the wall shows @local: the first time if it does so twice. If it never does, as the clock is put
 * forward over it, the moment at which that is done.
 */
gint64 sl_zone_from_local (GTimeZone *zone, gint64 local);
/* The first second after @from at which another offset is valid; G_MAXINT64 if that is not until @to. */
gint64 sl_zone_find_change (GTimeZone *zone, gint64 from, gint64 to);

/* Division that rounds down, as time before 1970 needs it. */
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
