/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The machine's hints hold a running download and release it: battery, power, the user, games. */
#include "support/policy.h"

using namespace st;

namespace
{

const char kUPower[] = "org.freedesktop.UPower";
const char kUPowerPath[] = "/org/freedesktop/UPower";
const char kDevice[] = "org.freedesktop.UPower.Device";
const char kDisplay[] = "/org/freedesktop/UPower/devices/DisplayDevice";
const char kProfiles[] = "net.hadess.PowerProfiles";
const char kProfilesPath[] = "/net/hadess/PowerProfiles";
const char kLogin[] = "org.freedesktop.login1";
const char kUser[] = "org.freedesktop.login1.User";
const char kSelf[] = "/org/freedesktop/login1/user/self";
const char kGameMode[] = "com.feralinteractive.GameMode";
const char kGameModePath[] = "/com/feralinteractive/GameMode";
const char kGnome[] = "org.gnome.ScreenSaver";
const char kGnomePath[] = "/org/gnome/ScreenSaver";
const char kSaver[] = "org.freedesktop.ScreenSaver";
const char kSaverPath[] = "/org/freedesktop/ScreenSaver";

class PolicyHints : public PolicyTest
{
protected:
  void
  set_on_battery (bool on_battery)
  {
    upower.update (kUPowerPath, kUPower,
                   std::string ("{'OnBattery': <") + (on_battery ? "true" : "false") + ">}");
  }
  void
  set_battery (int percent, int warning = 1)
  {
    upower.update (kDisplay, kDevice,
                   "{'Type': <uint32 2>, 'IsPresent': <true>, 'Percentage': <" +
                       std::to_string (percent) + ".0>, 'WarningLevel': <uint32 " +
                       std::to_string (warning) + ">}");
  }
  void
  set_idle (bool idle)
  {
    logind.update (kSelf, kUser, std::string ("{'IdleHint': <") + (idle ? "true" : "false") + ">}");
  }
  void
  start_logind (const std::string &idle)
  {
    logind.object ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
    logind.object (kSelf, kUser, "{'IdleHint': <" + idle + ">}");
    logind.start ();
  }
  void
  set_profile (const std::string &name)
  {
    profiles.update (kProfilesPath, kProfiles, "{'ActiveProfile': <'" + name + "'>}");
  }
  void
  set_clients (Mock &game_mode, int clients)
  {
    game_mode.update (kGameModePath, kGameMode,
                      "{'ClientCount': <" + std::to_string (clients) + ">}");
  }
  /* The source of a hint in Conditions. */
  std::string
  source (const std::string &hint)
  {
    Value conditions = connection->get (kManagerPath, "Conditions").value;
    Value sources (g_variant_lookup_value (conditions.get (), "Sources", nullptr));
    const char *name = "";
    g_variant_lookup (sources.get (), hint.c_str (), "&s", &name);
    return name;
  }

  Mock upower{system, kUPower, "upower"};
  Mock profiles{system, kProfiles, "power_profiles_daemon"};
  Mock logind{system, kLogin};
  const Reasons battery = {"battery"};
  const Reasons user_active = {"user-active"};
};

} // namespace

TEST_F (PolicyHints, OnBattery)
{
  upower.start ();
  Download picky = begin ("picky", Properties ().add ("OnlyOnExternalPower", true));
  Download other = begin ("other");

  set_on_battery (true);
  expect_held (picky, battery);
  expect_moving (other);
  set_on_battery (false);
  expect_released (picky);
  set_on_battery (true);
  expect_held (picky, battery);
  /* a service that is gone holds nothing back */
  upower.stop ();
  expect_released (picky);
  EXPECT_EQ (source ("OnBattery"), "unavailable");
  expect_moving (other);
  finish ({picky, other});
}

TEST_F (PolicyHints, BatteryIsLow)
{
  configure ("[Conditions]\nMinimumBattery=35%\n");
  upower.start ();
  Download download = begin ("file");

  set_battery (34);
  expect_moving (download);
  set_on_battery (true);
  expect_held (download, battery);
  set_battery (35);
  expect_released (download);
  set_battery (34);
  expect_held (download, battery);
  upower.stop ();
  expect_released (download);
  finish ({download});
}

TEST_F (PolicyHints, BatteryIsCritical)
{
  configure ("[Conditions]\nMinimumBattery=0\n");
  upower.start ();
  Download normal = begin ("normal");
  Download late = begin ("late", Properties ().add ("Deadline", g_variant_new_int64 (1)));
  Download foreground = begin ("foreground", Properties ().add ("Priority", "foreground"));

  set_on_battery (true);
  set_battery (3);
  expect_moving (normal);
  set_battery (3, 4);
  expect_held (normal, battery);
  expect_held (late, battery);
  expect_moving (foreground);
  set_battery (3, 1);
  expect_released (normal);
  expect_released (late);
  finish ({foreground, late, normal});
}

