/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policy: tariffs of connections, and what their settings say. */
#include "unit.h"

#include "base/error.h"
#include "policy/connection-policy.h"
#include "policy/tariff.h"

#include <random>

namespace
{

constexpr gint64 kSecond = G_USEC_PER_SEC, kHour = 3600 * kSecond, kDay = 24 * kHour;
constexpr guint64 kNoLimit = G_MAXUINT64;

enum { NEVER, HOURS, DAYS, WEEKS, MONTHS, YEARS };

using TariffPointer = std::unique_ptr<SlTariff, decltype (&sl_tariff_free)>;
using ZonePointer = std::unique_ptr<GTimeZone, decltype (&g_time_zone_unref)>;

struct Period {
  gint64 begin; /* s */
  gint64 end;
  guint16 repeat = NEVER;
  guint32 every = 0;
  guint64 capacity = 0;
};

ZonePointer
find_zone (const char *name)
{
  ZonePointer zone (g_time_zone_new_identifier (name), g_time_zone_unref);

  EXPECT_TRUE (zone) << name;
  return zone;
}

/* Unix s of "2026-03-29T01:30:00" by the wall, or with a Z of UTC */
gint64
at (const ZonePointer &zone, const char *text)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, zone.get ());

  if (date == nullptr)
    ADD_FAILURE () << text;
  return g_date_time_to_unix (date);
}

std::string
show (gint64 time, const ZonePointer &zone)
{
  g_autoptr (GDateTime) utc =
      time != G_MAXINT64 ? g_date_time_new_from_unix_utc (time / kSecond) : nullptr;
  g_autoptr (GDateTime) date = utc ? g_date_time_to_timezone (utc, zone.get ()) : nullptr;

  return date != nullptr ? take (g_date_time_format (date, "%F %T%z")) : "never";
}

/* As Mogwai writes it. */
std::string
to_text (const std::vector<Period> &periods)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) file = nullptr;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ttqut)"));
  for (const Period &period : periods)
    g_variant_builder_add (&builder, "(ttqut)", (guint64)period.begin, (guint64)period.end,
                           period.repeat, period.every, period.capacity);
  file = g_variant_ref_sink (g_variant_new ("(sqv)", "Mogwai tariff", (guint16)1,
                                            g_variant_new ("(sa(ttqut))", "name", &builder)));
  return take (g_variant_print (file, TRUE));
}

TariffPointer
parse (const std::string &text)
{
  Error error;
  TariffPointer tariff (sl_tariff_parse (text.c_str (), error.out ()), sl_tariff_free);

  EXPECT_TRUE (tariff) << error.text ();
  return tariff;
}

TariffPointer
make (const std::vector<Period> &periods)
{
  return parse (to_text (periods));
}

/* From begin to end of what is valid then, or the next begin. */
std::string
look (const TariffPointer &tariff, gint64 second, const ZonePointer &zone)
{
  SlTariffMoment moment;

  if (!sl_tariff_lookup (tariff.get (), second * kSecond, zone.get (), &moment))
    return "none until " + show (moment.end, zone);
  return show (moment.begin, zone) + " to " + show (moment.end, zone);
}

/* Begins and ends of all that is valid in so many days. */
std::vector<std::string>
all (const TariffPointer &tariff, gint64 second, int days, const ZonePointer &zone)
{
  std::vector<std::string> found;
  gint64 time = second * kSecond, end = time + days * kDay;
  SlTariffMoment moment;

  while (time < end) {
    if (sl_tariff_lookup (tariff.get (), time, zone.get (), &moment))
      found.push_back (show (moment.begin, zone) + " to " + show (moment.end, zone));
    if (moment.change <= time) {
      ADD_FAILURE () << "a change at " << moment.change << " is not after " << time;
      break;
    }
    time = moment.change;
  }
  return found;
}

using Strings = std::vector<std::string>;

