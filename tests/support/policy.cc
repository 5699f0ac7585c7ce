/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fixture of the tests about holding and releasing. */
#include "support/policy.h"

#include <sched.h>

namespace st
{

namespace
{

const char kManagerObject[] = "/org/freedesktop/NetworkManager";
const char kInterface[] = "org.freedesktop.NetworkManager";

std::string
device_path (int n)
{
  return std::string (kManagerObject) + "/Devices/" + std::to_string (n);
}

std::string
active_path (int n)
{
  return std::string (kManagerObject) + "/ActiveConnection/" + std::to_string (n);
}

std::string
settings_path (int n)
{
  return std::string (kManagerObject) + "/Settings/" + std::to_string (n);
}

/* Adds an active device of @type, and its connection. */
void
add_device (Mock &manager, int n, const std::string &name, int type)
{
  const std::string interface = kInterface;

  manager.object (device_path (n), interface + ".Device",
                  "{'Interface': <'" + name + "'>, 'DeviceType': <uint32 " + std::to_string (type) +
                      ">, 'State': <uint32 100>, 'Metered': <uint32 2>,"
                      " 'ActiveConnection': <objectpath '" +
                      active_path (n) + "'>}");
  manager.object (active_path (n), interface + ".Connection.Active",
                  "{'Uuid': <'00000000-0000-4000-8000-00000000000" + std::to_string (n) +
                      "'>, 'Id': <'" + name + "'>, 'State': <uint32 2>, 'Vpn': <false>," +
                      " 'Connection': <objectpath '" + settings_path (n) +
                      "'>, 'Devices': <[objectpath '" + device_path (n) + "']>}");
  manager.object (settings_path (n), interface + ".Settings.Connection");
  manager.method (settings_path (n), interface + ".Settings.Connection", "GetSettings", "",
                  "a{sa{sv}}", "ret = dbus.Dictionary({}, signature='sa{sv}')");
}

} // namespace

void
PolicyTest::SetUp ()
{
  SluiceTest::SetUp ();
  make_directory (dir / "admin/sluice.conf.d");
  make_directory (dir / "vendor");
  make_directory (dir / "config/sluice/sluice.conf.d");
  environment["DBUS_SYSTEM_BUS_ADDRESS"] = system.address ();
  environment["SLUICE_ADMIN_CONFIGURATION"] = dir / "admin";
  environment["SLUICE_VENDOR_CONFIGURATION"] = dir / "vendor";
  environment["TZ"] = "UTC0";
  config["ConnectionsForeground"] = "1";
  body = random_bytes (3000000);
  allow (body);
  server = std::make_unique<Server> ();
}

void
PolicyTest::TearDown ()
{
  SluiceTest::TearDown ();
  connection.reset ();
}

MockBus &
PolicyTest::session ()
{
  if (session_ == nullptr) {
    session_ = std::make_unique<MockBus> ();
    connection = std::make_unique<Connection> (session_->address ());
    environment["DBUS_SESSION_BUS_ADDRESS"] = session_->address ();
  }
  return *session_;
}

/* The network. */

void
PolicyTest::play_network (Mock &manager)
{
  ASSERT_EQ (unshare (CLONE_NEWNET), 0) << g_strerror (errno);
  for (const char *command : {"ip link set lo up", "ip link add wwan0 type veth peer name cable0"})
    ASSERT_EQ (::system (command), 0) << command;
  server = std::make_unique<Server> ();
  manager.object ("/org/freedesktop", "org.freedesktop.DBus.ObjectManager");
  manager.object (kManagerObject, kInterface,
                  "{'Connectivity': <uint32 4>, 'PrimaryConnection': <objectpath '" +
                      active_path (2) + "'>}");
  add_device (manager, 1, "wwan0", 8);
  add_device (manager, 2, "cable0", 1);
  manager.start ();
}

void
PolicyTest::set_primary (Mock &manager, int connection_)
{
  const std::string value = "objectpath '" + active_path (connection_) + "'";

  /* dbusmock's own function for changing properties does not support object paths */
  manager.set_quietly (kManagerObject, kInterface, "PrimaryConnection", value);
  manager.emit (kManagerObject, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                std::string ("('") + kInterface + "', {'PrimaryConnection': <" + value +
                    ">}, @as [])");
}

/* Configuration. */

std::string
PolicyTest::user_file () const
{
  return dir / "config/sluice/sluice.conf.d/policy.conf";
}

std::string
PolicyTest::admin_file () const
{
  return dir / "admin/sluice.conf.d/policy.conf";
}

static void
reload (Connection &connection, bool running)
{
  if (!running)
    return;
  Reply reply = connection.call (kManagerPath, "ReloadConfig");
  EXPECT_TRUE (reply) << reply.message;
}

void
PolicyTest::configure (const std::string &text)
{
  write_file (user_file (), text);
  reload (*connection, daemon.pid () != -1);
}

void
PolicyTest::configure_admin (const std::string &text)
{
  write_file (admin_file (), text);
  reload (*connection, daemon.pid () != -1);
}

std::string
PolicyTest::window_in (int hours)
{
  int hour = (int)(now () / G_USEC_PER_SEC / 3600 % 24) + hours;
  char text[32];

  g_snprintf (text, sizeof text, "%02d:00-%02d:00", hour % 24, hour % 24 + 1);
  return text;
}

std::string
PolicyTest::closed ()
{
  return "[Conditions]\nHours=" + window_in (3) + "\n";
}

/* Downloads. */

gint64
PolicyTest::now ()
{
  return g_get_real_time ();
}

void
PolicyTest::serve (const std::string &name, std::size_t rate_)
{
  Resource resource;
  Pace pace;

  resource.body = body;
  pace.rate = rate_;
  pace.until_release = true;
  server->serve ("/" + name, resource, pace);
}

Download
PolicyTest::ask (const std::string &name, const Properties &properties)
{
  serve (name, rate);
  Download download = create_file (server->url ("/" + name), name, properties);
  EXPECT_TRUE (download.start ());
  return download;
}

Download
PolicyTest::begin (const std::string &name, const Properties &properties)
{
  Download download = ask (name, properties);

  EXPECT_TRUE (download.wait_transferred (1));
  EXPECT_EQ (download.status ().state, "transferring");
  return download;
}

Reasons
PolicyTest::reasons_of (const Download &download)
{
  return download.get ("StateReasons").strv ();
}

Value
PolicyTest::told (const Download &download, const std::string &property)
{
  const std::vector<Signal> &signals = download.connection->signals;

  for (auto signal = signals.rbegin (); signal != signals.rend (); ++signal) {
    if (signal->path != download.path || signal->member != "PropertiesChanged")
      continue;
    Value value (g_variant_lookup_value (signal->args[1].get (), property.c_str (), nullptr));
    if (value)
      return value;
  }
  return {};
}

void
PolicyTest::expect_held (const Download &download, const Reasons &reasons)
{
  ASSERT_TRUE (download.wait ("queued", 1));
  bool ok = wait_until ([&] { return told (download, "StateReasons").strv () == reasons; }, 1);
  EXPECT_TRUE (ok) << "told: " << told (download, "StateReasons").print ();
  EXPECT_EQ (reasons_of (download), reasons);
  EXPECT_EQ (told (download, "State").str (), "queued");
  EXPECT_EQ (told (download, "HeldSince").print (), download.get ("HeldSince").print ());
  EXPECT_GT ((gint64)download.number ("HeldSince"), 0);
  EXPECT_LE ((gint64)download.number ("HeldSince"), now ());
  std::uint64_t fetched = download.number ("BytesFetched");
  run_for (0.2);
  EXPECT_EQ (download.number ("BytesFetched"), fetched);
  EXPECT_EQ (download.status ().state, "queued");
}

void
PolicyTest::expect_released (const Download &download, double seconds)
{
  std::uint64_t before = download.number ("BytesFetched");

  ASSERT_TRUE (download.wait ("transferring", seconds));
  EXPECT_TRUE (wait_polling ([&] { return download.number ("BytesFetched") > before; }));
  EXPECT_TRUE (wait_until ([&] { return told (download, "State").str () == "transferring"; }, 1));
  EXPECT_EQ (told (download, "StateReasons").strv (), Reasons ());
  EXPECT_EQ (told (download, "HeldSince").number (), 0u);
  EXPECT_EQ (reasons_of (download), Reasons ());
  EXPECT_EQ (download.number ("HeldSince"), 0u);
}

int
PolicyTest::count_stops (const Download &download)
{
  std::string before;
  int stops = 0;

  for (const Signal &signal : download.connection->signals) {
    if (signal.path != download.path || signal.member != "StatusChanged")
      continue;
    stops += before == "transferring" && signal.args[0].str () == "queued";
    before = signal.args[0].str ();
  }
  return stops;
}

void
PolicyTest::expect_moving (const Download &download)
{
  std::uint64_t before = download.number ("BytesFetched");

  EXPECT_TRUE (wait_polling ([&] { return download.number ("BytesFetched") > before; }));
  EXPECT_EQ (download.status ().state, "transferring");
  EXPECT_EQ (count_stops (download), 0);
}

void
PolicyTest::finish (const std::vector<Download> &downloads)
{
  server->release ();
  for (const Download &download : downloads) {
    if (!download.wait ("transferred", 20))
      continue;
    EXPECT_EQ (download.number ("BytesFetched"), body.size ()) << "something was fetched twice";
    EXPECT_EQ (download.number ("ErrorCount"), 0u);
    finalize_and_check (download, body);
  }
}

void
PolicyTest::write (const Download &download, const std::string &property, GVariant *value)
{
  Reply reply = download.set (property, value);

  EXPECT_TRUE (reply) << property << ": " << reply.message;
}

} // namespace st
