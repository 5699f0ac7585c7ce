/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hints: what the network is, costs and carries. NetworkManager itself: tests/integration/hints-network-manager.cc */
#include "namespace.h"
#include "unit.h"

#include "hints/network-manager.h"
#include "hints/network-objects.h"
#include "hints/network.h"


namespace
{

/* NetworkManager 1.42 with the connections home (up0, metered, the default route), phone (up1), a tunnel and a tap. */
class NetworkObjects : public testing::Test
{
protected:
  SlConditions *conditions = sl_conditions_new ();
  GPtrArray *settings = nullptr;
  std::string text = read_file (SLUICE_RECORDED "/network-manager.txt");

  ~NetworkObjects () override
  {
    sl_conditions_free (conditions);
    g_clear_pointer (&settings, g_ptr_array_unref);
  }
  /* Replaces @from, within the object @path alone. */
  void
  change (const std::string &path, const std::string &from, const std::string &to)
  {
    std::size_t begin = text.find ("'/org/freedesktop/NetworkManager" + path + "': {");
    ASSERT_NE (begin, std::string::npos) << path;
    std::size_t end = text.find ('\n', begin), at = text.find (from, begin);
    ASSERT_LT (at, end) << from;
    text.replace (at, from.size (), to);
  }
  void
  read ()
  {
    Error error;
    GVariant *objects = g_variant_parse (G_VARIANT_TYPE ("a{oa{sa{sv}}}"), text.c_str (), nullptr,
                                         nullptr, error.out ());
    ASSERT_NE (objects, nullptr) << error.text ();
    g_clear_pointer (&settings, g_ptr_array_unref);
    settings = sl_network_objects_read (objects, conditions);
    ASSERT_EQ (settings->len, conditions->links->len);
    g_variant_unref (objects);
  }
  std::string
  names () const
  {
    std::string all;
    for (guint i = 0; i < conditions->links->len; i++)
      all += std::string (i > 0 ? " " : "") + at (i)->interface;
    return all;
  }
  const SlLink *
  at (guint i) const
  {
    return static_cast<const SlLink *> (conditions->links->pdata[i]);
  }
  const SlLink *
  link (const std::string &interface) const
  {
    for (guint i = 0; i < conditions->links->len; i++) {
      if (interface == at (i)->interface)
        return at (i);
    }
    ADD_FAILURE () << interface << " is not one of " << names ();
    return at (0);
  }
};

} // namespace

TEST_F (NetworkObjects, PrimaryFirstThenByName)
{
  read ();
  EXPECT_EQ (names (), "up0 tap0 tun0 up1");
  EXPECT_TRUE (link ("up0")->primary);
  EXPECT_FALSE (link ("up1")->primary);
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_FULL);
}

TEST_F (NetworkObjects, LinkHasItsConnection)
{
  read ();
  EXPECT_STREQ (at (0)->name, "home");
  EXPECT_STREQ (at (0)->uuid, "fe450189-0ac1-461e-ba06-9baf618287c8");
  EXPECT_STREQ (static_cast<char *> (settings->pdata[0]),
                "/org/freedesktop/NetworkManager/Settings/2");
  EXPECT_EQ (at (0)->metered, SL_METERED_YES);
  EXPECT_EQ (link ("up1")->metered, SL_METERED_NO);
}

TEST_F (NetworkObjects, TunnelCostsWhatCarriesItCosts)
{
  read ();
  EXPECT_TRUE (conditions->vpn);
  EXPECT_TRUE (link ("tun0")->vpn);
  EXPECT_EQ (link ("tun0")->metered, SL_METERED_YES);
  /* that of a virtual machine is none */
  EXPECT_FALSE (link ("tap0")->vpn);
  EXPECT_EQ (link ("tap0")->metered, SL_METERED_GUESS_NO);
}

