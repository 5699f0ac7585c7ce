/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The fixture of the integration tests. */
#include "support/fixture.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace st
{

::testing::AssertionResult
same_bytes (const std::string &found, const std::string &expected)
{
  if (found == expected)
    return ::testing::AssertionSuccess ();
  auto at = std::mismatch (found.begin (),
                           found.begin () + (long)std::min (found.size (), expected.size ()),
                           expected.begin ());
  return ::testing::AssertionFailure () << found.size () << " bytes instead of " << expected.size ()
                                        << ", the same up to " << at.first - found.begin ();
}

/* Downloads. */

Reply
Download::start (const Ranges &ranges) const
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tt)"));
  for (const auto &[offset, length] : ranges)
    g_variant_builder_add (&builder, "(tt)", offset, length);
  return connection->call (path, "Start", g_variant_new ("(a(tt))", &builder));
}

Reply
Download::pause () const
{
  return connection->call (path, "Pause");
}

Reply
Download::abort () const
{
  return connection->call (path, "Abort");
}

Reply
Download::finalize () const
{
  return connection->call (path, "Finalize", g_variant_new_parsed ("(@a{sv} {},)"), 60);
}

Status
Download::status () const
{
  Reply reply = connection->call (path, "GetStatus");

  if (!reply)
    return {"(" + reply.error + ")", 0, 0, reply.error, reply.message, reply.seen};
  return {reply.value[0].str (), reply.value[1].number (), reply.value[2].number (),
          reply.value[3].str (), reply.value[4].str (),    reply.seen};
}

Value
Download::get (const std::string &property) const
{
  Reply reply = connection->get (path, property);

  EXPECT_TRUE (reply) << property << ": " << reply.error << ": " << reply.message;
  return reply.value;
}

Reply
Download::set (const std::string &property, GVariant *value) const
{
  return connection->set (path, property, value);
}

std::string
Download::text (const std::string &property) const
{
  return get (property).str ();
}

std::uint64_t
Download::number (const std::string &property) const
{
  return get (property).number ();
}

std::string
Download::id () const
{
  return text ("Id");
}

static bool
is_at_rest (const std::string &state)
{
  return state == "failed" || state == "transferred" || state == "finalized" ||
         state == "aborted" || state[0] == '(';
}

bool
Download::wait (const std::string &state, double seconds) const
{
  Status now = status ();
  std::size_t seen = now.seen;
  auto reached = [&] {
    /* only signals advance it, as for any client */
    for (; seen < connection->signals.size () && now.state != state; seen++) {
      const Signal &signal = connection->signals[seen];
      if (signal.path == path && signal.member == "StatusChanged")
        now.state = signal.args[0].str ();
    }
    return now.state == state || is_at_rest (now.state);
  };
  /* on the way to finalized, the state transferred passes by itself */
  bool ok = false;
  if (state == "finalized")
    ok = wait_until (
        [&] {
          reached ();
          return now.state == state || (is_at_rest (now.state) && now.state != "transferred");
        },
        seconds);
  else
    ok = wait_until (reached, seconds);
  if (ok && now.state == state)
    return true;
  now = status ();
  ADD_FAILURE () << "state is “" << now.state << "” instead of “" << state << "”, "
                 << now.transferred << " of " << now.total << " bytes, error " << now.error << ": "
                 << now.message;
  return false;
}

bool
Download::wait_transferred (std::uint64_t bytes, double seconds) const
{
  bool ok = wait_polling ([&] { return status ().transferred >= bytes; }, seconds);

  EXPECT_TRUE (ok) << status ().transferred << " bytes in state " << status ().state
                   << ", waited for " << bytes << "; " << status ().message;
  return ok;
}

/* The daemon. */

void
SluiceTest::SetUp ()
{
  for (const char *name :
       {"/downloads", "/state/sluice", "/config/sluice", "/data", "/home", "/run"})
    make_directory (dir.path () + name);
  for (const char *name : {"run", "state/sluice"})
    chmod ((dir / name).c_str (), 0700);
  bus = std::make_unique<Bus> (dir.path ());
  connection = std::make_unique<Connection> (bus->address ());
  config = {{"FirstByteTimeout", "5s"},
            {"StallTimeout", "3s"},
            {"RetryDelayMin", "20ms"},
            {"RetryDelayMax", "200ms"},
            {"DiskFullRetry", "100ms"}};
}