/* The same by GDateTime, one repetition after the other. */
GDateTime *
step (gint64 second, const Period &period, int n, const ZonePointer &zone)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (second);
  g_autoptr (GDateTime) date = g_date_time_to_timezone (utc, zone.get ());
  int count = n * (int)period.every;

  switch (period.repeat) {
  case HOURS:
    return g_date_time_add_hours (date, count);
  case DAYS:
    return g_date_time_add_days (date, count);
  case WEEKS:
    return g_date_time_add_weeks (date, count);
  case MONTHS:
    return g_date_time_add_months (date, count);
  default:
    return g_date_time_add_years (date, count);
  }
}

struct Stepped {
  bool inside = false;
  gint64 begin = 0, end = 0, next = 0;
};

Stepped
step_to (const Period &period, gint64 now, const ZonePointer &zone)
{
  Stepped result;

  for (int n = 0;; n++) {
    g_autoptr (GDateTime) first = step (period.begin, period, n, zone);
    g_autoptr (GDateTime) last = step (period.end, period, n, zone);
    gint64 begin = g_date_time_to_unix (first), end = g_date_time_to_unix (last);

    if (begin >= end)
      continue;
    if (begin > now) {
      result.next = begin;
      return result;
    }
    result.inside = now < end;
    result.begin = begin;
    result.end = end;
  }
}

/* Collects what is logged. */
class Words : public testing::Test
{
protected:
  void
  SetUp () override
  {
    handler = g_log_set_handler ("sluice-policy", G_LOG_LEVEL_MESSAGE, on_message, this);
  }
  void
  TearDown () override
  {
    g_log_remove_handler ("sluice-policy", handler);
  }
  static void
  on_message (const char *, GLogLevelFlags, const char *text, gpointer data)
  {
    static_cast<Words *> (data)->messages.push_back (text);
  }
  /* forbidden, when metered, tariff: as letters */
  static std::string
  read (const std::vector<std::pair<std::string, std::string>> &pairs)
  {
    GVariantBuilder builder;
    g_autoptr (GVariant) variant = nullptr;

    g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
    for (auto &[key, value] : pairs)
      g_variant_builder_add (&builder, "{ss}", ("connection." + key).c_str (), value.c_str ());
    variant = g_variant_ref_sink (g_variant_builder_end (&builder));
    return letters (variant);
  }
  static std::string
  letters (GVariant *variant)
  {
    SlConnectionPolicy policy;
    std::string text;

    sl_connection_policy_init (&policy, variant);
    text += policy.downloads_forbidden ? "f" : "";
    text += policy.when_metered ? "m" : "";
    text += policy.tariff != nullptr ? "t" : "";
    sl_connection_policy_clear (&policy);
    EXPECT_EQ (policy.tariff, nullptr);
    return text;
  }

  guint handler = 0;
  std::vector<std::string> messages;
};

} // namespace

TEST (Tariff, OnePeriod)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer tariff = make ({{1000, 2000, NEVER, 0, 5000}});
  SlTariffMoment moment;

  EXPECT_FALSE (sl_tariff_lookup (tariff.get (), 1000 * kSecond - 1, zone.get (), &moment));
  EXPECT_FALSE (moment.forbidden);
  EXPECT_EQ (moment.capacity, kNoLimit);
  EXPECT_EQ (moment.end, 1000 * kSecond);
  EXPECT_EQ (moment.change, 1000 * kSecond);
  for (gint64 now : {1000 * kSecond, 2000 * kSecond - 1}) {
    ASSERT_TRUE (sl_tariff_lookup (tariff.get (), now, zone.get (), &moment)) << now;
    EXPECT_FALSE (moment.forbidden);
    EXPECT_EQ (moment.capacity, 5000u);
    EXPECT_EQ (moment.begin, 1000 * kSecond);
    EXPECT_EQ (moment.end, 2000 * kSecond);
    EXPECT_EQ (moment.change, 2000 * kSecond);
  }
  for (gint64 now : {2000 * kSecond, G_MAXINT64}) {
    EXPECT_FALSE (sl_tariff_lookup (tariff.get (), now, zone.get (), &moment)) << now;
    EXPECT_EQ (moment.end, G_MAXINT64);
    EXPECT_EQ (moment.change, G_MAXINT64);
  }
  EXPECT_FALSE (sl_tariff_lookup (tariff.get (), G_MININT64, zone.get (), &moment));
  EXPECT_EQ (moment.end, 1000 * kSecond);
}

