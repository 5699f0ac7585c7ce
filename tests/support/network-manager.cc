/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The real NetworkManager in a separate network. */
#include "support/network-manager.h"

#include <fcntl.h>
#include <iostream>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace st
{

static const char kService[] = "org.freedesktop.NetworkManager";

static int
open_namespace ()
{
  return open ("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

void
NetworkManagerTest::ip (const std::string &arguments)
{
  ASSERT_EQ (::system (("ip " + arguments).c_str ()), 0) << "ip " << arguments;
}

/*
 * Puts this thread into namespaces that its children inherit and that end with it. NetworkManager manages a veth
 * without udev if /sys is read-only, as in a container.
 */
void
NetworkManagerTest::enter_home ()
{
  ASSERT_EQ (unshare (CLONE_NEWNET | CLONE_NEWNS), 0) << g_strerror (errno) << " (needs root)";
  ASSERT_EQ (mount (nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0) << g_strerror (errno);
  world_ = open_namespace ();
  ip ("link set lo up");
  ASSERT_EQ (unshare (CLONE_NEWNET), 0) << g_strerror (errno);
  home_ = open_namespace ();
  ASSERT_EQ (mount ("sysfs", "/sys", "sysfs", MS_RDONLY, nullptr), 0) << g_strerror (errno);
  ip ("link set lo up");
  /* files that it keeps outside of the configured directories */
  for (const std::string path : {"/run/NetworkManager", "/var/lib/NetworkManager"}) {
    make_directory (path);
    ASSERT_EQ (mount ("tmpfs", path.c_str (), "tmpfs", 0, "mode=755"), 0) << path;
  }
}

void
NetworkManagerTest::in_world (const std::function<void ()> &action)
{
  ASSERT_EQ (setns (world_, CLONE_NEWNET), 0) << g_strerror (errno);
  action ();
  ASSERT_EQ (setns (home_, CLONE_NEWNET), 0) << g_strerror (errno);
}

void
NetworkManagerTest::add_uplink (const Uplink &uplink, const std::string &peer)
{
  ip ("link add " + uplink.interface + " type veth peer name " + peer + " netns /proc/" +
      std::to_string (getpid ()) + "/fd/" + std::to_string (world_));
  in_world ([&] {
    ip ("address add " + uplink.server + "/24 dev " + peer);
    ip ("link set " + peer + " up");
  });
}

std::string
NetworkManagerTest::nmcli (const std::vector<std::string> &arguments)
{
  Command command;
  std::string text = "nmcli";

  command.argv = {"nmcli", "--wait", "20"};
  command.env = {{"DBUS_SYSTEM_BUS_ADDRESS", system_bus->address ()}, {"LC_ALL", "C.UTF-8"}};
  for (const std::string &argument : arguments) {
    command.argv.push_back (argument);
    text += " " + argument;
  }
  Finished finished = run (command);
  EXPECT_EQ (finished.status, 0) << text << ": " << finished.output;
  return finished.output;
}

void
NetworkManagerTest::add_connection (const Uplink &uplink, const std::string &gateway)
{
  std::vector<std::string> arguments = {"connection",     "add",
                                        "type",           "ethernet",
                                        "con-name",       uplink.connection,
                                        "ifname",         uplink.interface,
                                        "ipv4.method",    "manual",
                                        "ipv4.addresses", uplink.address + "/24",
                                        "ipv6.method",    "disabled"};

  if (!gateway.empty ())
    arguments.insert (arguments.end (), {"ipv4.gateway", gateway});
  nmcli (arguments);
}

void
NetworkManagerTest::SetUp ()
{
  SluiceTest::SetUp ();
  enter_home ();
  if (HasFatalFailure ())
    return;
  add_uplink (home, "world0");
  add_uplink (phone, "world1");
  in_world ([&] { server = std::make_unique<Server> ("0.0.0.0"); });
  for (const char *name : {"/system", "/nm/connections", "/nm/conf.d"})
    make_directory (dir.path () + name);
  system_bus = std::make_unique<Bus> (dir / "system");
  system = std::make_unique<Connection> (system_bus->address ());
  environment["DBUS_SYSTEM_BUS_ADDRESS"] = system_bus->address ();
  environment["GIO_USE_NETWORK_MONITOR"] = "netlink";
  write_file (dir / "nm/nm.conf", "[main]\nplugins=keyfile\ndhcp=internal\ndns=none\n"
                                  "auth-polkit=false\nno-auto-default=*\nhostname-mode=none\n"
                                  "[keyfile]\npath=" +
                                      (dir / "nm/connections") + "\n");
  start_nm ();
  add_connection (home, home.server);
  add_connection (phone, "");
  activate (home.connection);
  activate (phone.connection);
}

void
NetworkManagerTest::TearDown ()
{
  SluiceTest::TearDown ();
  server.reset ();
  nm.kill ();
  if (HasFailure ())
    std::cerr << "---- NetworkManager's log ----\n"
              << read_file (dir / "nm/log") << "---- end of the log ----\n";
  close (world_);
  close (home_);
}

std::string
NetworkManagerTest::url (const Uplink &uplink, const std::string &target) const
{
  return "http://" + uplink.server + ":" + std::to_string (server->port ()) + target;
}

void
NetworkManagerTest::kill_nm ()
{
  nm.kill ();
}

void
NetworkManagerTest::start_nm ()
{
  Command command;

  command.argv = {"NetworkManager",
                  "--debug",
                  "--config=" + (dir / "nm/nm.conf"),
                  "--config-dir=" + (dir / "nm/conf.d"),
                  "--pid-file=" + (dir / "nm/pid"),
                  "--state-file=" + (dir / "nm/state"),
                  "--intern-config=" + (dir / "nm/intern.conf")};
  command.env = {{"DBUS_SYSTEM_BUS_ADDRESS", system_bus->address ()}};
  command.log = dir / "nm/log";
  nm.start (command);
  /* "Startup" is true until all automatic connections are active */
  auto is_up = [&] {
    Reply reply = system->call_on (kService, "/org/freedesktop/NetworkManager",
                                   "org.freedesktop.DBus.Properties.Get",
                                   g_variant_new ("(ss)", kService, "Startup"));
    return !nm.is_running () || (reply && reply.value[0][0].number () == 0);
  };
  ASSERT_TRUE (wait_polling (is_up, 20)) << read_file (command.log);
  ASSERT_TRUE (nm.is_running ()) << read_file (command.log);
}

void
NetworkManagerTest::set_metered (const Uplink &uplink, const std::string &metered)
{
  nmcli ({"connection", "modify", uplink.connection, "connection.metered", metered});
  nmcli ({"device", "reapply", uplink.interface});
}

/* Debian 12's nmcli lacks this setting. */
void
NetworkManagerTest::set_user_data (const Uplink &uplink,
                                   const std::string &key,
                                   const std::string &value)
{
  std::string path = dir / ("nm/connections/" + uplink.connection + ".nmconnection");
  std::string text = read_file (path);
  std::size_t line = text.find ("\n" + key + "=");

  if (text.find ("\n[user]\n") == std::string::npos)
    text += "\n[user]\n";
  /* if a key is there twice, the last one would count */
  if (line != std::string::npos)
    text.erase (line, text.find ('\n', line + 1) - line);
  text.insert (text.find ("\n[user]\n") + 8, key + "=" + value + "\n");
  write_file (path, text);
  nmcli ({"connection", "load", path});
}

void
NetworkManagerTest::activate (const std::string &connection)
{
  nmcli ({"connection", "up", connection});
}

void
NetworkManagerTest::deactivate (const std::string &connection)
{
  nmcli ({"connection", "down", connection});
}

} // namespace st