TEST_F (PolicyHints, PowerSaver)
{
  std::vector<Download> downloads;

  profiles.start ();
  for (const char *priority : {"foreground", "high", "normal", "low"})
    downloads.push_back (begin (priority, Properties ().add ("Priority", priority)));
  set_profile ("power-saver");
  expect_held (downloads[2], {"power-saver"});
  expect_held (downloads[3], {"power-saver"});
  expect_moving (downloads[0]);
  expect_moving (downloads[1]);
  set_profile ("balanced");
  expect_released (downloads[2]);
  expect_released (downloads[3]);
  finish (downloads);
}

TEST_F (PolicyHints, UserComesBack)
{
  start_logind ("true");
  Download picky = begin ("picky", Properties ().add ("OnlyWhenIdle", true));
  Download other = begin ("other");

  EXPECT_EQ (source ("UserIdle"), "logind");
  set_idle (false);
  expect_held (picky, user_active);
  set_idle (true);
  expect_released (picky);
  expect_moving (other);
  finish ({picky, other});
}

TEST_F (PolicyHints, ScreenSavers)
{
  Mock gnome (session (), kGnome, "gnome_screensaver"), saver (session (), kSaver);

  saver.object (kSaverPath, kSaver);
  saver.method (kSaverPath, kSaver, "GetActive", "", "b", "ret = True");
  Download picky = begin ("picky", Properties ().add ("OnlyWhenIdle", true));
  EXPECT_EQ (source ("UserIdle"), "unavailable");
  gnome.start ();
  expect_held (picky, user_active);
  gnome.call (kGnomePath, std::string (kGnome) + ".SetActive", "(true,)");
  expect_released (picky);
  EXPECT_EQ (source ("UserIdle"), "GNOME");
  gnome.call (kGnomePath, std::string (kGnome) + ".SetActive", "(false,)");
  expect_held (picky, user_active);
  /* of two screen savers one that is on suffices */
  saver.start ();
  expect_released (picky);
  saver.emit (kSaverPath, kSaver, "ActiveChanged", "(false,)");
  expect_held (picky, user_active);
  gnome.stop ();
  saver.stop ();
  expect_released (picky, 8);
  finish ({picky});
}

TEST_F (PolicyHints, GameMode)
{
  Mock game_mode (session (), kGameMode);

  game_mode.object (kGameModePath, kGameMode, "{'ClientCount': <0>}");
  game_mode.start ();
  Download high = begin ("high", Properties ().add ("Priority", "high"));
  Download normal = begin ("normal");
  set_clients (game_mode, 1);
  expect_held (normal, {"game-mode"});
  set_clients (game_mode, 2);
  expect_moving (high);
  set_clients (game_mode, 0);
  expect_released (normal);
  finish ({high, normal});
}

/* A loose contact: the download is held all the time, not started and stopped with each change. */
TEST_F (PolicyHints, Flapping)
{
  upower.start ();
  Download download = begin ("file", Properties ().add ("OnlyOnExternalPower", true));

  set_on_battery (true);
  expect_held (download, battery);
  gint64 end = g_get_monotonic_time ();
  for (int i = 0; i < 9; i++) {
    end += 200000;
    run_for ((double)(end - g_get_monotonic_time ()) / G_USEC_PER_SEC);
    set_on_battery (i % 2 == 1);
  }
  EXPECT_LE (server->count ("/file"), 2);
  EXPECT_LE (count_stops (download), 2);
  expect_held (download, battery);
  /* the wait is longer after each relapse */
  expect_released (download, 12);
  EXPECT_LE (server->count ("/file"), 3);
  finish ({download});
}

/* A service that does not answer in time holds nothing back, and delays nothing. */
TEST_F (PolicyHints, ServicesHang)
{
  std::vector<Mock *> all = {&upower, &profiles, &logind};
  Mock network (system, "org.freedesktop.NetworkManager");

  upower.start ();
  profiles.start ();
  start_logind ("false");
  network.object ("/org/freedesktop", "org.freedesktop.DBus.ObjectManager");
  network.start ();
  all.push_back (&network);
  set_on_battery (true);
  for (Mock *mock : all)
    mock->hang ();
  gint64 begun = g_get_monotonic_time ();
  start_daemon ();
  Download download = begin ("file", Properties ()
                                         .add ("OnlyOnExternalPower", true)
                                         .add ("OnlyWhenIdle", true)
                                         .add ("CostPolicy", "unrestricted"));
  EXPECT_LT ((double)(g_get_monotonic_time () - begun), 2e6 * time_factor ());
  upower.resume ();
  expect_held (download, battery);
  logind.resume ();
  EXPECT_TRUE (wait_until ([&] { return reasons_of (download).size () == 2; }, 1));
  for (Mock *mock : all)
    mock->stop ();
  expect_released (download);
  finish ({download});
}

/* Names without an owner, and one that the bus can't start. */
TEST_F (PolicyHints, ServicesAreDead)
{
  system.add_activation (kUPower, "exit 1");
  system.add_activation (kProfiles, "sleep 60");
  gint64 begun = g_get_monotonic_time ();
  start_daemon ();
  Download download = begin ("file", Properties ().add ("OnlyOnExternalPower", true));
  EXPECT_LT ((double)(g_get_monotonic_time () - begun), 2e6 * time_factor ());
  finish ({download});
}
