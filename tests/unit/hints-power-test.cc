/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hints of UPower, power-profiles-daemon and GameMode. */
#include "unit/hints.h"

#include "hints/game-mode.h"
#include "hints/power-profile.h"
#include "hints/upower.h"

namespace
{

const char kUPower[] = "org.freedesktop.UPower";
const char kUPowerPath[] = "/org/freedesktop/UPower";
const char kDevice[] = "org.freedesktop.UPower.Device";
const char kDisplay[] = "/org/freedesktop/UPower/devices/DisplayDevice";

class UPowerTest : public Hints
{
protected:
  void
  begin ()
  {
    watch (sl_upower_new (client.raw (), on_changed, this), sl_upower_fold, sl_upower_free);
  }
  void
  display (const std::string &properties)
  {
    mock.update (kDisplay, kDevice, properties);
  }
  const std::string battery =
      "{'Type': <uint32 2>, 'IsPresent': <true>, 'Percentage': <80.7>, 'WarningLevel': <uint32 1>}";
  Mock mock{bus, kUPower, "upower"};
};

class PowerProfileTest : public Hints
{
protected:
  void
  begin (GDBusConnection *session, GDBusConnection *system)
  {
    watch (sl_power_profile_new (session, system, on_changed, this), sl_power_profile_fold,
           sl_power_profile_free);
  }
  bool
  becomes_saver (bool saver)
  {
    return becomes ([&, saver] { return (last->power_saver != FALSE) == saver; });
  }

  const std::string old_name = "net.hadess.PowerProfiles";
  const std::string old_path = "/net/hadess/PowerProfiles";
  const std::string new_name = "org.freedesktop.UPower.PowerProfiles";
  const std::string new_path = "/org/freedesktop/UPower/PowerProfiles";
  const std::string portal_name = "org.freedesktop.portal.Desktop";
  const std::string portal_path = "/org/freedesktop/portal/desktop";
  const std::string portal_interface = "org.freedesktop.portal.PowerProfileMonitor";
};

class GameModeTest : public Hints
{
protected:
  const std::string name = "com.feralinteractive.GameMode";
  const std::string path = "/com/feralinteractive/GameMode";
};

} // namespace

TEST_F (UPowerTest, Desktop)
{
  begin ();
  settle ();
  EXPECT_EQ (changes, 0);
  EXPECT_EQ (source (SL_HINT_ON_BATTERY), "");
  start (mock, kUPower);
  ASSERT_TRUE (becomes (tells (SL_HINT_ON_BATTERY, "UPower")));
  EXPECT_FALSE (last->on_battery);
  EXPECT_EQ (source (SL_HINT_BATTERY_LEVEL), "");
  EXPECT_EQ (last->battery_level, 100);
}

TEST_F (UPowerTest, Laptop)
{
  start (mock, kUPower);
  display (battery);
  begin ();
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "UPower"), 2));
  EXPECT_EQ (last->battery_level, 80);
  mock.update (kUPowerPath, kUPower, "{'OnBattery': <true>}");
  ASSERT_TRUE (becomes ([&] { return last->on_battery; }));
  nothing_changes ([&] { display ("{'Percentage': <80.2>}"); });
  nothing_changes ([&] { display ("{'TimeToEmpty': <int64 100>}"); });
  display ("{'Percentage': <4.9>}");
  ASSERT_TRUE (becomes ([&] { return last->battery_level == 4; }));
  EXPECT_FALSE (last->battery_critical);
  nothing_changes ([&] { display ("{'WarningLevel': <uint32 3>}"); });
  display ("{'WarningLevel': <uint32 4>}");
  ASSERT_TRUE (becomes ([&] { return last->battery_critical; }));
  nothing_changes ([&] { display ("{'WarningLevel': <uint32 5>}"); });
  display ("{'IsPresent': <false>}");
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "")));
  EXPECT_FALSE (last->battery_critical);
  EXPECT_EQ (last->battery_level, 100);
}

TEST_F (UPowerTest, DiesAndComesBack)
{
  start (mock, kUPower);
  mock.update (kUPowerPath, kUPower, "{'OnBattery': <true>}");
  display (battery);
  begin ();
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "UPower"), 2));
  EXPECT_TRUE (last->on_battery);
  stop (mock);
  ASSERT_TRUE (
      becomes ([&] { return source (SL_HINT_BATTERY_LEVEL) + source (SL_HINT_ON_BATTERY) == ""; },
               2));
  EXPECT_FALSE (last->on_battery);
  EXPECT_EQ (last->battery_level, 100);
  start (mock, kUPower);
  ASSERT_TRUE (becomes (tells (SL_HINT_ON_BATTERY, "UPower")));
}

TEST_F (UPowerTest, WrongTypes)
{
  start (mock, kUPower);
  display (battery);
  begin ();
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "UPower"), 2));
  mock.update (kUPowerPath, kUPower, "{'OnBattery': <'yes'>}");
  ASSERT_TRUE (becomes (tells (SL_HINT_ON_BATTERY, "")));
  EXPECT_FALSE (last->on_battery);
  nothing_changes ([&] { display ("{'WarningLevel': <'much'>}"); });
  display ("{'Percentage': <'half'>}");
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "")));
  display ("{'Percentage': <1e300>}");
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "UPower")));
  EXPECT_EQ (last->battery_level, 100);
  display ("{'Percentage': <nan>}");
  ASSERT_TRUE (becomes (tells (SL_HINT_BATTERY_LEVEL, "")));
  display ("{'Percentage': <-5.0>, 'Type': <uint32 3>}");
  ASSERT_TRUE (becomes ([&] { return last->battery_level == 0; }));
}

