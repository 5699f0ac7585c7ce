/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Transfers with a correct server: connections, slots, order, speed, publishing. */
#include "support/fixture.h"

#include <sys/stat.h>

using namespace st;

static constexpr std::size_t kMega = 1000000;

class Transfers : public SluiceTest
{
protected:
  void
  serve_slowly (const std::string &target, const std::string &body, std::size_t rate)
  {
    Resource file;

    file.body = body;
    server.serve (target, file, {SIZE_MAX, SIZE_MAX, rate});
  }

  /* Serves "/held", which stops after its beginning, and "/small"; returns the content of "/small". */
  std::string
  serve_held_and_small (std::size_t size)
  {
    Resource held, small;

    held.body = random_bytes (size);
    small.body = random_bytes (1000, 2);
    allow (small.body);
    server.serve ("/held", held, {SIZE_MAX, 1000});
    server.serve ("/small", small);
    return small.body;
  }

  static Properties
  foreground ()
  {
    return Properties ().add ("Priority", "foreground");
  }

  Server server;
};

TEST_F (Transfers, ForegroundUsesSeveralConnections)
{
  std::string body = random_bytes (12 * kMega);

  serve_slowly ("/file", body, 2 * kMega);
  gint64 began = g_get_monotonic_time ();
  Download download = fetch (server.url ("/file"), "file", body, foreground ());
  /* a single connection would take 6 s */
  EXPECT_LT (g_get_monotonic_time () - began, 4500000 * (gint64)time_factor ());
  EXPECT_GE (server.busiest (), 2);
  EXPECT_LE (server.busiest (), 4);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("ErrorCount"), 0u);
  EXPECT_LE (download.number ("BytesFetched"), body.size () + kMega);
}

/* All connections write as much as may be unrecorded while a small sync is running: another sync must make room. */
TEST_F (Transfers, BurstDuringASlowSync)
{
  Resource file;

  environment["LD_PRELOAD"] = need_env ("SLUICE_SLOW_SYNC");
  environment["SLUICE_SYNC_DELAY"] = "700";
  config["StallTimeout"] = "60s";
  file.body = random_bytes (24 * kMega);
  allow (file.body);
  server.on ("/file", [&] (Exchange &x) {
    auto range = x.request.range ();
    std::size_t size = file.body.size (), start = range ? range->first : 0;
    std::size_t end = range ? std::min<std::size_t> (range->second, size) : size;
    std::string_view body = std::string_view (file.body).substr (start, end - start);
    x.send (range
                ? "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string (start) +
                      "-" + std::to_string (end - 1) + "/" + std::to_string (size) + "\r\n"
                : "HTTP/1.1 200 OK\r\n");
    x.send ("ETag: \"v1\"\r\nContent-Length: " + std::to_string (body.size ()) + "\r\n\r\n");
    auto send = [&] (std::size_t from, std::size_t length) {
      if (from < body.size ())
        x.send_body (body.substr (from, length), {});
    };
    send (0, 1000);
    x.hold ();
    /* little, for the sync; and during that, everything at once */
    send (1000, 1000);
    x.pause (0.3);
    send (2000, 300000);
    x.pause (0.05);
    send (302000, SIZE_MAX);
  });
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] { return server.busy () >= 4; }));
  /* long enough for a sync after the next write */
  run_for (1.2);
  server.release ();
  ASSERT_TRUE (download.wait ("transferred", 30));
  finalize_and_check (download, file.body);
}

/* Bytes that wait for a sync at the pause are kept, too. */
TEST_F (Transfers, PauseDuringASlowSync)
{
  environment["LD_PRELOAD"] = need_env ("SLUICE_SLOW_SYNC");
  environment["SLUICE_SYNC_DELAY"] = "700";
  Resource file;

  file.body = random_bytes (40 * kMega);
  allow (file.body);
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  /* no connection has reached the start of another one */
  ASSERT_TRUE (download.wait_transferred (10 * kMega));
  ASSERT_TRUE (download.pause ());
  EXPECT_EQ (download.number ("BytesFetched"), download.number ("BytesTransferred"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 30));
  finalize_and_check (download, file.body);
}

