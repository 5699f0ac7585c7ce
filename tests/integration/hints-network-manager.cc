/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hints from the real NetworkManager while it changes, and from faulty ones. */
#include "support/network-manager.h"

#include "hints/network-manager.h"
#include "hints/route.h"

#include <atomic>
#include <csignal>
#include <iostream>
#include <net/if.h>

using namespace st;

namespace
{

/* A source on a connection, and what it reports. */
class Source
{
public:
  explicit Source (GDBusConnection *bus)
  {
    manager_ = sl_network_manager_new (
        bus, [] (gpointer data) { static_cast<Source *> (data)->on_changed (); }, this);
    fold ();
  }
  Source (const Source &) = delete;
  Source &operator= (const Source &) = delete;
  ~Source ()
  {
    sl_network_manager_free (manager_);
    sl_conditions_free (now);
  }
  bool
  is_available () const
  {
    return now->sources[SL_HINT_METERED] != nullptr;
  }
  /* UNKNOWN if there is no such link. */
  SlMetered
  metered (const std::string &interface) const
  {
    const SlLink *found = link (interface);
    return found != nullptr ? found->metered : SL_METERED_UNKNOWN;
  }
  const SlLink *
  link (const std::string &interface) const
  {
    for (guint i = 0; i < now->links->len; i++) {
      auto *found = static_cast<const SlLink *> (now->links->pdata[i]);
      if (interface == found->interface)
        return found;
    }
    return nullptr;
  }
  std::string
  user_data (const std::string &interface, const char *key) const
  {
    const SlLink *found = link (interface);
    const char *value = "";
    if (found != nullptr && found->user_data != nullptr)
      g_variant_lookup (found->user_data, key, "&s", &value);
    return value;
  }

  SlConditions *now = nullptr;
  int changes = 0;

private:
  void
  on_changed ()
  {
    SlConditions *before = now;
    now = nullptr;
    fold ();
    EXPECT_FALSE (sl_conditions_equal (before, now)) << "nothing has changed";
    sl_conditions_free (before);
    changes++;
    wake ();
  }
  void
  fold ()
  {
    now = sl_conditions_new ();
    sl_network_manager_fold (manager_, now);
  }
  SlNetworkManager *manager_ = nullptr;
};

class NetworkManagerHints : public NetworkManagerTest
{
protected:
  std::unique_ptr<Connection> client;
  std::unique_ptr<Source> source;

  void
  SetUp () override
  {
    NetworkManagerTest::SetUp ();
    if (HasFatalFailure ())
      return;
    client = std::make_unique<Connection> (system_bus->address ());
    source = std::make_unique<Source> (client->raw ());
    ASSERT_TRUE (wait_until ([&] { return source->is_available (); }));
  }
  void
  TearDown () override
  {
    source.reset ();
    client.reset ();
    NetworkManagerTest::TearDown ();
  }
  SlMetered
  metered (const Uplink &uplink) const
  {
    return source->metered (uplink.interface);
  }
  /* Changes it, and expects the report within a second. */
  void
  flip (const Uplink &uplink, const char *to, SlMetered expected)
  {
    gint64 begin = g_get_monotonic_time ();
    set_metered (uplink, to);
    gint64 asked = g_get_monotonic_time ();
    ASSERT_TRUE (wait_until ([&] { return metered (uplink) == expected; }, 1)) << to;
    gint64 end = g_get_monotonic_time ();
    std::cout << to << ": nmcli took " << (asked - begin) / 1000 << " ms, told "
              << (end - asked) / 1000.0 << " ms later\n";
  }
};

} // namespace

