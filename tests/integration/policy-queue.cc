/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds and releases many at once: a suspended service, a thousand downloads, priority of the foreground. */
#include "support/policy.h"

#include <algorithm>
#include <csignal>

using namespace st;

namespace
{

const char kLogin[] = "org.freedesktop.login1";
const char kLoginPath[] = "/org/freedesktop/login1";
const char kLoginManager[] = "org.freedesktop.login1.Manager";

class PolicyQueue : public PolicyTest
{
protected:
  void
  set_suspended (bool suspended)
  {
    Reply reply = manager ().set (kManagerPath, "Suspended", g_variant_new_boolean (suspended));
    EXPECT_TRUE (reply) << reply.message;
  }
  /* The last value in PropertiesChanged, and how often it came. */
  std::pair<std::string, int>
  told_suspended ()
  {
    std::pair<std::string, int> found = {"", 0};
    for (const Signal &signal : connection->signals) {
      if (signal.path != kManagerPath || signal.member != "PropertiesChanged")
        continue;
      Value value (g_variant_lookup_value (signal.args[1].get (), "Suspended", nullptr));
      if (value)
        found = {value.print (), found.second + 1};
    }
    return found;
  }
  /* Many small downloads by one call, with AutoStart. */
  std::vector<Download>
  create_many (int n, const Resource &resource)
  {
    GVariantBuilder builder;
    std::vector<Download> downloads;
    g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
    for (int i = 0; i < n; i++) {
      std::string name = std::to_string (i);
      Properties properties;
      server->serve ("/" + name, resource);
      properties.add ("LocalPath", target (name))
          .add ("AutoStart", true)
          .add ("AutoFinalize", true);
      g_variant_builder_add (&builder, "(s@a{sv})", server->url ("/" + name).c_str (),
                             properties.build ());
    }
    Reply reply = manager ().call (kManagerPath, "CreateDownloads",
                                   g_variant_new ("(a(sa{sv}))", &builder), 60);
    EXPECT_TRUE (reply) << reply.message;
    for (const std::string &path : reply.value[0].strv ())
      downloads.push_back ({connection.get (), path});
    return downloads;
  }
  std::vector<std::string>
  list (const std::string &state)
  {
    Properties filter;
    filter.add ("State", state);
    return manager ()
        .call (kManagerPath, "ListDownloads", g_variant_new ("(@a{sv})", filter.build ()))
        .value[0]
        .strv ();
  }
  /* Several measurements (ms), sorted: the larger ones may come from other load on the machine. */
  static std::vector<double>
  measure (const std::function<void ()> &action)
  {
    std::vector<double> times;
    for (int i = 0; i < 15; i++) {
      gint64 begun = g_get_monotonic_time ();
      action ();
      times.push_back ((double)(g_get_monotonic_time () - begun) / 1000);
    }
    std::sort (times.begin (), times.end ());
    return times;
  }

  Mock logind{system, kLogin, "logind"};
};

} // namespace

TEST_F (PolicyQueue, Suspended)
{
  Download normal = begin ("normal");
  Download late = begin ("late", Properties ().add ("Deadline", g_variant_new_int64 (1)));
  Download forced = begin ("forced", Properties ().add ("IgnoreConditions", true));
  Download foreground = begin ("foreground", Properties ().add ("Priority", "foreground"));
  std::vector<Download> all = {normal, late, forced, foreground};

  set_suspended (true);
  EXPECT_EQ (told_suspended (), std::make_pair (std::string ("true"), 1));
  for (const Download &download : all)
    expect_held (download, {"suspended"});
  set_suspended (true);
  EXPECT_EQ (told_suspended ().second, 1) << "nothing changed";
  for (int signal : {SIGTERM, SIGKILL}) {
    restart_daemon (signal);
    EXPECT_EQ (connection->get (kManagerPath, "Suspended").value.number (), 1u);
    run_for (0.5);
    for (const Download &download : all) {
      EXPECT_EQ (download.status ().state, "queued");
      EXPECT_EQ (reasons_of (download), Reasons ({"suspended"}));
    }
  }
  EXPECT_EQ (server->requests ().size (), all.size ());
  set_suspended (false);
  EXPECT_EQ (told_suspended (), std::make_pair (std::string ("false"), 2));
  for (const Download &download : all)
    EXPECT_TRUE (download.wait ("transferring"));
  finish (all);
  restart_daemon (SIGTERM);
  EXPECT_EQ (connection->get (kManagerPath, "Suspended").value.number (), 0u);
}

