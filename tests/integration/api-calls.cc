/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each call in each state: what it does, when it is refused, and when there is nothing to do. */
#include "support/fixture.h"

#include <ctime>
#include <sys/stat.h>

using namespace st;

class ApiCalls : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    config["RetryDelayMin"] = config["RetryDelayMax"] = "600s";
    file.body = random_bytes (200000);
    allow (file.body);
    server.serve ("/file", file);
    server.serve ("/held", file, {SIZE_MAX, 100000});
    server.on ("/missing", [this] (Exchange &x) {
      if (x.request.visit == 0)
        x.answer ("404 Not Found");
      else
        x.respond (file);
    });
    server.on ("/broken", [this] (Exchange &x) {
      if (x.request.visit == 0)
        x.answer ("503 Service Unavailable");
      else
        x.respond (file);
    });
  }

  /* CPU time of the daemon. */
  double
  cpu_seconds ()
  {
    clockid_t clock;
    struct timespec used = {};

    EXPECT_EQ (clock_getcpuclockid (daemon.pid (), &clock), 0);
    EXPECT_EQ (clock_gettime (clock, &used), 0);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
  }

  Download
  started (const std::string &source)
  {
    Download download = create_file (server.url (source), source.substr (1));
    EXPECT_TRUE (download.start ());
    return download;
  }

  static void
  expect_invalid_state (const Reply &reply, const std::string &state)
  {
    EXPECT_EQ (reply.error, "InvalidState") << reply.message;
    EXPECT_NE (reply.message.find (state), std::string::npos) << reply.message;
  }

  static void
  expect_done (const Reply &reply)
  {
    EXPECT_TRUE (reply) << reply.error << ": " << reply.message;
  }

  Resource file;
  Server server;
};

TEST_F (ApiCalls, Created)
{
  Download download = create_file (server.url ("/file"), "file");

  expect_invalid_state (download.pause (), "created");
  expect_invalid_state (download.finalize (), "created");
  EXPECT_EQ (download.status ().state, "created");
  expect_done (download.abort ());
  EXPECT_EQ (download.status ().state, "aborted");
}

TEST_F (ApiCalls, Transferring)
{
  Download download = started ("/held");

  ASSERT_TRUE (download.wait_transferred (1));
  expect_done (download.start ());
  expect_invalid_state (download.finalize (), "transferring");
  EXPECT_EQ (download.start ({{0, 5}}).error, "InvalidState");
  EXPECT_EQ (server.count ("/held"), 1);
  server.release ();
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ApiCalls, StartAtOnceAndAgain)
{
  Download download = create_file (server.url ("/file"), "file");

  expect_done (download.start ());
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  expect_done (download.start ());
  EXPECT_EQ (download.status ().state, "transferred");
  EXPECT_EQ (server.count ("/file"), 1);
}

TEST_F (ApiCalls, Paused)
{
  Download download = started ("/held");

  ASSERT_TRUE (download.wait_transferred (100000));
  expect_done (download.pause ());
  expect_done (download.pause ());
  EXPECT_EQ (download.status ().state, "paused");
  EXPECT_TRUE (download.get ("StateReasons").strv ().empty ());
  expect_invalid_state (download.finalize (), "paused");
  server.release ();
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
}

TEST_F (ApiCalls, PausedAndAborted)
{
  Download download = started ("/held");

  ASSERT_TRUE (download.wait_transferred (100000));
  expect_done (download.pause ());
  expect_done (download.abort ());
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
}

TEST_F (ApiCalls, Queued)
{
  config["MaxActive"] = "1";
  Download held = started ("/held");
  ASSERT_TRUE (held.wait ("transferring"));
  Download download = started ("/file");

  EXPECT_EQ (download.status ().state, "queued");
  expect_done (download.start ());
  expect_invalid_state (download.finalize (), "queued");
  expect_done (download.pause ());
  EXPECT_EQ (download.status ().state, "paused");
  EXPECT_TRUE (download.get ("StateReasons").strv ().empty ());
  server.release ();
  ASSERT_TRUE (held.wait ("transferred"));
  EXPECT_EQ (download.status ().state, "paused");
  EXPECT_EQ (server.count ("/file"), 0);
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
}

