/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* service: the configuration, its files and its keys. */
#include "unit.h"

#include "base/error.h"
#include "service/configuration.h"

#include <cstring>
#include <unistd.h>

namespace
{

/* A configuration, and the warnings that reading it gave. */
class Configuration : public testing::Test
{
protected:
  Directory directory;
  SlConfiguration *configuration;
  const SlConfigured *values;
  SlConfigured defaults;
  std::string as_default;
  Error error;
  std::string warnings;

  Configuration ()
  {
    SlConfigurationPaths paths = {g_strdup ((directory / "vendor").c_str ()),
                                  g_strdup ((directory / "admin").c_str ()),
                                  g_strdup ((directory / "user").c_str ())};
    for (const char *name : {"vendor", "admin", "user"})
      g_mkdir_with_parents ((directory / name + "/sluice.conf.d").c_str (), 0700);
    configuration = sl_configuration_new (&paths);
    sl_configuration_paths_clear (&paths);
    values = sl_configuration_get (configuration);
    sl_configured_init (&defaults);
    as_default = describe ();
    g_log_set_default_handler (collect, this);
  }
  ~Configuration () override
  {
    g_log_set_default_handler (g_log_default_handler, nullptr);
    sl_configured_clear (&defaults);
    sl_configuration_free (configuration);
  }
  bool
  parse (const std::string &text)
  {
    return sl_configuration_parse (configuration, text.data (), text.size (), "test.conf",
                                   error.out ());
  }
  void
  write (const std::string &name, const std::string &text)
  {
    write_file (directory / name, text);
  }
  bool
  load ()
  {
    warnings = "";
    return sl_configuration_load (configuration, error.out ());
  }
  /* All values as text, without their files. */
  std::string
  describe () const
  {
    std::string all;

    for (guint i = 0; i < sl_keys_count (); i++) {
      const SlKey *key = sl_keys_get (i);
      all += std::string (sl_key_get_group (key)) + "." + sl_key_get_name (key) + "=" +
             take (sl_key_format (key, values)) + "\n";
    }
    return all;
  }
  std::string
  origin (const std::string &group, const std::string &name)
  {
    g_autoptr (GVariant) all = g_variant_ref_sink (sl_configuration_describe (configuration));
    GVariantIter iter;
    const char *g, *n, *file;

    g_variant_iter_init (&iter, all);
    while (g_variant_iter_next (&iter, "(&s&sv&s)", &g, &n, nullptr, &file)) {
      if (group == g && name == n)
        return file;
    }
    return "(none)";
  }
  bool
  untouched () const
  {
    return describe () == as_default;
  }
  bool
  warned_of (const std::string &word) const
  {
    return warnings.find (word) != std::string::npos;
  }

private:
  static void
  collect (const char *, GLogLevelFlags, const char *message, gpointer data)
  {
    ((Configuration *)data)->warnings += std::string (message) + "\n";
  }
};

} // namespace

TEST_F (Configuration, KeysOfTransfers)
{
  const SlSettings &settings = values->transfers;

  ASSERT_TRUE (parse ("[Transfers]\n"
                      "MaxActive=3\nMaxConnections=5\nMaxConnectionsPerHost=4\n"
                      "ConnectionsForeground=6\nConnectionsBackground=2\n"
                      "FirstByteTimeout=7\nStallTimeout=8\nRetryDelayMin=9\nRetryDelayMax=10\n"
                      "DiskFullRetry=11\nMinimumFree=3M\n"))
      << error.text ();
  EXPECT_EQ (settings.max_active, 3u);
  EXPECT_EQ (settings.max_connections, 5u);
  EXPECT_EQ (settings.max_connections_per_host, 4u);
  EXPECT_EQ (settings.connections_foreground, 6u);
  EXPECT_EQ (settings.connections_background, 2u);
  EXPECT_EQ (settings.first_byte_timeout, 7000u);
  EXPECT_EQ (settings.stall_timeout, 8u);
  EXPECT_EQ (settings.retry_delay_min, 9000u);
  EXPECT_EQ (settings.retry_delay_max, 10000u);
  EXPECT_EQ (settings.disk_full_retry, 11000u);
  EXPECT_EQ (settings.minimum_free, 3u << 20);
  EXPECT_EQ (warnings, "");
}

