/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * `sluicectl` about conditions: why, conditions, config, suspend, resume, start --now, and the options of get, add
 * and set.
 */
#include "cli.h"

#include "support/laptop.h"

#include <csignal>
#include <gmock/gmock.h>

using namespace st;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace
{

constexpr std::size_t kMega = 1000000;
/* A laptop on a phone's Wi-Fi; only the buses run. */
class CliPolicy : public CliTest
{
protected:
  void
  SetUp () override
  {
    CliTest::SetUp ();
    for (const char *name : {"admin", "vendor"})
      make_directory (dir / name);
    environment["DBUS_SYSTEM_BUS_ADDRESS"] = laptop.address ();
    environment["SLUICE_ADMIN_CONFIGURATION"] = dir / "admin";
    environment["SLUICE_VENDOR_CONFIGURATION"] = dir / "vendor";
  }
  /* Starts the daemon, and waits until it knows all hints. */
  void
  start_and_hear (const std::vector<std::string> &hints)
  {
    start_daemon ();
    for (const std::string &hint : hints)
      ASSERT_TRUE (wait_polling ([&] {
        Reply reply = connection->get (kManagerPath, "Conditions");
        return reply && reply.value.print ().find ("'" + hint + "': <true>") != std::string::npos;
      })) << hint;
  }
  std::string
  write_admin (const std::string &text)
  {
    write_file (dir / "admin/sluice.conf", text);
    return dir / "admin/sluice.conf";
  }
  std::string
  serve (const std::string &name, std::size_t rate = 0)
  {
    Resource file;

    file.body = random_bytes (2 * kMega);
    server.serve ("/" + name, file, {SIZE_MAX, SIZE_MAX, rate});
    allow (file.body);
    return server.url ("/" + name);
  }
  /* The download that `sluicectl add` created. */
  Download
  add (const std::string &name, Words words)
  {
    words.insert (words.begin (), {"add", "--table", "-o", target (name)});
    Outcome outcome = sluice (words);
    EXPECT_EQ (outcome.code, 0) << outcome.err;
    return newest ();
  }
  std::string
  why (const Download &download)
  {
    Outcome outcome = sluice ({"why", "--table", download.id ()});
    EXPECT_EQ (outcome.code, 0) << outcome.err;
    return plain (outcome.out);
  }
  /* Replaces each no-break space, which stands between a number and its unit, with a plain one. */
  static std::string
  plain (std::string text)
  {
    for (std::size_t at; (at = text.find ("\u00a0")) != std::string::npos;)
      text.replace (at, 2, " ");
    return text;
  }
  static bool
  is_held (const Download &download, const Words &reasons)
  {
    return wait_polling ([&] { return download.get ("StateReasons").strv () == reasons; });
  }

  Laptop laptop;
};

} // namespace

TEST_F (CliPolicy, WhyOnAMeteredConnection)
{
  laptop.start_network (1);
  start_and_hear ({"Metered"});
  gint64 before = g_get_real_time ();
  Download download = add ("a", {serve ("a")});
  std::string id = download.id ().substr (0, 8);
  ASSERT_TRUE (is_held (download, {"metered"}));
  std::string said = why (download);

  EXPECT_THAT (said, StartsWith (id + "  queued  " + target ("a") + "\n"));
  EXPECT_THAT (said, HasSubstr ("  The connection “Phone” (wlan0) is metered.\n"));
  EXPECT_THAT (said, HasSubstr ("  Its CostPolicy “standard” does not allow this.\n"));
  EXPECT_THAT (said, ContainsRegex (
                         "It has been held since 20[0-9-]+ [0-9:]+ \\+0000 \\(0:[0-9]+ ago\\)\\."));
  EXPECT_THAT (said, HasSubstr ("when this one costs less. A deadline does not change this."));
  EXPECT_THAT (said, HasSubstr ("“sluicectl start --now " + id + "” continues it at once"));
  Json object (sluice ({"why", "--json", id}).out);
  EXPECT_EQ (object.text ("id"), download.id ());
  EXPECT_EQ (object.text ("state"), "queued");
  EXPECT_GE (object.number ("held_since"), before);
  EXPECT_EQ (object.number ("held_since"), (gint64)download.number ("HeldSince"));
  std::string text = sluice ({"why", id, id}).out;
  EXPECT_EQ (Json (text).length (), 2u);
  EXPECT_THAT (text, ContainsRegex ("\"reasons\" : \\[\n *\"metered\"\n *\\]"));
  EXPECT_THAT (text, HasSubstr ("\"The connection “Phone” (wlan0) is metered.\""));
  laptop.set_metered (2);
  EXPECT_TRUE (download.wait ("finalized"));
  EXPECT_THAT (why (download), HasSubstr ("It is done: the file is " + target ("a") + "."));
}