/* A caller can rely on the reply: it waits for the disk. */
TEST_F (PolicyQueue, SuspendedIsRecordedFirst)
{
  environment["LD_PRELOAD"] = need_env ("SLUICE_SLOW_SYNC");
  environment["SLUICE_SYNC_DELAY"] = "200";
  environment["SLUICE_SYNC_OF"] = "queue.sqlite";
  manager ();
  for (bool suspended : {true, false}) {
    gint64 begun = g_get_monotonic_time ();
    set_suspended (suspended);
    EXPECT_GE (g_get_monotonic_time () - begun, 200000);
    restart_daemon (SIGKILL);
    EXPECT_EQ (connection->get (kManagerPath, "Suspended").value.number (), suspended ? 1u : 0u);
  }
}

TEST_F (PolicyQueue, AThousand)
{
  const int n = 1000, max = 12;
  Resource small;
  int most_open = 0;

  small.body = random_bytes (3000, 2);
  allow (small.body);
  config["MaxConnections"] = config["MaxConnectionsPerHost"] = std::to_string (max);
  configure (closed ());
  std::vector<Download> downloads = create_many (n, small);
  ASSERT_EQ (downloads.size (), (std::size_t)n);
  run_for (0.3);
  EXPECT_EQ (list ("queued").size (), (std::size_t)n);
  EXPECT_EQ (server->connections (), 0);
  for (const Download &download : downloads)
    ASSERT_EQ (reasons_of (download), Reasons ({"outside-window"}));
  EXPECT_LT (measure ([&] { list ("queued"); })[0], 30 * time_factor ());
  EXPECT_LT (measure ([&] { downloads[n / 2].status (); })[0], 5 * time_factor ());
  /* the change itself does not delay calls, either, nor do all connect at once */
  configure ("");
  EXPECT_LT (measure ([&] { downloads[n / 2].status (); })[7], 20 * time_factor ());
  ASSERT_TRUE (wait_until ([&] { return server->connections () > 0; }));
  std::size_t before = server->requests ().size ();
  gint64 begun = g_get_monotonic_time ();
  run_for (0.2);
  double intervals = (double)(g_get_monotonic_time () - begun) / 20000;
  EXPECT_LE ((double)(server->requests ().size () - before), intervals + 4);
  ASSERT_TRUE (wait_polling (
      [&] {
        most_open = std::max (most_open, server->open_connections ());
        return list ("finalized").size () == (std::size_t)n;
      },
      60));
  /* a few are idle for a moment, but not one for each file being published */
  EXPECT_LE (most_open, max * 2);
  EXPECT_LE (server->busiest (), max);
  EXPECT_EQ (server->requests ().size (), (std::size_t)n);
  for (int i = 0; i < n; i++)
    ASSERT_EQ (read_file (target (std::to_string (i))), small.body) << i;
}

/* A released download that lacks a slot waits for one, and says so. */
TEST_F (PolicyQueue, ReleasedIntoALine)
{
  config["MaxActive"] = "2";
  configure (closed ());
  std::vector<Download> all = {ask ("0"), ask ("1"), ask ("2"), ask ("3")};
  for (const Download &download : all)
    expect_held (download, {"outside-window"});
  configure ("");
  EXPECT_TRUE (wait_polling ([&] { return list ("transferring").size () == 2; }));
  EXPECT_TRUE (wait_until (
      [&] {
        return std::count_if (all.begin (), all.end (), [] (const Download &download) {
                 return told (download, "StateReasons").strv () == Reasons ({"slots-full"});
               }) >= 2;
      },
      1));
  for (const Download &download : all) {
    EXPECT_EQ (reasons_of (download),
               download.status ().state == "queued" ? Reasons ({"slots-full"}) : Reasons ());
    EXPECT_EQ (download.number ("HeldSince"), 0u);
  }
  finish (all);
}

