/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of a service that starts, ends, changes, fails and hangs. */
#include "unit/hints.h"

#include "hints/peer.h"
#include "hints/watch.h"

#include <utility>

namespace
{

const char kProperties[] = "org.freedesktop.DBus.Properties";

class WatchTest : public Hints
{
protected:
  void
  SetUp () override
  {
    mock.object ("/object", "org.example.Thing", "{'Number': <1>, 'Name': <'one'>}");
    mock.object ("/other", "org.example.Thing", "{'Number': <1>}");
    mock.object ("/empty", "org.example.Nothing");
  }
  ~WatchTest () override
  {
    if (watched != nullptr)
      sl_watch_free (watched);
    settle ();
    g_main_context_iteration (nullptr, FALSE);
  }
  void
  begin (const char *path = "/object", SlWatchFlags flags = SL_WATCH_NONE)
  {
    const SlWatchObject object = {"org.example.Service", path, "org.example.Thing", flags};
    watched = sl_watch_new (client.raw (), &object, on_values, this);
  }
  static void
  on_values (GVariant *values, gpointer data)
  {
    auto *self = static_cast<WatchTest *> (data);

    EXPECT_EQ (values, self->watched != nullptr ? sl_watch_get_values (self->watched) : values);
    self->told++;
    self->number = 0;
    if (values != nullptr)
      g_variant_lookup (values, "Number", "i", &self->number);
  }
  bool
  becomes_number (int wanted, int most = 1)
  {
    int before = told;
    bool met = wait_until ([&] { return number == wanted; });
    settle ();
    EXPECT_EQ (number, wanted);
    EXPECT_LE (told, before + most);
    return met;
  }

  /* Makes the bus start something else: by then, what it had to start before has been started. */
  void
  last_is_started ()
  {
    std::string marker = bus.dir () / "last";

    bus.add_activation ("org.example.Last", "touch " + marker + "; exit 1");
    client.call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                    "org.freedesktop.DBus.StartServiceByName",
                    g_variant_new ("(su)", "org.example.Last", 0));
    EXPECT_TRUE (wait_polling ([&] { return exists (marker); }));
  }

  Mock mock{bus, "org.example.Service"};
  SlWatch *watched = nullptr;
  int told = 0;
  int number = 0;
};

/* A service in the test that answers each GetAll on its connection when the test says so. */
class SlowService
{
public:
  explicit SlowService (GDBusConnection *bus) : bus_ (bus)
  {
    static const char xml[] = "<node><interface name='org.freedesktop.DBus.Properties'>"
                              "<method name='GetAll'><arg type='s' direction='in'/>"
                              "<arg type='a{sv}' direction='out'/></method></interface></node>";
    static const GDBusInterfaceVTable vtable = {on_call, nullptr, nullptr, {}};
    GDBusNodeInfo *info = g_dbus_node_info_new_for_xml (xml, nullptr);

    id_ = g_dbus_connection_register_object (bus_, "/object", info->interfaces[0], &vtable, this,
                                             nullptr, nullptr);
    g_dbus_node_info_unref (info);
  }
  SlowService (const SlowService &) = delete;
  SlowService &operator= (const SlowService &) = delete;
  ~SlowService ()
  {
    g_dbus_connection_unregister_object (bus_, id_);
  }
  bool
  is_asked () const
  {
    return call_ != nullptr;
  }
  void
  answer (int number)
  {
    g_dbus_method_invocation_return_value (std::exchange (call_, nullptr),
                                           g_variant_new_parsed ("({'Number': <%i>},)", number));
  }
  void
  change (int number)
  {
    g_dbus_connection_emit_signal (
        bus_, nullptr, "/object", kProperties, "PropertiesChanged",
        g_variant_new_parsed ("('org.example.Thing', {'Number': <%i>}, @as [])", number), nullptr);
  }

private:
  static void
  on_call (GDBusConnection *,
           const char *,
           const char *,
           const char *,
           const char *,
           GVariant *,
           GDBusMethodInvocation *call,
           gpointer data)
  {
    static_cast<SlowService *> (data)->call_ = call;
  }