TEST_F (ApiCalls, QueuedAndAborted)
{
  config["MaxActive"] = "1";
  Download held = started ("/held");
  ASSERT_TRUE (held.wait ("transferring"));
  Download download = started ("/file");

  expect_done (download.abort ());
  server.release ();
  ASSERT_TRUE (held.wait ("transferred"));
  EXPECT_EQ (server.count ("/file"), 0);
  EXPECT_EQ (download.status ().state, "aborted");
}

TEST_F (ApiCalls, Retrying)
{
  Download download = started ("/broken");

  ASSERT_TRUE (download.wait ("retrying"));
  expect_invalid_state (download.finalize (), "retrying");
  expect_done (download.pause ());
  EXPECT_EQ (download.status ().state, "paused");
  EXPECT_EQ (download.number ("RetryAt"), 0u);
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
}

TEST_F (ApiCalls, RetryingAndAborted)
{
  Download download = started ("/broken");

  ASSERT_TRUE (download.wait ("retrying"));
  expect_done (download.abort ());
  EXPECT_EQ (download.status ().state, "aborted");
  EXPECT_EQ (download.number ("RetryAt"), 0u);
  EXPECT_TRUE (download.get ("StateReasons").strv ().empty ());
}

TEST_F (ApiCalls, Failed)
{
  Download download = started ("/missing");

  ASSERT_TRUE (download.wait ("failed"));
  expect_invalid_state (download.pause (), "failed");
  expect_invalid_state (download.finalize (), "failed");
  EXPECT_EQ (download.status ().error, std::string (kError) + "HttpStatus");
  EXPECT_NE (download.status ().message, "");
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.status ().error, "");
  EXPECT_EQ (download.status ().message, "");
  finalize_and_check (download, file.body);
}

TEST_F (ApiCalls, Transferred)
{
  Download download = started ("/file");

  ASSERT_TRUE (download.wait ("transferred"));
  expect_invalid_state (download.pause (), "transferred");
  EXPECT_FALSE (exists (target ("file")));
  Status status = download.status ();
  EXPECT_EQ (status.total, file.body.size ());
  EXPECT_EQ (status.transferred, file.body.size ());
  EXPECT_EQ (status.error, "");
  expect_done (download.abort ());
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
  EXPECT_FALSE (exists (target ("file")));
}

TEST_F (ApiCalls, Finalized)
{
  Download download = started ("/file");

  ASSERT_TRUE (download.wait ("transferred"));
  expect_done (download.finalize ());
  expect_done (download.finalize ());
  expect_invalid_state (download.abort (), "finalized");
  expect_invalid_state (download.pause (), "finalized");
  expect_invalid_state (download.start (), "finalized");
  EXPECT_TRUE (same_bytes (read_file (target ("file")), file.body));
}

TEST_F (ApiCalls, Aborted)
{
  Download download = create_file (server.url ("/file"), "file");

  expect_done (download.abort ());
  expect_done (download.abort ());
  expect_invalid_state (download.start (), "aborted");
  expect_invalid_state (download.pause (), "aborted");
  expect_invalid_state (download.finalize (), "aborted");
}

TEST_F (ApiCalls, FinalizeRefusesUnknownOptions)
{
  Download download = started ("/file");

  ASSERT_TRUE (download.wait ("transferred"));
  Reply reply =
      connection->call (download.path, "Finalize", g_variant_new_parsed ("({'colour': <'red'>},)"));
  EXPECT_EQ (reply.error, "InvalidArgument");
  EXPECT_EQ (download.status ().state, "transferred");
}

