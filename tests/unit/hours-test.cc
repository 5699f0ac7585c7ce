/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base: hours of the week by the wall clock, and local time itself. */
#include "unit.h"

#include "base/error.h"
#include "base/hours.h"
#include "base/zone.h"

#include <random>

namespace
{

constexpr gint64 kSecond = G_USEC_PER_SEC, kMinute = 60 * kSecond, kDay = 24 * 60 * kMinute;

using HoursPointer = std::unique_ptr<SlHours, decltype (&sl_hours_free)>;

HoursPointer
parse (const std::string &text)
{
  Error error;
  HoursPointer hours (sl_hours_parse (text.c_str (), error.out ()), sl_hours_free);

  EXPECT_TRUE (hours) << text << ": " << error.text ();
  return hours;
}

std::string
print (const HoursPointer &hours)
{
  return take (sl_hours_to_string (hours.get ()));
}

std::string
again (const std::string &text)
{
  return print (parse (text));
}

/* A time zone, and moments in its local time. */
class Zone
{
public:
  explicit Zone (const std::string &name) : name (name)
  {
    zone = g_time_zone_new_identifier (name.c_str ());
    if (zone == nullptr)
      ADD_FAILURE () << "there is no time zone " << name;
  }
  Zone (const Zone &) = delete;
  Zone &operator= (const Zone &) = delete;
  ~Zone ()
  {
    g_time_zone_unref (zone);
  }
  /* Unix µs of "2026-03-29T01:30:00Z", or of the zone's local time without the Z. */
  gint64
  at (const char *text) const
  {
    g_autoptr (GDateTime) date = g_date_time_new_from_iso8601 (text, zone);

    if (date == nullptr)
      ADD_FAILURE () << text;
    return g_date_time_to_unix (date) * kSecond + g_date_time_get_microsecond (date);
  }
  std::string
  text (gint64 time) const
  {
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (sl_floor_div (time, kSecond));
    g_autoptr (GDateTime) date = time != G_MAXINT64 ? g_date_time_to_timezone (utc, zone) : nullptr;

    return date != nullptr ? take (g_date_time_format (date, "%a %F %T%z")) : "never";
  }

  std::string name;
  GTimeZone *zone;
};

/* All changes within @days days, in local time. */
std::vector<std::string>
changes (const char *hours_text, const Zone &zone, const char *from, int days)
{
  HoursPointer hours = parse (hours_text);
  std::vector<std::string> found;
  gint64 end = zone.at (from) + days * kDay;

  for (gint64 time = sl_hours_next_change (hours.get (), zone.at (from), zone.zone); time < end;
       time = sl_hours_next_change (hours.get (), time, zone.zone)) {
    bool inside = sl_hours_contain (hours.get (), time, zone.zone);
    EXPECT_NE (inside, sl_hours_contain (hours.get (), time - 1, zone.zone)) << zone.text (time);
    found.push_back ((inside ? "+" : "-") + zone.text (time));
  }
  return found;
}

using Strings = std::vector<std::string>;

const char *const kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

/* Random windows as text, and as a simple set of minutes of the week. */
struct RandomHours {
  explicit RandomHours (std::mt19937 &random) : minutes (7 * 1440)
  {
    for (int n = 1 + (int)(random () % 3); n > 0; n--) {
      int first = (int)(random () % 7), last = random () % 2 ? (int)(random () % 7) : first;
      /* mostly early in the morning, when clocks are changed */
      int begin = (int)(random () % (random () % 3 ? 240 : 1440)), length = 1;
      length += (int)(random () % (random () % 2 ? 90 : 1439));
      if (begin % 3)
        begin -= begin % 30;
      int end = (begin + length) % 1440;
      if (end == begin)
        end = (end + 1) % 1440;
      text += text.empty () ? "" : "; ";
      bool all = random () % 3 == 0;
      if (!all)
        text += std::string (kDays[first]) + (last != first ? std::string ("-") + kDays[last] : "");
      text += take (
          g_strdup_printf (" %02d:%02d-%02d:%02d", begin / 60, begin % 60, end / 60, end % 60));
      for (int day = 0; day < 7; day++)
        if (all || (day - first + 7) % 7 <= (last - first + 7) % 7)
          for (int i = begin; i < (end > begin ? end : end + 1440); i++)
            minutes[(gsize)(day * 1440 + i) % minutes.size ()] = true;
    }
  }
  bool
  contain (gint64 time, const Zone &zone) const
  {
    g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (sl_floor_div (time, kSecond));
    g_autoptr (GDateTime) date = g_date_time_to_timezone (utc, zone.zone);

    return minutes[(gsize)((g_date_time_get_day_of_week (date) - 1) * 1440 +
                           g_date_time_get_hour (date) * 60 + g_date_time_get_minute (date))];
  }