TEST (Tariff, NoCapacityForbidsAndNoLimitIsNone)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer tariff = make ({{1000, 2000, NEVER, 0, 0}, {2000, 3000, NEVER, 0, kNoLimit}});
  SlTariffMoment moment;

  ASSERT_TRUE (sl_tariff_lookup (tariff.get (), 1500 * kSecond, zone.get (), &moment));
  EXPECT_TRUE (moment.forbidden);
  EXPECT_EQ (moment.capacity, 0u);
  ASSERT_TRUE (sl_tariff_lookup (tariff.get (), 2000 * kSecond, zone.get (), &moment));
  EXPECT_FALSE (moment.forbidden);
  EXPECT_EQ (moment.capacity, kNoLimit);
}

TEST (Tariff, NoPeriodsSayNothing)
{
  ZonePointer zone = find_zone ("UTC");

  EXPECT_EQ (look (parse ("('Mogwai tariff', uint16 1, <('', @a(ttqut) [])>)"), 0, zone),
             "none until never");
}

TEST (Tariff, TheShortestCounts)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer tariff = make ({{0, 100000, NEVER, 0, 1},
                                {1000, 9000, NEVER, 0, 2},
                                {2000, 3000, NEVER, 0, 3},
                                {500, 50000, NEVER, 0, 4}});
  const std::pair<gint64, guint64> capacities[] = {{0, 1},    {500, 4},  {1000, 2},  {2000, 3},
                                                   {3000, 2}, {9000, 4}, {50000, 1}, {99999, 1}};
  SlTariffMoment moment;

  for (gsize i = 0; i < G_N_ELEMENTS (capacities); i++) {
    auto [second, capacity] = capacities[i];
    ASSERT_TRUE (sl_tariff_lookup (tariff.get (), second * kSecond, zone.get (), &moment));
    EXPECT_EQ (moment.capacity, capacity) << second;
    if (i + 2 < G_N_ELEMENTS (capacities)) {
      EXPECT_EQ (moment.change, capacities[i + 1].first * kSecond) << second;
    }
  }
}

TEST (Tariff, HoursAreHours)
{
  ZonePointer zone = find_zone ("Europe/Berlin");
  gint64 begin = at (zone, "2026-03-29T00:30:00");
  TariffPointer tariff = make ({{begin, begin + 600, HOURS, 2}});

  EXPECT_EQ (all (tariff, begin, 1, zone).size (), 12u);
  EXPECT_EQ (look (tariff, begin + 600, zone), "none until 2026-03-29 03:30:00+0200");
}

TEST (Tariff, DaysKeepTheTimeByTheWall)
{
  ZonePointer zone = find_zone ("Europe/Berlin");
  TariffPointer tariff =
      make ({{at (zone, "2025-12-01T22:00:00"), at (zone, "2025-12-02T06:00:00"), DAYS, 1}});

  EXPECT_EQ (all (tariff, at (zone, "2026-03-28T12:00:00"), 2, zone),
             Strings ({"2026-03-28 22:00:00+0100 to 2026-03-29 06:00:00+0200",
                       "2026-03-29 22:00:00+0200 to 2026-03-30 06:00:00+0200"}));
  EXPECT_EQ (all (tariff, at (zone, "2026-10-24T12:00:00"), 1, zone),
             Strings ({"2026-10-24 22:00:00+0200 to 2026-10-25 06:00:00+0100"}));
}

