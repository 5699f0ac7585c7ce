/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hints: the network's state, cost and capacity. For the real NetworkManager see
 * tests/integration/hints-network-manager.cc.
 */
#include "namespace.h"
#include "unit.h"

#include "hints/meter.h"
#include "hints/network-manager.h"
#include "hints/network-objects.h"
#include "hints/network.h"
#include "hints/route.h"
#include "hints/routes.h"
#include "hints/traffic.h"

#include <arpa/inet.h>
#include <map>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

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
  /* Replaces @from, only within the object @path. */
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
  /* a virtual machine's tap is not a VPN */
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

/* Routes */

namespace
{

guint
look_up (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return sl_route_lookup (address);
}

/* Repeats until the result is @expected, or for some time: the kernel adds IPv6 routes a moment after the address. */
guint
look_up_soon (const char *text, guint expected)
{
  for (int i = 0; i < 500 && look_up (text) != expected; i++)
    g_usleep (10000);
  return look_up (text);
}

} // namespace

TEST (Route, WhatTheKernelSays)
{
  enter_namespace ();
  EXPECT_EQ (look_up ("127.0.0.1"), (guint)SL_ROUTE_LOOPBACK);
  EXPECT_EQ (look_up ("::1"), (guint)SL_ROUTE_LOOPBACK);
  EXPECT_EQ (look_up ("192.0.2.1"), 0u);
  EXPECT_EQ (look_up ("2001:db8::1"), 0u);
  add_link ();
  ip ("-6 address add 2001:db8::10/64 dev link0 nodad");
  guint index = if_nametoindex ("link0");
  ASSERT_GT (index, (guint)SL_ROUTE_LOOPBACK);
  EXPECT_EQ (look_up ("192.0.2.1"), index);
  EXPECT_EQ (look_up_soon ("2001:db8::1", index), index);
  EXPECT_EQ (look_up ("192.0.2.10"), (guint)SL_ROUTE_LOOPBACK) << "our own";
  EXPECT_EQ (look_up_soon ("2001:db8::10", SL_ROUTE_LOOPBACK), (guint)SL_ROUTE_LOOPBACK)
      << "our own";
  EXPECT_EQ (look_up ("198.51.100.1"), 0u);
}

TEST (Route, FollowsTheTables)
{
  enter_namespace ();
  add_link ();
  guint index = if_nametoindex ("link0"), other = if_nametoindex ("link1");
  ip ("address add 198.51.100.10/24 dev link1");
  ip ("route add default via 192.0.2.1");
  EXPECT_EQ (look_up ("203.0.113.1"), index);
  ip ("route add 203.0.113.0/25 dev link1");
  EXPECT_EQ (look_up ("203.0.113.1"), other);
  EXPECT_EQ (look_up ("203.0.113.129"), index);
  ip ("route add blackhole 203.0.113.64/26");
  ip ("route add unreachable 203.0.113.32/27");
  EXPECT_EQ (look_up ("203.0.113.65"), 0u);
  EXPECT_EQ (look_up ("203.0.113.33"), 0u);
  ip ("-6 route add unreachable 2001:db8:1::/48");
  EXPECT_EQ (look_up ("2001:db8:1::1"), 0u);
}