/* A download that is paused or aborted during its transfer was not in the queue. */
TEST_F (Transfers, PauseAndAbortLeaveTheQueueAsItIs)
{
  Resource file;

  file.body = random_bytes (kMega);
  server.serve ("/file", file, {SIZE_MAX, 1000});
  for (int round = 0; round < 3; round++) {
    Download download = create_file (server.url ("/file"), "file");
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait_transferred (1000));
    ASSERT_TRUE (download.pause ());
    ASSERT_TRUE (download.wait ("paused"));
    EXPECT_EQ (connection->get (kManagerPath, "QueuedTransfers").value.number (), 0u);
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait ("transferring"));
    ASSERT_TRUE (download.abort ());
    EXPECT_EQ (connection->get (kManagerPath, "QueuedTransfers").value.number (), 0u);
  }
}

/* Bytes fetched before that are not wanted any more don't count. */
TEST_F (Transfers, BytesAreThoseOfTheRangesAskedFor)
{
  Resource file;

  file.body = random_bytes (2 * kMega);
  server.serve ("/file", file, {SIZE_MAX, kMega});
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kMega));
  ASSERT_TRUE (download.pause ());
  ASSERT_TRUE (download.wait ("paused"));
  ASSERT_TRUE (download.start ({{500, 1000}}));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.status ().transferred, 1000u);
  EXPECT_EQ (download.status ().total, 1000u);
}

/* The background leaves a connection for the foreground, and a download with many leaves some for one with none. */
TEST_F (Transfers, ForegroundFindsAConnectionOfABusyHost)
{
  std::string small = serve_held_and_small (4 * kMega);

  for (int i = 0; i < 10; i++)
    ASSERT_TRUE (create_file (server.url ("/held"), "background-" + std::to_string (i)).start ());
  ASSERT_TRUE (wait_polling ([&] { return server.busy () >= 7; }));
  fetch (server.url ("/small"), "small", small, foreground ());
}

TEST_F (Transfers, ForegroundLeavesConnectionsToOthers)
{
  config["StallTimeout"] = "60s";
  std::string small = serve_held_and_small (16 * kMega);

  for (int i = 0; i < 2; i++)
    ASSERT_TRUE (
        create_file (server.url ("/held"), "large-" + std::to_string (i), foreground ()).start ());
  ASSERT_TRUE (wait_polling ([&] { return server.busy () >= 6; }));
  /* they would take more if allowed */
  run_for (1);
  fetch (server.url ("/small"), "small", small, foreground ());
}

TEST_F (Transfers, BackgroundUsesOneConnection)
{
  std::string body = random_bytes (4 * kMega);

  serve_slowly ("/file", body, 2 * kMega);
  fetch (server.url ("/file"), "file", body);
  EXPECT_EQ (server.busiest (), 1);
  EXPECT_EQ (server.count ("/file"), 1);
}

TEST_F (Transfers, ConnectionsAreConfigurable)
{
  std::string body = random_bytes (12 * kMega);

  config["ConnectionsForeground"] = "2";
  serve_slowly ("/file", body, 2 * kMega);
  fetch (server.url ("/file"), "file", body, foreground ());
  EXPECT_EQ (server.busiest (), 2);
}

TEST_F (Transfers, SmallFileIsOneRequest)
{
  std::string body = random_bytes (100000);

  serve_slowly ("/file", body, 10 * kMega);
  fetch (server.url ("/file"), "file", body, foreground ());
  EXPECT_EQ (server.count ("/file"), 1);
  EXPECT_FALSE (server.requests ("/file")[0].has ("Range"));
}

TEST_F (Transfers, FastConnectionTakesOverFromASlowOne)
{
  Resource file;

  file.body = random_bytes (8 * kMega);
  server.on ("/file", [&] (Exchange &x) {
    /* the first connection alone would need 80 s */
    x.respond (file, {SIZE_MAX, SIZE_MAX, x.request.connection == 0 ? 100000 : 4 * kMega});
  });
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 20));
  finalize_and_check (download, file.body);
  EXPECT_LE (download.number ("BytesFetched"), file.body.size () + kMega);
}

TEST_F (Transfers, OneSegmentFailsAndTheOthersGoOn)
{
  Resource file;

  file.body = random_bytes (8 * kMega);
  server.on ("/file", [&] (Exchange &x) {
    if (x.request.visit == 2)
      x.reset ();
    x.respond (file, {x.request.visit == 1 ? 100000 : SIZE_MAX, SIZE_MAX, 2 * kMega});
  });
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 20));
  finalize_and_check (download, file.body);
  EXPECT_LE (download.number ("BytesFetched"), file.body.size () + kMega);
}

