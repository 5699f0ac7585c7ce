/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hint that the user is idle: which services report it, and which of them counts. */
#include "unit/hints.h"

#include "hints/idle.h"
#include "hints/peer.h"

namespace
{

const char kLogin[] = "org.freedesktop.login1";
const char kLoginPath[] = "/org/freedesktop/login1";
const char kLoginManager[] = "org.freedesktop.login1.Manager";
const char kUser[] = "org.freedesktop.login1.User";
const char kSelf[] = "/org/freedesktop/login1/user/self";

class IdleTest : public Hints
{
protected:
  void
  begin (guint seconds = 300)
  {
    watch (sl_idle_new (client.raw (), client.raw (), seconds, on_changed, this), sl_idle_fold,
           sl_idle_free);
  }
  bool
  becomes_idle (bool idle, const std::string &who)
  {
    return becomes ([&, idle] {
      return (last->user_idle != FALSE) == idle && source (SL_HINT_USER_IDLE) == who;
    });
  }
  /* A screen saver on @path. */
  void
  add_saver (Mock &mock, const std::string &name, const std::string &path)
  {
    mock.object (path, name);
    mock.method (path, name, "GetActive", "", "b", "ret = getattr(self, 'active', False)");
    mock.method (path, name, "SetActive", "b", "",
                 "self.active = args[0]\n"
                 "self.EmitSignal('', 'ActiveChanged', 'b', [args[0]])");
  }
  /* GNOME's compositor. */
  void
  add_monitor ()
  {
    monitor.object (core, monitor_name);
    monitor.method (core, monitor_name, "AddIdleWatch", "t", "u",
                    "assert args[0] == 300000; self.idle = 11; ret = 11");
    monitor.method (core, monitor_name, "AddUserActiveWatch", "", "u", "ret = 12");
    monitor.method (core, monitor_name, "RemoveWatch", "u", "", "");
  }
  void
  fire (int id)
  {
    monitor.emit (core, monitor_name, "WatchFired", "(uint32 " + std::to_string (id) + ",)");
  }
  void
  add_logind (const std::string &idle)
  {
    logind.object (kLoginPath, kLoginManager, "{'IdleHint': <true>}");
    logind.object (kSelf, kUser, "{'IdleHint': <" + idle + ">}");
    logind.object ("/org/freedesktop/login1/user/_1000", kUser, "{'IdleHint': <false>}");
  }

  const std::string gnome_name = "org.gnome.ScreenSaver";
  const std::string gnome_path = "/org/gnome/ScreenSaver";
  const std::string saver_name = "org.freedesktop.ScreenSaver";
  const std::string monitor_name = "org.gnome.Mutter.IdleMonitor";
  const std::string core = "/org/gnome/Mutter/IdleMonitor/Core";
  Mock gnome{bus, gnome_name, "gnome_screensaver"};
  Mock saver{bus, saver_name};
  Mock monitor{bus, monitor_name};
  Mock logind{bus, kLogin};
};

} // namespace

TEST_F (IdleTest, NobodyTells)
{
  begin ();
  nothing_changes ([] {});
  EXPECT_TRUE (last->user_idle);
  EXPECT_EQ (source (SL_HINT_USER_IDLE), "");
}

TEST_F (IdleTest, GnomeScreenSaver)
{
  begin ();
  for (int i = 0; i < 2; i++) {
    start (gnome, gnome_name);
    ASSERT_TRUE (becomes_idle (false, "GNOME"));
    gnome.call (gnome_path, gnome_name + ".SetActive", "(true,)");
    ASSERT_TRUE (becomes_idle (true, "GNOME"));
    nothing_changes ([&] { gnome.emit (gnome_path, gnome_name, "ActiveChanged", "('no',)"); });
    gnome.call (gnome_path, gnome_name + ".SetActive", "(false,)");
    ASSERT_TRUE (becomes_idle (false, "GNOME"));
    stop (gnome);
    ASSERT_TRUE (becomes_idle (true, ""));
  }
}