  std::string text;
  std::vector<bool> minutes;
};

} // namespace

TEST (Zone, WallAndBack)
{
  Zone zone ("Europe/Berlin");
  gint64 forward = zone.at ("2026-03-29T01:00:00Z") / kSecond,
         back = zone.at ("2026-10-25T01:00:00Z") / kSecond;

  EXPECT_EQ (sl_zone_to_local (zone.zone, forward - 1) - (forward - 1), 3600);
  EXPECT_EQ (sl_zone_to_local (zone.zone, forward) - forward, 7200);
  EXPECT_EQ (sl_zone_to_local (zone.zone, back) - back, 3600);
  /* 02:00 to 03:00 is skipped */
  EXPECT_EQ (sl_zone_from_local (zone.zone, forward + 3600 - 1), forward - 1);
  EXPECT_EQ (sl_zone_from_local (zone.zone, forward + 3600), forward);
  EXPECT_EQ (sl_zone_from_local (zone.zone, forward + 3600 + 1800), forward);
  EXPECT_EQ (sl_zone_from_local (zone.zone, forward + 7200), forward);
  EXPECT_EQ (sl_zone_from_local (zone.zone, forward + 7201), forward + 1);
  /* 02:00 to 03:00 comes twice */
  EXPECT_EQ (sl_zone_from_local (zone.zone, back + 3600), back - 3600);
  EXPECT_EQ (sl_zone_from_local (zone.zone, back + 7199), back - 1);
  EXPECT_EQ (sl_zone_from_local (zone.zone, back + 7200), back + 3600);
  EXPECT_EQ (sl_zone_find_change (zone.zone, forward - 100000, back), forward);
  EXPECT_EQ (sl_zone_find_change (zone.zone, forward - 1, forward), forward);
  EXPECT_EQ (sl_zone_find_change (zone.zone, forward, back - 1), G_MAXINT64);
}

/* Converts each local second and back, for every zone. */
TEST (Zone, WallAndBackInAllZones)
{
  for (const char *name :
       {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
        "Pacific/Apia", "Africa/Casablanca", "Antarctica/Troll", "America/Havana", "-23:30"}) {
    Zone zone (name);
    std::mt19937 random (7);

    for (int i = 0; i < 2000; i++) {
      gint64 moment = (gint64)(random () % 4000000000u) - 1000000000;
      gint64 local = sl_zone_to_local (zone.zone, moment);
      gint64 first = sl_zone_from_local (zone.zone, local);

      ASSERT_LE (first, moment) << name;
      ASSERT_EQ (sl_zone_to_local (zone.zone, first), local) << name << " " << moment;
    }
  }
}

TEST (Zone, DivisionRoundsDown)
{
  EXPECT_EQ (sl_floor_div (-1, 86400), -1);
  EXPECT_EQ (sl_floor_div (-86400, 86400), -1);
  EXPECT_EQ (sl_floor_div (86399, 86400), 0);
  EXPECT_EQ (sl_floor_mod (-1, 86400), 86399);
  EXPECT_EQ (sl_floor_mod (-86400, 86400), 0);
}

TEST (Hours, TextIsPutInOrder)
{
  EXPECT_EQ (again (""), "");
  EXPECT_EQ (again (" \t\n"), "");
  EXPECT_EQ (again ("00:00-24:00"), "00:00-24:00");
  EXPECT_EQ (again ("Mon-Sun 08:00-18:00"), "08:00-18:00");
  EXPECT_EQ (again ("Mon-Fri 08:00-18:00; Sat,Sun 22:00-06:00"),
             "Mon-Fri 08:00-18:00; Sat,Sun 22:00-06:00");
  EXPECT_EQ (again ("  mon -  WED ,Fri   08:00 - 18:00;21:00-22:00  "),
             "Mon-Wed,Fri 08:00-18:00; 21:00-22:00");
  EXPECT_EQ (again ("22:00-06:00"), "22:00-06:00");
  EXPECT_EQ (again ("22:00-00:00"), "22:00-24:00");
  EXPECT_EQ (again ("Mon 00:00-24:00"), "Mon 00:00-24:00");
}

