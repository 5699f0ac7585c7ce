/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service ends or is killed, and restarts: its downloads continue by themselves. */
#include "support/fixture.h"

#include <csignal>
#include <sys/wait.h>

using namespace st;

class Restart : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (2000000);
    allow (file.body);
    server.serve ("/file", file);
    /* the first request stops half-way */
    server.on ("/held", [this] (Exchange &x) {
      x.respond (file, {SIZE_MAX, x.request.visit == 0 ? kHeld : SIZE_MAX});
    });
  }

  Download
  held (const Properties &properties = {})
  {
    Download download = create_file (server.url ("/held"), "file", properties);
    EXPECT_TRUE (download.start ());
    EXPECT_TRUE (download.wait_transferred (kHeld));
    return download;
  }

  static constexpr std::size_t kHeld = 1000000;
  Resource file;
  Server server;
};

TEST_F (Restart, TerminatedInMidTransferGoesOn)
{
  Download download = held ();

  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (server.requests ("/held")[1].range ()->first, kHeld);
  EXPECT_EQ (server.requests ("/held")[1].header ("If-Range"), "\"v1\"");
}

TEST_F (Restart, TerminatedSegmentedGoesOn)
{
  file.body = random_bytes (12000000, 3);
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 3000000});
  Download download =
      create_file (server.url ("/slow"), "file", Properties ().add ("Priority", "foreground"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (5000000));
  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred", 20));
  finalize_and_check (download, file.body);
  /* bytes in the worker's buffers may be lost */
  EXPECT_LE (download.number ("BytesFetched"), file.body.size () + 2 * 1024 * 1024);
}

TEST_F (Restart, KilledInMidTransferGoesOn)
{
  Download download = held ();

  restart_daemon (SIGKILL);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
}

/* A call in progress when the service is told to end is carried out and answered. */
TEST_F (Restart, AbortIsAnsweredAtTheEnd)
{
  Download download = held ();
  std::string answer;
  auto on_reply = [] (GObject *source, GAsyncResult *result, gpointer data) {
    g_autoptr (GError) error = nullptr;
    g_autoptr (GVariant) value =
        g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
    *static_cast<std::string *> (data) = value != nullptr ? "done" : error->message;
  };

  g_dbus_connection_call (connection->raw (), kName, download.path.c_str (), kDownload, "Abort",
                          nullptr, nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, on_reply, &answer);
  g_dbus_connection_flush_sync (connection->raw (), nullptr, nullptr);
  restart_daemon (SIGTERM);
  ASSERT_TRUE (wait_until ([&] { return !answer.empty (); }));
  /* the signal may have come first; then nothing is promised */
  if (answer == "done") {
    EXPECT_EQ (download.status ().state, "aborted");
  }
}

/* A file that is being published when the service is told to end is published, and recorded. */
TEST_F (Restart, FinalizeIsDoneAndRecordedAtTheEnd)
{
  Resource large;
  std::string answer;

  large.body = random_bytes (60000000, 4);
  allow (large.body);
  server.serve ("/large", large);
  Download download = create_file (server.url ("/large"), "large");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  /* read back from the file, which takes a while */
  g_autofree char *sum =
      g_compute_checksum_for_data (G_CHECKSUM_SHA512, (const guchar *)large.body.data (),
                                   large.body.size ());
  ASSERT_TRUE (
      download.set ("Digest", g_variant_new_take_string (g_strconcat ("sha512:", sum, nullptr))));
  g_dbus_connection_call (
      connection->raw (), kName, download.path.c_str (), kDownload, "Finalize",
      g_variant_new_parsed ("(@a{sv} {},)"), nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr,
      [] (GObject *source, GAsyncResult *result, gpointer data) {
        g_autoptr (GError) error = nullptr;
        g_autoptr (GVariant) value =
            g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
        *static_cast<std::string *> (data) = value != nullptr ? "done" : error->message;
      },
      &answer);
  g_dbus_connection_flush_sync (connection->raw (), nullptr, nullptr);
  run_for (0.02);
  restart_daemon (SIGTERM);
  ASSERT_TRUE (wait_until ([&] { return !answer.empty (); }));
  EXPECT_EQ (answer, "done");
  EXPECT_EQ (download.status ().state, exists (target ("large")) ? "finalized" : "transferred");
}

TEST_F (Restart, AutoFinalizeHappensAfterwards)
{
  Download download = held (Properties ().add ("AutoFinalize", true));

  restart_daemon (SIGKILL);
  ASSERT_TRUE (download.wait ("finalized"));
  EXPECT_TRUE (same_bytes (read_file (target ("file")), file.body));
}