TEST (Tariff, WhatSpringLeavesOutDoesNotTakePlace)
{
  ZonePointer zone = find_zone ("Europe/Berlin");
  TariffPointer tariff =
      make ({{at (zone, "2026-03-27T02:15:00"), at (zone, "2026-03-27T02:45:00"), DAYS, 1}});
  TariffPointer half =
      make ({{at (zone, "2026-03-27T02:30:00"), at (zone, "2026-03-27T03:30:00"), DAYS, 1}});

  EXPECT_EQ (all (tariff, at (zone, "2026-03-28T00:00:00"), 3, zone),
             Strings ({"2026-03-28 02:15:00+0100 to 2026-03-28 02:45:00+0100",
                       "2026-03-30 02:15:00+0200 to 2026-03-30 02:45:00+0200"}));
  EXPECT_EQ (look (tariff, at (zone, "2026-03-29T01:00:00"), zone),
             "none until 2026-03-30 02:15:00+0200");
  EXPECT_EQ (look (half, at (zone, "2026-03-29T03:10:00"), zone),
             "2026-03-29 03:00:00+0200 to 2026-03-29 03:30:00+0200");
}

/* From the first time that the wall shows it. */
TEST (Tariff, WhatAutumnRepeatsTakesPlaceOnce)
{
  ZonePointer zone = find_zone ("Europe/Berlin");
  TariffPointer tariff =
      make ({{at (zone, "2026-10-23T02:15:00"), at (zone, "2026-10-23T02:45:00"), DAYS, 1}});
  TariffPointer longer =
      make ({{at (zone, "2026-10-23T02:30:00"), at (zone, "2026-10-23T03:30:00"), DAYS, 1}});

  EXPECT_EQ (all (tariff, at (zone, "2026-10-25T00:00:00"), 1, zone),
             Strings ({"2026-10-25 02:15:00+0200 to 2026-10-25 02:45:00+0200"}));
  EXPECT_EQ (all (longer, at (zone, "2026-10-25T00:00:00"), 1, zone),
             Strings ({"2026-10-25 02:30:00+0200 to 2026-10-25 03:30:00+0100"}));
}

TEST (Tariff, EverySecondWeek)
{
  ZonePointer zone = find_zone ("America/New_York");
  TariffPointer tariff =
      make ({{at (zone, "2026-10-24T08:00:00"), at (zone, "2026-10-26T08:00:00"), WEEKS, 2}});

  EXPECT_EQ (all (tariff, at (zone, "2026-10-20T00:00:00"), 30, zone),
             Strings ({"2026-10-24 08:00:00-0400 to 2026-10-26 08:00:00-0400",
                       "2026-11-07 08:00:00-0500 to 2026-11-09 08:00:00-0500"}));
}

/* As contracts have it: a month that is shorter ends earlier. */
TEST (Tariff, MonthsFromTheLastDay)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer tariff =
      make ({{at (zone, "2026-01-31T00:00:00"), at (zone, "2026-02-01T00:00:00"), MONTHS, 1}});
  TariffPointer month =
      make ({{at (zone, "2026-01-01T00:00:00"), at (zone, "2026-01-31T23:59:59"), MONTHS, 1}});

  EXPECT_EQ (all (tariff, at (zone, "2027-11-01T00:00:00"), 151, zone),
             Strings ({"2027-11-30 00:00:00+0000 to 2027-12-01 00:00:00+0000",
                       "2027-12-31 00:00:00+0000 to 2028-01-01 00:00:00+0000",
                       "2028-01-31 00:00:00+0000 to 2028-02-01 00:00:00+0000",
                       "2028-02-29 00:00:00+0000 to 2028-03-01 00:00:00+0000"}));
  EXPECT_EQ (look (month, at (zone, "2026-02-10T00:00:00"), zone),
             "2026-02-01 00:00:00+0000 to 2026-02-28 23:59:59+0000");
}