TEST_F (ApiCalls, StartWithoutLocalPath)
{
  Download download = create (server.url ("/file"), {});

  EXPECT_EQ (download.start ().error, "InvalidArgument");
  EXPECT_EQ (download.status ().state, "created");
  ASSERT_TRUE (download.set ("LocalPath", g_variant_new_string (target ("file").c_str ())));
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
}

TEST_F (ApiCalls, StartWhereAFileIs)
{
  write_file (target ("file"), "mine");
  allow ("mine");
  Download download = create_file (server.url ("/file"), "file");

  EXPECT_EQ (download.start ().error, "FileExists");
  EXPECT_EQ (download.status ().state, "created");
  EXPECT_EQ (read_file (target ("file")), "mine");
  ASSERT_TRUE (download.set ("Overwrite", g_variant_new_boolean (TRUE)));
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (read_file (target ("file")), "mine");
  finalize_and_check (download, file.body);
}

TEST_F (ApiCalls, StartWhereADirectoryIs)
{
  make_directory (target ("file"));
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add ("Overwrite", true));
  Reply reply = download.start ();

  EXPECT_TRUE (reply.error == "LocalFile" || reply.error == "FileExists") << reply.error;
}

TEST_F (ApiCalls, StartWhereNoDirectoryIs)
{
  Download missing =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "missing/file"));
  Reply reply = missing.start ();
  EXPECT_EQ (reply.error, "LocalFile");
  EXPECT_NE (reply.message.find (dir / "missing"), std::string::npos) << reply.message;
  write_file (dir / "plain", "");
  Download plain =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "plain/file"));
  EXPECT_EQ (plain.start ().error, "LocalFile");
  EXPECT_EQ (plain.status ().state, "created");
}

TEST_F (ApiCalls, AutoStart)
{
  Reply reply = try_create (server.url ("/file"), Properties ().add ("AutoStart", true));
  EXPECT_EQ (reply.error, "InvalidArgument") << "AutoStart without LocalPath";
  reply =
      try_create (server.url ("/file"),
                  Properties ().add ("AutoStart", true).add ("LocalPath", dir / "missing/file"));
  EXPECT_EQ (reply.error, "LocalFile");
  write_file (target ("taken"), "mine");
  allow ("mine");
  reply = try_create (server.url ("/file"),
                      Properties ().add ("AutoStart", true).add ("LocalPath", target ("taken")));
  EXPECT_EQ (reply.error, "FileExists");
  EXPECT_TRUE (
      connection->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("(@a{sv} {},)"))
          .value[0]
          .strv ()
          .empty ());
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add ("AutoStart", true));
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ApiCalls, AutoStartIsQueuedAtOnce)
{
  config["MaxActive"] = "1";
  Download held = started ("/held");
  ASSERT_TRUE (held.wait ("transferring"));
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add ("AutoStart", true));
  EXPECT_EQ (download.status ().state, "queued");
}

TEST_F (ApiCalls, UriOfAFailedOneIsReplaced)
{
  server.on ("/gone", [] (Exchange &x) { x.answer ("410 Gone"); });
  Download download = started ("/gone");

  ASSERT_TRUE (download.wait ("failed"));
  ASSERT_TRUE (download.set ("Uri", g_variant_new_string (server.url ("/file").c_str ())));
  expect_done (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ApiCalls, DigestOfPartsIsRefused)
{
  Download download = create_file (server.url ("/file"), "file",
                                   Properties ().add ("Digest", "sha256:" + sha256 (file.body)));
  expect_done (download.start ({{0, 100}}));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.finalize ().error, "InvalidState");
  EXPECT_FALSE (exists (target ("file")));
}

/* Calls that arrive while another is being carried out. */
TEST_F (ApiCalls, CallsOnTopOfEachOther)
{
  static const char *const methods[] = {"Pause", "Abort", "Pause", "Abort"};
  Download download = started ("/held");
  int answered = 0;
  auto on_reply = [] (GObject *source, GAsyncResult *result, gpointer data) {
    GVariant *value = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, nullptr);
    g_clear_pointer (&value, g_variant_unref);
    ++*static_cast<int *> (data);
  };

  ASSERT_TRUE (download.wait ("transferring"));
  for (const char *method : methods)
    g_dbus_connection_call (connection->raw (), kName, download.path.c_str (), kDownload, method,
                            nullptr, nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, on_reply,
                            &answered);
  ASSERT_TRUE (wait_until ([&] { return answered == 4; }));
  EXPECT_EQ (download.status ().state, "aborted");
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
}