TEST_F (NetworkManagerHints, FirstLook)
{
  EXPECT_EQ (source->changes, 1);
  EXPECT_EQ (source->now->connectivity, SL_CONNECTIVITY_FULL);
  EXPECT_FALSE (source->now->vpn);
  for (SlHint hint : {SL_HINT_CONNECTIVITY, SL_HINT_METERED, SL_HINT_CELLULAR, SL_HINT_VPN})
    EXPECT_STREQ (source->now->sources[hint], "NetworkManager");
  EXPECT_EQ (source->now->sources[SL_HINT_ROAMING], nullptr);
  ASSERT_EQ (source->now->links->len, 2u);
  auto *first = static_cast<const SlLink *> (source->now->links->pdata[0]);
  EXPECT_STREQ (first->interface, "uplink0");
  EXPECT_EQ (first->index, if_nametoindex ("uplink0"));
  EXPECT_STREQ (first->name, "home");
  EXPECT_EQ (std::string (first->uuid) + "\n",
             nmcli ({"-g", "connection.uuid", "connection", "show", "home"}));
  EXPECT_TRUE (first->primary);
  EXPECT_FALSE (first->cellular);
}

TEST_F (NetworkManagerHints, MeteredFlipsAreTold)
{
  flip (home, "yes", SL_METERED_YES);
  flip (home, "no", SL_METERED_NO);
  flip (phone, "yes", SL_METERED_YES);
  flip (home, "yes", SL_METERED_YES);
  flip (phone, "unknown", SL_METERED_GUESS_NO);
  EXPECT_EQ (metered (home), SL_METERED_YES);
}

TEST_F (NetworkManagerHints, LinkGoesDownAndUp)
{
  deactivate ("home");
  ASSERT_TRUE (wait_until ([&] { return source->link ("uplink0") == nullptr; }, 1));
  EXPECT_NE (source->link ("uplink1"), nullptr);
  ASSERT_TRUE (wait_until ([&] { return source->now->connectivity == SL_CONNECTIVITY_LIMITED; }, 1))
      << source->now->connectivity;
  EXPECT_EQ (sl_conditions_find_link (source->now, 0), nullptr);
  activate ("home");
  ASSERT_TRUE (wait_until ([&] { return source->now->connectivity == SL_CONNECTIVITY_FULL; }, 1));
  ASSERT_TRUE (wait_until ([&] { return sl_conditions_find_link (source->now, 0) != nullptr; }, 1));
  EXPECT_STREQ (sl_conditions_find_link (source->now, 0)->interface, "uplink0");
}

TEST_F (NetworkManagerHints, LinkIsPulled)
{
  ip ("link delete uplink1");
  ASSERT_TRUE (wait_until ([&] { return source->link ("uplink1") == nullptr; }));
}

TEST_F (NetworkManagerHints, AnotherConnectionTakesOver)
{
  std::string before = source->link ("uplink0")->uuid;

  set_metered (home, "no");
  nmcli ({"connection", "add", "type", "ethernet", "con-name", "cafe", "ifname", "uplink0",
          "connection.metered", "yes", "ipv4.method", "manual", "ipv4.addresses", "192.0.2.77/24",
          "ipv4.gateway", "192.0.2.1", "ipv6.method", "disabled"});
  activate ("cafe");
  ASSERT_TRUE (wait_until ([&] { return metered (home) == SL_METERED_YES; }, 1));
  EXPECT_STREQ (source->link ("uplink0")->name, "cafe");
  EXPECT_NE (source->link ("uplink0")->uuid, before);
}

TEST_F (NetworkManagerHints, KilledAndStartedAgain)
{
  set_metered (home, "yes");
  ASSERT_TRUE (wait_until ([&] { return metered (home) == SL_METERED_YES; }, 1));
  kill_nm ();
  ASSERT_TRUE (wait_until ([&] { return !source->is_available (); }, 1));
  EXPECT_EQ (source->now->links->len, 0u);
  EXPECT_EQ (source->now->connectivity, SL_CONNECTIVITY_UNKNOWN);
  start_nm ();
  ASSERT_TRUE (wait_until ([&] { return metered (home) == SL_METERED_YES; }));
  EXPECT_STREQ (source->link ("uplink0")->name, "home");
  flip (home, "no", SL_METERED_NO);
}

/* It owns the name, but does not answer until it is gone. */
TEST_F (NetworkManagerHints, KilledWhileAsked)
{
  nm.send (SIGSTOP);
  Source other (client->raw ());
  run_for (0.2);
  EXPECT_FALSE (other.is_available ());
  kill_nm ();
  start_nm ();
  ASSERT_TRUE (wait_until ([&] { return other.link ("uplink0") != nullptr; }));
  EXPECT_TRUE (wait_until ([&] { return source->link ("uplink0") != nullptr; }));
}