TEST_F (CliPolicy, WhyWithTheMonthsVolume)
{
  write_admin ("[Network]\nMonthlyCap=1M\nOverCap=charged\n");
  laptop.start_network (1);
  start_and_hear ({"Metered"});
  Download first = add ("a", {"--cost-policy", "always", serve ("a")});
  ASSERT_TRUE (first.wait ("finalized"));
  Download second = add ("b", {serve ("b")});
  ASSERT_TRUE (is_held (second, {"data-cap"}));
  EXPECT_THAT (
      why (second),
      HasSubstr (
          "The connection “Phone” (wlan0) has used up its data volume (1.9 MiB this month)"));
  std::string conditions = plain (sluice ({"conditions", "--table"}).out);
  EXPECT_THAT (conditions,
               ContainsRegex ("wlan0 +Phone +yes +no +over-cap-charged .* 1\\.9 MiB\n"));
}

TEST_F (CliPolicy, StartNowAndBack)
{
  laptop.start_network (1);
  start_and_hear ({"Metered"});
  Download download = add ("a", {serve ("a", kMega / 2)});
  ASSERT_TRUE (is_held (download, {"metered"}));
  EXPECT_EQ (sluice ({"start", download.id ()}).code, 0);
  EXPECT_EQ (download.text ("State"), "queued") << "a plain start changes nothing";
  EXPECT_EQ (sluice ({"start", "--now", download.id ()}).code, 0);
  ASSERT_TRUE (download.wait ("transferring"));
  EXPECT_EQ (download.number ("IgnoreConditions"), 1u);
  std::string said = why (download);
  EXPECT_THAT (said, HasSubstr ("Transferring: "));
  EXPECT_THAT (said, HasSubstr ("It ignores the conditions (IgnoreConditions)"));
  /* again, during the transfer: nothing happens */
  EXPECT_EQ (sluice ({"start", "--now", download.id ()}).code, 0);
  EXPECT_EQ (download.text ("State"), "transferring");
  EXPECT_EQ (sluice ({"set", download.id (), "IgnoreConditions=false"}).code, 0);
  ASSERT_TRUE (download.wait ("queued"));
  EXPECT_TRUE (is_held (download, {"metered"}));
  EXPECT_EQ (sluice ({"start", "--now", download.id ()}).code, 0);
  EXPECT_TRUE (download.wait ("finalized"));
}

/* A download that can't be started stays unchanged. */
TEST_F (CliPolicy, StartNowThatFails)
{
  start_daemon ();
  Download download = create (server.url ("/a"), Properties ());
  Outcome outcome = sluice ({"start", "--now", download.id ()});

  EXPECT_EQ (outcome.code, 2);
  EXPECT_THAT (outcome.err, HasSubstr ("LocalPath"));
  EXPECT_EQ (download.number ("IgnoreConditions"), 0u);
  EXPECT_EQ (sluice ({"pause", "--now", download.id ()}).code, 2);
}