TEST_F (Restart, TransferredIsFinalizedAfterwards)
{
  Download download = create_file (server.url ("/file"), "file",
                                   Properties ().add ("Digest", "sha256:" + sha256 (file.body)));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  restart_daemon (SIGKILL);
  EXPECT_EQ (download.status ().state, "transferred");
  EXPECT_EQ (download.number ("BytesTransferred"), file.body.size ());
  finalize_and_check (download, file.body);
  EXPECT_EQ (server.count ("/file"), 1);
}

TEST_F (Restart, FinalizedIsRemembered)
{
  Download download = fetch (server.url ("/file"), "file", file.body);

  restart_daemon (SIGKILL);
  EXPECT_EQ (download.status ().state, "finalized");
  EXPECT_EQ (download.text ("LocalPath"), target ("file"));
  EXPECT_TRUE (download.finalize ());
}

TEST_F (Restart, CreatedPausedFailedAbortedStayWhatTheyAre)
{
  server.on ("/missing", [] (Exchange &x) { x.answer ("404 Not Found"); });
  Download created = create_file (server.url ("/file"), "created");
  Download paused = held ();
  ASSERT_TRUE (paused.pause ());
  Download failed = create_file (server.url ("/missing"), "failed");
  ASSERT_TRUE (failed.start ());
  ASSERT_TRUE (failed.wait ("failed"));
  Download aborted = create_file (server.url ("/file"), "aborted");
  ASSERT_TRUE (aborted.abort ());
  std::string message = failed.text ("ErrorMessage");
  std::uint64_t transferred = paused.number ("BytesTransferred");

  for (int signal : {SIGTERM, SIGKILL}) {
    restart_daemon (signal);
    run_for (0.3);
    EXPECT_EQ (created.status ().state, "created");
    EXPECT_EQ (paused.status ().state, "paused");
    EXPECT_EQ (paused.number ("BytesTransferred"), transferred);
    EXPECT_EQ (paused.number ("BytesTotal"), file.body.size ());
    EXPECT_EQ (failed.status ().state, "failed");
    EXPECT_EQ (failed.text ("Error"), std::string (kError) + "HttpStatus");
    EXPECT_EQ (failed.text ("ErrorContext"), "remote-file");
    EXPECT_EQ (failed.text ("ErrorMessage"), message);
    EXPECT_EQ (failed.number ("HttpStatus"), 404u);
    EXPECT_EQ (aborted.status ().state, "aborted");
  }
  EXPECT_EQ (server.count ("/held"), 1);
  ASSERT_TRUE (paused.start ());
  ASSERT_TRUE (paused.wait ("transferred"));
  finalize_and_check (paused, file.body);
  EXPECT_EQ (paused.number ("BytesFetched"), file.body.size ());
}