namespace
{

/* A resolver that answers when the test says so. */
struct SlowResolver {
  GResolver parent;
};
struct SlowResolverClass {
  GResolverClass parent;
};
std::vector<GTask *> questions;
int n_questions;

GType slow_resolver_get_type ();
G_DEFINE_TYPE (SlowResolver, slow_resolver, G_TYPE_RESOLVER)

void
slow_resolver_init (SlowResolver *)
{
}

void
slow_resolver_class_init (SlowResolverClass *klass)
{
  klass->parent.lookup_by_name_async = [] (GResolver *resolver, const char *,
                                           GCancellable *cancellable, GAsyncReadyCallback done,
                                           gpointer data) {
    questions.push_back (g_task_new (resolver, cancellable, done, data));
    n_questions++;
  };
  klass->parent.lookup_by_name_finish = [] (GResolver *, GAsyncResult *result, GError **error) {
    return static_cast<GList *> (g_task_propagate_pointer (G_TASK (result), error));
  };
}

void
free_addresses (gpointer list)
{
  g_resolver_free_addresses (static_cast<GList *> (list));
}

/* Answers the oldest query; without addresses: with an error. */
void
answer (const std::vector<const char *> &addresses)
{
  GTask *task = questions.front ();
  GList *list = nullptr;

  questions.erase (questions.begin ());
  for (const char *address : addresses)
    list = g_list_append (list, g_inet_address_new_from_string (address));
  if (list != nullptr)
    g_task_return_pointer (task, list, free_addresses);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "nobody");
  g_object_unref (task);
  while (g_main_context_iteration (nullptr, FALSE))
    ;
}

class Routes : public testing::Test
{
protected:
  SlRoutes *routes = sl_routes_new ();
  guint link = 0;

  /* A caller. */
  struct Asker {
    int calls = 0;
    guint index = 0;
    std::function<void ()> then;
  };
  std::map<std::string, Asker> askers;

  ~Routes () override
  {
    g_clear_pointer (&routes, sl_routes_free);
    while (!questions.empty ())
      answer ({});
  }
  void
  SetUp () override
  {
    enter_namespace ();
    add_link ();
    link = if_nametoindex ("link0");
  }
  static void
  use_slow_resolver ()
  {
    auto *resolver = static_cast<GResolver *> (g_object_new (slow_resolver_get_type (), nullptr));
    g_resolver_set_default (resolver);
    g_object_unref (resolver);
  }
  void
  ask (const std::string &host, const std::string &who)
  {
    sl_routes_find (
        routes, host.c_str (),
        [] (guint index, gpointer data) {
          auto *asker = static_cast<Asker *> (data);
          asker->calls++;
          asker->index = index;
          if (asker->then)
            asker->then ();
        },
        &askers[who]);
  }
};

} // namespace

TEST_F (Routes, AddressesNeedNoResolver)
{
  use_slow_resolver ();
  ask ("192.0.2.1", "a");
  ask ("localhost", "b");
  ask ("[::1]", "c");
  ask ("fe80::1%link0", "d");
  ask ("198.51.100.1", "e");
  EXPECT_EQ (askers["a"].index, link);
  EXPECT_EQ (askers["b"].index, (guint)SL_ROUTE_LOOPBACK);
  EXPECT_EQ (askers["c"].index, (guint)SL_ROUTE_LOOPBACK);
  EXPECT_EQ (askers["d"].index, link);
  EXPECT_EQ (askers["e"].index, 0u);
  for (const auto &[who, asker] : askers)
    EXPECT_EQ (asker.calls, 1) << who;
  EXPECT_EQ (n_questions, 0);
}

/* With the machine's resolver, which reads a file of ours. */
TEST_F (Routes, NameIsResolved)
{
  Directory directory;

  write_file (directory / "hosts", "192.0.2.1 far.sluice.test\n");
  ASSERT_EQ (mount ((directory / "hosts").c_str (), "/etc/hosts", nullptr, MS_BIND, nullptr), 0);
  ask ("far.sluice.test", "a");
  EXPECT_EQ (askers["a"].calls, 0);
  ASSERT_TRUE (wait_until ([&] { return askers["a"].calls > 0; }));
  EXPECT_EQ (askers["a"].index, link);
  umount2 ("/etc/hosts", MNT_DETACH);
}

TEST_F (Routes, OneQuestionForAll)
{
  use_slow_resolver ();
  ask ("far", "a");
  ask ("far", "b");
  EXPECT_EQ (n_questions, 1);
  answer ({"192.0.2.1"});
  EXPECT_EQ (askers["a"].index, link);
  EXPECT_EQ (askers["b"].index, link);
  ask ("far", "c");
  EXPECT_EQ (askers["c"].index, link) << "remembered, and so at once";
  EXPECT_EQ (n_questions, 1);
  sl_routes_forget_all (routes);
  ask ("far", "d");
  EXPECT_EQ (askers["d"].calls, 0);
  EXPECT_EQ (n_questions, 2);
}

