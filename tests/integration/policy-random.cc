/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random events in random order: in the end every file is there, and correct. */
#include "support/policy.h"

#include <csignal>
#include <functional>
#include <random>

using namespace st;

namespace
{

const char kUPower[] = "org.freedesktop.UPower";
const char kUPowerPath[] = "/org/freedesktop/UPower";
const char kDevice[] = "org.freedesktop.UPower.Device";
const char kDisplay[] = "/org/freedesktop/UPower/devices/DisplayDevice";
const char kLogin[] = "org.freedesktop.login1";
const char kUser[] = "org.freedesktop.login1.User";
const char kSelf[] = "/org/freedesktop/login1/user/self";
const char kGameMode[] = "com.feralinteractive.GameMode";
const char kGameModePath[] = "/com/feralinteractive/GameMode";

class PolicyRandom : public PolicyTest
{
protected:
  int
  pick (int n)
  {
    return std::uniform_int_distribution<int> (0, n - 1) (random);
  }
  std::string
  pick_word (const std::vector<std::string> &words)
  {
    return words[(std::size_t)pick ((int)words.size ())];
  }
  bool
  toss ()
  {
    return pick (2) == 1;
  }
  static std::string
  word (bool value)
  {
    return value ? "true" : "false";
  }
  void
  start_mocks ()
  {
    game_mode = std::make_unique<Mock> (session (), kGameMode);
    game_mode->object (kGameModePath, kGameMode, "{'ClientCount': <0>}");
    game_mode->start ();
    upower.start ();
    logind.object ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
    logind.object (kSelf, kUser, "{'IdleHint': <true>}");
    logind.start ();
    play_network (network);
  }
  void
  set_hints (bool bad)
  {
    upower.update (kUPowerPath, kUPower, "{'OnBattery': <" + word (bad && toss ()) + ">}");
    upower.update (kDisplay, kDevice,
                   "{'Type': <uint32 2>, 'IsPresent': <true>, 'Percentage': <" +
                       std::to_string (bad ? pick (100) : 90) + ".0>, 'WarningLevel': <uint32 " +
                       std::to_string (bad && pick (4) == 0 ? 4 : 1) + ">}");
    logind.update (kSelf, kUser, "{'IdleHint': <" + word (!bad || toss ()) + ">}");
    game_mode->update (kGameModePath, kGameMode,
                       "{'ClientCount': <" + std::to_string (bad ? pick (2) : 0) + ">}");
  }
  void
  set_network (bool bad)
  {
    const std::string path = "/org/freedesktop/NetworkManager";
    for (int i : {1, 2})
      network.update (path + "/Devices/" + std::to_string (i),
                      "org.freedesktop.NetworkManager.Device",
                      "{'Metered': <uint32 " + std::to_string (bad ? pick (5) : 2) + ">}");
    network.update (path, "org.freedesktop.NetworkManager",
                    "{'Connectivity': <uint32 " + std::to_string (bad ? pick (5) : 4) + ">}");
    set_primary (network, bad ? 1 + pick (2) : 2);
  }
  void
  set_configuration (bool bad)
  {
    std::string text = "[Conditions]\nHours=";
    text += bad && toss () ? window_in (3) : "";
    text += "\nMinimumBattery=" + std::to_string (bad ? pick (101) : 0) + "\nMaxWait=";
    text += bad && toss () ? "1s" : "7d";
    text += "\n[Limits]\nBackgroundRate=";
    text += bad ? pick_word ({"0", "100K", "1M", "unlimited"}) : "unlimited";
    text += "\n[Network]\nMonthlyCap=";
    text += bad ? pick_word ({"0", "100K", "1M", "unlimited"}) : "unlimited";
    text += "\n[Normal]\nOnlyWhenIdle=" + word (bad && toss ()) + "\n";
    /* the daemon should notice the files by itself, so it gets a signal only sometimes */
    if (!bad || toss ())
      configure (text);
    else
      write_file (user_file (), text);
  }
  void
  set_property (const Download &download)
  {
    const std::vector<std::string> switches = {"OnlyWhenIdle", "OnlyOnExternalPower",
                                               "DisallowOnCellular", "IgnoreConditions"};
    switch (pick (5)) {
    case 0:
      write (download, "Priority",
             g_variant_new_string (pick_word ({"foreground", "high", "normal", "low"}).c_str ()));
      break;
    case 1:
      write (download, "CostPolicy",
             g_variant_new_string (pick_word ({"", "always", "unrestricted", "standard",
                                               "no-roaming", "no-surcharge", "no-cellular"})
                                       .c_str ()));
      break;
    case 2:
      write (download, "Deadline",
             g_variant_new_int64 (toss () ? 0 : now () + (pick (4) - 1) * G_USEC_PER_SEC));
      break;
    case 3:
      write (download, "MaxBytesPerSecond", g_variant_new_uint64 (toss () ? 0 : 50000));
      break;
    default:
      write (download, pick_word (switches), g_variant_new_boolean (toss ()));
    }
  }
  void
  step (const std::vector<Download> &downloads)
  {
    const Download &download = downloads[(std::size_t)pick ((int)downloads.size ())];
    int which = pick (100);

    if (which < 4)
      set_hints (true);
    else if (which < 7)
      set_network (true);
    else if (which < 11)
      set_configuration (true);
    else if (which < 14)
      EXPECT_TRUE (
          connection->set (kManagerPath, "Suspended", g_variant_new_boolean (pick (4) == 0)));
    else if (which < 35)
      download.pause (); /* not possible in some states */
    else if (which < 65)
      EXPECT_TRUE (download.start ());
    else
      set_property (download);
  }

  std::mt19937 random{20260};
  Mock upower{system, kUPower, "upower"};
  Mock logind{system, kLogin};
  Mock network{system, "org.freedesktop.NetworkManager"};
  std::unique_ptr<Mock> game_mode;
};

} // namespace

TEST_F (PolicyRandom, AThousandSteps)
{
  std::vector<Download> downloads;

  body = random_bytes (300000);
  allow (body);
  rate = 60000;
  config["MaxActive"] = "8";
  config["MaxConnectionsPerHost"] = "6";
  config["ConnectionsForeground"] = "3";
  start_mocks ();
  for (int i = 0; i < 30; i++)
    downloads.push_back (ask (std::to_string (i)));
  for (int i = 0; i < 1000; i++) {
    step (downloads);
    run_for (0.001);
  }
  for (const Download &download : downloads)
    EXPECT_NE (download.status ().state, "failed") << download.status ().message;
  set_hints (false);
  set_network (false);
  set_configuration (false);
  EXPECT_TRUE (connection->set (kManagerPath, "Suspended", g_variant_new_boolean (FALSE)));
  server->release ();
  /* the daemon doubts hints that flapped so much for a minute; a new one does not */
  restart_daemon (SIGTERM);
  for (const Download &download : downloads)
    EXPECT_TRUE (download.start ());
  for (std::size_t i = 0; i < downloads.size (); i++) {
    write (downloads[i], "MaxBytesPerSecond", g_variant_new_uint64 (0));
    ASSERT_TRUE (downloads[i].wait ("transferred", 30)) << i;
    EXPECT_TRUE (reasons_of (downloads[i]).empty ());
    finalize_and_check (downloads[i], body);
  }
  EXPECT_LE (server->busiest (), 6);
}