void
SluiceTest::write_config ()
{
  std::string text = "[Transfers]\n";

  for (const auto &[key, value] : config)
    text += key + "=" + value + "\n";
  write_file (dir / "config/sluice/sluice.conf", text);
}

Command
SluiceTest::daemon_command () const
{
  Command command;

  command.argv = wrapper;
  command.argv.push_back (need_env ("SLUICED"));
  command.argv.push_back ("--user");
  command.argv.insert (command.argv.end (), arguments.begin (), arguments.end ());
  command.env = {{"DBUS_SESSION_BUS_ADDRESS", bus->address ()},
                 {"DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent"},
                 {"SLUICE_ADMIN_CONFIGURATION", dir / "admin"},
                 {"SLUICE_VENDOR_CONFIGURATION", dir / "vendor"},
                 {"XDG_STATE_HOME", dir / "state"},
                 {"XDG_CONFIG_HOME", dir / "config"},
                 {"XDG_DATA_HOME", dir / "data"},
                 {"XDG_RUNTIME_DIR", dir / "run"},
                 {"HOME", dir / "home"},
                 {"LC_ALL", "C.UTF-8"},
                 {"G_DEBUG", "fatal-criticals"},
                 /* tests must not depend on the machine's network */
                 {"GIO_USE_NETWORK_MONITOR", "base"},
                 {"G_MESSAGES_DEBUG", "sluice-transfer sluice-queue sluice-service sluice-store "
                                      "sluice-content sluice-http"}};
  for (const auto &[name, value] : environment)
    command.env[name] = value;
  command.log = dir / "sluiced.log";
  return command;
}

bool
SluiceTest::wait_for_name (bool owned, double seconds)
{
  auto is_owned = [&] {
    Reply reply =
        connection->call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus.NameHasOwner", g_variant_new ("(s)", kName));
    return reply && reply.value[0].number () == 1;
  };
  std::size_t seen = 0;
  bool now = is_owned ();

  return wait_until (
             [&] {
               for (; seen < connection->signals.size (); seen++) {
                 if (connection->signals[seen].member == "NameOwnerChanged")
                   now = is_owned ();
               }
               if (owned && !daemon.is_running ())
                 return true;
               return now == owned;
             },
             seconds) &&
         now == owned;
}

void
SluiceTest::start_quietly ()
{
  write_config ();
  daemon.start (daemon_command ());
}

void
SluiceTest::start_daemon ()
{
  start_quietly ();
  ASSERT_TRUE (wait_for_name (true)) << "the daemon did not come up:\n" << log ();
}

void
SluiceTest::stop_daemon ()
{
  daemon.send (SIGTERM);
  int status = daemon.wait ();
  EXPECT_TRUE (WIFEXITED (status) && WEXITSTATUS (status) == 0)
      << "the daemon ended with status " << status << (status == -1 ? " (not in time)" : "");
}

void
SluiceTest::kill_daemon ()
{
  daemon.kill ();
}

void
SluiceTest::restart_daemon (int signal)
{
  if (signal == SIGTERM)
    stop_daemon ();
  else
    kill_daemon ();
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  Reply reply = connection->call (kManagerPath, "Subscribe");
  ASSERT_TRUE (reply) << reply.message;
}

Connection &
SluiceTest::manager ()
{
  if (daemon.pid () == -1)
    start_daemon ();
  return *connection;
}

std::string
SluiceTest::log () const
{
  return read_file (dir / "sluiced.log");
}

std::string
SluiceTest::state_dir () const
{
  return dir / "state/sluice";
}

uid_t
SluiceTest::give_to_a_user ()
{
  const uid_t user = 65534;

  if (geteuid () != 0)
    return geteuid ();
  for (const char *name :
       {"", "/downloads", "/state", "/state/sluice", "/config", "/data", "/home", "/run"})
    EXPECT_EQ (chown ((dir.path () + name).c_str (), user, user), 0) << name;
  chmod (dir.path ().c_str (), 0755);
  chmod ((dir / "bus").c_str (), 0777);
  wrapper = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
  return user;
}

