/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The time holds a running download and releases it: hours, deadlines, the longest wait. */
#include "support/policy.h"

#include <csignal>

using namespace st;

namespace
{

const char kLogin[] = "org.freedesktop.login1";
const char kUser[] = "org.freedesktop.login1.User";
const char kSelf[] = "/org/freedesktop/login1/user/self";
const gint64 kSecond = G_USEC_PER_SEC;

class PolicyTime : public PolicyTest
{
protected:
  static GVariant *
  time_in (double seconds)
  {
    return g_variant_new_int64 (now () + (gint64)(seconds * kSecond));
  }
  /* Expects it to be released at @when (Unix µs), not before, and at most a second later. */
  void
  expect_released_at (const Download &download, gint64 when)
  {
    double left = (double)(when - now ()) / kSecond;
    EXPECT_TRUE (download.wait ("transferring", left + 1));
    EXPECT_GE (now (), when - kSecond / 10);
    EXPECT_LE ((double)(now () - when), (double)kSecond * time_factor ());
    expect_released (download);
  }
  /*
   * Chooses a time zone for the daemon in which a minute begins in about @seconds, returns that time, and the window
   * that begins then.
   */
  gint64
  choose_zone (double seconds, std::string *window)
  {
    gint64 begin = now () / kSecond + (gint64)(seconds * time_factor ());
    gint64 offset = (60 - begin % 60) % 60, minute = (begin + offset) / 60 % 1440;
    char zone[16], text[32];
    g_snprintf (zone, sizeof zone, "+00:00:%02d", (int)offset);
    environment["TZ"] = zone;
    g_snprintf (text, sizeof text, "%02d:%02d-%02d:%02d", (int)minute / 60, (int)minute % 60,
                (int)(minute / 60 + 2) % 24, (int)minute % 60);
    *window = text;
    return begin * kSecond;
  }
  /* Whether it has this rate during two seconds soon; other load on the machine may spoil some. */
  bool
  comes_to (const Download &download, double wanted)
  {
    for (int i = 0; i < 6; i++) {
      std::uint64_t before = download.number ("BytesFetched");
      gint64 begun = g_get_monotonic_time ();
      run_for (2);
      double got = (double)(download.number ("BytesFetched") - before) * kSecond /
                   (double)(g_get_monotonic_time () - begun);
      if (got >= 0.8 * wanted && got <= 1.2 * wanted)
        return true;
    }
    return false;
  }

  const Reasons outside = {"outside-window"};
  const std::string always = "[Conditions]\nHours=\n";
};

} // namespace

TEST_F (PolicyTime, Hours)
{
  Download normal = begin ("normal");
  Download high = begin ("high", Properties ().add ("Priority", "high"));
  Download foreground = begin ("foreground", Properties ().add ("Priority", "foreground"));

  configure (closed ());
  expect_held (normal, outside);
  expect_held (high, outside);
  expect_moving (foreground);
  configure ("[Conditions]\nHours=" + window_in (0) + "; " + window_in (1) + "\n");
  expect_released (normal);
  expect_released (high);
  finish ({foreground, high, normal});
}

TEST_F (PolicyTime, AWindowBegins)
{
  std::string window;
  gint64 begin_at = choose_zone (4, &window);
  Download download = begin ("file");

  configure ("[Conditions]\nHours=" + window + "\n");
  expect_held (download, outside);
  expect_released_at (download, begin_at);
  finish ({download});
}

/* The limits of a period count from its beginning. */
TEST_F (PolicyTime, AnHourWithoutRateBegins)
{
  std::string window;
  gint64 begin_at = choose_zone (3, &window);

  configure ("[Work]\nHours=" + window + "\nBackgroundRate=0\n");
  Download download = begin ("file");
  ASSERT_TRUE (download.wait ("queued", 5));
  EXPECT_GE (now (), begin_at);
  EXPECT_LE ((double)(now () - begin_at), (double)kSecond * time_factor ());
  expect_held (download, {"rate-zero"});
  configure ("");
  expect_released (download);
  finish ({download});
}

TEST_F (PolicyTime, Rates)
{
  const std::string work = "[Work]\nHours=00:00-24:00\nForegroundRate=unlimited\nBackgroundRate=";

  rate = 1000000;
  body = random_bytes (12000000);
  allow (body);
  Download normal = begin ("normal");
  configure (work + "0\n");
  expect_held (normal, {"rate-zero"});
  Download foreground = begin ("foreground", Properties ().add ("Priority", "foreground"));
  expect_moving (foreground);
  configure (work + "200K\n");
  expect_moving (foreground);
  ASSERT_TRUE (foreground.pause ());
  expect_released (normal);
  EXPECT_TRUE (comes_to (normal, 204800));
  configure (work + "400K\n");
  EXPECT_TRUE (comes_to (normal, 409600));
  configure ("");
  ASSERT_TRUE (foreground.start ());
  finish ({foreground, normal});
}