TEST_F (IdleTest, FreedesktopScreenSaver)
{
  const std::string path = "/org/freedesktop/ScreenSaver";

  add_saver (saver, saver_name, path);
  begin ();
  start (saver, saver_name);
  ASSERT_TRUE (becomes_idle (false, "freedesktop screen saver"));
  saver.call (path, saver_name + ".SetActive", "(true,)");
  ASSERT_TRUE (becomes_idle (true, "freedesktop screen saver"));
}

TEST_F (IdleTest, ScreenSaverAtTheOldPath)
{
  add_saver (saver, saver_name, "/ScreenSaver");
  start (saver, saver_name);
  saver.call ("/ScreenSaver", saver_name + ".SetActive", "(true,)");
  begin ();
  ASSERT_TRUE (becomes_idle (true, "freedesktop screen saver"));
  saver.call ("/ScreenSaver", saver_name + ".SetActive", "(false,)");
  ASSERT_TRUE (becomes_idle (false, "freedesktop screen saver"));
}

/* GNOME has the name, for inhibitors, but not the method. */
TEST_F (IdleTest, ScreenSaverWithoutTheMethod)
{
  saver.object ("/org/freedesktop/ScreenSaver", saver_name);
  start (saver, saver_name);
  begin ();
  nothing_changes ([] {});
  add_logind ("false");
  start (logind, kLogin);
  ASSERT_TRUE (becomes_idle (false, "logind"));
}

TEST_F (IdleTest, Compositor)
{
  add_monitor ();
  begin ();
  for (int i = 0; i < 2; i++) {
    start (monitor, monitor_name);
    ASSERT_TRUE (becomes_idle (false, "GNOME"));
    nothing_changes ([&] { fire (12); });
    nothing_changes ([&] { fire (0); });
    fire (11);
    ASSERT_TRUE (becomes_idle (true, "GNOME"));
    nothing_changes ([&] { fire (11); });
    EXPECT_EQ (monitor.count_calls (core, "AddUserActiveWatch"), 1);
    nothing_changes ([&] { monitor.emit (core, monitor_name, "WatchFired", "('12',)"); });
    fire (12);
    ASSERT_TRUE (becomes_idle (false, "GNOME"));
    nothing_changes ([&] { fire (12); });
    fire (11);
    ASSERT_TRUE (becomes_idle (true, "GNOME"));
    EXPECT_EQ (monitor.count_calls (core, "AddIdleWatch"), 1);
    if (i == 0) {
      stop (monitor);
      ASSERT_TRUE (becomes_idle (true, ""));
    }
  }
  free_source ();
  settle ();
  EXPECT_EQ (monitor.count_calls (core, "RemoveWatch"), 2);
}

TEST_F (IdleTest, CompositorForgetsWhatFired)
{
  add_monitor ();
  start (monitor, monitor_name);
  begin ();
  ASSERT_TRUE (becomes_idle (false, "GNOME"));
  fire (11);
  ASSERT_TRUE (becomes_idle (true, "GNOME"));
  fire (12);
  ASSERT_TRUE (becomes_idle (false, "GNOME"));
  free_source ();
  settle ();
  EXPECT_EQ (monitor.count_calls (core, "RemoveWatch"), 1)
      << "the one for activity is gone already";
}

/* A compositor that can't report the user's return does not count. */
TEST_F (IdleTest, CompositorThatFails)
{
  monitor.object (core, monitor_name);
  monitor.method (core, monitor_name, "AddIdleWatch", "t", "u", "ret = 11");
  monitor.method (core, monitor_name, "AddUserActiveWatch", "", "u", "raise Exception('broken')");
  add_logind ("false");
  start (logind, kLogin);
  begin ();
  ASSERT_TRUE (becomes_idle (false, "logind"));
  start (monitor, monitor_name);
  ASSERT_TRUE (becomes_idle (false, "GNOME"));
  fire (11);
  ASSERT_TRUE (becomes (tells (SL_HINT_USER_IDLE, "logind"), 2));
  EXPECT_FALSE (last->user_idle);
}