TEST_F (Configuration, KeysOfThePolicy)
{
  const SlPolicySettings &policy = values->policy;

  ASSERT_TRUE (parse ("[Conditions]\nHours=Mon-Fri 08:00-18:00\nMaxWait=2h\nIdleTime=10min\n"
                      "MinimumBattery=50%\nBusyShare=10\n"
                      "[Network]\nMetered=yes\nTrustMeteredGuess=false\nMonthlyCap=5G\n"
                      "MonthlyCapDay=15\nOverCap=throttled\n"
                      "[Low]\nCostPolicy=no-roaming\nCostLimit=standard\nDisallowOnCellular=yes\n"
                      "OnlyWhenIdle=1\nOnlyOnExternalPower=true\nHoldOnPowerSaver=false\n"
                      "HoldInGameMode=no\nHoldWhenBusy=0\nHoldOnVpn=true\n"
                      "[Limits]\nForegroundRate=2M\nBackgroundRate=500K\nForegroundShare=90%\n"
                      "BackgroundShare=25\n"
                      "[Work]\nHours=Mon 09:00-10:00\nBackgroundRate=0\n"
                      "[Maintenance]\nHours=Sun 02:00-05:00\nBackgroundRate=unlimited\n"))
      << error.text ();
  EXPECT_EQ (warnings, "");
  EXPECT_EQ (take (sl_hours_to_string (policy.window)), "Mon-Fri 08:00-18:00");
  EXPECT_EQ (policy.max_wait, 7200u);
  EXPECT_EQ (policy.idle_time, 600u);
  EXPECT_EQ (policy.minimum_battery, 50u);
  EXPECT_EQ (policy.busy_share, 10u);
  EXPECT_EQ (policy.metered, SL_TRISTATE_YES);
  EXPECT_FALSE (policy.trust_guess);
  EXPECT_EQ (policy.monthly_cap, 5ull << 30);
  EXPECT_EQ (policy.cap_day, 15u);
  EXPECT_EQ (policy.over_cap, SL_OVER_CAP_THROTTLED);
  const SlPrioritySettings &low = policy.priorities[SL_PRIORITY_LOW];
  EXPECT_EQ (low.cost_policy, SL_COST_POLICY_NO_ROAMING);
  EXPECT_EQ (low.cost_limit, SL_COST_POLICY_STANDARD);
  EXPECT_TRUE (low.disallow_on_cellular && low.only_when_idle && low.only_on_external_power);
  EXPECT_FALSE (low.hold_on_power_saver || low.hold_in_game_mode || low.hold_when_busy);
  EXPECT_TRUE (low.hold_on_vpn);
  EXPECT_EQ (policy.priorities[SL_PRIORITY_NORMAL].cost_policy, SL_COST_POLICY_STANDARD);
  EXPECT_EQ (policy.limits[SL_PERIOD_ALWAYS].rate[SL_CLASS_FOREGROUND], 2097152u);
  EXPECT_EQ (policy.limits[SL_PERIOD_ALWAYS].rate[SL_CLASS_BACKGROUND], 512000u);
  EXPECT_EQ (policy.limits[SL_PERIOD_ALWAYS].share[SL_CLASS_FOREGROUND], 90u);
  EXPECT_EQ (policy.limits[SL_PERIOD_ALWAYS].share[SL_CLASS_BACKGROUND], 25u);
  EXPECT_EQ (policy.limits[SL_PERIOD_WORK].rate[SL_CLASS_BACKGROUND], 0u);
  EXPECT_EQ (policy.limits[SL_PERIOD_MAINTENANCE].rate[SL_CLASS_BACKGROUND], SL_RATE_UNLIMITED);
  EXPECT_NE (policy.hours[SL_PERIOD_WORK], nullptr);
  EXPECT_NE (policy.hours[SL_PERIOD_MAINTENANCE], nullptr);
  ASSERT_TRUE (parse ("[Conditions]\nHours=\n"));
  EXPECT_EQ (policy.window, nullptr);
}

