/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real NetworkManager holds and releases downloads, and nothing is fetched twice because of that. */
#include "support/network-manager.h"
#include "support/nginx.h"

#include <fcntl.h>
#include <iostream>
#include <mutex>
#include <unistd.h>

using namespace st;

namespace
{

constexpr std::size_t kLarge = 200 << 20;
constexpr std::uint64_t kFewBytes = 256 << 10;
/* How much a busy reader may leave in the kernel's buffer of a closed connection (tcp_rmem). */
constexpr std::uint64_t kUnread = 6 << 20;
constexpr char kDevice[] = "org.freedesktop.NetworkManager.Device";
const std::vector<std::string> kMetered = {"metered"};
const std::vector<std::string> kNoNetwork = {"no-network"};
const std::vector<std::string> kDataCap = {"data-cap"};

/* The kernel's count of bytes that an interface received; any thread may read it. */
class Counter
{
public:
  explicit Counter (const std::string &interface)
      : fd_ (open (("/sys/class/net/" + interface + "/statistics/rx_bytes").c_str (),
                   O_RDONLY | O_CLOEXEC))
  {
  }
  Counter (const Counter &) = delete;
  Counter &operator= (const Counter &) = delete;
  ~Counter ()
  {
    close (fd_);
  }
  std::uint64_t
  read () const
  {
    char text[32] = "";

    EXPECT_GT (pread (fd_, text, sizeof text - 1, 0), 0);
    return std::stoull (text);
  }

private:
  int fd_;
};

/* A signal, the time at which it came, and the bytes received by then. */
struct Heard {
  gint64 at = 0; /* monotonic; 0: not received */
  std::uint64_t received = 0;
  Signal signal;
};

/* Notes signals in the thread that reads them, so that the test's own work does not delay them. */
class Witness
{
public:
  Witness (GDBusConnection *bus, const Counter &counter) : bus_ (bus), counter_ (counter)
  {
    filter_ = g_dbus_connection_add_filter (bus, on_message, this, nullptr);
  }
  Witness (const Witness &) = delete;
  Witness &operator= (const Witness &) = delete;
  ~Witness ()
  {
    g_dbus_connection_remove_filter (bus_, filter_);
  }
  /* The first wanted signal since @begin. */
  Heard
  find (gint64 begin, const std::function<bool (const Signal &)> &is_wanted)
  {
    std::lock_guard<std::mutex> lock (mutex_);

    for (const Heard &heard : heard_) {
      if (heard.at >= begin && is_wanted (heard.signal))
        return heard;
    }
    return {};
  }

private:
  static GDBusMessage *
  on_message (GDBusConnection *, GDBusMessage *message, gboolean incoming, gpointer data)
  {
    auto *self = static_cast<Witness *> (data);
    GVariant *body = g_dbus_message_get_body (message);

    if (!incoming || body == nullptr ||
        g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_SIGNAL)
      return message;
    std::lock_guard<std::mutex> lock (self->mutex_);
    self->heard_.push_back (
        {g_get_monotonic_time (),
         self->counter_.read (),
         {g_dbus_message_get_path (message), g_dbus_message_get_interface (message),
          g_dbus_message_get_member (message), Value (g_variant_ref (body))}});
    return message;
  }
  GDBusConnection *bus_;
  const Counter &counter_;
  guint filter_;
  std::mutex mutex_;
  std::vector<Heard> heard_;
};

class PolicyNetworkManager : public NetworkManagerTest
{
protected:
  /* Serves @size bytes at @rate from the other end. */
  void
  serve (const std::string &rate, std::size_t size)
  {
    nginx_dir = std::make_unique<TempDir> ();
    in_world ([&] {
      nginx = std::make_unique<Nginx> (nginx_dir->path (), "limit_rate " + rate + ";", "0.0.0.0");
    });
    write_file (nginx->file ("file"), random_bytes (size));
    /* compared here, because it may be large */
    check_targets = false;
    set_metered (home, "no");
    set_metered (phone, "no");
  }
  void
  TearDown () override
  {
    NetworkManagerTest::TearDown ();
    nginx.reset ();
  }
  void
  finalize_and_compare (const Download &download)
  {
    Reply reply = download.finalize ();
    ASSERT_TRUE (reply) << reply.message;
    Finished compared =
        run ({{"cmp", download.text ("LocalPath"), nginx->file ("file")}, {}, "", -1});
    EXPECT_EQ (compared.status, 0) << compared.output;
  }
  Download
  begin (const Uplink &uplink, const std::string &name, const Properties &properties = {})
  {
    Download download = create_file (nginx->url ("/file", uplink.server), name, properties);

    EXPECT_TRUE (download.start ());
    return download;
  }
  static bool
  wait_held (const Download &download, const std::vector<std::string> &reasons)
  {
    bool held = wait_polling ([&] {
      return download.text ("State") == "queued" &&
             download.get ("StateReasons").strv () == reasons;
    });

    EXPECT_TRUE (held) << download.text ("State") << " " << download.get ("StateReasons").print ();
    return held;
  }
  /* Waits until it transfers further bytes. */
  static bool
  wait_moving (const Download &download, double seconds = 15)
  {
    return download.wait ("transferring", seconds) &&
           download.wait_transferred (download.status ().transferred + 1, seconds) &&
           download.get ("StateReasons").strv ().empty ();
  }
  /* Expects that it neither ends nor is held for a while. */
  static void
  expect_untouched (const Download &download, std::size_t since)
  {
    for (; since < download.connection->signals.size (); since++) {
      const Signal &signal = download.connection->signals[since];
      if (signal.path == download.path && signal.member == "StatusChanged") {
        EXPECT_EQ (signal.args[0].str (), "transferring");
      }
    }
    EXPECT_EQ (download.text ("State"), "transferring");
  }
  std::string
  source (const char *hint)
  {
    Reply reply = connection->get (kManagerPath, "Conditions");
    GVariant *sources = nullptr;
    const char *name = "";

    EXPECT_TRUE (reply) << reply.message;
    EXPECT_TRUE (g_variant_lookup (reply.value.get (), "Sources", "@a{ss}", &sources));
    EXPECT_TRUE (g_variant_lookup (sources, hint, "&s", &name));
    std::string found = name;
    g_variant_unref (sources);
    return found;
  }
  std::string
  connectivity ()
  {
    Reply reply = connection->get (kManagerPath, "Conditions");
    const char *name = "";

    EXPECT_TRUE (g_variant_lookup (reply.value.get (), "Connectivity", "&s", &name));
    return name;
  }