TEST_F (Restart, RetryingGoesOnWaiting)
{
  server.on ("/broken", [this] (Exchange &x) {
    if (x.request.visit == 0)
      x.answer ("503 Service Unavailable", {{"Retry-After", "3"}});
    else
      x.respond (file);
  });
  config["RetryDelayMax"] = "60s";
  Download download = create_file (server.url ("/broken"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  std::uint64_t at = download.number ("RetryAt");
  /* a written property is acknowledged when it is recorded, and so is everything before it */
  ASSERT_TRUE (download.set ("DisplayName", g_variant_new_string ("recorded")));
  restart_daemon (SIGKILL);
  EXPECT_EQ (download.status ().state, "retrying");
  EXPECT_EQ (download.number ("RetryAt"), at);
  EXPECT_EQ (server.count ("/broken"), 1);
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE ((std::uint64_t)g_get_real_time (), at);
  finalize_and_check (download, file.body);
}

TEST_F (Restart, WhatIsNotPersistentIsGone)
{
  Download download = held (Properties ().add ("Persistent", false));

  EXPECT_EQ (part_files ().size (), 1u);
  restart_daemon (SIGTERM);
  EXPECT_NE (download.connection->get (download.path, "State").error, "");
  EXPECT_TRUE (
      connection->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("(@a{sv} {},)"))
          .value[0]
          .strv ()
          .empty ());
  EXPECT_TRUE (part_files ().empty ()) << "what nobody can resume was left behind";
  EXPECT_TRUE (try_create (server.url ("/file"), Properties ().add ("LocalPath", target ("file"))));
}

TEST_F (Restart, WhatIsNotPersistentIsGoneAfterAKill)
{
  Download download = held (Properties ().add ("Persistent", false));

  restart_daemon (SIGKILL);
  EXPECT_NE (download.connection->get (download.path, "State").error, "");
  EXPECT_TRUE (try_create (server.url ("/file"), Properties ().add ("LocalPath", target ("file"))));
}

TEST_F (Restart, ExplicitRangesAreRemembered)
{
  Download download = create_file (server.url ("/held"), "file");
  ASSERT_TRUE (download.start ({{0, kHeld + 1000}, {kHeld + 5000, 100}}));
  ASSERT_TRUE (download.wait_transferred (kHeld));
  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesTotal"), kHeld + 1100);
  EXPECT_EQ (download.number ("BytesFetched"), kHeld + 1100);
  ASSERT_TRUE (download.abort ());
}

TEST_F (Restart, CommittedBeforeTheAnswer)
{
  std::vector<Download> downloads;

  for (int i = 0; i < 20; i++) {
    downloads.push_back (create_file (server.url ("/file"), std::to_string (i)));
    restart_daemon (SIGKILL);
    for (const Download &download : downloads)
      ASSERT_EQ (download.status ().state, "created");
  }
}

TEST_F (Restart, TerminatedWhileIdle)
{
  manager ();
  restart_daemon (SIGTERM);
  restart_daemon (SIGTERM);
}

TEST_F (Restart, TerminatedWhileTheServerIsSilent)
{
  config["FirstByteTimeout"] = "600s";
  config["StallTimeout"] = "600s";
  server.on ("/silent", [] (Exchange &x) { x.hold (); });
  Download download = create_file (server.url ("/silent"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_until ([&] { return server.count ("/silent") == 1; }));
  gint64 began = g_get_monotonic_time ();
  stop_daemon ();
  EXPECT_LT (g_get_monotonic_time () - began, 3000000 * (gint64)time_factor ());
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  EXPECT_NE (download.status ().state, "created");
}

TEST_F (Restart, BusGoesAway)
{
  Download download = held ();

  /* the session ends: the service ends, too, and loses nothing */
  connection.reset ();
  bus.reset ();
  int status = daemon.wait ();
  EXPECT_NE (status, -1) << "the daemon outlives its bus";
  bus = std::make_unique<Bus> (dir.path ());
  connection = std::make_unique<Connection> (bus->address ());
  start_daemon ();
  ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
  download.connection = connection.get ();
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (Restart, SecondServiceOnTheSameStateIsRefused)
{
  TempDir other_dir;
  Process second;
  Command command = daemon_command ();

  manager ();
  Bus other (other_dir.path ());
  command = daemon_command ();
  command.env["DBUS_SESSION_BUS_ADDRESS"] = other.address ();
  command.log = dir / "second.log";
  second.start (command);
  int status = second.wait ();
  EXPECT_NE (status, -1);
  EXPECT_NE (status, 0);
  EXPECT_NE (read_file (dir / "second.log"), "");
  EXPECT_TRUE (connection->get (kManagerPath, "Version"));
}

TEST_F (Restart, SecondServiceOnTheSameBusLeaves)
{
  TempDir other_dir;
  Process second;

  manager ();
  Command command = daemon_command ();
  command.env["XDG_STATE_HOME"] = other_dir.path ();
  command.log = dir / "second.log";
  second.start (command);
  EXPECT_NE (second.wait (), -1) << "two services on one bus";
  EXPECT_TRUE (connection->get (kManagerPath, "Version"));
}

TEST_F (Restart, ReplaceTakesOver)
{
  arguments = {"--replace"};
  Download download = held ();
  Process second;
  Command command = daemon_command ();

  second.start (command);
  int status = daemon.wait ();
  EXPECT_EQ (status, 0) << "the replaced one ends properly";
  ASSERT_TRUE (wait_polling ([&] { return bool (connection->get (kManagerPath, "Version")); }));
  ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  second.send (SIGTERM);
  EXPECT_EQ (second.wait (), 0);
}

/* A daemon that was started as usual keeps its name against all others. */
TEST_F (Restart, NobodyTakesTheName)
{
  Download download = held ();
  Process second;
  Command command = daemon_command ();

  /* ALLOW_REPLACEMENT, REPLACE_EXISTING, DO_NOT_QUEUE; EXISTS */
  Reply reply =
      connection->call_on ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                           "org.freedesktop.DBus.RequestName", g_variant_new ("(su)", kName, 7));
  ASSERT_TRUE (reply) << reply.message;
  EXPECT_EQ (reply.value[0].number (), 3u);
  command.argv.push_back ("--replace");
  command.log = dir / "second.log";
  second.start (command);
  EXPECT_EQ (WEXITSTATUS (second.wait ()), 1);
  EXPECT_NE (read_file (dir / "second.log").find ("stop it first"), std::string::npos);
  EXPECT_EQ (download.status ().state, "transferring");
}

/* GLib would treat “--replace=no” like --replace. */
TEST_F (Restart, SwitchesOfTheDaemonTakeNoValue)
{
  for (const char *argument : {"--replace=no", "--user=3", "--version=3"}) {
    Process second;
    Command command = daemon_command ();
    command.argv.push_back (argument);
    command.log = dir / "second.log";
    second.start (command);
    EXPECT_EQ (WEXITSTATUS (second.wait ()), 2) << argument;
    EXPECT_NE (read_file (command.log).find ("takes no value; see sluiced --help"),
               std::string::npos)
        << argument;
  }
}