/* The text of a value is read as the same value, for every key. */
TEST_F (Configuration, ValuesAreReadAsTheyAreWritten)
{
  std::string text, before = describe ();

  for (guint i = 0; i < sl_keys_count (); i++) {
    const SlKey *key = sl_keys_get (i);
    text += std::string ("[") + sl_key_get_group (key) + "]\n" + sl_key_get_name (key) + "=" +
            take (sl_key_format (key, values)) + "\n";
  }
  ASSERT_TRUE (parse (text));
  EXPECT_EQ (warnings, "");
  EXPECT_EQ (describe (), before);
}

TEST_F (Configuration, NothingSaidNothingChanged)
{
  EXPECT_TRUE (parse (""));
  EXPECT_TRUE (parse ("# a comment\n\n"));
  EXPECT_TRUE (parse ("[Transfers]\n"));
  EXPECT_TRUE (untouched ());
  EXPECT_EQ (warnings, "");
}

TEST_F (Configuration, Durations)
{
  const struct {
    const char *text;
    guint ms;
  } rows[] = {{"500ms", 500},    {"2", 2000},      {"2s", 2000},    {" 3 ", 3000}, {"100ms", 100},
              {"3600", 3600000}, {"5min", 300000}, {"1h", 3600000}, {"7 s", 7000}};

  for (const auto &row : rows) {
    EXPECT_TRUE (parse (std::string ("[Transfers]\nFirstByteTimeout=") + row.text + "\n"));
    EXPECT_EQ (values->transfers.first_byte_timeout, row.ms) << row.text;
  }
  EXPECT_TRUE (parse ("[Transfers]\nStallTimeout=1500ms\n"));
  EXPECT_EQ (values->transfers.stall_timeout, 2u);
  EXPECT_EQ (warnings, "");
}

TEST_F (Configuration, BadValuesLeaveTheSettingAlone)
{
  for (const char *line : {"[Transfers]\nMaxActive=0",
                           "[Transfers]\nMaxActive=-1",
                           "[Transfers]\nMaxActive=257",
                           "[Transfers]\nMaxActive=",
                           "[Transfers]\nMaxActive=many",
                           "[Transfers]\nMaxActive=3.5",
                           "[Transfers]\nMaxActive=3s",
                           "[Transfers]\nMaxActive=0x10",
                           "[Transfers]\nMaxActive=+3",
                           "[Transfers]\nMaxActive=99999999999999999999",
                           "[Transfers]\nMaxConnectionsPerHost=65",
                           "[Transfers]\nFirstByteTimeout=0",
                           "[Transfers]\nFirstByteTimeout=99ms",
                           "[Transfers]\nFirstByteTimeout=3601",
                           "[Transfers]\nFirstByteTimeout=1m",
                           "[Transfers]\nFirstByteTimeout=ms",
                           "[Transfers]\nFirstByteTimeout=-5",
                           "[Transfers]\nFirstByteTimeout=1.5s",
                           "[Transfers]\nFirstByteTimeout=4294967296",
                           "[Transfers]\nFirstByteTimeout=4294967295s",
                           "[Transfers]\nFirstByteTimeout=9223372036854775807d",
                           "[Transfers]\nStallTimeout=0ms",
                           "[Transfers]\nDiskFullRetry=\\q",
                           "[Transfers]\nRetryDelayMin=\xff",
                           "[Conditions]\nHours=always",
                           "[Conditions]\nHours=Mon 08:00-08:00",
                           "[Conditions]\nMinimumBattery=101",
                           "[Conditions]\nMaxWait=366d",
                           "[Network]\nMetered=maybe",
                           "[Network]\nMonthlyCap=-1",
                           "[Network]\nMonthlyCap=5GB",
                           "[Network]\nMonthlyCap=16777216T",
                           "[Network]\nMonthlyCapDay=29",
                           "[Network]\nOverCap=",
                           "[Low]\nCostPolicy=",
                           "[Low]\nCostLimit=cheap",
                           "[Low]\nOnlyWhenIdle=maybe",
                           "[Limits]\nBackgroundRate=fast",
                           "[Limits]\nBackgroundShare=101%"}) {
    std::string key (strchr (line, '\n') + 1);
    key = key.substr (0, key.find ('='));
    warnings.clear ();
    EXPECT_TRUE (parse (std::string (line) + "\n")) << error.text ();
    EXPECT_TRUE (untouched ()) << line;
    EXPECT_TRUE (warned_of (key)) << line << ": " << warnings;
    EXPECT_TRUE (warned_of ("test.conf")) << line << ": " << warnings;
  }
}