/* WireGuard may have the default route itself. */
TEST_F (NetworkObjects, TunnelWithTheDefaultRouteIsPrimary)
{
  change ("", "/ActiveConnection/2'>", "/ActiveConnection/5'>");
  read ();
  EXPECT_EQ (names (), "tun0 tap0 up0 up1");
  EXPECT_EQ (at (0)->metered, SL_METERED_YES);
  EXPECT_FALSE (link ("up0")->primary);
}

TEST_F (NetworkObjects, TunnelOverNobodyKnowsWhatCosts)
{
  change ("", "/ActiveConnection/2'>", "/ActiveConnection/5'>");
  change ("/ActiveConnection/2", "'Default': <true>", "'Default': <false>");
  change ("/Devices/2", "'Metered': <uint32 1>", "'Metered': <uint32 2>");
  change ("/Devices/3", "'Metered': <uint32 2>", "'Metered': <uint32 3>");
  change ("/Devices/3", "'DeviceType': <uint32 20>", "'DeviceType': <uint32 8>");
  read ();
  EXPECT_EQ (at (0)->metered, SL_METERED_GUESS_YES);
  EXPECT_TRUE (at (0)->cellular);
}

TEST_F (NetworkObjects, TapAloneIsNoVpn)
{
  change ("/Devices/4", "'State': <uint32 100>", "'State': <uint32 30>");
  read ();
  EXPECT_FALSE (conditions->vpn);
  EXPECT_EQ (names (), "up0 tap0 up1");
}

TEST_F (NetworkObjects, VpnOfAPlugin)
{
  change ("/Devices/4", "'State': <uint32 100>", "'State': <uint32 30>");
  change ("/ActiveConnection/5", "'Vpn': <false>", "'Vpn': <true>");
  read ();
  EXPECT_TRUE (conditions->vpn);
  change ("/ActiveConnection/5", "'State': <uint32 2>", "'State': <uint32 1>");
  read ();
  EXPECT_FALSE (conditions->vpn) << "it is only being connected";
}

TEST_F (NetworkObjects, PlainTunnelIsNoVpn)
{
  change ("/Devices/4", "'DeviceType': <uint32 16>", "'DeviceType': <uint32 17>");
  read ();
  EXPECT_FALSE (conditions->vpn);
  EXPECT_TRUE (link ("tun0")->vpn);
  change ("/Devices/4", "'DeviceType': <uint32 17>", "'DeviceType': <uint32 29>");
  read ();
  EXPECT_TRUE (conditions->vpn);
}

TEST_F (NetworkObjects, TelephonesAreCellular)
{
  change ("/Devices/2", "'DeviceType': <uint32 20>", "'DeviceType': <uint32 8>");
  change ("/Devices/3", "'DeviceType': <uint32 20>", "'DeviceType': <uint32 5>");
  read ();
  EXPECT_TRUE (link ("up0")->cellular);
  EXPECT_TRUE (link ("up1")->cellular);
  EXPECT_TRUE (link ("tun0")->cellular);
  EXPECT_FALSE (link ("tap0")->cellular);
}

/* A modem's own name is a port; the network is over its IP interface. */
TEST_F (NetworkObjects, IpInterfaceComesFirst)
{
  change ("/Devices/2", "'Interface': <'up0'>", "'Interface': <'cdc-wdm0'>");
  change ("/Devices/3", "'IpInterface': <'up1'>", "'IpInterface': <''>");
  read ();
  EXPECT_EQ (names (), "up0 tap0 tun0 up1");
}

TEST_F (NetworkObjects, PortalIsTold)
{
  change ("", "'Connectivity': <uint32 4>", "'Connectivity': <uint32 2>");
  read ();
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_PORTAL);
}