TEST_F (PolicyTime, PastDeadlines)
{
  configure (closed ());
  Download patient = ask ("patient");
  Download late = begin ("late", Properties ().add ("Deadline", g_variant_new_int64 (1)));

  expect_held (patient, outside);
  expect_moving (late);
  /* written during the transfer, in both directions */
  write (patient, "Deadline", time_in (-1));
  expect_released (patient);
  write (late, "Deadline", g_variant_new_int64 (0));
  expect_held (late, outside);
  write (late, "Deadline", time_in (3600));
  run_for (0.2);
  EXPECT_EQ (late.status ().state, "queued");
  write (late, "Deadline", time_in (-1));
  expect_released (late);
  finish ({patient, late});
}

TEST_F (PolicyTime, DeadlinesPass)
{
  Download first = begin ("first"), second = begin ("second"), never = begin ("never");

  configure (closed ());
  expect_held (never, outside);
  gint64 at = now () + 2 * kSecond;
  write (first, "Deadline", g_variant_new_int64 (at));
  write (second, "Deadline", g_variant_new_int64 (at + 2 * kSecond));
  expect_held (first, outside);
  expect_held (second, outside);
  expect_released_at (first, at);
  expect_released_at (second, at + 2 * kSecond);
  EXPECT_EQ (never.status ().state, "queued");
  configure ("");
  finish ({first, second, never});
}

/* The administrator's limit for how long comfort may hold a download, from Start on. */
TEST_F (PolicyTime, LongEnough)
{
  configure_admin ("[Conditions]\nMaxWait=3s\n");
  configure (closed ());
  gint64 begun = now ();
  Download started = ask ("started");
  serve ("automatic", rate);
  Download automatic =
      create_file (server->url ("/automatic"), "automatic", Properties ().add ("AutoStart", true));
  expect_held (started, outside);
  EXPECT_EQ (reasons_of (automatic), outside);
  /* the user can make them wait longer, not shorter */
  configure (closed () + "MaxWait=1s\n");
  expect_released_at (started, begun + 3 * kSecond);
  expect_released (automatic, 2);
  /* it counts from Start, so it is not held again */
  EXPECT_EQ (count_stops (started), 0);
  finish ({started, automatic});
}

TEST_F (PolicyTime, LongEnoughOverRestarts)
{
  configure_admin ("[Conditions]\nMaxWait=4s\n");
  configure (closed ());
  Download started = ask ("started");
  gint64 begun = now ();
  serve ("automatic", rate);
  Download automatic =
      create_file (server->url ("/automatic"), "automatic", Properties ().add ("AutoStart", true));
  expect_held (started, outside);
  restart_daemon (SIGTERM);
  EXPECT_EQ (reasons_of (started), outside);
  restart_daemon (SIGKILL);
  EXPECT_EQ (reasons_of (automatic), outside);
  EXPECT_LT (now (), begun + 4 * kSecond) << "too slow a machine for this case";
  EXPECT_TRUE (started.wait ("transferring", 5));
  EXPECT_GE (now (), begun + 4 * kSecond - kSecond / 5);
  EXPECT_LE ((double)(now () - begun), 4e6 + 1e6 * time_factor ());
  EXPECT_TRUE (automatic.wait ("transferring", 2));
  finish ({started, automatic});
}

TEST_F (PolicyTime, IgnoreConditions)
{
  Download download = begin ("file");

  configure (closed ());
  for (int i = 0; i < 2; i++) {
    expect_held (download, outside);
    write (download, "IgnoreConditions", g_variant_new_boolean (TRUE));
    expect_released (download, 1);
    write (download, "IgnoreConditions", g_variant_new_boolean (FALSE));
  }
  expect_held (download, outside);
  configure ("");
  finish ({download});
}

/* A property written while it runs or waits takes effect at once. */
TEST_F (PolicyTime, WrittenInFlight)
{
  Mock logind (system, kLogin);

  logind.object ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
  logind.object (kSelf, kUser, "{'IdleHint': <false>}");
  logind.start ();
  Download download = begin ("file");
  write (download, "OnlyWhenIdle", g_variant_new_boolean (TRUE));
  expect_held (download, {"user-active"});
  write (download, "OnlyWhenIdle", g_variant_new_boolean (FALSE));
  expect_released (download, 1);
  configure (closed ());
  expect_held (download, outside);
  write (download, "Priority", g_variant_new_string ("foreground"));
  expect_released (download, 1);
  write (download, "Priority", g_variant_new_string ("low"));
  expect_held (download, outside);
  write (download, "OnlyWhenIdle", g_variant_new_boolean (TRUE));
  EXPECT_TRUE (wait_until (
      [&] {
        return told (download, "StateReasons").strv () ==
               Reasons ({"user-active", "outside-window"});
      },
      1))
      << told (download, "StateReasons").print ();
  EXPECT_EQ (reasons_of (download), told (download, "StateReasons").strv ());
  write (download, "OnlyWhenIdle", g_variant_new_boolean (FALSE));
  configure ("");
  expect_released (download);
  finish ({download});
}