TEST_F (Configuration, ABadValueSpoilsNoOther)
{
  EXPECT_TRUE (parse ("[Transfers]\nMaxActive=nonsense\nMaxConnections=7\n"));
  EXPECT_EQ (values->transfers.max_active, defaults.transfers.max_active);
  EXPECT_EQ (values->transfers.max_connections, 7u);
}

TEST_F (Configuration, UnknownNamesAreWarnedOf)
{
  EXPECT_TRUE (parse ("[Transfers]\nMaxActiv=3\nmaxactive=4\n[Trans]\nMaxActive=5\n"));
  EXPECT_TRUE (untouched ());
  EXPECT_TRUE (warned_of ("MaxActiv"));
  EXPECT_TRUE (warned_of ("maxactive"));
  EXPECT_TRUE (warned_of ("[Trans]"));
}

TEST_F (Configuration, WhatIsNoKeyFileIsAnErrorWithItsLine)
{
  EXPECT_FALSE (parse ("[Transfers]\nMaxActive=3\n\n# fine\nthis is no key\nMaxActive=4\n"));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT));
  EXPECT_NE (error.text ().find ("test.conf, line 5:"), std::string::npos) << error.text ();
  EXPECT_TRUE (untouched ());
}

TEST_F (Configuration, LaterFilesWin)
{
  write ("admin/sluice.conf", "[Transfers]\nMaxActive=1\nMaxConnections=2\n");
  write ("admin/sluice.conf.d/20.conf", "[Transfers]\nMaxActive=20\n");
  write ("admin/sluice.conf.d/10.conf", "[Transfers]\nMaxActive=10\nConnectionsForeground=3\n");
  write ("admin/sluice.conf.d/30.conf.bak", "[Transfers]\nMaxActive=30\n");
  ASSERT_TRUE (load ());
  EXPECT_EQ (values->transfers.max_active, 20u);
  EXPECT_EQ (values->transfers.max_connections, 2u);
  EXPECT_EQ (values->transfers.connections_foreground, 3u);
  EXPECT_EQ (values->transfers.stall_timeout, defaults.transfers.stall_timeout);
  EXPECT_EQ (origin ("Transfers", "MaxActive"), directory / "admin/sluice.conf.d/20.conf");
  EXPECT_EQ (origin ("Transfers", "MaxConnections"), directory / "admin/sluice.conf");
  EXPECT_EQ (origin ("Transfers", "StallTimeout"), "default");
}