TEST_F (Routes, FailureIsNotRemembered)
{
  use_slow_resolver ();
  ask ("far", "a");
  answer ({});
  EXPECT_EQ (askers["a"].calls, 1);
  EXPECT_EQ (askers["a"].index, 0u);
  ask ("far", "a");
  EXPECT_EQ (n_questions, 2);
}

TEST_F (Routes, FirstAddressThatCanBeReached)
{
  use_slow_resolver ();
  ask ("far", "a");
  answer ({"2001:db8::1", "192.0.2.1"});
  EXPECT_EQ (askers["a"].index, link);
}

TEST_F (Routes, EightAtATime)
{
  use_slow_resolver ();
  for (int i = 0; i < 10; i++)
    ask ("far" + std::to_string (i), std::to_string (i));
  EXPECT_EQ (n_questions, 8);
  answer ({"192.0.2.1"});
  EXPECT_EQ (n_questions, 9);
  answer ({});
  EXPECT_EQ (n_questions, 10);
  while (!questions.empty ())
    answer ({"192.0.2.1"});
  for (const auto &[who, asker] : askers)
    EXPECT_EQ (asker.calls, 1) << who;
}

TEST_F (Routes, CancelledIsNotCalled)
{
  use_slow_resolver ();
  ask ("far", "a");
  ask ("far", "b");
  ask ("far", "c");
  sl_routes_cancel (routes, &askers["a"]);
  askers["b"].then = [this] { sl_routes_cancel (routes, &askers["c"]); };
  answer ({"192.0.2.1"});
  EXPECT_EQ (askers["a"].calls, 0);
  EXPECT_EQ (askers["b"].calls, 1);
  EXPECT_EQ (askers["c"].calls, 0);
}

TEST_F (Routes, FreedCallsNobody)
{
  use_slow_resolver ();
  for (int i = 0; i < 10; i++)
    ask ("far" + std::to_string (i), "a");
  ask ("far0", "b");
  askers["a"].then = [this] { g_clear_pointer (&routes, sl_routes_free); };
  answer ({"192.0.2.1"});
  while (!questions.empty ())
    answer ({"192.0.2.1"});
  EXPECT_EQ (askers["a"].calls, 1);
  EXPECT_EQ (askers["b"].calls, 0);
}

/* Meters */

namespace
{

constexpr guint64 kMega = 1000000;

class Meter : public testing::Test
{
protected:
  SlMeter meter = {};
  gint64 time = 1000 * G_USEC_PER_SEC;
  guint64 bytes = 123456789;

  Meter ()
  {
    sl_meter_add (&meter, time, bytes, 0, 10);
  }
  /* Passes seconds with @own and @others bytes in each. */
  void
  pass (int seconds, guint64 own, guint64 others)
  {
    for (int i = 0; i < seconds; i++) {
      time += G_USEC_PER_SEC;
      bytes += own + own * 7 / 100 + others;
      sl_meter_add (&meter, time, bytes, own, 10);
    }
  }
  /* Seconds until it changes. */
  int
  until_busy (gboolean busy, guint64 own, guint64 others)
  {
    int seconds = 0;
    for (; meter.busy != busy && seconds < 1000; seconds++)
      pass (1, own, others);
    return seconds;
  }
};

} // namespace

TEST_F (Meter, NobodyKnowsBeforeWeUsedIt)
{
  pass (100, 0, 5 * kMega);
  EXPECT_EQ (sl_meter_get_capacity (&meter), 0u);
  EXPECT_FALSE (meter.busy);
  pass (2, kMega, 0);
  EXPECT_EQ (sl_meter_get_capacity (&meter), 0u);
  pass (1, kMega, 0);
  EXPECT_GT (sl_meter_get_capacity (&meter), kMega);
}