TEST_F (NetworkManagerHints, EachTransferHasItsLink)
{
  set_metered (home, "yes");
  set_metered (phone, "no");
  ASSERT_TRUE (wait_until ([&] { return metered (phone) == SL_METERED_NO; }, 1));
  for (const auto &[uplink, expected] :
       {std::pair (home, SL_METERED_YES), std::pair (phone, SL_METERED_NO)}) {
    GInetAddress *address = g_inet_address_new_from_string (uplink.server.c_str ());
    const SlLink *link = sl_conditions_find_link (source->now, sl_route_lookup (address));
    ASSERT_NE (link, nullptr);
    EXPECT_EQ (link->interface, uplink.interface);
    EXPECT_EQ (link->metered, expected);
    g_object_unref (address);
  }
}

TEST_F (NetworkManagerHints, UserDataOfTheConnection)
{
  EXPECT_EQ (source->link ("uplink0")->user_data, nullptr);
  set_user_data (home, "sluice.quota", "5G");
  ASSERT_TRUE (
      wait_until ([&] { return source->user_data ("uplink0", "sluice.quota") == "5G"; }, 1));
  EXPECT_EQ (source->link ("uplink1")->user_data, nullptr);
  set_user_data (home, "sluice.metered", "no");
  ASSERT_TRUE (
      wait_until ([&] { return source->user_data ("uplink0", "sluice.metered") == "no"; }, 1));
  EXPECT_EQ (source->user_data ("uplink0", "sluice.quota"), "5G");
  /* a later source gets it with the first report */
  Source other (client->raw ());
  ASSERT_TRUE (wait_until ([&] { return other.changes > 0; }));
  EXPECT_EQ (other.user_data ("uplink0", "sluice.quota"), "5G");
}

TEST_F (NetworkManagerHints, TunnelIsAVpnAndCostsWhatCarriesIt)
{
  set_metered (home, "yes");
  nmcli ({"connection", "add", "type", "tun", "con-name", "office", "ifname", "tun0", "mode", "tun",
          "ipv4.method", "manual", "ipv4.addresses", "10.8.0.2/24", "ipv6.method", "disabled"});
  activate ("office");
  ASSERT_TRUE (wait_until ([&] { return source->now->vpn != FALSE; }, 1));
  ASSERT_NE (source->link ("tun0"), nullptr);
  EXPECT_TRUE (source->link ("tun0")->vpn);
  EXPECT_EQ (source->metered ("tun0"), SL_METERED_YES);
  set_metered (home, "no");
  ASSERT_TRUE (wait_until ([&] { return source->metered ("tun0") == SL_METERED_NO; }, 1));
  deactivate ("office");
  ASSERT_TRUE (wait_until ([&] { return source->now->vpn == FALSE; }, 1));
}

/* As with ifupdown: NetworkManager does not know the default route. */
TEST_F (NetworkManagerHints, WhatItDoesNotManageIsLeft)
{
  nmcli ({"device", "set", "uplink0", "managed", "no"});
  nmcli ({"device", "set", "uplink1", "managed", "no"});
  ASSERT_TRUE (wait_until (
      [&] {
        return source->now->connectivity == SL_CONNECTIVITY_NONE && source->now->links->len == 0;
      },
      1));
  SlNetworkManager *manager = sl_network_manager_new (
      client->raw (), [] (gpointer) { wake (); }, nullptr);
  SlConditions *conditions = nullptr;
  ASSERT_TRUE (wait_until ([&] {
    g_clear_pointer (&conditions, sl_conditions_free);
    conditions = sl_conditions_new ();
    conditions->connectivity = SL_CONNECTIVITY_FULL;
    conditions->sources[SL_HINT_CONNECTIVITY] = "kernel";
    g_ptr_array_add (conditions->links, sl_link_new (0, ""));
    sl_network_manager_fold (manager, conditions);
    return conditions->sources[SL_HINT_VPN] != nullptr;
  }));
  EXPECT_EQ (conditions->connectivity, SL_CONNECTIVITY_FULL);
  EXPECT_STREQ (conditions->sources[SL_HINT_CONNECTIVITY], "kernel");
  EXPECT_EQ (conditions->links->len, 1u);
  sl_conditions_free (conditions);
  sl_network_manager_free (manager);
}