TEST_F (ApiCalls, StartRightAfterPauseRunsOn)
{
  Download download = started ("/held");
  int answered = 0;
  auto on_reply = [] (GObject *source, GAsyncResult *result, gpointer data) {
    GVariant *value = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, nullptr);
    g_clear_pointer (&value, g_variant_unref);
    ++*static_cast<int *> (data);
  };

  ASSERT_TRUE (download.wait_transferred (1));
  server.release ();
  for (int i = 0; i < 5; i++) {
    g_dbus_connection_call (connection->raw (), kName, download.path.c_str (), kDownload, "Pause",
                            nullptr, nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, on_reply,
                            &answered);
    g_dbus_connection_call (connection->raw (), kName, download.path.c_str (), kDownload, "Start",
                            g_variant_new ("(a(tt))", nullptr), nullptr, G_DBUS_CALL_FLAGS_NONE, -1,
                            nullptr, on_reply, &answered);
  }
  ASSERT_TRUE (wait_until ([&] { return answered == 10; }));
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ApiCalls, FinalizeTwiceAtTheSameTime)
{
  Download download = started ("/file");
  int answered = 0;
  auto on_reply = [] (GObject *source, GAsyncResult *result, gpointer data) {
    GVariant *value = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, nullptr);
    EXPECT_NE (value, nullptr);
    g_clear_pointer (&value, g_variant_unref);
    ++*static_cast<int *> (data);
  };

  ASSERT_TRUE (download.wait ("transferred"));
  for (int i = 0; i < 3; i++)
    g_dbus_connection_call (connection->raw (), kName, download.path.c_str (), kDownload,
                            "Finalize", g_variant_new ("(a{sv})", nullptr), nullptr,
                            G_DBUS_CALL_FLAGS_NONE, -1, nullptr, on_reply, &answered);
  ASSERT_TRUE (wait_until ([&] { return answered == 3; }));
  EXPECT_TRUE (same_bytes (read_file (target ("file")), file.body));
}

TEST_F (ApiCalls, StartWithVeryManyRanges)
{
  Download download = create_file (server.url ("/file"), "file");
  Ranges ranges;

  /* backwards, which is most work for code that adds one at a time */
  for (std::uint64_t i = time_factor () > 1 ? 40000 : 240000; i > 0; i--)
    ranges.emplace_back (i * 10, 1);
  double before = cpu_seconds ();
  Reply reply = download.start (ranges);
  EXPECT_EQ (reply.error, "LimitExceeded");
  EXPECT_NE (reply.message.find ("20000"), std::string::npos) << reply.message;
  EXPECT_LT (cpu_seconds () - before, 2 * time_factor ()) << "not the time of a busy machine";
  EXPECT_EQ (download.status ().state, "created");
  ranges.resize (20000);
  EXPECT_TRUE (download.start (ranges));
  ASSERT_TRUE (download.abort ());
}

/* Further ranges count together with the earlier ones. */
TEST_F (ApiCalls, FurtherRangesUpToTheLimit)
{
  Download download = create_file (server.url ("/file"), "file");
  Ranges ranges;

  ASSERT_TRUE (download.start ({{0, 1}}));
  ASSERT_TRUE (download.wait ("transferred"));
  for (std::uint64_t i = 1; i <= 20000; i++)
    ranges.emplace_back (i * 2, 1);
  EXPECT_EQ (download.start (ranges).error, "LimitExceeded");
  EXPECT_EQ (download.status ().state, "transferred");
  EXPECT_EQ (download.number ("BytesTotal"), 1u);
}