/* A server that allows a client one connection at a time. */
TEST_F (Transfers, OtherConnectionsAreRefusedAndOneIsEnough)
{
  Resource file;

  file.body = random_bytes (6 * kMega);
  server.on ("/file", [&] (Exchange &x) {
    if (server.busy () == 1)
      x.respond (file, {SIZE_MAX, SIZE_MAX, 2 * kMega});
    else
      x.answer ("503 Service Unavailable", {}, "one connection a client");
  });
  Download download = fetch (server.url ("/file"), "file", file.body, foreground ());
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
}

/*
 * The server promises ranges but does not send them: one connection has to fetch everything, without beginning again.
 */
TEST_F (Transfers, OtherConnectionsGetTheWholeFile)
{
  Resource file;

  file.body = random_bytes (6 * kMega);
  file.ranges = false;
  file.fields = {{"Accept-Ranges", "bytes"}};
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 2 * kMega});
  Download download = fetch (server.url ("/file"), "file", file.body, foreground ());
  EXPECT_EQ (download.number ("RestartCount"), 0u);
}

TEST_F (Transfers, OtherConnectionsGetWrongContentRange)
{
  Resource file;

  file.body = random_bytes (6 * kMega);
  server.on ("/file", [&] (Exchange &x) {
    if (!x.request.has ("Range")) {
      x.respond (file, {SIZE_MAX, SIZE_MAX, 2 * kMega});
      return;
    }
    x.answer ("206 Partial Content",
              {{"ETag", "\"v1\""}, {"Content-Range", "bytes 0-99999/6000000"}},
              std::string_view (file.body).substr (0, 100000));
  });
  Download download = fetch (server.url ("/file"), "file", file.body, foreground ());
  EXPECT_EQ (download.number ("RestartCount"), 0u);
}

TEST_F (Transfers, ConnectionsOfAHostAreLimited)
{
  std::vector<Download> downloads;
  std::string body = random_bytes (kMega);

  config["MaxConnectionsPerHost"] = "3";
  for (int i = 0; i < 9; i++) {
    std::string name = std::to_string (i);
    serve_slowly ("/" + name, body, 4 * kMega);
    downloads.push_back (create_file (server.url ("/" + name), name, foreground ()));
  }
  for (const Download &download : downloads)
    ASSERT_TRUE (download.start ());
  for (const Download &download : downloads)
    ASSERT_TRUE (download.wait ("transferred", 30));
  EXPECT_LE (server.busiest (), 3);
  for (const Download &download : downloads)
    finalize_and_check (download, body);
}

TEST_F (Transfers, SlotsFull)
{
  std::string body = random_bytes (kMega);
  Resource file;

  config["MaxActive"] = "1";
  file.body = body;
  server.serve ("/first", file, {SIZE_MAX, 1000});
  server.serve ("/second", file);
  Download first = create_file (server.url ("/first"), "first");
  Download second = create_file (server.url ("/second"), "second");
  ASSERT_TRUE (first.start ());
  ASSERT_TRUE (first.wait ("transferring"));
  ASSERT_TRUE (second.start ());
  EXPECT_EQ (second.status ().state, "queued");
  EXPECT_EQ (second.get ("StateReasons").strv (), std::vector<std::string> ({"slots-full"}));
  EXPECT_TRUE (first.get ("StateReasons").strv ().empty ());
  EXPECT_EQ (connection->get (kManagerPath, "ActiveTransfers").value.number (), 1u);
  EXPECT_EQ (connection->get (kManagerPath, "QueuedTransfers").value.number (), 1u);
  server.release ();
  ASSERT_TRUE (first.wait ("transferred"));
  ASSERT_TRUE (second.wait ("transferred"));
  EXPECT_TRUE (second.get ("StateReasons").strv ().empty ());
  EXPECT_EQ (connection->get (kManagerPath, "ActiveTransfers").value.number (), 0u);
  EXPECT_EQ (connection->get (kManagerPath, "QueuedTransfers").value.number (), 0u);
  finalize_and_check (first, body);
  finalize_and_check (second, body);
}