TEST (Hours, DaysGoRoundTheEndOfTheWeek)
{
  EXPECT_EQ (again ("Fri-Mon 08:00-18:00"), "Mon,Fri-Sun 08:00-18:00");
  EXPECT_EQ (again ("Sun-Sat 08:00-18:00"), "08:00-18:00");
  EXPECT_EQ (again ("Sun-Mon 22:00-06:00"), "Mon,Sun 22:00-06:00");
  EXPECT_EQ (again ("Sun 22:00-24:00; Mon 00:00-06:00"), "Sun 22:00-06:00");
}

TEST (Hours, WindowsAddUp)
{
  EXPECT_EQ (again ("08:00-12:00; 12:00-18:00"), "08:00-18:00");
  EXPECT_EQ (again ("08:00-12:00; 10:00-18:00; 09:00-10:00"), "08:00-18:00");
  EXPECT_EQ (again ("Mon 08:00-12:00; Tue 08:00-12:00"), "Mon,Tue 08:00-12:00");
  EXPECT_EQ (again ("Fri 18:00-24:00; Sat,Sun 00:00-24:00; Mon 00:00-08:00"),
             "Fri 18:00-24:00; Sat,Sun 00:00-24:00; Mon 00:00-08:00");
  EXPECT_EQ (again ("08:00-20:00; 20:00-08:00"), "00:00-24:00");
  EXPECT_TRUE (sl_hours_equal (parse ("08:00-20:00").get (),
                               parse ("20:00-08:00; 08:00-20:00").get ()) == FALSE);
  EXPECT_TRUE (
      sl_hours_equal (parse ("00:00-24:00").get (), parse ("20:00-08:00; 08:00-20:00").get ()));
}

TEST (Hours, BadTextIsQuoted)
{
  const std::pair<const char *, const char *> bad[] = {
      {"Mon-Fry 08:00-18:00", "“Fry” is not a day"},
      {"Monday 08:00-18:00", "“Monday” is not a day"},
      {"Mon,,Tue 08:00-18:00", "“Mon,,Tue” lacks a day"},
      {"Mon- 08:00-18:00", "“Mon-” lacks a day"},
      {"-Mon 08:00-18:00", "“-Mon” lacks a day"},
      {"Mon-Tue-Wed 08:00-18:00", "“Tue-Wed” is not a day"},
      {"Mon08:00-18:00", "“Mon08:00-18:00” has no space"},
      {"Mon", "“Mon” has no time span"},
      {"08:00", "“08:00” is not a time span"},
      {"08:00-", "“” is not a time"},
      {"8:00-18:00", "“8:00” is not a time"},
      {"08:00-18:0", "“18:0” is not a time"},
      {"08:00-18:60", "“18:60” is not a time"},
      {"08:00-24:01", "“24:01” is not a time"},
      {"24:00-08:00", "“24:00” is not a time"},
      {"08:00-25:00", "“25:00” is not a time"},
      {"08:00-18:00-19:00", "“18:00-19:00” is not a time"},
      {"08:00-18:00 Mon", "“18:00 Mon” is not a time"},
      {"08.00-18.00", "“08.00” is not a time"},
      {"08:00-08:00", "“08:00-08:00” has no length"},
      {"00:00-00:00", "00:00-24:00"},
      {"08:00-09:00;", "“08:00-09:00;” lacks hours"},
      {";", "“;” lacks hours"},
      {"08:00-09:00, 10:00-11:00", "“09:00, 10:00-11:00” is not a time"},
      {"\xff", "not UTF-8"},
  };

  for (auto &[text, message] : bad) {
    Error error;
    EXPECT_EQ (sl_hours_parse (text, error.out ()), nullptr) << text;
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << text;
    EXPECT_NE (error.text ().find (message), std::string::npos) << text << ": " << error.text ();
  }
  Error error;
  EXPECT_EQ (sl_hours_parse (std::string (100000, ' ').c_str (), error.out ()), nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT));
}