TEST_F (Configuration, TheAdministratorMasksAndOverridesTheDistribution)
{
  write ("vendor/sluice.conf.d/10.conf", "[Transfers]\nMaxActive=1\n");
  write ("vendor/sluice.conf.d/20.conf", "[Transfers]\nMaxConnections=2\n");
  write ("vendor/sluice.conf.d/30.conf", "[Transfers]\nConnectionsForeground=3\n");
  write ("admin/sluice.conf", "[Transfers]\nMaxConnections=20\n");
  write ("admin/sluice.conf.d/10.conf", "");
  ASSERT_TRUE (load ());
  EXPECT_EQ (values->transfers.max_active, defaults.transfers.max_active);
  EXPECT_EQ (values->transfers.max_connections, 20u);
  EXPECT_EQ (values->transfers.connections_foreground, 3u);
  EXPECT_EQ (origin ("Transfers", "ConnectionsForeground"),
             directory / "vendor/sluice.conf.d/30.conf");
}

/* For each kind of key: the administrator's value, a user's value that is taken, and one that is not. */
TEST_F (Configuration, TheUserTightensAndDoesNotLoosen)
{
  const struct {
    const char *group, *key, *admin, *tighter, *looser;
  } rows[] = {
      {"Transfers", "MaxActive", "8", "4", "9"},
      {"Transfers", "RetryDelayMin", "5s", "6s", "4s"},
      {"Conditions", "Hours", "Mon-Fri 08:00-18:00", "Mon 09:00-10:00", "Mon 07:00-10:00"},
      {"Conditions", "Hours", "Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00", ""},
      {"Conditions", "MaxWait", "1d", "2d", "1h"},
      {"Conditions", "MaxWait", "1d", "0", "23h"},
      {"Conditions", "MaxWait", "0", "0", "30d"},
      {"Conditions", "IdleTime", "60", "61", "59"},
      {"Conditions", "MinimumBattery", "30", "31", "29"},
      {"Conditions", "BusyShare", "30", "29", "31"},
      {"Network", "Metered", "yes", "yes", "no"},
      {"Network", "Metered", "auto", "auto", "no"},
      {"Network", "TrustMeteredGuess", "true", "true", "false"},
      {"Network", "MonthlyCap", "1G", "500M", "unlimited"},
      {"Low", "OnlyWhenIdle", "true", "true", "false"},
      {"Low", "HoldOnVpn", "false", "true", nullptr},
      {"Low", "CostLimit", "standard", "unrestricted", "always"},
      {"Low", "CostLimit", "no-roaming", "standard", "no-cellular"},
      {"Low", "CostPolicy", "standard", "unrestricted", "always"},
      {"Limits", "BackgroundRate", "1M", "0", "unlimited"},
      {"Limits", "BackgroundShare", "50%", "49%", "51%"},
      {"Work", "Hours", "Mon 08:00-18:00", "Mon 08:00-18:00", ""},
  };

  for (const auto &row : rows) {
    auto text = [&] (const char *value) {
      return std::string ("[") + row.group + "]\n" + row.key + "=" + value + "\n";
    };
    guint index;
    ASSERT_TRUE (sl_keys_find (row.group, row.key, &index));
    SCOPED_TRACE (std::string (row.key) + "=" + row.admin);
    write ("admin/sluice.conf", text (row.admin));
    write ("user/sluice.conf", "");
    ASSERT_TRUE (load ());
    std::string admins = take (sl_key_format (sl_keys_get (index), values));
    write ("user/sluice.conf", text (row.tighter));
    ASSERT_TRUE (load ());
    EXPECT_EQ (warnings, "") << row.tighter;
    EXPECT_EQ (origin (row.group, row.key), directory / "user/sluice.conf");
    if (row.looser == nullptr)
      continue;
    write ("user/sluice.conf", text (row.looser));
    ASSERT_TRUE (load ());
    EXPECT_TRUE (warned_of (row.key) && warned_of ("looser")) << row.looser << ": " << warnings;
    EXPECT_TRUE (warned_of (directory / "admin/sluice.conf"));
    EXPECT_EQ (take (sl_key_format (sl_keys_get (index), values)), admins);
    EXPECT_EQ (origin (row.group, row.key), directory / "admin/sluice.conf");
  }
}