void
SluiceTest::check_log ()
{
  std::ifstream file (dir / "sluiced.log");

  for (std::string line; std::getline (file, line);) {
    bool bad = line.find ("-CRITICAL **") != std::string::npos ||
               line.find ("-WARNING **") != std::string::npos ||
               line.find ("runtime error:") != std::string::npos ||
               line.find ("ERROR: AddressSanitizer") != std::string::npos ||
               line.find ("ERROR: LeakSanitizer") != std::string::npos;
    if (bad && (expected_log.empty () || line.find (expected_log) == std::string::npos))
      ADD_FAILURE () << "the daemon's log says: " << line;
  }
}

void
SluiceTest::check_published ()
{
  for (const std::string &name : list_directory (dir / "downloads")) {
    struct stat found;
    if (name[0] == '.' || stat (target (name).c_str (), &found) != 0 || !S_ISREG (found.st_mode))
      continue;
    EXPECT_EQ (allowed_.count (sha256_of_file (target (name))), 1u)
        << "a wrong file was published: " << name;
  }
}

void
SluiceTest::TearDown ()
{
  if (daemon.pid () != -1) {
    EXPECT_TRUE (daemon.is_running ()) << "the daemon ended by itself";
    stop_daemon ();
  }
  check_log ();
  if (check_targets)
    check_published ();
  if (HasFailure ())
    std::cerr << "---- the daemon's log ----\n" << log () << "---- end of the log ----\n";
}

/* Making downloads. */

Reply
SluiceTest::try_create (const std::string &uri, const Properties &properties)
{
  return manager ().call (kManagerPath, "CreateDownload",
                          g_variant_new ("(s@a{sv})", uri.c_str (), properties.build ()));
}

Download
SluiceTest::create (const std::string &uri, const Properties &properties)
{
  Reply reply = try_create (uri, properties);

  EXPECT_TRUE (reply) << "CreateDownload: " << reply.error << ": " << reply.message;
  return {connection.get (), reply ? reply.value[0].str () : "/org/sluice/Sluice1/download/none"};
}

std::string
SluiceTest::target (const std::string &name) const
{
  return dir / ("downloads/" + name);
}

Download
SluiceTest::create_file (const std::string &uri, const std::string &name, Properties properties)
{
  return create (uri, properties.add ("LocalPath", target (name)));
}

void
SluiceTest::allow (const std::string &content)
{
  allowed_.insert (sha256 (content));
}

void
SluiceTest::finalize_and_check (const Download &download, const std::string &content)
{
  allow (content);
  Reply reply = download.finalize ();
  ASSERT_TRUE (reply) << reply.error << ": " << reply.message;
  EXPECT_EQ (download.status ().state, "finalized");
  EXPECT_TRUE (same_bytes (read_file (download.text ("LocalPath")), content));
}

Download
SluiceTest::fetch (const std::string &uri,
                   const std::string &name,
                   const std::string &content,
                   Properties properties)
{
  Download download = create_file (uri, name, properties);
  Reply reply = download.start ();

  EXPECT_TRUE (reply) << reply.error << ": " << reply.message;
  if (reply && download.wait ("transferred"))
    finalize_and_check (download, content);
  return download;
}

void
SluiceTest::expect_failure (const Download &download,
                            const std::string &error,
                            const std::string &context)
{
  Reply reply = download.start ();
  std::string path = download.text ("LocalPath");

  EXPECT_TRUE (reply) << reply.error << ": " << reply.message;
  if (!download.wait ("failed"))
    return;
  EXPECT_EQ (download.text ("Error"), kError + error);
  EXPECT_NE (download.text ("ErrorMessage"), "");
  if (!context.empty ()) {
    EXPECT_EQ (download.text ("ErrorContext"), context);
  }
  EXPECT_EQ (download.finalize ().error, "InvalidState");
  EXPECT_FALSE (exists (path)) << "a file was published though the download failed";
}

std::vector<std::string>
SluiceTest::part_files () const
{
  std::vector<std::string> parts;

  for (const std::string &name : list_directory (dir / "downloads")) {
    if (name[0] == '.')
      parts.push_back (target (name));
  }
  return parts;
}

} // namespace st