TEST (Hours, NoneAndAllNeverChange)
{
  Zone zone ("Europe/Berlin");

  for (const char *text : {"", "00:00-24:00", "12:00-06:00; 06:00-12:00"}) {
    HoursPointer hours = parse (text);
    for (gint64 time : {gint64{0}, zone.at ("2026-03-29T01:30:00"), G_MININT64, G_MAXINT64}) {
      EXPECT_EQ (sl_hours_contain (hours.get (), time, zone.zone), *text != '\0');
      EXPECT_EQ (sl_hours_next_change (hours.get (), time, zone.zone), G_MAXINT64);
    }
  }
}

TEST (Hours, ExactToTheMicrosecond)
{
  Zone zone ("Asia/Kathmandu"); /* +05:45 */
  HoursPointer hours = parse ("Sat 08:00-18:00");
  gint64 begin = zone.at ("2026-11-21T08:00:00"), end = zone.at ("2026-11-21T18:00:00");

  EXPECT_FALSE (sl_hours_contain (hours.get (), begin - 1, zone.zone));
  EXPECT_TRUE (sl_hours_contain (hours.get (), begin, zone.zone));
  EXPECT_TRUE (sl_hours_contain (hours.get (), end - 1, zone.zone));
  EXPECT_FALSE (sl_hours_contain (hours.get (), end, zone.zone));
  EXPECT_EQ (sl_hours_next_change (hours.get (), begin - 1, zone.zone), begin);
  EXPECT_EQ (sl_hours_next_change (hours.get (), begin, zone.zone), end);
  EXPECT_EQ (sl_hours_next_change (hours.get (), end - 1, zone.zone), end);
  EXPECT_EQ (sl_hours_next_change (hours.get (), end, zone.zone), begin + 7 * kDay);
}

TEST (Hours, OverMidnightBelongsToTheDayItBegins)
{
  Zone zone ("UTC");

  EXPECT_EQ (changes ("Sun 22:00-06:00", zone, "2026-11-16T00:00:00Z", 8),
             Strings ({"-Mon 2026-11-16 06:00:00+0000", "+Sun 2026-11-22 22:00:00+0000",
                       "-Mon 2026-11-23 06:00:00+0000"}));
  EXPECT_EQ (changes ("Fri-Sun 23:00-01:00", zone, "2026-11-16T12:00:00Z", 7),
             Strings ({"+Fri 2026-11-20 23:00:00+0000", "-Sat 2026-11-21 01:00:00+0000",
                       "+Sat 2026-11-21 23:00:00+0000", "-Sun 2026-11-22 01:00:00+0000",
                       "+Sun 2026-11-22 23:00:00+0000", "-Mon 2026-11-23 01:00:00+0000"}));
}

TEST (Hours, BeforeTheEpoch)
{
  Zone zone ("UTC");

  EXPECT_EQ (changes ("Wed 23:30-00:30", zone, "1969-12-31T12:00:00Z", 2),
             Strings ({"+Wed 1969-12-31 23:30:00+0000", "-Thu 1970-01-01 00:30:00+0000"}));
}

/* In Berlin there is no 02:00 to 03:00 on 2026-03-29. */
TEST (Hours, SpringLeavesAnHourOut)
{
  Zone zone ("Europe/Berlin");
  HoursPointer hours = parse ("02:00-03:00");
  gint64 forward = zone.at ("2026-03-29T01:00:00Z");

  for (gint64 time = forward - 2 * 60 * kMinute; time < forward + 2 * 60 * kMinute; time += kMinute)
    EXPECT_FALSE (sl_hours_contain (hours.get (), time, zone.zone)) << zone.text (time);
  EXPECT_EQ (changes ("02:00-03:00", zone, "2026-03-28T00:00:00", 3),
             Strings ({"+Sat 2026-03-28 02:00:00+0100", "-Sat 2026-03-28 03:00:00+0100",
                       "+Mon 2026-03-30 02:00:00+0200", "-Mon 2026-03-30 03:00:00+0200"}));
  EXPECT_EQ (changes ("Sun 02:15-02:45", zone, "2026-03-23T00:00:00", 14),
             Strings ({"+Sun 2026-04-05 02:15:00+0200", "-Sun 2026-04-05 02:45:00+0200"}));
  EXPECT_EQ (changes ("Sun 01:30-02:30", zone, "2026-03-28T00:00:00", 2),
             Strings ({"+Sun 2026-03-29 01:30:00+0100", "-Sun 2026-03-29 03:00:00+0200"}));
  EXPECT_EQ (changes ("Sun 02:30-03:30", zone, "2026-03-28T00:00:00", 2),
             Strings ({"+Sun 2026-03-29 03:00:00+0200", "-Sun 2026-03-29 03:30:00+0200"}));
}