  std::unique_ptr<TempDir> nginx_dir;
  std::unique_ptr<Nginx> nginx;
};

bool
tells_metered (const Signal &signal)
{
  guint32 metered = 0;

  return signal.member == "PropertiesChanged" && signal.args[0].str () == kDevice &&
         g_variant_lookup (signal.args[1].get (), "Metered", "u", &metered) != FALSE &&
         metered == 1;
}

std::string
to_ms (gint64 time)
{
  return std::to_string (time / 1000) + " ms";
}

/* The offsets of the resumptions in the server's log. */
std::vector<std::uint64_t>
find_resumptions (const std::string &log)
{
  std::vector<std::uint64_t> offsets;

  for (std::size_t at = 0; (at = log.find ("\"bytes=", at)) != std::string::npos; at++) {
    std::size_t end = log.find ('\n', at);
    std::string rest = log.substr (at, end - at);
    /* nginx's ETag is strong */
    EXPECT_NE (rest.find ("\" \"\\x22"), std::string::npos) << rest;
    EXPECT_EQ (log.substr (at - 5, 5), " 206 ") << log;
    offsets.push_back (std::stoull (rest.substr (7)));
  }
  return offsets;
}

} // namespace

TEST_F (PolicyNetworkManager, FlipsOfMeteredWhileItRuns)
{
  serve ("30m", kLarge);
  manager ();
  Counter counter (home.interface);
  Witness machine (system->raw (), counter), service (connection->raw (), counter);
  std::uint64_t before = counter.read ();
  Download download = begin (home, "file");
  auto is_queued = [&] (const Signal &signal) {
    return signal.path == download.path && signal.member == "StatusChanged" &&
           signal.args[0].str () == "queued";
  };

  for (std::size_t flip = 1; flip <= 3; flip++) {
    ASSERT_TRUE (download.wait_transferred (flip * kLarge / 5));
    gint64 begin = g_get_monotonic_time ();
    set_metered (home, "yes");
    ASSERT_TRUE (wait_held (download, kMetered));
    Heard hint = machine.find (begin, tells_metered), held = service.find (begin, is_queued);
    ASSERT_GT (hint.at, 0);
    ASSERT_GT (held.at, 0);
    EXPECT_LE ((double)(held.at - hint.at), G_USEC_PER_SEC * time_factor ());
    std::uint64_t fetched = download.number ("BytesFetched");
    run_for (0.7);
    std::uint64_t more = counter.read () - held.received;
    EXPECT_EQ (download.number ("BytesFetched"), fetched);
    EXPECT_LE (more, kFewBytes);
    EXPECT_GT (download.number ("HeldSince"), 0u);
    begin = g_get_monotonic_time ();
    set_metered (home, "no");
    ASSERT_TRUE (wait_moving (download, 5));
    std::cout << "held " << to_ms (held.at - hint.at) << " after the signal, " << more
              << " more bytes came; moves " << to_ms (g_get_monotonic_time () - begin)
              << " after it was let\n";
  }
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesFetched"), kLarge);
  EXPECT_EQ (download.number ("ErrorCount"), 0u);
  std::uint64_t received = counter.read () - before;
  std::cout << received - kLarge << " bytes were received besides those of the file\n";
  /* and the headers of packets */
  EXPECT_LE (received, kLarge + kLarge / 20 + 3 * kUnread);
  finalize_and_compare (download);
  EXPECT_EQ (find_resumptions (nginx->access_log ()).size (), 3u) << nginx->access_log ();
}