  GDBusConnection *bus_;
  guint id_ = 0;
  GDBusMethodInvocation *call_ = nullptr; /* (owned) */
};

} // namespace

TEST_F (WatchTest, FollowsTheService)
{
  begin ();
  settle ();
  EXPECT_EQ (told, 0);
  for (int i = 0; i < 2; i++) {
    start (mock, "org.example.Service");
    ASSERT_TRUE (becomes_number (1));
    mock.update ("/object", "org.example.Thing", "{'Number': <2>}");
    ASSERT_TRUE (becomes_number (2));
    stop (mock);
    ASSERT_TRUE (becomes_number (0));
  }
  EXPECT_EQ (told, 6);
}

TEST_F (WatchTest, MergesAndReadsAgain)
{
  start (mock, "org.example.Service");
  begin ();
  ASSERT_TRUE (becomes_number (1));
  mock.update ("/object", "org.example.Thing", "{'Name': <'two'>}");
  settle ();
  EXPECT_EQ (told, 2);
  EXPECT_EQ (number, 1);
  const char *name = nullptr;
  ASSERT_TRUE (g_variant_lookup (sl_watch_get_values (watched), "Name", "&s", &name));
  EXPECT_STREQ (name, "two");
  mock.set_quietly ("/object", "org.example.Thing", "Number", "5");
  settle ();
  EXPECT_EQ (told, 2);
  mock.emit ("/object", kProperties, "PropertiesChanged",
             "('org.example.Thing', @a{sv} {}, ['Number'])");
  ASSERT_TRUE (becomes_number (5));
}

TEST_F (WatchTest, OtherObjectsDontMatter)
{
  start (mock, "org.example.Service");
  begin ();
  ASSERT_TRUE (becomes_number (1));
  mock.update ("/other", "org.example.Thing", "{'Number': <9>}");
  mock.emit ("/object", kProperties, "PropertiesChanged",
             "('org.example.Else', {'Number': <9>}, @as [])");
  mock.emit ("/object", kProperties, "PropertiesChanged", "('org.example.Thing', 9)");
  settle ();
  EXPECT_EQ (told, 1);
}

TEST_F (WatchTest, AnyPathReadsAgain)
{
  start (mock, "org.example.Service");
  begin ("/object", SL_WATCH_ANY_PATH);
  ASSERT_TRUE (becomes_number (1));
  mock.set_quietly ("/object", "org.example.Thing", "Number", "3");
  mock.emit ("/other", kProperties, "PropertiesChanged",
             "('org.example.Thing', {'Number': <9>}, @as [])");
  ASSERT_TRUE (becomes_number (3));
}

/* A service that first answers with an error may have values later, and signals that. */
TEST_F (WatchTest, ErrorUntilAChange)
{
  start (mock, "org.example.Service");
  begin ("/empty");
  settle ();
  EXPECT_EQ (told, 0);
  sl_watch_free (watched);
  begin ("/other");
  ASSERT_TRUE (becomes_number (1));
  sl_watch_free (watched);
  begin ("/later");
  settle ();
  number = 0;
  mock.call ("/object", "org.freedesktop.DBus.Mock.AddObject",
             "('/later', 'org.example.Thing', {'Number': <4>}, @a(ssss) [])");
  settle ();
  EXPECT_EQ (number, 0);
  mock.update ("/later", "org.example.Thing", "{'Number': <4>}");
  ASSERT_TRUE (becomes_number (4));
}