TEST_F (CliPolicy, WhyOnBattery)
{
  laptop.start_power (true);
  start_and_hear ({"OnBattery"});
  Download download = add ("a", {"--only-on-external-power", serve ("a")});
  std::string id = download.id ().substr (0, 8);
  ASSERT_TRUE (is_held (download, {"battery"}));
  std::string said = why (download);

  EXPECT_THAT (said, HasSubstr ("The machine runs on battery; 37 % is left."));
  EXPECT_THAT (said, HasSubstr ("It is set to run only on external power (OnlyOnExternalPower)."));
  EXPECT_THAT (said, HasSubstr ("After it has waited for 7d (MaxWait)"));
  EXPECT_THAT (said, HasSubstr ("“sluicectl set " + id + " Deadline=+8h” sets an earlier time."));
  EXPECT_EQ (sluice ({"set", id, "Deadline=+90min"}).code, 0);
  EXPECT_THAT (
      why (download),
      ContainsRegex (
          "After its deadline, 20[^.]*\\(in 1:(30:00|29:[0-9]+)\\), or after it has waited for 7d "
          "\\(MaxWait\\), only cost"));
  laptop.set_on_battery (false);
  EXPECT_TRUE (download.wait ("finalized"));
}

TEST_F (CliPolicy, WhyTheAdministratorWantsItSo)
{
  std::string file = write_admin ("[Conditions]\nMaxWait=0\n[Normal]\nOnlyOnExternalPower=true\n");

  laptop.start_power (true);
  start_and_hear ({"OnBattery"});
  Download download = add ("a", {serve ("a")});
  ASSERT_TRUE (is_held (download, {"battery", "admin-policy"}));
  std::string said = why (download);
  EXPECT_THAT (
      said,
      HasSubstr ("This is set by the configuration, with OnlyOnExternalPower=true in [Normal] of " +
                 file + "; “sluicectl config Normal.OnlyOnExternalPower” shows it."));
  EXPECT_THAT (said, HasSubstr ("This wait has no limit;"));
  EXPECT_THAT (said, Not (HasSubstr ("It is set to")));
  EXPECT_THAT (sluice ({"list", "--table"}).out,
               HasSubstr ("(on battery, set by the configuration)"));
}

TEST_F (CliPolicy, WhyTheBatteryIsTooLow)
{
  write_admin ("[Conditions]\nMinimumBattery=50%\n");
  laptop.start_power (true);
  start_and_hear ({"OnBattery"});
  Download download = add ("a", {serve ("a")});
  ASSERT_TRUE (is_held (download, {"battery"}));
  std::string said = why (download);

  EXPECT_THAT (said, HasSubstr ("The machine runs on battery; 37 % is left."));
  EXPECT_THAT (said, HasSubstr ("Background downloads need at least 50% (MinimumBattery)."));
}

TEST_F (CliPolicy, WhyOutsideTheHoursAndWithoutARate)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  /* a minute a day, twelve hours from now */
  int hour = (g_date_time_get_hour (now) + 12) % 24;
  std::string hours = (hour < 10 ? "0" : "") + std::to_string (hour);

  environment["TZ"] = "UTC";
  write_admin ("[Conditions]\nHours=" + hours + ":00-" + hours +
               ":01\n[Limits]\nBackgroundRate=0\n");
  start_daemon ();
  Download download = add ("a", {serve ("a")});
  ASSERT_TRUE (is_held (download, {"outside-window", "rate-zero"}));
  std::string said = why (download);
  EXPECT_THAT (said, HasSubstr ("Background downloads may run only in these hours: "));
  EXPECT_THAT (said, HasSubstr (hours + ":00-" + hours + ":01."));
  EXPECT_THAT (said,
               ContainsRegex ("The next of them begin at [0-9-]+ " + hours + ":00.* \\(in 1[12]:"));
  EXPECT_THAT (plain (sluice ({"conditions", "--table"}).out),
               ContainsRegex ("\nWithin the allowed hours +no, until [0-9-]+ " + hours + ":00"));
  EXPECT_THAT (said, HasSubstr ("The rate limit is 0 at this time"));
}