/* NetworkManager gives up a link after six seconds without a carrier. */
TEST_F (PolicyNetworkManager, LinkGoesDownAndUp)
{
  config["StallTimeout"] = "1min";
  serve ("8m", 24 << 20);
  deactivate (phone.connection);
  manager ();
  Download download = begin (home, "file");
  ASSERT_TRUE (download.wait_transferred (2 << 20));
  ip ("link set " + home.interface + " down");
  ASSERT_TRUE (wait_held (download, kNoNetwork));
  EXPECT_EQ (connectivity (), "none");
  ip ("link set " + home.interface + " up");
  ASSERT_TRUE (wait_moving (download));
  nmcli ({"device", "disconnect", home.interface});
  ASSERT_TRUE (wait_held (download, kNoNetwork));
  nmcli ({"device", "connect", home.interface});
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesFetched"), download.number ("BytesTotal"));
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  finalize_and_compare (download);
}

/* Its address goes with it, so running transfers get no bytes any more. */
TEST_F (PolicyNetworkManager, AnotherConnectionTakesOver)
{
  config["StallTimeout"] = "1min";
  serve ("8m", 16 << 20);
  nmcli ({"connection", "add", "type", "ethernet", "con-name", "cafe", "ifname", home.interface,
          "connection.metered", "no", "ipv4.method", "manual", "ipv4.addresses", "192.0.2.77/24",
          "ipv4.gateway", home.server, "ipv6.method", "disabled"});
  manager ();
  Download download = begin (home, "file"), other = begin (phone, "other");
  ASSERT_TRUE (download.wait_transferred (2 << 20));
  ASSERT_TRUE (other.wait_transferred (1));
  activate ("cafe");
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesFetched"), download.number ("BytesTotal"));
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  finalize_and_compare (download);
  ASSERT_TRUE (other.wait ("transferred"));
  EXPECT_EQ (other.number ("ErrorCount"), 0u) << "its address was there all the time";
  finalize_and_compare (other);
}

TEST_F (PolicyNetworkManager, KilledAndStartedAgain)
{
  serve ("8m", 64 << 20);
  set_metered (home, "yes");
  manager ();
  Download download = begin (home, "file");
  ASSERT_TRUE (wait_held (download, kMetered));
  EXPECT_EQ (source ("Metered"), "NetworkManager");
  EXPECT_EQ (download.number ("BytesFetched"), 0u);
  kill_nm ();
  ASSERT_TRUE (wait_moving (download));
  EXPECT_EQ (source ("Metered"), "unavailable");
  EXPECT_EQ (source ("Connectivity"), "GNetworkMonitor");
  start_nm ();
  ASSERT_TRUE (wait_held (download, kMetered));
  EXPECT_EQ (source ("Metered"), "NetworkManager");
  set_metered (home, "no");
  ASSERT_TRUE (wait_moving (download));
  ASSERT_TRUE (download.abort ());
}

TEST_F (PolicyNetworkManager, EachHostByItsOwnLink)
{
  serve ("2m", 64 << 20);
  set_metered (home, "yes");
  manager ();
  Download over_home = begin (home, "home"), over_phone = begin (phone, "phone");
  ASSERT_TRUE (wait_held (over_home, kMetered));
  ASSERT_TRUE (wait_moving (over_phone));
  std::size_t since = connection->signals.size ();
  set_metered (home, "no");
  ASSERT_TRUE (wait_moving (over_home));
  set_metered (home, "yes");
  ASSERT_TRUE (wait_held (over_home, kMetered));
  set_metered (home, "no");
  ASSERT_TRUE (wait_moving (over_home));
  expect_untouched (over_phone, since);
  /* and the other way round */
  since = connection->signals.size ();
  set_metered (phone, "yes");
  ASSERT_TRUE (wait_held (over_phone, kMetered));
  EXPECT_GT (over_phone.number ("BytesFetched"), 0u);
  set_metered (phone, "no");
  ASSERT_TRUE (wait_moving (over_phone));
  expect_untouched (over_home, since);
  ASSERT_TRUE (over_home.abort ());
  ASSERT_TRUE (over_phone.abort ());
}

