/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hints of GNetworkMonitor with its other implementations; unit/network-test.cc has the kernel's. */
#include "support/network-manager.h"

#include "hints/network.h"

using namespace st;

namespace
{

/* A source with the monitor that the environment selects; one in a process. */
class Fallback
{
public:
  Fallback ()
  {
    network_ = sl_network_new ([] (gpointer) { wake (); },
                               [] (gpointer data) {
                                 static_cast<Fallback *> (data)->fold ();
                                 wake ();
                               },
                               this);
    fold ();
  }
  Fallback (const Fallback &) = delete;
  Fallback &operator= (const Fallback &) = delete;
  ~Fallback ()
  {
    sl_network_free (network_);
    sl_conditions_free (now);
  }
  /* UNKNOWN without a link. */
  SlMetered
  metered () const
  {
    const SlLink *link = sl_conditions_find_link (now, 0);
    return link != nullptr ? link->metered : SL_METERED_UNKNOWN;
  }
  SlConditions *now = nullptr;

private:
  void
  fold ()
  {
    g_clear_pointer (&now, sl_conditions_free);
    now = sl_conditions_new ();
    sl_network_fold (network_, now);
  }
  SlNetwork *network_ = nullptr;
};

const char kPortal[] = "org.freedesktop.portal.Desktop";
const char kPortalPath[] = "/org/freedesktop/portal/desktop";
const char kNetworkMonitor[] = "org.freedesktop.portal.NetworkMonitor";
const char kMock[] = "org.freedesktop.DBus.Mock.";

/* The portal of a sandbox, by dbusmock. */
class NetworkPortal : public SluiceTest
{
protected:
  Process portal;

  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", bus->address ().c_str (), TRUE);
    g_setenv ("GIO_USE_NETWORK_MONITOR", "portal", TRUE);
    g_setenv ("GTK_USE_PORTAL", "1", TRUE);
    Command command;
    command.argv = {"/usr/bin/python3", "-m",           "dbusmock", "--session", kPortal,
                    kPortalPath,        kNetworkMonitor};
    command.log = dir / "portal.log";
    portal.start (command);
    ASSERT_TRUE (wait_polling ([&] {
      return static_cast<bool> (
          connection->call_on (kPortal, kPortalPath, "org.freedesktop.DBus.Peer.Ping"));
    })) << read_file (command.log);
    mock ("AddProperty",
          g_variant_new ("(ssv)", kNetworkMonitor, "version", g_variant_new_uint32 (3)));
  }
  void
  mock (const std::string &method, GVariant *args)
  {
    Reply reply = connection->call_on (kPortal, kPortalPath, kMock + method, args);
    ASSERT_TRUE (reply) << reply.message;
  }
  void
  set (bool metered, int connectivity)
  {
    std::string code = std::string ("ret = {'available': True, 'metered': ") +
                       (metered ? "True" : "False") + ", 'connectivity': dbus.UInt32(" +
                       std::to_string (connectivity) + ")}";
    mock ("AddMethod",
          g_variant_new ("(sssss)", kNetworkMonitor, "GetStatus", "", "a{sv}", code.c_str ()));
    mock ("EmitSignal", g_variant_new_parsed ("(%s, 'changed', '', @av [])", kNetworkMonitor));
  }
};

/* The real NetworkManager, which GLib reads itself. */
class NetworkManagersWord : public NetworkManagerTest
{
};

} // namespace

TEST_F (NetworkPortal, TellsWhatTheNetworkCosts)
{
  set (true, 4);
  Fallback fallback;
  ASSERT_TRUE (wait_until ([&] { return fallback.metered () == SL_METERED_YES; }));
  EXPECT_EQ (fallback.now->connectivity, SL_CONNECTIVITY_FULL);
  EXPECT_STREQ (fallback.now->sources[SL_HINT_METERED], "GNetworkMonitor");
  EXPECT_STREQ (fallback.now->sources[SL_HINT_CONNECTIVITY], "GNetworkMonitor");
  set (false, 3);
  ASSERT_TRUE (wait_until ([&] { return fallback.metered () == SL_METERED_NO; }));
  ASSERT_TRUE (wait_until ([&] { return fallback.now->connectivity == SL_CONNECTIVITY_PORTAL; }));
}

/* GLib would repeat the last state long after NetworkManager is gone. */
TEST_F (NetworkManagersWord, IsNotTakenFromGLib)
{
  set_metered (home, "yes");
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", system_bus->address ().c_str (), TRUE);
  g_unsetenv ("GIO_USE_NETWORK_MONITOR");
  Fallback fallback;
  ASSERT_STREQ (G_OBJECT_TYPE_NAME (g_network_monitor_get_default ()), "GNetworkMonitorNM");
  ASSERT_TRUE (g_network_monitor_get_network_metered (g_network_monitor_get_default ()));
  g_autoptr (SlConditions) nothing = sl_conditions_new ();
  EXPECT_TRUE (sl_conditions_equal (fallback.now, nothing));
}