TEST_F (Transfers, RetryingGivesItsSlotAway)
{
  Resource file;

  config["MaxActive"] = "1";
  config["RetryDelayMin"] = config["RetryDelayMax"] = "30s";
  file.body = random_bytes (1000);
  server.on ("/broken", [] (Exchange &x) { x.answer ("500 Internal Server Error"); });
  server.serve ("/file", file);
  Download broken = create_file (server.url ("/broken"), "broken");
  Download fine = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (broken.start ());
  ASSERT_TRUE (broken.wait ("retrying"));
  ASSERT_TRUE (fine.start ());
  ASSERT_TRUE (fine.wait ("transferred"));
  finalize_and_check (fine, file.body);
}

TEST_F (Transfers, PriorityDecidesWhoIsNext)
{
  std::vector<Download> downloads;
  Resource file;

  config["MaxActive"] = "1";
  file.body = random_bytes (1000);
  server.serve ("/blocker", file, {SIZE_MAX, 10});
  Download blocker = create_file (server.url ("/blocker"), "blocker");
  ASSERT_TRUE (blocker.start ());
  /* its request is out: the state is transferring before that */
  ASSERT_TRUE (blocker.wait_transferred (10));
  for (const char *priority : {"low", "normal", "high", "foreground"}) {
    server.serve (std::string ("/") + priority, file);
    Download download = create_file (server.url (std::string ("/") + priority), priority,
                                     Properties ().add ("Priority", priority));
    ASSERT_TRUE (download.start ());
    downloads.push_back (download);
  }
  /* changed while it waits */
  ASSERT_TRUE (downloads[1].set ("Priority", g_variant_new_string ("low")));
  /* it has a slot of its own */
  ASSERT_TRUE (downloads[3].wait ("transferred"));
  server.release ();
  for (const Download &download : downloads)
    ASSERT_TRUE (download.wait ("transferred"));
  std::vector<std::string> order;
  for (const Request &request : server.requests ())
    order.push_back (request.target);
  EXPECT_EQ (order,
             std::vector<std::string> ({"/blocker", "/foreground", "/high", "/low", "/normal"}));
  for (const Download &download : downloads)
    finalize_and_check (download, file.body);
}

TEST_F (Transfers, PauseStopsAtOnce)
{
  Resource file;

  file.body = random_bytes (50 * kMega);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 5 * kMega});
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kMega));
  gint64 began = g_get_monotonic_time ();
  ASSERT_TRUE (download.pause ());
  gint64 took = g_get_monotonic_time () - began;
  std::uint64_t fetched = download.number ("BytesFetched");
  EXPECT_LT (took, 500000 * (gint64)time_factor ());
  EXPECT_EQ (download.status ().state, "paused");
  ASSERT_TRUE (wait_until ([&] { return server.open_connections () == 0; }));
  EXPECT_EQ (download.number ("BytesFetched"), fetched);
  EXPECT_EQ (download.number ("BytesPerSecond"), 0u);
  EXPECT_FALSE (exists (target ("file")));
  ASSERT_TRUE (download.abort ());
}

TEST_F (Transfers, PauseAndResumeManyTimes)
{
  Resource file;

  file.body = random_bytes (10 * kMega);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 10 * kMega});
  Download download = create_file (server.url ("/file"), "file", foreground ());
  for (int i = 0; i < 15; i++) {
    ASSERT_TRUE (download.start ());
    if (i % 3 != 0) {
      ASSERT_TRUE (
          download.wait_transferred (std::min (file.body.size (), 300000 * (std::size_t) (i + 1))));
    }
    Reply reply = download.pause ();
    if (!reply) {
      /* it was already done */
      EXPECT_EQ (reply.error, "InvalidState");
      EXPECT_EQ (download.status ().state, "transferred");
      break;
    }
  }
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 30));
  finalize_and_check (download, file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
}

TEST_F (Transfers, AbortDeletesWhatWasFetched)
{
  Resource file;

  file.body = random_bytes (kMega);
  server.serve ("/file", file, {SIZE_MAX, 500000});
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (400000));
  EXPECT_EQ (part_files ().size (), 1u);
  EXPECT_EQ (part_files ()[0], target ("." + download.id () + ".sluice-part"));
  ASSERT_TRUE (download.abort ());
  EXPECT_EQ (download.status ().state, "aborted");
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
  EXPECT_TRUE (wait_until ([&] { return server.open_connections () == 0; }));
  EXPECT_GT (download.number ("ExpiryTime"), (std::uint64_t)g_get_real_time ());
}