/* The user can't loosen it through a key that the administrator left unset, but on which a set one depends. */
TEST_F (Configuration, TheUserFindsNoWayAround)
{
  const struct {
    const char *admin, *user;
    bool taken;
  } rows[] = {
      {"[Limits]\nBackgroundRate=300K\n", "[Work]\nHours=00:00-24:00\n", false},
      {"[Limits]\nForegroundRate=1M\n", "[Maintenance]\nHours=Mon 00:00-24:00\n", false},
      {"[Work]\nHours=08:00-18:00\nBackgroundRate=0\n", "[Maintenance]\nHours=09:00-10:00\n",
       false},
      {"[Normal]\nCostLimit=unrestricted\n", "[Network]\nMetered=no\n", false},
      {"[Network]\nMonthlyCap=5G\n", "[Network]\nMetered=no\n", false},
      {"[Network]\nMonthlyCap=5G\n", "[Network]\nOverCap=throttled\n", false},
      {"[Network]\nMonthlyCap=5G\n", "[Network]\nMonthlyCapDay=15\n", false},
      {"[Low]\nCostPolicy=unrestricted\n", "[Network]\nTrustMeteredGuess=false\n", false},
      {"[Normal]\nCostLimit=standard\n", "[Network]\nMonthlyCap=1G\n", false},
      {"[Network]\nMonthlyCap=5G\n", "[Network]\nMonthlyCap=1G\n", true},
      {"[Transfers]\nMaxActive=3\n", "[Network]\nMonthlyCap=1G\n", true},
      {"[Transfers]\nMaxActive=3\n", "[Work]\nHours=00:00-24:00\n", true},
      {"[Transfers]\nMaxActive=3\n", "[Network]\nMetered=no\n", true},
  };

  for (const auto &row : rows) {
    write ("admin/sluice.conf", row.admin);
    write ("user/sluice.conf", "");
    ASSERT_TRUE (load ());
    std::string before = describe ();
    write ("user/sluice.conf", row.user);
    ASSERT_TRUE (load ());
    EXPECT_EQ (describe () != before, row.taken) << row.admin << row.user;
    EXPECT_EQ (warned_of ("looser") && warned_of (directory / "admin/sluice.conf"), !row.taken);
  }
}

TEST_F (Configuration, ALinkToNothingMasks)
{
  write ("vendor/sluice.conf.d/10.conf", "[Transfers]\nMaxActive=1\n");
  ASSERT_EQ (symlink ("/dev/null", (directory / "admin/sluice.conf.d/10.conf").c_str ()), 0);
  ASSERT_TRUE (load ()) << error.text ();
  EXPECT_TRUE (untouched ());
  EXPECT_EQ (warnings, "");
}

/* The user may change, also repeatedly, what only the user has set. */
TEST_F (Configuration, TheUserChangesDefaultsFreely)
{
  write ("user/sluice.conf", "[Transfers]\nMaxActive=4\n[Low]\nHoldWhenBusy=false\n");
  write ("user/sluice.conf.d/10.conf", "[Transfers]\nMaxActive=100\n");
  ASSERT_TRUE (load ());
  EXPECT_EQ (warnings, "");
  EXPECT_EQ (values->transfers.max_active, 100u);
  EXPECT_FALSE (values->policy.priorities[SL_PRIORITY_LOW].hold_when_busy);
}

TEST_F (Configuration, AnotherLoadForgetsWhatIsNotSaidAnyMore)
{
  write ("admin/sluice.conf", "[Transfers]\nMaxActive=1\n[Conditions]\nHours=10:00-11:00\n");
  ASSERT_TRUE (load ());
  EXPECT_FALSE (untouched ());
  write ("admin/sluice.conf", "");
  ASSERT_TRUE (load ());
  EXPECT_TRUE (untouched ());
}