TEST_F (Meter, OwnTrafficIsNotOthers)
{
  pass (100, 10 * kMega, 0);
  EXPECT_FALSE (meter.busy);
  EXPECT_NEAR ((double)sl_meter_get_capacity (&meter), 10.7 * kMega, 1);
}

TEST_F (Meter, OthersBesideUs)
{
  pass (20, 10 * kMega, 0);
  EXPECT_FALSE (meter.busy);
  /* a fifth of the link; the average is over its half, a tenth of the capacity, after 3.5 s */
  EXPECT_EQ (until_busy (TRUE, 8 * kMega, 2140000), 4);
}

TEST_F (Meter, LessThanTheShareIsNotBusy)
{
  pass (20, 10 * kMega, 0);
  pass (1000, 9 * kMega, kMega);
  EXPECT_FALSE (meter.busy);
}

TEST_F (Meter, MurmurIsNotBusy)
{
  pass (20, 10000, 0);
  pass (100, 10000, 30000);
  EXPECT_FALSE (meter.busy);
  pass (20, 10000, 40000);
  EXPECT_TRUE (meter.busy);
}

TEST_F (Meter, ShortBurstIsNotBusy)
{
  pass (20, 10 * kMega, 0);
  pass (1, 10 * kMega, 5 * kMega);
  pass (30, 10 * kMega, 0);
  EXPECT_FALSE (meter.busy);
}

/* Our bytes are reported when they are written, so later than the link counts them. */
TEST_F (Meter, OwnToldLateIsStillOwn)
{
  pass (20, 10 * kMega, 0);
  for (int i = 0; i < 30; i++) {
    time += G_USEC_PER_SEC;
    bytes += 10700000;
    sl_meter_add (&meter, time, bytes, i % 2 == 0 ? 5 * kMega : 15 * kMega, 10);
    EXPECT_FALSE (meter.busy) << i;
  }
}

TEST_F (Meter, LeavesAtHalfAndAfterTenSeconds)
{
  pass (20, 10 * kMega, 0);
  until_busy (TRUE, 0, 5 * kMega);
  pass (30, 0, 5 * kMega);
  EXPECT_TRUE (meter.busy);
  /* between the half and the whole of the limit it stays as it is */
  pass (1000, 0, 700000);
  EXPECT_TRUE (meter.busy);
  EXPECT_NEAR (until_busy (FALSE, 0, 0), 13, 1);
}

TEST_F (Meter, PausesOfOthersAreNotTheirEnd)
{
  pass (20, 10 * kMega, 0);
  until_busy (TRUE, 0, 5 * kMega);
  for (int i = 0; i < 20; i++) {
    pass (9, 0, 0);
    EXPECT_TRUE (meter.busy) << i;
    pass (3, 0, 5 * kMega);
  }
}

TEST_F (Meter, CapacityIsForgottenSlowly)
{
  pass (30, 10 * kMega, 0);
  double before = (double)sl_meter_get_capacity (&meter);
  pass (3600, kMega, 0);
  EXPECT_NEAR ((double)sl_meter_get_capacity (&meter), before / 2, before / 100);
}

/* After a gap without samples the bytes in between give no rate, but the capacity is an hour older. */
TEST_F (Meter, GapIsANewBeginning)
{
  pass (30, 10 * kMega, 0);
  double before = (double)sl_meter_get_capacity (&meter);
  time += (gint64)3600 * G_USEC_PER_SEC;
  bytes += 1000000 * kMega;
  sl_meter_add (&meter, time, bytes, 0, 10);
  EXPECT_FALSE (meter.busy);
  pass (1, 0, 0);
  EXPECT_FALSE (meter.busy);
  EXPECT_NEAR ((double)sl_meter_get_capacity (&meter), before / 2, before / 100);
}

TEST_F (Meter, CounterThatBeginsAgain)
{
  pass (30, 10 * kMega, 0);
  double before = (double)sl_meter_get_capacity (&meter);
  bytes = 0;
  pass (10, 10 * kMega, 0);
  EXPECT_FALSE (meter.busy);
  EXPECT_NEAR ((double)sl_meter_get_capacity (&meter), before, before / 50);
}