TEST_F (IdleTest, CompositorIsntAskedForNoTime)
{
  add_monitor ();
  start (monitor, monitor_name);
  begin (0);
  nothing_changes ([] {});
  EXPECT_EQ (monitor.count_calls (core, "AddIdleWatch"), 0);
}

/* logind's signals come with the user's path. */
TEST_F (IdleTest, Logind)
{
  add_logind ("false");
  begin ();
  for (int i = 0; i < 2; i++) {
    start (logind, kLogin);
    ASSERT_TRUE (becomes_idle (false, "logind"));
    logind.set_quietly (kSelf, kUser, "IdleHint", "true");
    nothing_changes ([] {});
    logind.update ("/org/freedesktop/login1/user/_1000", kUser, "{'IdleHint': <true>}");
    ASSERT_TRUE (becomes_idle (true, "logind"));
    logind.update (kSelf, kUser, "{'IdleHint': <'perhaps'>}");
    ASSERT_TRUE (becomes_idle (true, ""));
    logind.update (kSelf, kUser, "{'IdleHint': <false>}");
    ASSERT_TRUE (becomes_idle (false, "logind"));
    stop (logind);
    ASSERT_TRUE (becomes_idle (true, ""));
  }
}

TEST_F (IdleTest, DesktopBeforeLogind)
{
  add_logind ("true");
  start (logind, kLogin);
  begin ();
  ASSERT_TRUE (becomes_idle (true, "logind"));
  start (gnome, gnome_name);
  ASSERT_TRUE (becomes_idle (false, "GNOME"));
  nothing_changes ([&] { logind.update (kSelf, kUser, "{'IdleHint': <false>}"); });
  add_saver (saver, saver_name, "/org/freedesktop/ScreenSaver");
  nothing_changes ([&] { start (saver, saver_name); });
  saver.call ("/org/freedesktop/ScreenSaver", saver_name + ".SetActive", "(true,)");
  ASSERT_TRUE (becomes_idle (true, "freedesktop screen saver"));
  gnome.call (gnome_path, gnome_name + ".SetActive", "(true,)");
  ASSERT_TRUE (becomes_idle (true, "GNOME"));
}

/* For a service of the whole system, with dbusmock's own logind. */
TEST_F (IdleTest, AllSeats)
{
  Mock manager (bus, kLogin, "logind");

  watch (sl_idle_new (nullptr, client.raw (), 300, on_changed, this), sl_idle_fold, sl_idle_free);
  start (manager, kLogin);
  ASSERT_TRUE (becomes_idle (false, "logind"));
  manager.update (kLoginPath, kLoginManager, "{'IdleHint': <true>}");
  ASSERT_TRUE (becomes_idle (true, "logind"));
}

TEST_F (IdleTest, NoAnswer)
{
  add_saver (saver, saver_name, "/org/freedesktop/ScreenSaver");
  add_monitor ();
  add_logind ("true");
  start (saver, saver_name);
  start (monitor, monitor_name);
  start (logind, kLogin);
  for (Mock *mock : {&saver, &monitor, &logind})
    mock->hang ();
  std::vector<std::string> names;
  std::swap (names, running); /* they don't answer pings, either */
  begin ();
  run_for (SL_PEER_TIMEOUT / 1000.0 * 2 + 0.5);
  EXPECT_EQ (changes, 0);
  for (Mock *mock : {&saver, &monitor, &logind})
    mock->resume ();
  std::swap (names, running);
  nothing_changes ([] {}); /* the replies came too late */
  saver.call ("/org/freedesktop/ScreenSaver", saver_name + ".SetActive", "(true,)");
  ASSERT_TRUE (becomes_idle (true, "freedesktop screen saver"));
  nothing_changes ([&] { logind.update (kSelf, kUser, "{'IdleHint': <false>}"); });
  stop (saver);
  ASSERT_TRUE (becomes_idle (false, "logind"));
}