TEST_F (CliPolicy, WhyInEachState)
{
  config["RetryDelayMin"] = config["RetryDelayMax"] = "10min";
  start_daemon ();
  Download one = create_file (serve ("one", kMega / 2), "one");
  std::string id = one.id ().substr (0, 8);
  EXPECT_THAT (why (one),
               HasSubstr ("It has not been started; “sluicectl start " + id + "” starts it."));
  EXPECT_TRUE (one.start ());
  ASSERT_TRUE (one.wait_transferred (1));
  EXPECT_THAT (why (one), ContainsRegex ("Transferring: .* of 1\\.9 MiB at "));
  EXPECT_TRUE (one.pause ());
  EXPECT_THAT (why (one),
               HasSubstr ("It has been paused; “sluicectl start " + id + "” resumes it."));
  EXPECT_TRUE (one.start ());
  ASSERT_TRUE (one.wait ("transferred"));
  EXPECT_THAT (why (one), HasSubstr ("“sluicectl finalize " + id + "” publishes the file."));
  Download two = create_file (server.url ("/none"), "two");
  EXPECT_TRUE (two.start ());
  ASSERT_TRUE (two.wait ("failed"));
  EXPECT_THAT (why (two), ContainsRegex ("It failed: .*404"));
  EXPECT_THAT (why (two),
               HasSubstr ("“sluicectl start " + two.id ().substr (0, 8) + "” tries again"));
  EXPECT_TRUE (two.abort ());
  EXPECT_THAT (why (two), HasSubstr ("It was aborted"));
  server.on ("/later", [] (Exchange &x) { x.answer ("503 Service Unavailable"); });
  Download three = create_file (server.url ("/later"), "three");
  EXPECT_TRUE (three.start ());
  ASSERT_TRUE (three.wait ("retrying"));
  std::string said = why (three);
  EXPECT_THAT (said, ContainsRegex ("The last attempt failed: .*503"));
  EXPECT_THAT (said,
               ContainsRegex ("It tries again at 20.*\\(in [0-9]+:[0-9]+\\); “sluicectl start "));
  EXPECT_THAT (said, Not (HasSubstr ("--now")));
}

TEST_F (CliPolicy, WhyItIsSlow)
{
  start_daemon ();
  Download slow = create_file (serve ("slow", kMega / 2), "slow");
  EXPECT_TRUE (slow.start ());
  ASSERT_TRUE (slow.wait_transferred (1));
  std::string said = why (slow);
  EXPECT_THAT (said, HasSubstr ("Transferring: "));
  EXPECT_THAT (said, Not (HasSubstr ("foreground")));
  EXPECT_THAT (said, Not (HasSubstr ("limit")));
  EXPECT_THAT (said, Not (HasSubstr ("MaxBytesPerSecond")));
  Download first = create_file (serve ("first", kMega / 16), "first",
                                Properties ().add ("Priority", "foreground"));
  EXPECT_TRUE (first.start ());
  ASSERT_TRUE (first.wait_transferred (1));
  write_admin ("[Work]\nHours=00:00-24:00\nBackgroundRate=1M\n");
  EXPECT_EQ (sluice ({"config", "--reload"}).code, 0);
  EXPECT_EQ (sluice ({"set", slow.id (), "MaxBytesPerSecond=102400"}).code, 0);
  said = why (slow);
  EXPECT_THAT (said, HasSubstr ("It is limited to 100.0 KiB/s (MaxBytesPerSecond)."));
  EXPECT_THAT (said, HasSubstr ("Foreground downloads are running too, and come first."));
  EXPECT_THAT (said, HasSubstr ("The configuration limits the rate; “sluicectl config "));
  said = why (first);
  EXPECT_THAT (said, Not (HasSubstr ("come first")));
  EXPECT_THAT (said, Not (HasSubstr ("limits the rate")));
}

TEST_F (CliPolicy, SuspendAndResume)
{
  start_daemon ();
  Download download = create_file (serve ("a", kMega / 2), "a");
  const std::string line = "All downloads are suspended; “sluicectl resume” continues them.\n";

  EXPECT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1));
  EXPECT_THAT (sluice ({"list", "--table"}).out, Not (HasSubstr (line)));
  Outcome outcome = sluice ({"suspend"});
  EXPECT_EQ (outcome.code, 0) << outcome.err;
  ASSERT_TRUE (is_held (download, {"suspended"}));
  std::string list = sluice ({"list", "--table"}).out;
  EXPECT_THAT (list, HasSubstr ("(all downloads are suspended)"));
  EXPECT_THAT (list, HasSubstr (line));
  EXPECT_THAT (sluice ({"conditions", "--table"}).out, HasSubstr (line));
  std::string said = why (download);
  EXPECT_THAT (said, HasSubstr ("  " + line));
  EXPECT_THAT (said, Not (HasSubstr ("--now")));
  Download other = create_file (server.url ("/a"), "b");
  EXPECT_THAT (why (other), HasSubstr ("  " + line)) << "also of what a start would not have move";
  EXPECT_EQ (sluice ({"suspend"}).code, 0);
  EXPECT_EQ (sluice ({"resume"}).code, 0);
  EXPECT_TRUE (download.wait ("transferred"));
  EXPECT_THAT (sluice ({"list", "--table"}).out, Not (HasSubstr ("suspended")));
}