/* Traffic */

namespace
{

class Traffic : public testing::Test
{
protected:
  SlTraffic *traffic = nullptr;
  SlConditions *conditions = sl_conditions_new ();
  int changed = 0;
  int fd = -1;
  guint sender = 0;
  guint64 rate = 0, own = 0; /* bytes in 100 ms */

  void
  SetUp () override
  {
    enter_namespace ();
    add_link ();
    traffic = sl_traffic_new (
        20, [] (gpointer data) { static_cast<Traffic *> (data)->changed++; }, this);
    SlLink *link = sl_link_new (if_nametoindex ("link0"), "link0");
    link->primary = TRUE;
    g_ptr_array_add (conditions->links, link);
    SlLink *tunnel = sl_link_new (77, "nothing");
    tunnel->vpn = TRUE;
    g_ptr_array_add (conditions->links, tunnel);
    fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sender = g_timeout_add (
        100, [] (gpointer data) { return static_cast<Traffic *> (data)->send (); }, this);
  }
  ~Traffic () override
  {
    g_source_remove (sender);
    sl_traffic_free (traffic);
    sl_conditions_free (conditions);
    close (fd);
  }
  gboolean
  send ()
  {
    static const char packet[1400] = {};
    struct sockaddr_in to = {};

    to.sin_family = AF_INET;
    to.sin_port = htons (9);
    inet_pton (AF_INET, "192.0.2.1", &to.sin_addr);
    for (guint64 sent = 0; sent < rate; sent += sizeof packet)
      EXPECT_EQ (sendto (fd, packet, sizeof packet, 0, reinterpret_cast<sockaddr *> (&to),
                         sizeof to),
                 (gssize)sizeof packet);
    if (own > 0)
      sl_traffic_add_own (traffic, tunnelled ? 77 : 0, own);
    return G_SOURCE_CONTINUE;
  }
  const SlLink *
  fold ()
  {
    auto *link = static_cast<SlLink *> (conditions->links->pdata[0]);
    link->busy = FALSE;
    link->capacity = 0;
    conditions->sources[SL_HINT_LINK_BUSY] = nullptr;
    sl_traffic_fold (traffic, conditions);
    return link;
  }
  bool tunnelled = false;
};

} // namespace

TEST_F (Traffic, OthersMakeTheLinkBusy)
{
  EXPECT_FALSE (fold ()->busy);
  EXPECT_STREQ (conditions->sources[SL_HINT_LINK_BUSY], "/sys/class/net");
  rate = 107000;
  own = 100000;
  sl_traffic_set_active (traffic, TRUE);
  ASSERT_TRUE (wait_until ([&] { return fold ()->capacity > 0; }));
  EXPECT_EQ (changed, 1);
  EXPECT_FALSE (fold ()->busy);
  EXPECT_GT (fold ()->capacity, 500000u);
  own = 0;
  ASSERT_TRUE (wait_until ([&] { return changed > 1; }));
  EXPECT_TRUE (fold ()->busy);
  sl_traffic_set_active (traffic, FALSE);
  EXPECT_EQ (changed, 3);
  EXPECT_FALSE (fold ()->busy);
  EXPECT_GT (fold ()->capacity, 500000u);
}

/* The bytes go over both. */
TEST_F (Traffic, OwnThroughATunnelIsOwnOnTheLink)
{
  fold ();
  tunnelled = true;
  rate = 107000;
  own = 100000;
  sl_traffic_set_active (traffic, TRUE);
  ASSERT_TRUE (wait_until ([&] { return fold ()->capacity > 0; }));
  EXPECT_FALSE (wait_until ([&] { return fold ()->busy != FALSE; }, 5));
}

TEST_F (Traffic, LinkThatIsGoneIsNoSource)
{
  g_ptr_array_remove_index (conditions->links, 0);
  fold ();
  EXPECT_EQ (conditions->sources[SL_HINT_LINK_BUSY], nullptr);
}