/* In Berlin 02:00 to 03:00 comes twice on 2026-10-25. */
TEST (Hours, AutumnRepeatsAnHour)
{
  Zone zone ("Europe/Berlin");

  EXPECT_EQ (changes ("Sun 02:15-02:45", zone, "2026-10-24T00:00:00", 3),
             Strings ({"+Sun 2026-10-25 02:15:00+0200", "-Sun 2026-10-25 02:45:00+0200",
                       "+Sun 2026-10-25 02:15:00+0100", "-Sun 2026-10-25 02:45:00+0100"}));
  EXPECT_EQ (changes ("Sun 02:30-03:00", zone, "2026-10-24T00:00:00", 3),
             Strings ({"+Sun 2026-10-25 02:30:00+0200", "-Sun 2026-10-25 02:00:00+0100",
                       "+Sun 2026-10-25 02:30:00+0100", "-Sun 2026-10-25 03:00:00+0100"}));
  EXPECT_EQ (changes ("Sun 02:00-03:00", zone, "2026-10-24T00:00:00", 3),
             Strings ({"+Sun 2026-10-25 02:00:00+0200", "-Sun 2026-10-25 03:00:00+0100"}));
}

TEST (Hours, NewYorkChangesOnOtherDays)
{
  Zone zone ("America/New_York");

  EXPECT_EQ (changes ("Sun 02:30-04:00", zone, "2026-03-07T12:00:00", 2),
             Strings ({"+Sun 2026-03-08 03:00:00-0400", "-Sun 2026-03-08 04:00:00-0400"}));
  EXPECT_EQ (changes ("Sun 01:30-01:45", zone, "2026-10-31T12:00:00", 2),
             Strings ({"+Sun 2026-11-01 01:30:00-0400", "-Sun 2026-11-01 01:45:00-0400",
                       "+Sun 2026-11-01 01:30:00-0500", "-Sun 2026-11-01 01:45:00-0500"}));
}

/* Lord Howe Island's clocks change by half an hour. */
TEST (Hours, HalfAnHourOfDaylightSaving)
{
  Zone zone ("Australia/Lord_Howe");

  EXPECT_EQ (changes ("Sun 01:45-02:15", zone, "2026-10-03T12:00:00", 2),
             Strings ({"+Sun 2026-10-04 01:45:00+1030", "-Sun 2026-10-04 02:30:00+1100"}));
  EXPECT_EQ (changes ("Sun 01:45-02:15", zone, "2026-04-04T12:00:00", 2),
             Strings ({"+Sun 2026-04-05 01:45:00+1100", "-Sun 2026-04-05 01:30:00+1030",
                       "+Sun 2026-04-05 01:45:00+1030", "-Sun 2026-04-05 02:15:00+1030"}));
}

/* Samoa had no 30 December in 2011, which would have been a Friday. */
TEST (Hours, ADayIsLeftOut)
{
  Zone zone ("Pacific/Apia");

  EXPECT_EQ (changes ("Fri 08:00-10:00", zone, "2011-12-24T00:00:00", 15),
             Strings ({"+Fri 2012-01-06 08:00:00+1400", "-Fri 2012-01-06 10:00:00+1400"}));
}

TEST (Hours, EndOfAllTime)
{
  Zone zone ("Europe/Berlin");
  HoursPointer hours = parse ("Sun 08:00-10:00");

  for (gint64 time : {G_MAXINT64, G_MAXINT64 - 1, G_MAXINT64 - kDay})
    EXPECT_GT (sl_hours_next_change (hours.get (), time, zone.zone), time - 1);
  EXPECT_GT (sl_hours_next_change (hours.get (), G_MININT64, zone.zone), G_MININT64);
  EXPECT_LT (sl_hours_next_change (hours.get (), G_MININT64, zone.zone), G_MININT64 + 15 * kDay);
}