/* The daemon is in the same network, and the server at the other end of its links. */
TEST_F (NetworkManagerHints, DownloadsGoOverTheLinks)
{
  Resource file;

  file.body = random_bytes (3000000);
  server->serve ("/file", file);
  for (const Uplink &uplink : {home, phone}) {
    std::string counter = "/sys/class/net/" + uplink.interface + "/statistics/rx_bytes";
    std::uint64_t before = std::stoull (read_file (counter));
    fetch (url (uplink, "/file"), "from-" + uplink.connection, file.body);
    EXPECT_GE (std::stoull (read_file (counter)) - before, file.body.size ());
  }
}

/* Counts the source's calls; it may be freed during one. */
TEST_F (NetworkManagerHints, AsksOnlyWhenSomethingChanged)
{
  static std::atomic<int> calls;
  guint filter = g_dbus_connection_add_filter (
      client->raw (),
      [] (GDBusConnection *, GDBusMessage *message, gboolean incoming, gpointer) {
        if (!incoming &&
            g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
          calls++;
        return message;
      },
      nullptr, nullptr);

  run_for (1);
  EXPECT_EQ (calls, 0);
  EXPECT_EQ (source->changes, 1);
  gint64 begin = g_get_monotonic_time ();
  for (int i = 0; i < 10; i++)
    set_metered (home, i % 2 == 0 ? "yes" : "no");
  run_for (0.5);
  EXPECT_TRUE (wait_polling ([this] { return metered (home) == SL_METERED_NO; }));
  gint64 intervals = (g_get_monotonic_time () - begin) / 50000;
  /* at most one read for each 50 ms, and the settings after each change of theirs */
  EXPECT_LE (calls, intervals + 1 + 20);
  EXPECT_GT (calls, 0);
  g_dbus_connection_remove_filter (client->raw (), filter);
  set_metered (home, "yes");
  source.reset ();
}

namespace
{

/* A service with NetworkManager's name that answers when and what the case wants. */
class Impostor
{
public:
  explicit Impostor (const std::string &address) : connection (address)
  {
    static const char xml[] =
        "<node><interface name='org.freedesktop.DBus.ObjectManager'>"
        "<method name='GetManagedObjects'>"
        "<arg type='a{oa{sa{sv}}}' direction='out'/></method></interface></node>";
    static const GDBusInterfaceVTable table = {on_call, nullptr, nullptr, {}};
    info_ = g_dbus_node_info_new_for_xml (xml, nullptr);
    g_dbus_connection_register_object (connection.raw (), "/org/freedesktop", info_->interfaces[0],
                                       &table, this, nullptr, nullptr);
  }
  Impostor (const Impostor &) = delete;
  Impostor &operator= (const Impostor &) = delete;
  ~Impostor ()
  {
    while (!asked.empty ())
      answer ("({},)");
    g_dbus_node_info_unref (info_);
  }
  void
  take_name ()
  {
    Reply reply =
        connection.call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus.RequestName",
                            g_variant_new ("(su)", "org.freedesktop.NetworkManager",
                                           1 | 2)); /* flags: may be replaced, and replaces */
    ASSERT_TRUE (reply) << reply.message;
    ASSERT_EQ (reply.value[0].number (), 1u);
  }
  /* Answers the oldest call, with any type. */
  void
  answer (const std::string &text)
  {
    GVariant *value = g_variant_parse (nullptr, text.c_str (), nullptr, nullptr, nullptr);
    GDBusMessage *reply =
        g_dbus_message_new_method_reply (g_dbus_method_invocation_get_message (asked.front ()));
    g_assert_nonnull (value);
    g_dbus_message_set_body (reply, value);
    g_variant_unref (value);
    g_dbus_connection_send_message (connection.raw (), reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                    nullptr, nullptr);
    g_object_unref (reply);
    g_object_unref (asked.front ());
    asked.erase (asked.begin ());
  }
  void
  say_changed ()
  {
    g_dbus_connection_emit_signal (connection.raw (), nullptr, "/org/freedesktop/NetworkManager",
                                   "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                   g_variant_new_parsed (
                                       "('org.freedesktop.NetworkManager', @a{sv} {}, @as [])"),
                                   nullptr);
  }
  Connection connection;
  std::vector<GDBusMethodInvocation *> asked;

private:
  static void
  on_call (GDBusConnection *,
           const char *,
           const char *,
           const char *,
           const char *,
           GVariant *,
           GDBusMethodInvocation *invocation,
           gpointer data)
  {
    static_cast<Impostor *> (data)->asked.push_back (invocation);
    wake ();
  }
  GDBusNodeInfo *info_;
};