TEST_F (Transfers, AbortBeforeTheResponse)
{
  server.on ("/file", [] (Exchange &x) { x.hold (); });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_until ([&] { return server.count ("/file") == 1; }));
  ASSERT_TRUE (download.abort ());
  EXPECT_TRUE (wait_until ([&] { return server.open_connections () == 0; }));
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
}

TEST_F (Transfers, ProgressIsTold)
{
  Resource file;

  file.body = random_bytes (4 * kMega);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, kMega});
  Download download = fetch (server.url ("/file"), "file", file.body);
  std::uint64_t last = 0;
  int told = 0;
  for (const Signal &signal : connection->signals) {
    if (signal.path != download.path || signal.member != "StatusChanged")
      continue;
    EXPECT_GE (signal.args[1].number (), last);
    last = signal.args[1].number ();
    told += signal.args[0].str () == "transferring" && last > 0 && last < file.body.size ();
  }
  /* about four seconds, once each */
  EXPECT_GE (told, 2);
  EXPECT_LE (told, 8 * (int)time_factor ());
}

TEST_F (Transfers, ProgressByPercent)
{
  Resource file;

  file.body = random_bytes (3 * kMega);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, kMega});
  Download download =
      fetch (server.url ("/file"), "file", file.body,
             Properties ().add_u ("ProgressInterval", 0).add_u ("ProgressPercent", 10));
  int told = 0;
  for (const Signal &signal : connection->signals)
    told += signal.path == download.path && signal.member == "StatusChanged" &&
            signal.args[0].str () == "transferring" && signal.args[1].number () > 0;
  EXPECT_GE (told, 5);
  EXPECT_LE (told, 13);
}

TEST_F (Transfers, ProgressCanBeTurnedOff)
{
  Resource file;

  file.body = random_bytes (3 * kMega);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, kMega});
  Download download =
      fetch (server.url ("/file"), "file", file.body, Properties ().add_u ("ProgressInterval", 0));
  for (const Signal &signal : connection->signals) {
    if (signal.path == download.path && signal.member == "StatusChanged" &&
        signal.args[0].str () == "transferring") {
      EXPECT_EQ (signal.args[1].number (), 0u);
    }
  }
}

TEST_F (Transfers, RateIsMeasured)
{
  Resource file;

  file.body = random_bytes (6 * kMega);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, kMega});
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (3 * kMega));
  EXPECT_NEAR ((double)download.number ("BytesPerSecond"), 1e6, 6e5);
  EXPECT_NEAR ((double)connection->get (kManagerPath, "DownloadRate").value.number (), 1e6, 6e5);
  ASSERT_TRUE (download.abort ());
}

TEST_F (Transfers, WholeFileIsToldAsOneRange)
{
  Resource file;

  file.body = random_bytes (kMega);
  server.serve ("/file", file);
  Download download = fetch (server.url ("/file"), "file", file.body);
  ASSERT_TRUE (
      wait_until ([&] { return connection->count (download.path, "RangeTransferred") > 0; }));
  EXPECT_EQ (connection->count (download.path, "RangeTransferred"), 1);
  for (const Signal &signal : connection->signals) {
    if (signal.member == "RangeTransferred") {
      EXPECT_EQ (signal.args.print (), "(uint64 0, uint64 1000000)");
    }
  }
}

TEST_F (Transfers, PublishedFileHasTheTimeOfTheServersAndAnOrdinaryMode)
{
  Resource file;
  struct stat found;

  file.body = random_bytes (kMega);
  server.serve ("/file", file);
  fetch (server.url ("/file"), "file", file.body);
  ASSERT_EQ (stat (target ("file").c_str (), &found), 0);
  EXPECT_EQ (found.st_mtime, 1735689600);
  mode_t mask = umask (0);
  umask (mask);
  EXPECT_EQ (found.st_mode & 0777, 0666 & ~mask);
  EXPECT_TRUE (part_files ().empty ());
}

TEST_F (Transfers, DigestSha512)
{
  Resource file;

  file.body = random_bytes (3 * kMega);
  char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA512, (const guchar *)file.body.data (),
                                              file.body.size ());
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 8 * kMega});
  fetch (server.url ("/file"), "file", file.body,
         foreground ().add ("Digest", std::string ("sha512:") + digest));
  g_free (digest);
}