/* The loop keeps running without an answer; a late one is heard. */
TEST_F (WatchTest, NoAnswerDoesntBlock)
{
  start (mock, "org.example.Service");
  mock.hang ();
  running.clear ();
  begin ();
  gint64 before = g_get_monotonic_time (), longest = 0;
  while (g_get_monotonic_time () - before < (SL_PEER_TIMEOUT + 500) * 1000) {
    gint64 begun = g_get_monotonic_time ();
    run_for (0.05);
    longest = std::max (longest, g_get_monotonic_time () - begun);
  }
  EXPECT_LT (longest, G_USEC_PER_SEC * 2);
  EXPECT_EQ (told, 0);
  mock.resume ();
  running.push_back ("org.example.Service");
  settle ();
  EXPECT_EQ (told, 0) << "the answer came too late";
  mock.update ("/object", "org.example.Thing", "{'Number': <6>}");
  ASSERT_TRUE (becomes_number (6));
}

/* A new owner takes the name from the old one, which lives on and keeps sending signals. */
TEST_F (WatchTest, TakenOver)
{
  Mock second (bus, "org.example.Service");

  start (mock, "org.example.Service");
  begin ();
  ASSERT_TRUE (becomes_number (1));
  std::string old = mock.owner ();
  second.object ("/object", "org.example.Thing", "{'Number': <8>}");
  second.start (old);
  ASSERT_TRUE (becomes_number (8, 2));
  EXPECT_TRUE (bus.control ().call_on (old, "/object", "org.freedesktop.DBus.Mock.UpdateProperties",
                                       g_variant_new_parsed ("('', {'Number': <7>})")));
  running.push_back (old);
  settle ();
  EXPECT_EQ (number, 8);
}

/* A reply may be older than a change that happened while the call was pending. */
TEST_F (WatchTest, ChangesWhileReading)
{
  SlowService slow (bus.control ().raw ());

  bus.control ().call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus.RequestName",
                          g_variant_new ("(su)", "org.example.Service", 0));
  begin ();
  ASSERT_TRUE (wait_until ([&] { return slow.is_asked (); }));
  slow.change (2);
  slow.change (3);
  slow.answer (1);
  ASSERT_TRUE (becomes_number (1));
  ASSERT_TRUE (wait_until ([&] { return slow.is_asked (); })) << "it isn't asked again";
  slow.answer (3);
  ASSERT_TRUE (becomes_number (3));
  EXPECT_FALSE (slow.is_asked ());
}

/* Only a service with the flag is started, and only once: it is not restarted after its end. */
TEST_F (WatchTest, Starts)
{
  std::string marker = bus.dir () / "started";
  auto count = [&] { return exists (marker) ? read_file (marker).size () : 0; };

  bus.add_activation ("org.example.Service", "printf x >>" + marker + "; exit 1");
  begin ("/object", SL_WATCH_START);
  ASSERT_TRUE (wait_polling ([&] { return count () == 1; }));
  start (mock, "org.example.Service");
  ASSERT_TRUE (becomes_number (1));
  stop (mock);
  ASSERT_TRUE (becomes_number (0));
  last_is_started ();
  EXPECT_EQ (count (), 1u);
}

TEST_F (WatchTest, DoesntStart)
{
  bus.add_activation ("org.example.Service", "touch " + (bus.dir () / "started") + "; exit 1");
  begin ();
  settle ();
  last_is_started ();
  EXPECT_FALSE (exists (bus.dir () / "started"));
}

TEST_F (WatchTest, FreedWhileAsking)
{
  start (mock, "org.example.Service");
  mock.hang ();
  running.clear ();
  begin ();
  settle ();
  sl_watch_free (watched);
  watched = nullptr;
  mock.resume ();
  running.push_back ("org.example.Service");
  settle ();
  EXPECT_EQ (told, 0);
}

TEST_F (WatchTest, NoBus)
{
  const SlWatchObject object = {"org.example.Service", "/object", "org.example.Thing",
                                SL_WATCH_START};
  watched = sl_watch_new (nullptr, &object, on_values, this);
  settle ();
  EXPECT_EQ (sl_watch_get_values (watched), nullptr);
  EXPECT_EQ (told, 0);
}