/* Random hours around every kind of change, compared with each minute of three weeks. */
TEST (Hours, SameAsMinuteByMinute)
{
  const std::pair<const char *, const char *> places[] = {
      {"Europe/Berlin", "2026-03-29T01:00:00Z"},
      {"Europe/Berlin", "2026-10-25T01:00:00Z"},
      {"America/New_York", "2026-03-08T07:00:00Z"},
      {"America/New_York", "2026-11-01T06:00:00Z"},
      {"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
      {"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
      {"Asia/Kolkata", "2026-06-01T00:00:00Z"},
      {"America/St_Johns", "2026-03-08T05:30:00Z"},
      {"Africa/Casablanca", "2026-02-15T02:00:00Z"},
      {"America/Havana", "2026-11-01T05:00:00Z"},
      {"Pacific/Apia", "2011-12-30T10:00:00Z"},
      {"Antarctica/Troll", "2026-10-25T01:00:00Z"},
  };
  std::mt19937 random (20261121);
  int checked = 0;

  for (auto &[name, moment] : places) {
    Zone zone (name);
    gint64 begin = zone.at (moment) - 4 * kDay - (gint64)(random () % 1440) * kMinute;

    for (int round = 0; round < 4; round++) {
      RandomHours model (random);
      HoursPointer hours = parse (model.text);
      std::vector<bool> inside;

      for (int i = 0; i < 21 * 1440; i++) {
        gint64 time = begin + i * kMinute;
        inside.push_back (model.contain (time, zone));
        ASSERT_EQ (sl_hours_contain (hours.get (), time + (gint64)(random () % kMinute), zone.zone),
                   inside.back ())
            << name << ": " << model.text << " at " << zone.text (time);
      }
      for (int i = 0; i < 150; i++) {
        gsize minute = random () % (6 * 1440), next = minute + 1;
        gint64 time = begin + (gint64)minute * kMinute + (gint64)(random () % kMinute);

        while (next < inside.size () && inside[next] == inside[minute])
          next++;
        gint64 wanted = next < inside.size () ? begin + (gint64)next * kMinute : G_MAXINT64;
        gint64 found = sl_hours_next_change (hours.get (), time, zone.zone);
        ASSERT_EQ (found, wanted) << name << ": " << model.text << " after " << zone.text (time)
                                  << ": " << zone.text (found) << " and not " << zone.text (wanted);
        checked += wanted != G_MAXINT64;
      }
    }
  }
  EXPECT_GT (checked, 5000);
}

TEST (Hours, TextLeadsBackToTheSameHours)
{
  std::mt19937 random (3);

  for (int i = 0; i < 2000; i++) {
    RandomHours model (random);
    HoursPointer hours = parse (model.text), back = parse (print (hours)),
                 copy (sl_hours_copy (hours.get ()), sl_hours_free);

    ASSERT_TRUE (sl_hours_equal (hours.get (), back.get ())) << model.text << ": " << print (hours);
    ASSERT_TRUE (sl_hours_equal (hours.get (), copy.get ())) << model.text;
    ASSERT_EQ (print (back), print (hours)) << model.text;
  }
}

TEST (Hours, IntersectionIsInBoth)
{
  std::mt19937 random (4);
  Zone zone ("UTC");
  gint64 begin = zone.at ("2026-11-16T00:00:00Z");

  for (int i = 0; i < 100; i++) {
    RandomHours a (random), b (random);
    HoursPointer one = parse (a.text), two = parse (b.text),
                 both (sl_hours_intersect (one.get (), two.get ()), sl_hours_free),
                 swapped (sl_hours_intersect (two.get (), one.get ()), sl_hours_free);

    EXPECT_TRUE (sl_hours_equal (both.get (), swapped.get ()));
    EXPECT_TRUE (sl_hours_equal (both.get (), parse (print (both)).get ()));
    for (gsize minute = 0; minute < a.minutes.size (); minute++)
      ASSERT_EQ (sl_hours_contain (both.get (), begin + (gint64)minute * kMinute, zone.zone),
                 a.minutes[minute] && b.minutes[minute])
          << a.text << " and " << b.text << " give " << print (both) << ", minute " << minute;
  }
}

TEST (Hours, NothingToIntersectWithIsAlways)
{
  HoursPointer hours = parse ("Mon-Fri 08:00-18:00"),
               first (sl_hours_intersect (hours.get (), nullptr), sl_hours_free),
               second (sl_hours_intersect (nullptr, hours.get ()), sl_hours_free),
               none (sl_hours_intersect (nullptr, nullptr), sl_hours_free);

  EXPECT_EQ (print (first), "Mon-Fri 08:00-18:00");
  EXPECT_EQ (print (second), "Mon-Fri 08:00-18:00");
  EXPECT_EQ (print (none), "00:00-24:00");
}