/* Power profiles. */

TEST_F (PowerProfileTest, OldName)
{
  Mock mock (bus, old_name, "power_profiles_daemon");

  begin (nullptr, client.raw ());
  settle ();
  EXPECT_EQ (changes, 0);
  start (mock, old_name);
  ASSERT_TRUE (becomes (tells (SL_HINT_POWER_SAVER, "power-profiles-daemon")));
  EXPECT_FALSE (last->power_saver);
  mock.update (old_path, old_name, "{'ActiveProfile': <'power-saver'>}");
  ASSERT_TRUE (becomes_saver (true));
  mock.update (old_path, old_name, "{'ActiveProfile': <'performance'>}");
  ASSERT_TRUE (becomes_saver (false));
  nothing_changes ([&] { mock.update (old_path, old_name, "{'ActiveProfile': <'balanced'>}"); });
  mock.update (old_path, old_name, "{'ActiveProfile': <3>}");
  ASSERT_TRUE (becomes (tells (SL_HINT_POWER_SAVER, "")));
  mock.update (old_path, old_name, "{'ActiveProfile': <'power-saver'>}");
  ASSERT_TRUE (becomes_saver (true));
  stop (mock);
  ASSERT_TRUE (becomes_saver (false));
  EXPECT_EQ (source (SL_HINT_POWER_SAVER), "");
  start (mock, old_name);
  ASSERT_TRUE (becomes (tells (SL_HINT_POWER_SAVER, "power-profiles-daemon")));
}

/* The new name is preferred to the old one; both belong to the same daemon. */
TEST_F (PowerProfileTest, NewName)
{
  Mock old_mock (bus, old_name), mock (bus, new_name);

  old_mock.object (old_path, old_name, "{'ActiveProfile': <'balanced'>}");
  mock.object (new_path, new_name, "{'ActiveProfile': <'power-saver'>}");
  start (mock, new_name);
  begin (nullptr, client.raw ());
  ASSERT_TRUE (becomes_saver (true));
  nothing_changes ([&] { start (old_mock, old_name); });
  mock.update (new_path, new_name, "{'ActiveProfile': <'balanced'>}");
  ASSERT_TRUE (becomes_saver (false));
  nothing_changes (
      [&] { old_mock.update (old_path, old_name, "{'ActiveProfile': <'power-saver'>}"); });
}

/* In a sandbox. */
TEST_F (PowerProfileTest, Portal)
{
  Mock mock (bus, portal_name);

  mock.object (portal_path, portal_interface, "{'power-saver-enabled': <true>}");
  begin (client.raw (), nullptr);
  settle ();
  EXPECT_EQ (changes, 0);
  start (mock, portal_name);
  ASSERT_TRUE (becomes_saver (true));
  EXPECT_EQ (source (SL_HINT_POWER_SAVER), "desktop portal");
  mock.update (portal_path, portal_interface, "{'power-saver-enabled': <false>}");
  ASSERT_TRUE (becomes_saver (false));
  stop (mock);
  ASSERT_TRUE (becomes (tells (SL_HINT_POWER_SAVER, "")));
}

TEST_F (PowerProfileTest, NoPortalBesideTheSystemBus)
{
  Mock mock (bus, portal_name);

  mock.object (portal_path, portal_interface, "{'power-saver-enabled': <true>}");
  start (mock, portal_name);
  begin (client.raw (), client.raw ());
  nothing_changes ([] {});
}

/* Game mode. */

TEST_F (GameModeTest, FollowsTheGames)
{
  Mock mock (bus, name);

  mock.object (path, name, "{'ClientCount': <0>}");
  watch (sl_game_mode_new (client.raw (), on_changed, this), sl_game_mode_fold, sl_game_mode_free);
  settle ();
  EXPECT_EQ (changes, 0);
  EXPECT_EQ (source (SL_HINT_GAME_MODE), "");
  for (int i = 0; i < 2; i++) {
    start (mock, name);
    ASSERT_TRUE (becomes (tells (SL_HINT_GAME_MODE, "GameMode")));
    EXPECT_FALSE (last->game_mode);
    mock.update (path, name, "{'ClientCount': <1>}");
    ASSERT_TRUE (becomes ([&] { return last->game_mode; }));
    nothing_changes ([&] { mock.update (path, name, "{'ClientCount': <2>}"); });
    mock.update (path, name, "{'ClientCount': <0>}");
    ASSERT_TRUE (becomes ([&] { return !last->game_mode; }));
    mock.update (path, name, "{'ClientCount': <uint32 2>}");
    ASSERT_TRUE (becomes (tells (SL_HINT_GAME_MODE, "")));
    EXPECT_FALSE (last->game_mode);
    mock.update (path, name, "{'ClientCount': <5>}");
    ASSERT_TRUE (becomes (tells (SL_HINT_GAME_MODE, "GameMode")));
    stop (mock);
    ASSERT_TRUE (becomes (tells (SL_HINT_GAME_MODE, "")));
    EXPECT_FALSE (last->game_mode);
  }
}