TEST (Tariff, ADayThatAMonthDoesNotHave)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer tariff =
      make ({{at (zone, "2026-01-30T00:00:00"), at (zone, "2026-01-31T00:00:00"), MONTHS, 1}});

  EXPECT_EQ (look (tariff, at (zone, "2026-02-10T00:00:00"), zone),
             "none until 2026-03-30 00:00:00+0000");
  EXPECT_EQ (look (tariff, at (zone, "2026-02-28T00:00:00"), zone),
             "none until 2026-03-30 00:00:00+0000");
}

TEST (Tariff, YearsFromTheLeapDay)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer leap_day =
      make ({{at (zone, "2024-02-29T00:00:00"), at (zone, "2024-03-01T00:00:00"), YEARS, 1}});
  TariffPointer day_before =
      make ({{at (zone, "2096-02-28T00:00:00"), at (zone, "2096-02-29T00:00:00"), YEARS, 1}});

  EXPECT_EQ (all (leap_day, at (zone, "2027-01-01T00:00:00"), 500, zone),
             Strings ({"2027-02-28 00:00:00+0000 to 2027-03-01 00:00:00+0000",
                       "2028-02-29 00:00:00+0000 to 2028-03-01 00:00:00+0000"}));
  EXPECT_EQ (look (day_before, at (zone, "2097-01-01T00:00:00"), zone),
             "none until 2104-02-28 00:00:00+0000");
}

/* In Asunción, the wall went back from midnight to 23:00 of the day before. */
TEST (Tariff, MidnightComesTwice)
{
  ZonePointer zone = find_zone ("America/Asuncion");
  TariffPointer tariff =
      make ({{at (zone, "2023-03-20T23:30:00"), at (zone, "2023-03-21T00:30:00"), DAYS, 1}});

  EXPECT_EQ (all (tariff, at (zone, "2023-03-25T12:00:00"), 2, zone),
             Strings ({"2023-03-25 23:30:00-0300 to 2023-03-26 00:30:00-0400",
                       "2023-03-26 23:30:00-0400 to 2023-03-27 00:30:00-0400"}));
}

/* In St. John's, it did so a minute after midnight: what has begun with the day goes on in the day before. */
TEST (Tariff, TheDayBeforeComesAgain)
{
  ZonePointer zone = find_zone ("America/St_Johns");
  TariffPointer tariff =
      make ({{at (zone, "2010-11-01T00:00:00"), at (zone, "2010-11-01T12:00:00"), DAYS, 1}});

  EXPECT_EQ (look (tariff, at (zone, "2010-11-07T03:00:00Z"), zone),
             "2010-11-07 00:00:00-0230 to 2010-11-07 12:00:00-0330");
}