TEST_F (Transfers, WrongDigestIsNeverPublished)
{
  Resource file;

  file.body = random_bytes (kMega);
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file",
                                   Properties ().add ("Digest", "sha256:" + sha256 ("other")));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  Reply reply = download.finalize ();
  EXPECT_EQ (reply.error, "DigestMismatch");
  EXPECT_NE (reply.message.find (sha256 (file.body)), std::string::npos) << reply.message;
  EXPECT_EQ (download.status ().state, "failed");
  EXPECT_FALSE (exists (target ("file")));
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
}

TEST_F (Transfers, DigestSetAfterwardsIsChecked)
{
  Resource file;

  file.body = random_bytes (kMega);
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.set ("Digest", g_variant_new_string (("sha256:" + sha256 ("x")).c_str ())));
  EXPECT_EQ (download.finalize ().error, "DigestMismatch");
  EXPECT_FALSE (exists (target ("file")));
}

TEST_F (Transfers, AutoFinalize)
{
  Resource file;

  file.body = random_bytes (kMega);
  allow (file.body);
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file",
                                   Properties ()
                                       .add ("AutoStart", true)
                                       .add ("AutoFinalize", true)
                                       .add ("Digest", "sha256:" + sha256 (file.body)));
  ASSERT_TRUE (download.wait ("finalized"));
  EXPECT_TRUE (same_bytes (read_file (target ("file")), file.body));
  EXPECT_TRUE (part_files ().empty ());
}

TEST_F (Transfers, AutoFinalizeThatFailsIsFailed)
{
  Resource file;

  file.body = random_bytes (kMega);
  server.serve ("/file", file, {SIZE_MAX, 1000});
  Download download =
      create_file (server.url ("/file"), "file",
                   Properties ().add ("AutoStart", true).add ("AutoFinalize", true));
  ASSERT_TRUE (download.wait_transferred (1000));
  write_file (target ("file"), "was here first");
  allow ("was here first");
  server.release ();
  ASSERT_TRUE (wait_polling ([&] { return download.status ().state == "failed"; }));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "FileExists");
  EXPECT_EQ (read_file (target ("file")), "was here first");
  /* fetched bytes are not lost */
  ASSERT_EQ (unlink (target ("file").c_str ()), 0);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("finalized"));
  allow (file.body);
  EXPECT_TRUE (same_bytes (read_file (target ("file")), file.body));
  EXPECT_EQ (download.number ("BytesFetched"), kMega);
}

TEST_F (Transfers, FileThatAppearsBeforeFinalizeIsNotOverwritten)
{
  Resource file;

  file.body = random_bytes (1000);
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  write_file (target ("file"), "mine");
  allow ("mine");
  EXPECT_EQ (download.finalize ().error, "FileExists");
  EXPECT_EQ (download.status ().state, "transferred");
  EXPECT_EQ (read_file (target ("file")), "mine");
  ASSERT_TRUE (download.set ("Overwrite", g_variant_new_boolean (TRUE)));
  finalize_and_check (download, file.body);
}

TEST_F (Transfers, ManySmallFiles)
{
  GVariantBuilder builder;
  std::vector<std::string> bodies;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  for (int i = 0; i < 300; i++) {
    std::string name = std::to_string (i);
    Resource file;
    file.body = random_bytes (2000 + (std::size_t)i, 100 + (unsigned)i);
    bodies.push_back (file.body);
    allow (file.body);
    server.serve ("/" + name, file);
    Properties properties;
    properties.add ("LocalPath", target (name)).add ("AutoStart", true).add ("AutoFinalize", true);
    g_variant_builder_add (&builder, "(s@a{sv})", server.url ("/" + name).c_str (),
                           properties.build ());
  }
  Reply reply =
      manager ().call (kManagerPath, "CreateDownloads", g_variant_new ("(a(sa{sv}))", &builder));
  ASSERT_TRUE (reply) << reply.message;
  for (const std::string &path : reply.value[0].strv ())
    ASSERT_TRUE (Download (connection.get (), path).wait ("finalized", 30));
  for (int i = 0; i < 300; i++)
    ASSERT_TRUE (same_bytes (read_file (target (std::to_string (i))), bodies[(std::size_t)i]));
  /* connections are reused */
  EXPECT_LT (server.connections (), 60);
}
