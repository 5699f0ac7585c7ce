/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tariffs: for any settings of a connection the look-up ends, and the period that it finds contains the moment. */
#include "fuzz.h"
#include "policy/tariff.h"

/* Moments (Unix µs): around changes of daylight saving, leap days, and the ends of time. */
static const gint64 moments[] = {
    0,
    1774746000000000,
    1792890000000000,
    1709164800000000,
    4107542400000000,
    253402300799000000,
    G_MININT64,
    G_MAXINT64 - 1, /* G_MAXINT64 itself is never */
};

static void
check_lookup (const SlTariff *tariff, gint64 now, GTimeZone *zone)
{
  SlTariffMoment moment;

  if (sl_tariff_lookup (tariff, now, zone, &moment)) {
    FUZZ_ASSERT (moment.begin <= now && now < moment.end);
    FUZZ_ASSERT (moment.forbidden == (moment.capacity == 0));
  } else {
    FUZZ_ASSERT (!moment.forbidden && moment.capacity == G_MAXUINT64);
    FUZZ_ASSERT (moment.end == moment.change);
  }
  FUZZ_ASSERT (moment.change > now);
  FUZZ_ASSERT (moment.change <= moment.end);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static GTimeZone *zone;
  g_autofree char *text = fuzz_text (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlTariff) tariff = sl_tariff_parse (text, &error);

  if (zone == NULL)
    zone = g_time_zone_new_identifier ("Europe/Berlin");
  FUZZ_ASSERT (zone != NULL);
  if (tariff == NULL) {
    FUZZ_ASSERT (error != NULL && g_utf8_validate (error->message, -1, NULL));
    return 0;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    check_lookup (tariff, moments[i], zone);
  return 0;
}