TEST_F (CliPolicy, ConditionsAsATable)
{
  laptop.start_network (3);
  laptop.start_power (true);
  start_and_hear ({"Metered", "OnBattery"});
  std::string out = plain (sluice ({"conditions", "--table"}).out);

  EXPECT_THAT (out, ContainsRegex ("^HINT +VALUE +SOURCE\n"));
  EXPECT_THAT (out, ContainsRegex ("\nConnectivity +full +NetworkManager\n"));
  EXPECT_THAT (out, ContainsRegex ("\nMetered +yes \\(a guess\\) +NetworkManager\n"));
  EXPECT_THAT (out, ContainsRegex ("\nOn battery +yes +UPower\n"));
  EXPECT_THAT (out, ContainsRegex ("\nBattery +37 % +UPower\n"));
  EXPECT_THAT (out, ContainsRegex ("\nUser is idle +- +unavailable\n"));
  EXPECT_THAT (out, ContainsRegex ("\nWithin the allowed hours +yes +configuration\n"));
  EXPECT_THAT (out, ContainsRegex ("\nINTERFACE +CONNECTION +METERED"));
  EXPECT_THAT (
      out, ContainsRegex (
               "\nwlan0 +Phone +yes \\(a guess\\) +no +capped-usage-unknown +unknown +0 bytes\n"));
  std::string json = sluice ({"conditions", "--json"}).out;
  EXPECT_THAT (json, HasSubstr ("\"BatteryLevel\" : 37"));
  EXPECT_THAT (json, HasSubstr ("\"Connection\" : \"Phone\""));
  EXPECT_THAT (json, HasSubstr ("\"UserIdle\" : \"unavailable\""));
  EXPECT_THAT (json, HasSubstr ("\"Capacity\" : 0"));
}