TEST_F (Configuration, MissingDirectoriesAreNoError)
{
  SlConfigurationPaths nowhere = {g_strdup ("/nonexistent/a"), g_strdup ("/nonexistent/b"),
                                  nullptr};
  g_autoptr (SlConfiguration) other = sl_configuration_new (&nowhere);

  EXPECT_TRUE (sl_configuration_load (other, error.out ()));
  EXPECT_EQ (sl_configuration_get (other)->transfers.max_active, 16u);
  sl_configuration_paths_clear (&nowhere);
}

TEST_F (Configuration, OneBrokenFileAndNothingIsTaken)
{
  write ("admin/sluice.conf", "[Transfers]\nMaxActive=1\n");
  write ("admin/sluice.conf.d/10.conf", "MaxActive=2\n");
  EXPECT_FALSE (load ());
  EXPECT_NE (error.text ().find ("10.conf, line 1"), std::string::npos) << error.text ();
  EXPECT_TRUE (untouched ());
  /* at the start there are no old settings, so the rest is better than nothing */
  sl_configuration_load_what_works (configuration);
  EXPECT_EQ (values->transfers.max_active, 1u);
  EXPECT_TRUE (warned_of ("10.conf, line 1"));
}

/* Each half falls back separately, and the user's remains bound by the present one of the administrator. */
TEST_F (Configuration, ABrokenFileKeepsItsHalfOnly)
{
  write ("user/sluice.conf", "[Transfers]\nMaxActive=8\n[Conditions]\nMinimumBattery=30%\n");
  ASSERT_TRUE (load ());
  write ("user/sluice.conf.d/10.conf", "[Transfers\n");
  write ("user/sluice.conf", "[Transfers]\nMaxActive=1\n");
  write ("admin/sluice.conf", "[Transfers]\nMaxActive=4\n");
  EXPECT_FALSE (load ());
  EXPECT_NE (error.text ().find ("10.conf, line 1"), std::string::npos) << error.text ();
  EXPECT_EQ (values->transfers.max_active, 4u);
  EXPECT_EQ (values->policy.minimum_battery, 30u);
  EXPECT_TRUE (warned_of ("looser"));
  write ("admin/sluice.conf", "what is this\n");
  write ("user/sluice.conf.d/10.conf", "[Transfers]\nNothing=1\n");
  EXPECT_FALSE (load ());
  EXPECT_EQ (values->transfers.max_active, 1u);
  EXPECT_EQ (values->policy.minimum_battery, defaults.policy.minimum_battery);
  g_auto (GStrv) problems = sl_configuration_dup_problems (configuration);
  ASSERT_EQ (g_strv_length (problems), 2u);
  EXPECT_NE (std::string (problems[0]).find ("admin/sluice.conf, line 1"), std::string::npos);
  EXPECT_NE (std::string (problems[1]).find ("“Nothing”"), std::string::npos);
}

/* Messages about files are valid text, whatever the files' names and bytes are. */
TEST_F (Configuration, NamesThatAreNotUtf8)
{
  write ("admin/sluice.conf.d/a\xff.conf", "[Transfers]\nMaxActive=3\nFo\xffo=1\n");
  write ("user/sluice.conf", "[Tra\xffnsfers]\nMaxActive=1\n[Normal]\nCostLimit=\xff\n");
  write ("user/sluice.conf.d/b\xff.conf", "jun\xffk\n");
  EXPECT_FALSE (load ());
  EXPECT_TRUE (g_utf8_validate (error.text ().c_str (), -1, nullptr));
  EXPECT_TRUE (g_utf8_validate (origin ("Transfers", "MaxActive").c_str (), -1, nullptr));
  unlink ((directory / "user/sluice.conf.d/b\xff.conf").c_str ());
  ASSERT_TRUE (load ());
  EXPECT_EQ (values->transfers.max_active, 3u);
  g_auto (GStrv) problems = sl_configuration_dup_problems (configuration);
  ASSERT_EQ (g_strv_length (problems), 3u);
  for (char **problem = problems; *problem != nullptr; problem++)
    EXPECT_TRUE (g_utf8_validate (*problem, -1, nullptr)) << *problem;
}