TEST_F (PolicyNetworkManager, CostPoliciesOnMetered)
{
  serve ("2m", 64 << 20);
  set_metered (home, "yes");
  manager ();
  std::vector<Download> run, held;
  for (const char *policy : {"always", "no-roaming", "no-surcharge", "no-cellular"})
    run.push_back (begin (home, policy, Properties ().add ("CostPolicy", policy)));
  for (const char *policy : {"unrestricted", "standard"})
    held.push_back (begin (home, policy, Properties ().add ("CostPolicy", policy)));
  held.push_back (begin (home, "background"));
  run.push_back (begin (home, "foreground", Properties ().add ("Priority", "foreground")));
  for (const Download &download : held)
    EXPECT_TRUE (wait_held (download, kMetered)) << download.text ("LocalPath");
  for (const Download &download : run)
    EXPECT_TRUE (wait_moving (download)) << download.text ("LocalPath");
  for (const Download &download : held)
    EXPECT_EQ (download.number ("BytesFetched"), 0u) << download.text ("LocalPath");
  for (const Download &download : run)
    EXPECT_TRUE (download.abort ());
  for (const Download &download : held)
    EXPECT_TRUE (download.abort ());
}

TEST_F (PolicyNetworkManager, ItsOwnerThinksAgain)
{
  serve ("2m", 64 << 20);
  set_metered (home, "yes");
  manager ();
  Download download = begin (home, "file");
  ASSERT_TRUE (wait_held (download, kMetered));
  ASSERT_TRUE (download.set ("CostPolicy", g_variant_new_string ("no-roaming")));
  ASSERT_TRUE (wait_moving (download));
  ASSERT_TRUE (download.set ("CostPolicy", g_variant_new_string ("")));
  ASSERT_TRUE (wait_held (download, kMetered));
  ASSERT_TRUE (download.set ("IgnoreConditions", g_variant_new_boolean (TRUE)));
  ASSERT_TRUE (wait_moving (download));
  ASSERT_TRUE (download.set ("IgnoreConditions", g_variant_new_boolean (FALSE)));
  ASSERT_TRUE (wait_held (download, kMetered));
  ASSERT_TRUE (download.set ("Priority", g_variant_new_string ("foreground")));
  ASSERT_TRUE (wait_moving (download));
  ASSERT_TRUE (download.abort ());
}

TEST_F (PolicyNetworkManager, WhatTheConnectionsSettingsSay)
{
  /* from 2026 on, practically without end */
  const std::string tariff = "('Mogwai tariff', uint16 1, <('plan', [(uint64 1767225600, uint64 "
                             "4102444800, uint16 0, uint32 0, uint64 ";

  serve ("2m", 64 << 20);
  manager ();
  Download download = begin (home, "file");
  ASSERT_TRUE (wait_moving (download));
  set_user_data (home, "connection.allow-downloads", "0");
  ASSERT_TRUE (wait_held (download, kDataCap));
  set_user_data (home, "connection.allow-downloads", "1");
  ASSERT_TRUE (wait_moving (download));
  set_metered (home, "yes");
  ASSERT_TRUE (wait_held (download, kMetered));
  set_user_data (home, "connection.allow-downloads-when-metered", "1");
  ASSERT_TRUE (wait_moving (download));
  set_user_data (home, "connection.tariff", tariff + "0)])>)");
  set_user_data (home, "connection.tariff-enabled", "1");
  ASSERT_TRUE (wait_held (download, kDataCap));
  /* a plan without a limit costs nothing, even if metered */
  set_user_data (home, "connection.allow-downloads-when-metered", "0");
  set_user_data (home, "connection.tariff", tariff + "18446744073709551615)])>)");
  ASSERT_TRUE (wait_moving (download));
  set_user_data (home, "connection.tariff-enabled", "0");
  ASSERT_TRUE (wait_held (download, kMetered));
  ASSERT_TRUE (download.abort ());
}

/* NetworkManager checks itself: an unexpected response means a portal. */
TEST_F (PolicyNetworkManager, CaptivePortal)
{
  serve ("8m", 24 << 20);
  server->on ("/check", [] (Exchange &x) { x.answer ("200 OK", {}, "Please log in"); });
  write_file (dir / "nm/conf.d/check.conf",
              "[connectivity]\nuri=" + url (home, "/check") + "\nresponse=online\ninterval=60\n");
  manager ();
  Download download = begin (home, "file");
  ASSERT_TRUE (download.wait_transferred (1 << 20));
  nmcli ({"general", "reload", "conf"});
  nmcli ({"networking", "connectivity", "check"});
  ASSERT_TRUE (wait_held (download, {"captive-portal"}));
  EXPECT_EQ (connectivity (), "portal");
  server->on ("/check", [] (Exchange &x) { x.answer ("200 OK", {}, "online"); });
  nmcli ({"networking", "connectivity", "check"});
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (connectivity (), "full");
  EXPECT_EQ (download.number ("BytesFetched"), download.number ("BytesTotal"));
  finalize_and_compare (download);
}