TEST_F (NetworkObjects, WrongTypesAreUnknown)
{
  change ("", "'Connectivity': <uint32 4>", "'Connectivity': <'full'>");
  change ("", "'PrimaryConnection': <objectpath ", "'PrimaryConnection': <");
  change ("/Devices/2", "'Metered': <uint32 1>", "'Metered': <true>");
  change ("/Devices/3", "'Metered': <uint32 2>", "'Metered': <uint32 77>");
  change ("/Devices/3", "'ActiveConnection': <objectpath ", "'ActiveConnection': <");
  change ("/Devices/4", "'State': <uint32 100>", "'State': <int64 100>");
  change ("/Devices/5", "'IpInterface': <'tap0'>, ", "'IpInterface': <['tap0']>, ");
  change ("/ActiveConnection/2", "'Id': <'home'>", "'Id': <5>");
  read ();
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_UNKNOWN);
  EXPECT_EQ (names (), "tap0 up0 up1");
  EXPECT_EQ (link ("up0")->metered, SL_METERED_UNKNOWN);
  EXPECT_EQ (link ("up1")->metered, SL_METERED_UNKNOWN);
  EXPECT_STREQ (link ("up0")->name, "");
  EXPECT_STREQ (link ("up1")->uuid, "");
  EXPECT_STREQ (static_cast<char *> (settings->pdata[2]), "");
}

TEST_F (NetworkObjects, NothingIsNothing)
{
  text = "{}";
  read ();
  EXPECT_EQ (names (), "");
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_UNKNOWN);
  EXPECT_FALSE (conditions->vpn);
}

TEST (NetworkManagerSource, WithoutABusIsUnavailable)
{
  SlNetworkManager *manager = sl_network_manager_new (
      nullptr, [] (gpointer) { ADD_FAILURE () << "nothing changes"; }, nullptr);
  g_autoptr (SlConditions) conditions = sl_conditions_new (), nothing = sl_conditions_new ();

  sl_network_manager_fold (manager, conditions);
  EXPECT_TRUE (sl_conditions_equal (conditions, nothing));
  sl_network_manager_free (manager);
}

/* GNetworkMonitor */

namespace
{

class NetworkFallback : public testing::Test
{
protected:
  SlNetwork *network = nullptr;
  int settled = 0, changed = 0;
  SlConditions *conditions = sl_conditions_new ();

  void
  begin (const char *monitor)
  {
    enter_namespace ();
    g_setenv ("GIO_USE_NETWORK_MONITOR", monitor, TRUE);
    network =
        sl_network_new ([] (gpointer data) { static_cast<NetworkFallback *> (data)->settled++; },
                        [] (gpointer data) { static_cast<NetworkFallback *> (data)->changed++; },
                        this);
  }
  ~NetworkFallback () override
  {
    sl_network_free (network);
    sl_conditions_free (conditions);
  }
  void
  fold ()
  {
    sl_conditions_free (conditions);
    conditions = sl_conditions_new ();
    sl_network_fold (network, conditions);
  }
};

} // namespace

TEST_F (NetworkFallback, KernelKnowsTheWayAndNoCosts)
{
  begin ("netlink");
  fold ();
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_NONE);
  EXPECT_STREQ (conditions->sources[SL_HINT_CONNECTIVITY], "GNetworkMonitor");
  EXPECT_EQ (conditions->sources[SL_HINT_METERED], nullptr);
  EXPECT_EQ (conditions->links->len, 0u);
  add_link ();
  ip ("route add default via 192.0.2.1");
  ASSERT_TRUE (wait_until ([&] { return changed > 0; }));
  EXPECT_EQ (settled, 0) << "that takes longer";
  fold ();
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_FULL);
  ASSERT_EQ (conditions->links->len, 1u);
  auto *link = static_cast<SlLink *> (conditions->links->pdata[0]);
  EXPECT_TRUE (link->primary);
  EXPECT_EQ (link->index, 0u);
  EXPECT_EQ (link->metered, SL_METERED_UNKNOWN);
  ASSERT_TRUE (wait_until ([&] { return settled > 0; }));
  EXPECT_EQ (changed, 1);
}

TEST_F (NetworkFallback, TellsNothingWithoutKnowing)
{
  g_autoptr (SlConditions) nothing = sl_conditions_new ();

  begin ("base");
  fold ();
  EXPECT_TRUE (sl_conditions_equal (conditions, nothing));
}
