/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hours of the week: accepted ones can be written and read again, and change when sl_hours_next_change () says so. */
#include "base/hours.h"
#include "fuzz.h"

/* Moments (Unix µs) shortly before clocks are changed, and at the ends of time. */
static const gint64 moments[] = {
    0,          1774745999999999, 1792889999000001, 1775314799999999, 1791041399999999,
    G_MININT64, G_MAXINT64 / 2,
};

static void
check_next_change (const SlHours *hours, gint64 time, GTimeZone *zone)
{
  gboolean inside = sl_hours_contain (hours, time, zone);
  gint64 next = sl_hours_next_change (hours, time, zone);

  FUZZ_ASSERT (next > time);
  if (next == G_MAXINT64)
    return;
  FUZZ_ASSERT (next - time <= 15 * G_TIME_SPAN_DAY);
  FUZZ_ASSERT (sl_hours_contain (hours, next, zone) != inside);
  FUZZ_ASSERT (sl_hours_contain (hours, next - 1, zone) == inside);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GTimeZone *zones[2];
  g_autofree char *text = fuzz_text (data, size);
  g_autofree char *written = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlHours) hours = sl_hours_parse (text, &error);
  g_autoptr (SlHours) back = NULL;
  g_autoptr (SlHours) both = NULL;

  if (zones[0] == NULL) {
    zones[0] = g_time_zone_new_identifier ("Europe/Berlin");
    zones[1] = g_time_zone_new_identifier ("Australia/Lord_Howe");
    FUZZ_ASSERT (zones[0] != NULL && zones[1] != NULL);
  }
  if (hours == NULL) {
    FUZZ_ASSERT (error != NULL && g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  written = sl_hours_to_string (hours);
  back = sl_hours_parse (written, NULL);
  FUZZ_ASSERT (back != NULL && sl_hours_equal (hours, back));
  both = sl_hours_intersect (hours, back);
  FUZZ_ASSERT (sl_hours_equal (hours, both));
  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    check_next_change (hours, moments[i], zones[i % 2]);
  return 0;
}