TEST_F (CliPolicy, ConditionsWithoutAnySource)
{
  environment["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nonexistent";
  start_daemon ();
  std::string out = sluice ({"conditions", "--table"}).out;

  EXPECT_THAT (out, ContainsRegex ("\nMetered +- +unavailable\n"));
  EXPECT_THAT (out, HasSubstr ("No connection is known."));
}

TEST_F (CliPolicy, SettingsAndTheirFiles)
{
  std::string file = write_admin ("[Normal]\nOnlyWhenIdle=true\n[Limits]\nBackgroundRate=500K\n");

  start_daemon ();
  std::string all = sluice ({"config", "--table"}).out;
  EXPECT_THAT (all, ContainsRegex ("^SETTING +VALUE +FROM\n"));
  EXPECT_THAT (all, ContainsRegex ("\nTransfers\\.MaxActive +16 +default\n"));
  EXPECT_THAT (all, ContainsRegex ("\nConditions\\.Hours +- +default\n"));
  EXPECT_THAT (all, ContainsRegex ("\nNormal\\.OnlyWhenIdle +true +" + file + "\n"));
  EXPECT_THAT (all, ContainsRegex ("\nTransfers\\.StallTimeout +3s +" +
                                   (dir / "config/sluice/sluice.conf") + "\n"));
  std::string some = sluice ({"config", "--table", "Limits", "Normal.OnlyWhenIdle"}).out;
  EXPECT_EQ (std::count (some.begin (), some.end (), '\n'), 6) << some;
  EXPECT_THAT (some, ContainsRegex ("Limits\\.BackgroundRate +500K +" + file));
  Json one (sluice ({"config", "Normal.OnlyWhenIdle"}).out);
  ASSERT_EQ (one.length (), 1u);
  EXPECT_EQ (one.text ("group"), "Normal");
  EXPECT_EQ (one.text ("key"), "OnlyWhenIdle");
  EXPECT_EQ (one.text ("file"), file);
  std::string json = sluice ({"config", "Transfers.MaxActive", "Normal.OnlyWhenIdle"}).out;
  EXPECT_THAT (json, HasSubstr ("\"value\" : 16"));
  EXPECT_THAT (json, HasSubstr ("\"value\" : true"));
  EXPECT_THAT (json, HasSubstr ("\"file\" : null"));
  for (const char *name : {"Frob", "Normal.Frob", "normal.onlywhenidle", "", "OnlyWhenIdle"}) {
    Outcome outcome = sluice ({"config", "Limits", name});
    EXPECT_EQ (outcome.code, 2) << name;
    EXPECT_THAT (outcome.err, HasSubstr (std::string ("There is no setting “") + name + "”"));
    EXPECT_EQ (outcome.out, "");
  }
}

TEST_F (CliPolicy, SettingsAreReloaded)
{
  start_daemon ();
  std::string file = write_admin ("[Transfers]\nMaxActive=3\n");
  Outcome good = sluice ({"config", "--table", "--reload", "Transfers.MaxActive"});
  EXPECT_EQ (good.code, 0) << good.err;
  EXPECT_THAT (good.out, ContainsRegex ("Transfers\\.MaxActive +3 +" + file));
  write_admin ("[Transfers]\nMaxActive=4\nnonsense\n");
  Outcome bad = sluice ({"config", "--table", "--reload", "Transfers.MaxActive"});
  EXPECT_EQ (bad.code, 1);
  EXPECT_THAT (bad.err, HasSubstr (file + ", line 3: "));
  EXPECT_THAT (bad.err, HasSubstr ("The previous settings stay in force until this is fixed."));
  EXPECT_EQ (bad.out, "");
  EXPECT_THAT (sluice ({"config", "--table", "Transfers.MaxActive"}).out, ContainsRegex (" 3 +"));
}

TEST_F (CliPolicy, SlipsInTheSettingsAreShown)
{
  start_daemon ();
  std::string file = write_admin ("[Transfers]\nMaxActiv=3\nMaxConnections=many\n");
  Outcome table = sluice ({"config", "--table", "--reload", "Transfers.MaxActive"});
  EXPECT_EQ (table.code, 0);
  EXPECT_THAT (table.err, HasSubstr ("sluicectl: " + file + ": unknown key “MaxActiv”"));
  EXPECT_THAT (table.err, HasSubstr ("sluicectl: " + file + ": MaxConnections"));
  Outcome json = sluice ({"config", "--json", "Transfers.MaxActive"});
  EXPECT_THAT (json.err, HasSubstr ("MaxActiv"));
  EXPECT_THAT (json.out, Not (HasSubstr ("MaxActiv”")));
  write_admin ("[Transfers]\nMaxActive=3\n");
  EXPECT_EQ (sluice ({"config", "--reload"}).err, "");
}

TEST_F (CliPolicy, WishesOfAdd)
{
  start_daemon ();
  EXPECT_EQ (sluice ({"suspend"}).code, 0);
  Download download =
      add ("a", {"--cost-policy=no-roaming", "--no-cellular", "--only-when-idle",
                 "--only-on-external-power", "--deadline", "+8h", server.url ("/a")});
  gint64 ahead = (gint64)download.number ("Deadline") - g_get_real_time ();

  EXPECT_EQ (download.text ("CostPolicy"), "no-roaming");
  EXPECT_EQ (download.number ("DisallowOnCellular"), 1u);
  EXPECT_EQ (download.number ("OnlyWhenIdle"), 1u);
  EXPECT_EQ (download.number ("OnlyOnExternalPower"), 1u);
  EXPECT_LE (ahead, 8 * G_TIME_SPAN_HOUR);
  EXPECT_GT (ahead, 8 * G_TIME_SPAN_HOUR - G_TIME_SPAN_MINUTE);
  std::string shown = sluice ({"show", "--table", download.id ()}).out;
  EXPECT_THAT (shown, ContainsRegex ("\nDeadline +20[0-9-]+ [0-9:]+ \\+0000\n"));
  EXPECT_THAT (shown, ContainsRegex ("\nHeldSince +20[0-9-]+ [0-9:]+ \\+0000\n"));
  Download plain = create_file (server.url ("/b"), "b");
  shown = sluice ({"show", "--table", plain.id ()}).out;
  EXPECT_THAT (shown, ContainsRegex ("\nCostPolicy +standard\n"));
  EXPECT_THAT (shown, ContainsRegex ("\nDeadline +none\n"));
  EXPECT_THAT (shown, ContainsRegex ("\nHeldSince +none\n"));
}

/* Times in the user's local time. */
TEST_F (CliPolicy, DeadlinesAsPeopleWriteThem)
{
  start_daemon ();
  Download download = create_file (server.url ("/a"), "a");
  cli_environment["TZ"] = "Europe/Berlin";
  auto deadline = [&] (const std::string &text) {
    Outcome outcome = sluice ({"set", download.id (), "Deadline=" + text});
    EXPECT_EQ (outcome.code, 0) << text << ": " << outcome.err;
    return (gint64)download.number ("Deadline") / G_USEC_PER_SEC;
  };

  EXPECT_EQ (deadline ("2035-11-22 06:00"), 2079320400);
  EXPECT_EQ (deadline ("2035-07-01 06:00:30"), 2066875230);
  EXPECT_EQ (deadline ("2035-11-22T06:00Z"), 2079324000);
  EXPECT_EQ (deadline ("2035-11-22 06:00-02:00"), 2079331200);
  EXPECT_EQ (deadline ("2079324000000000"), 2079324000);
  for (const auto &[text, seconds] :
       std::vector<std::pair<std::string, gint64>>{{"+90s", 90},
                                                   {"+30min", 1800},
                                                   {"+ 1d12h", 129600},
                                                   {"in 8h", 28800},
                                                   {"in 2 d 1 min", 172860}}) {
    gint64 now = g_get_real_time () / G_USEC_PER_SEC, then = deadline (text);
    EXPECT_GE (then, now + seconds) << text;
    EXPECT_LE (then, now + seconds + 20) << text;
  }
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Europe/Berlin");
  g_autoptr (GDateTime) next = g_date_time_new_from_unix_utc (deadline ("06:00"));
  g_autoptr (GDateTime) local = g_date_time_to_timezone (next, zone);
  EXPECT_EQ (g_date_time_get_hour (local), 6);
  EXPECT_EQ (g_date_time_get_minute (local), 0);
  EXPECT_GT (g_date_time_to_unix (next), g_get_real_time () / G_USEC_PER_SEC - 20);
  EXPECT_LT (g_date_time_to_unix (next), g_get_real_time () / G_USEC_PER_SEC + 90000);
  EXPECT_EQ (deadline ("none"), 0);
  EXPECT_EQ (deadline ("+1h") > 0, true);
  EXPECT_EQ (deadline ("0"), 0);
}

TEST_F (CliPolicy, DeadlinesThatAreNone)
{
  start_daemon ();
  Download download = create_file (server.url ("/a"), "a");

  for (const char *text : {"",
                           "8h",
                           "tomorrow",
                           "+",
                           "+8",
                           "+8x",
                           "+h",
                           "+-8h",
                           "in",
                           "in ",
                           "25:00",
                           "6:00",
                           "06:00x",
                           "2035-02-30 06:00",
                           "2035-11-22",
                           "2035-11-22 25:00",
                           "2035-11-22 06:00 foo",
                           "+99999999999d",
                           "-5",
                           "\033[1m"}) {
    Outcome outcome = sluice ({"set", download.id (), std::string ("Deadline=") + text});
    EXPECT_EQ (outcome.code, 2) << text;
    EXPECT_THAT (outcome.err, HasSubstr ("is not a valid time; write “2026-11-22 06:00”")) << text;
    EXPECT_THAT (outcome.err, Not (HasSubstr ("\033"))) << text;
  }
  for (const char *text : {"2001-01-01 00:00", "8"}) {
    Outcome outcome = sluice ({"add", "--deadline", text, server.url ("/a")});
    EXPECT_EQ (outcome.code, 2) << text;
    EXPECT_THAT (outcome.err, HasSubstr ("--deadline: ")) << text;
    EXPECT_THAT (outcome.err, HasSubstr ("is in the past")) << text;
  }
  EXPECT_EQ (download.number ("Deadline"), 0u);
}

TEST_F (CliPolicy, WishesThatAreNone)
{
  start_daemon ();
  std::string url = server.url ("/a");
  Outcome policy = sluice ({"add", "--table", "--cost-policy", "cheap", url});
  EXPECT_EQ (policy.code, 2);
  EXPECT_THAT (policy.err, HasSubstr ("CostPolicy is “always”, “unrestricted”"));
  EXPECT_THAT (sluice ({"get", "--cost-policy=", url}).err, HasSubstr ("empty value"));
  EXPECT_THAT (sluice ({"get", "--deadline=", url}).err, HasSubstr ("empty value"));
  Download download = create_file (url, "a");
  Outcome outcome = sluice ({"set", download.id (), "CostPolicy=cheap"});
  EXPECT_EQ (outcome.code, 2);
  EXPECT_THAT (outcome.err, HasSubstr ("CostPolicy is “always”"));
  EXPECT_THAT (sluice ({"set", download.id (), "OnlyWhenIdle=1"}).err,
               HasSubstr ("“true” or “false”"));
  EXPECT_THAT (sluice ({"set", download.id (), "HeldSince=0"}).err,
               HasSubstr ("“HeldSince” is not a property that can be set"));
  EXPECT_EQ (sluice ({"set", download.id (), "CostPolicy=always", "CostPolicy="}).code, 0);
  EXPECT_EQ (download.text ("CostPolicy"), "standard");
}

/* A foreground download runs whatever it costs. */
TEST_F (CliPolicy, GetRunsWhateverItCosts)
{
  laptop.start_network (1);
  start_and_hear ({"Metered"});
  EXPECT_EQ (sluice ({"get", "-o", target ("a"), serve ("a")}).code, 0);
  Running held;
  begin (&held, {"get", "--cost-policy", "unrestricted", "-o", target ("b"), serve ("b")});
  Download download = newest ();
  ASSERT_TRUE (
      wait_polling ([&] { return (download = newest ()).text ("LocalPath") == target ("b"); }));
  EXPECT_TRUE (is_held (download, {"metered"}));
  laptop.set_metered (2);
  EXPECT_EQ (held.wait ().code, 0);
}

TEST_F (CliPolicy, MonitorTellsWhyItWaits)
{
  laptop.start_network (1);
  laptop.start_power (true);
  start_and_hear ({"Metered", "OnBattery"});
  Running monitor;
  begin (&monitor, {"monitor", "--table"});
  Download first = create_file (serve ("a"), "a");
  /* only an event that it prints shows that it listens */
  ASSERT_TRUE (wait_polling ([&] {
    EXPECT_TRUE (first.start ());
    EXPECT_TRUE (first.pause ());
    return monitor.out ().find ("paused") != std::string::npos;
  }));
  EXPECT_TRUE (first.start ());
  auto tells = [&] (const std::string &text) {
    bool told = wait_polling ([&] { return monitor.out ().find (text) != std::string::npos; });
    EXPECT_TRUE (told) << text << ": " << monitor.out ();
  };
  tells ("(the network is metered)");
  first.set ("OnlyOnExternalPower", g_variant_new_boolean (TRUE));
  tells ("(the network is metered, on battery)");
  laptop.set_metered (2);
  tells ("(on battery)");
  monitor.process.send (SIGINT);
  EXPECT_EQ (monitor.wait ().code, 130);
}

TEST_F (CliPolicy, WhyInGerman)
{
  laptop.start_network (1);
  start_and_hear ({"Metered"});
  Download download = add ("a", {serve ("a")});
  ASSERT_TRUE (is_held (download, {"metered"}));
  cli_environment["LANGUAGE"] = "de";
  std::string said = why (download);
  EXPECT_THAT (said, HasSubstr ("Die Verbindung „Phone“ (wlan0) "));
  EXPECT_THAT (said, HasSubstr ("Er wartet darauf seit 20"));
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr ("(das Netz "));
}