TEST_F (PolicyQueue, TheForegroundNeedsNoTurn)
{
  config["MaxConnectionsPerHost"] = "2";
  Download one = begin ("one"), other = begin ("other");
  ASSERT_EQ (server->busy (), 2);
  gint64 begun = g_get_monotonic_time ();
  Download foreground = begin ("foreground", Properties ().add ("Priority", "foreground"));
  EXPECT_LT ((double)(g_get_monotonic_time () - begun), 1e6 * time_factor ());
  EXPECT_EQ (list ("queued").size (), 1u);
  Download waiting = one.status ().state == "queued" ? one : other;
  Download moving = waiting.path == one.path ? other : one;
  EXPECT_TRUE (wait_until (
      [&] { return told (waiting, "StateReasons").strv () == Reasons ({"slots-full"}); }, 1));
  EXPECT_EQ (reasons_of (waiting), Reasons ({"slots-full"}));
  EXPECT_EQ (waiting.number ("HeldSince"), 0u) << "no condition holds it";
  expect_moving (moving);
  EXPECT_EQ (server->busy (), 2);
  EXPECT_EQ (server->busiest (), 2);
  ASSERT_TRUE (foreground.pause ());
  expect_released (waiting, 1);
  EXPECT_EQ (count_stops (moving), 0);
  ASSERT_TRUE (foreground.start ());
  finish ({foreground, one, other});
  EXPECT_EQ (server->busiest (), 2);
}

/* Urgent downloads keep the machine awake. */
TEST_F (PolicyQueue, KeepsAwake)
{
  const std::string none = "@a(ssssuu) []";
  auto held = [&] {
    return logind.call (kLoginPath, std::string (kLoginManager) + ".ListInhibitors")
        .value[0]
        .print ();
  };
  auto asked = [&] { return logind.count_calls (kLoginPath, "Inhibit"); };

  logind.start ();
  Download normal = begin ("normal");
  expect_moving (normal);
  EXPECT_EQ (asked (), 0);
  Download foreground = begin ("foreground", Properties ().add ("Priority", "foreground"));
  EXPECT_TRUE (wait_polling ([&] { return held () != none; }));
  EXPECT_NE (held ().find ("'sleep', 'Sluice'"), std::string::npos) << held ();
  Download late = begin ("late", Properties ().add ("Deadline", g_variant_new_int64 (1)));
  expect_moving (foreground);
  EXPECT_EQ (asked (), 1) << "one is enough";
  ASSERT_TRUE (foreground.pause ());
  expect_moving (late);
  EXPECT_NE (held (), none);
  ASSERT_TRUE (late.pause ());
  EXPECT_TRUE (wait_polling ([&] { return held () == none; }));
  EXPECT_EQ (asked (), 1);
  /* a held one does not run */
  set_suspended (true);
  ASSERT_TRUE (foreground.start ());
  run_for (0.3);
  EXPECT_EQ (held (), none);
  set_suspended (false);
  EXPECT_TRUE (wait_polling ([&] { return held () != none; }));
  EXPECT_EQ (asked (), 2);
  ASSERT_TRUE (late.start ());
  finish ({foreground, late, normal});
  EXPECT_TRUE (wait_polling ([&] { return held () == none; }));
}

/* The machine is kept awake from the moment at which a deadline passes. */
TEST_F (PolicyQueue, KeepsAwakeFromTheDeadlineOn)
{
  logind.start ();
  Download download =
      begin ("file", Properties ().add ("Deadline", g_variant_new_int64 (now () + 2000000)));
  auto asked = [&] { return logind.count_calls (kLoginPath, "Inhibit"); };
  EXPECT_TRUE (now () >= (gint64)download.number ("Deadline") || asked () == 0);
  EXPECT_TRUE (wait_polling ([&] { return asked () == 1; }, 3));
  finish ({download});
}