/* Random periods, compared with one step after the other. The hours are such as no zone changes its clocks in. */
TEST (Tariff, SameAsStepByStep)
{
  std::mt19937 random (20261121);
  int inside = 0;

  for (const char *name : {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"}) {
    ZonePointer zone = find_zone (name);
    gint64 day = at (zone, "2026-01-01T00:00:00");

    for (int i = 0; i < 300; i++) {
      guint16 unit = (guint16)(HOURS + random () % 5);
      gint64 length =
          unit == HOURS ? 1 + (gint64)(random () % 7200) : 60 + (gint64)(random () % (4 * 3600));
      Period period = {0, 0, unit, 1 + (guint32)(random () % 3), 7};
      g_autoptr (GDateTime) base = g_date_time_new_from_unix_utc (day);
      g_autoptr (GDateTime) local = g_date_time_to_timezone (base, zone.get ());
      g_autoptr (GDateTime) date = g_date_time_add_days (local, (gint)(random () % 400));
      g_autoptr (GDateTime) begin = g_date_time_add_hours (date, 11);
      SlTariffMoment moment;

      period.begin = g_date_time_to_unix (begin) + (gint64)(random () % 3600);
      period.end = period.begin + length;
      /* some over several days, at the same hours */
      if (unit >= WEEKS && random () % 2)
        period.end += (gint64)(random () % 4) * 86400;
      TariffPointer tariff = make ({period});
      for (int j = 0; j < 20; j++) {
        gint64 range = unit == HOURS ? 3 * 86400 : unit == YEARS ? 6000 * 86400 : 600 * 86400;
        gint64 now = period.begin + (gint64)(random () % (guint64)range) - 86400;
        /* half of them close to a begin or an end */
        if (j % 2) {
          Stepped near = step_to (period, now, zone);
          now =
              (random () % 2 && near.end > 0 ? near.end : near.next) + (gint64)(random () % 3) - 1;
        }
        Stepped wanted = step_to (period, now, zone);
        bool found = sl_tariff_lookup (tariff.get (), now * kSecond + (gint64)(random () % kSecond),
                                       zone.get (), &moment);
        SCOPED_TRACE (std::string (name) + ", unit " + std::to_string (unit) + ", every " +
                      std::to_string (period.every) + ", from " +
                      show (period.begin * kSecond, zone) + " to " +
                      show (period.end * kSecond, zone) + ", at " + show (now * kSecond, zone));
        ASSERT_EQ (found, wanted.inside);
        ASSERT_EQ (show (moment.end, zone),
                   show ((found ? wanted.end : wanted.next) * kSecond, zone));
        ASSERT_EQ (moment.change,
                   (found ? std::min (wanted.end, wanted.next) : wanted.next) * kSecond);
        ASSERT_EQ (moment.begin, found ? wanted.begin * kSecond : 0);
        inside += found;
      }
    }
  }
  EXPECT_GT (inside, 2000);
}

/* As many periods as there may be, each repeated half a million times since 1970: computed, not counted. */
TEST (Tariff, ManyRepetitionsTakeNoTime)
{
  ZonePointer zone = find_zone ("Europe/Berlin");
  std::vector<Period> periods;
  SlTariffMoment moment;

  for (guint i = 0; i < 1000; i++)
    periods.push_back ({i, i + 1 + i % 7, (guint16)(HOURS + i % 5), 1 + i % 3, i});
  TariffPointer tariff = make (periods);
  gint64 begin = g_get_monotonic_time (), now = at (zone, "2026-11-21T12:00:00") * kSecond;
  for (int i = 0; i < 10; i++)
    sl_tariff_lookup (tariff.get (), now + i, zone.get (), &moment);
  EXPECT_LT (g_get_monotonic_time () - begin, 5 * kSecond);
}

TEST (Tariff, EndOfAllTime)
{
  ZonePointer zone = find_zone ("Pacific/Kiritimati");
  gint64 last = 253402300799;
  SlTariffMoment moment;

  for (guint16 unit : {NEVER, HOURS, DAYS, WEEKS, MONTHS, YEARS}) {
    for (guint32 every : {1u, 7u, G_MAXUINT32}) {
      TariffPointer tariff = make ({{0, 1, unit, every}, {last - 10, last, unit, every}});

      for (gint64 now : {G_MININT64, gint64{-1}, gint64{0}, kSecond, (last - 20) * kSecond,
                         (last - 5) * kSecond, last * kSecond, G_MAXINT64}) {
        sl_tariff_lookup (tariff.get (), now, zone.get (), &moment);
        EXPECT_GT (moment.change, std::min (now, G_MAXINT64 - 1)) << unit << " " << every;
      }
      EXPECT_TRUE (sl_tariff_lookup (tariff.get (), (last - 5) * kSecond, zone.get (), &moment));
      EXPECT_EQ (moment.end, last * kSecond);
    }
  }
}

/* A period whose last repetition ends when the year 10000 has begun, but not by its own wall. */
TEST (Tariff, EndOfAllTimeInTheWest)
{
  ZonePointer zone = find_zone ("Pacific/Honolulu");
  gint64 last = 253402300799, now = G_MAXINT64 - 1;
  gint64 begin = at (zone, "2026-11-21T08:00:00"), end = at (zone, "2026-11-21T20:00:00");
  TariffPointer tariff = make ({{begin, end, DAYS, 1}});
  SlTariffMoment moment;

  ASSERT_TRUE (sl_tariff_lookup (tariff.get (), now, zone.get (), &moment));
  EXPECT_LE (moment.begin, last * kSecond);
  EXPECT_GT (moment.end, now);
}

TEST (Tariff, EitherByteOrder)
{
  ZonePointer zone = find_zone ("UTC");
  TariffPointer tariff = parse (
      "('Mogwai tariff', uint16 0x0100, <('x', [(uint64 0xe803000000000000, uint64 "
      "0xd007000000000000, uint16 0x0200, uint32 0x01000000, uint64 0x0500000000000000)])>)");
  SlTariffMoment moment;

  EXPECT_EQ (look (tariff, 86400 + 1500, zone),
             "1970-01-02 00:16:40+0000 to 1970-01-02 00:33:20+0000");
  ASSERT_TRUE (sl_tariff_lookup (tariff.get (), 1500 * kSecond, zone.get (), &moment));
  EXPECT_EQ (moment.capacity, 5u);
}

/* Version 2 says in which zones its periods are repeated. */
TEST (Tariff, ZonesOfItsOwn)
{
  ZonePointer zone = find_zone ("Asia/Tokyo"), berlin = find_zone ("Europe/Berlin");
  gint64 begin = at (berlin, "2026-01-05T22:00:00"), end = at (berlin, "2026-01-06T06:00:00");
  auto text = [begin, end] (const char *one, const char *two) {
    return take (g_strdup_printf ("('Mogwai tariff', uint16 2, <('x', [(uint64 %" G_GINT64_FORMAT
                                  ", uint64 %" G_GINT64_FORMAT
                                  ", '%s', '%s', uint16 2, uint32 1, uint64 0)])>)",
                                  begin, end, one, two));
  };
  gint64 summer = at (berlin, "2026-07-01T23:30:00");

  /* in Tokyo's time: 22:00 and 06:00 of Berlin's summer; 05:00 of UTC, as 06:00 of Berlin's winter was */
  EXPECT_EQ (look (parse (text ("Europe/Berlin", "Europe/Berlin")), summer, zone),
             "2026-07-02 05:00:00+0900 to 2026-07-02 13:00:00+0900");
  EXPECT_EQ (look (parse (text ("Europe/Berlin", "UTC")), summer, zone),
             "2026-07-02 05:00:00+0900 to 2026-07-02 14:00:00+0900");
  EXPECT_EQ (look (parse (text ("", "")), summer, zone),
             look (make ({{begin, end, DAYS, 1}}), summer, zone));
  for (const char *name : {"Europe/Nowhere", "../../../etc/localtime", "/etc/localtime",
                           ":/etc/localtime", "Europe/../Asia/Tokyo"}) {
    Error error;
    EXPECT_EQ (sl_tariff_parse (text ("", name).c_str (), error.out ()), nullptr) << name;
    EXPECT_NE (error.text ().find ("no time zone"), std::string::npos) << error.text ();
  }
}

TEST (Tariff, BadTextIsRefused)
{
  std::string good = to_text ({{1000, 2000}});
  auto replaced = [&good] (const std::string &what, const std::string &with) {
    std::string text = good;
    EXPECT_NE (text.find (what), std::string::npos) << text;
    return text.replace (text.find (what), what.size (), with);
  };
  const std::pair<std::string, const char *> bad[] = {
      {"", "Tariff: "},
      {"1", "Tariff: "},
      {good + "x", "Tariff: "},
      {good.substr (0, good.size () - 1), "Tariff: "},
      {replaced ("Mogwai tariff", "Mogwai"), "“Mogwai” is not a tariff"},
      {replaced ("uint16 1", "uint16 3"), "version, 3, is unknown"},
      {replaced ("uint16 1", "uint16 0"), "version, 0, is unknown"},
      {replaced ("uint16 1", "uint16 2"), "version 2 doesn't look like (sa(ttqut))"},
      {replaced ("'name'", "uint32 7"), "version 1 doesn't look like"},
      {replaced ("uint64 1000", "uint64 2000"), "a period can't be from 2000 to 2000"},
      {replaced ("2000", "253402300800"), "a period can't be from 1000 to 253402300800"},
      {replaced ("2000", "18446744073709551615"), "a period can't be"},
      {to_text ({{1, 2, 6, 1}}), "6 is not a way to repeat"},
      {to_text (std::vector<Period> (1001, {1, 2})), "1001 periods are too many"},
      {"\xff", "not UTF-8"},
      {std::string (300000, '['), "too long"},
      {std::string (200000, '['), "Tariff: "},
  };

  EXPECT_TRUE (parse (good));
  for (auto &[text, message] : bad) {
    Error error;
    EXPECT_EQ (sl_tariff_parse (text.c_str (), error.out ()), nullptr) << text;
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << message;
    EXPECT_NE (error.text ().find (message), std::string::npos) << message << ": " << error.text ();
  }
}

TEST_F (Words, NothingSaidForbidsNothing)
{
  EXPECT_EQ (letters (nullptr), "");
  EXPECT_EQ (read ({}), "");
  EXPECT_EQ (read ({{"something", "else"}}), "");
  EXPECT_TRUE (messages.empty ());
}

TEST_F (Words, Flags)
{
  EXPECT_EQ (read ({{"allow-downloads", "0"}}), "f");
  EXPECT_EQ (read ({{"allow-downloads", "1"}}), "");
  EXPECT_EQ (read ({{"allow-downloads-when-metered", "1"}}), "m");
  EXPECT_EQ (read ({{"allow-downloads-when-metered", "0"}}), "");
  EXPECT_EQ (read ({{"allow-downloads", "0"}, {"allow-downloads-when-metered", "1"}}), "fm");
  EXPECT_TRUE (messages.empty ());
}

TEST_F (Words, TariffCountsWhenEnabled)
{
  std::string tariff = to_text ({{1000, 2000}});

  EXPECT_EQ (read ({{"tariff", tariff}, {"tariff-enabled", "1"}}), "t");
  EXPECT_EQ (read ({{"tariff", tariff}, {"tariff-enabled", "0"}}), "");
  EXPECT_EQ (read ({{"tariff", tariff}}), "");
  EXPECT_EQ (read ({{"tariff-enabled", "1"}}), "");
  EXPECT_EQ (read ({{"tariff", "broken"}, {"tariff-enabled", "0"}}), "");
  EXPECT_TRUE (messages.empty ());
}

TEST_F (Words, FaultsAreToldOnce)
{
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ (read ({{"allow-downloads", "no"}, {"allow-downloads-when-metered", "1"}}), "m");
    EXPECT_EQ (messages.size (), 1u);
  }
  EXPECT_NE (messages[0].find ("connection.allow-downloads"), std::string::npos) << messages[0];
  EXPECT_EQ (read ({{"allow-downloads", "maybe"}}), "");
  EXPECT_EQ (messages.size (), 2u);
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ (read ({{"tariff", "broken"}, {"tariff-enabled", "1"}}), "");
    EXPECT_EQ (messages.size (), 3u);
  }
  EXPECT_NE (messages[2].find ("Tariff: "), std::string::npos) << messages[2];
}

TEST_F (Words, AnotherTypeSaysNothing)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new ("(ss)", "a", "b"));

  EXPECT_EQ (letters (variant), "");
  EXPECT_EQ (messages.size (), 1u);
}