TEST_F (Configuration, ManyProblemsAreNotAllTold)
{
  std::string text = "[Transfers]\n";

  for (int i = 0; i < 500; i++)
    text += "No" + std::to_string (i) + "=1\n";
  write ("user/sluice.conf", text);
  ASSERT_TRUE (load ());
  g_auto (GStrv) problems = sl_configuration_dup_problems (configuration);
  EXPECT_EQ (g_strv_length (problems), 100u);
  EXPECT_TRUE (warned_of ("No499"));
}

/* Finding the number of a line takes no longer with very many lines. */
TEST_F (Configuration, TheLastOfManyLinesIsBroken)
{
  std::string text = "[Transfers]\n";

  for (int i = 0; i < 150000; i++)
    text += "#\na=1\n";
  text += "what is this\n";
  gint64 begun = g_get_monotonic_time ();
  EXPECT_FALSE (parse (text));
  EXPECT_NE (error.text ().find ("test.conf, line 300002: "), std::string::npos) << error.text ();
  EXPECT_LT (g_get_monotonic_time () - begun, 30 * G_TIME_SPAN_SECOND);
}

TEST_F (Configuration, WhatIsNoFileIsAnError)
{
  ASSERT_EQ (g_mkdir ((directory / "admin/sluice.conf").c_str (), 0700), 0);
  EXPECT_FALSE (load ());
  EXPECT_NE (error.text ().find ("admin/sluice.conf"), std::string::npos) << error.text ();
}

TEST_F (Configuration, TheGreatestDelayIsNotBelowTheLeast)
{
  write ("admin/sluice.conf", "[Transfers]\nRetryDelayMin=50\nRetryDelayMax=5\n");
  ASSERT_TRUE (load ());
  EXPECT_EQ (values->transfers.retry_delay_min, 50000u);
  EXPECT_EQ (values->transfers.retry_delay_max, 50000u);
}

/* The example that is installed has every key, each with its default. */
TEST_F (Configuration, TheExampleSaysTheDefaults)
{
  std::string text = read_file (SLUICE_EXAMPLE_CONFIGURATION);
  guint keys = 0;

  for (gsize at = 0; (at = text.find ("\n#", at)) != std::string::npos; at++) {
    gsize end = text.find ('\n', at + 1);
    if (text.substr (at, end - at).find ('=') == std::string::npos || text[at + 2] == ' ')
      continue;
    text.erase (at + 1, 1);
    keys++;
  }
  EXPECT_EQ (keys, sl_keys_count ());
  ASSERT_TRUE (parse (text)) << error.text ();
  EXPECT_EQ (warnings, "");
  for (guint i = 0; i < sl_keys_count (); i++)
    EXPECT_EQ (origin (sl_key_get_group (sl_keys_get (i)), sl_key_get_name (sl_keys_get (i))),
               "test.conf");
  EXPECT_EQ (describe (), as_default);
}

/* And the manual explains every one. */
TEST_F (Configuration, TheManualHasEveryKey)
{
  std::string text = read_file (std::string (SLUICE_MANUAL) + "/sluice.conf.5.rst");

  for (guint i = 0; i < sl_keys_count (); i++) {
    std::string name = sl_key_get_name (sl_keys_get (i));
    EXPECT_TRUE (text.find ("\n" + name + "=") != std::string::npos ||
                 text.find (", " + name + "=") != std::string::npos)
        << name;
    EXPECT_NE (text.find (std::string ("[") + sl_key_get_group (sl_keys_get (i)) + "]"),
               std::string::npos);
  }
}