/* A reply with one link of this cost. */
std::string
objects (int metered)
{
  return "({objectpath '/org/freedesktop/NetworkManager/Devices/1':"
         " {'org.freedesktop.NetworkManager.Device': {'Interface': <'lan0'>,"
         " 'State': <uint32 100>, 'Metered': <uint32 " +
         std::to_string (metered) + ">}}},)";
}

class NetworkManagerImpostor : public SluiceTest
{
protected:
  std::unique_ptr<Impostor> one, two;
  std::unique_ptr<Source> source;

  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    one = std::make_unique<Impostor> (bus->address ());
    two = std::make_unique<Impostor> (bus->address ());
    source = std::make_unique<Source> (connection->raw ());
    one->take_name ();
    ASSERT_TRUE (wait_until ([&] { return !one->asked.empty (); }));
  }
  void
  TearDown () override
  {
    source.reset ();
    one.reset ();
    two.reset ();
    SluiceTest::TearDown ();
  }
};

} // namespace

TEST_F (NetworkManagerImpostor, AnswerOfTheOneBeforeIsDropped)
{
  two->take_name ();
  ASSERT_TRUE (wait_until ([&] { return !two->asked.empty (); }));
  two->answer (objects (SL_METERED_NO));
  ASSERT_TRUE (wait_until ([&] { return source->metered ("lan0") == SL_METERED_NO; }));
  one->answer (objects (SL_METERED_YES));
  one->say_changed ();
  run_for (0.3);
  EXPECT_EQ (source->metered ("lan0"), SL_METERED_NO);
  EXPECT_EQ (source->changes, 1);
  EXPECT_TRUE (two->asked.empty ()) << "a signal of the one before";
}

TEST_F (NetworkManagerImpostor, ChangedWhileAskedIsAskedOnceMore)
{
  for (int i = 0; i < 5; i++)
    one->say_changed ();
  run_for (0.2);
  EXPECT_EQ (one->asked.size (), 1u);
  one->answer (objects (SL_METERED_NO));
  ASSERT_TRUE (wait_until ([&] { return !one->asked.empty (); }));
  one->answer (objects (SL_METERED_YES));
  ASSERT_TRUE (wait_until ([&] { return source->metered ("lan0") == SL_METERED_YES; }));
  run_for (0.2);
  EXPECT_TRUE (one->asked.empty ());
}

TEST_F (NetworkManagerImpostor, AnswerOfAnotherTypeIsNone)
{
  one->answer (objects (SL_METERED_YES));
  ASSERT_TRUE (wait_until ([&] { return source->is_available (); }));
  one->say_changed ();
  ASSERT_TRUE (wait_until ([&] { return !one->asked.empty (); }));
  one->answer ("('what?',)");
  ASSERT_TRUE (wait_until ([&] { return !source->is_available (); }));
  one->say_changed ();
  ASSERT_TRUE (wait_until ([&] { return !one->asked.empty (); }));
  one->answer (objects (SL_METERED_YES));
  ASSERT_TRUE (wait_until ([&] { return source->metered ("lan0") == SL_METERED_YES; }));
}
