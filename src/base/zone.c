/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Local time in plain seconds. */
#include "base/zone.h"

/* The largest offset from UTC (s). */
#define FURTHEST (24 * 3600)

static gint
get_interval (GTimeZone *zone, gint64 moment)
{
  return g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, moment);
}

gint64
sl_zone_to_local (GTimeZone *zone, gint64 moment)
{
  return moment + g_time_zone_get_offset (zone, get_interval (zone, moment));
}

gint64
sl_zone_find_change (GTimeZone *zone, gint64 from, gint64 to)
{
  gint interval = get_interval (zone, from);
  gint64 same = from, other = to;

  if (get_interval (zone, to) == interval)
    return G_MAXINT64;
  /* intervals are numbered in chronological order */
  while (other - same > 1) {
    gint64 middle = same + (other - same) / 2;
    if (get_interval (zone, middle) == interval)
      same = middle;
    else
      other = middle;
  }
  return other;
}

gint64
sl_zone_from_local (GTimeZone *zone, gint64 local)
{
  gint64 begin = local - FURTHEST;

  /* Tries one offset after another until one gives @local before it ends. */
  for (;;) {
    gint64 moment = begin + (local - sl_zone_to_local (zone, begin));
    gint64 change = sl_zone_find_change (zone, begin, local + FURTHEST);
    if (moment < change)
      return MAX (moment, begin);
    begin = change;
  }
}
