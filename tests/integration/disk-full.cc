/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A full disk: the download waits with the reason disk-full, continues when there is space, and is correct. */
#include "support/fixture.h"

#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>

using namespace st;

class DiskFull : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (kSize);
    disk = std::make_unique<TmpFs> (dir / "small", "size=8m");
  }

  /* Leaves @leave bytes free. */
  void
  fill (std::size_t leave)
  {
    write_file (dir / "small/ballast", std::string (8 * 1024 * 1024 - leave, 'b'));
  }

  std::uint64_t
  available ()
  {
    struct statvfs found;
    EXPECT_EQ (statvfs ((dir / "small").c_str (), &found), 0);
    return (std::uint64_t)found.f_bavail * found.f_frsize;
  }

  Download
  start (const std::string &target_, Properties properties = {})
  {
    Download download =
        create (server.url (target_), properties.add ("LocalPath", dir / "small/file"));
    Reply reply = download.start ();
    EXPECT_TRUE (reply) << reply.message;
    return download;
  }

  void
  expect_waiting (const Download &download)
  {
    ASSERT_TRUE (download.wait ("retrying"));
    EXPECT_EQ (download.text ("Error"), std::string (kError) + "NoSpace");
    EXPECT_EQ (download.text ("ErrorContext"), "local-file");
    /* each check for space is a short attempt, during which it does not wait */
    EXPECT_TRUE (wait_polling (
        [&] {
          return download.get ("StateReasons").strv () ==
                     std::vector<std::string> ({"disk-full"}) &&
                 download.number ("RetryAt") > 0;
        },
        5));
    EXPECT_FALSE (exists (dir / "small/file"));
  }

  void
  expect_recovery (const Download &download)
  {
    ASSERT_EQ (unlink ((dir / "small/ballast").c_str ()), 0);
    ASSERT_TRUE (download.wait ("transferred"));
    EXPECT_TRUE (download.get ("StateReasons").strv ().empty ());
    EXPECT_EQ (download.text ("Error"), "");
    Reply reply = download.finalize ();
    ASSERT_TRUE (reply) << reply.message;
    EXPECT_TRUE (same_bytes (read_file (dir / "small/file"), file.body));
  }

  static constexpr std::size_t kSize = 4000000;
  Resource file;
  Server server;
  std::unique_ptr<TmpFs> disk;
};

TEST_F (DiskFull, KnownSizeWaitsForRoom)
{
  fill (1000000);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  expect_recovery (download);
}

/* A body of unknown size may have no end: its bytes are dropped, and its owner decides. */
TEST_F (DiskFull, UnknownSizeIsGivenUp)
{
  fill (1000000);
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nConnection: close\r\n\r\n");
    x.send_body (file.body, {});
    x.close ();
  });
  Download download = start ("/file");
  ASSERT_TRUE (download.wait ("failed"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "NoSpace");
  EXPECT_EQ (server.count ("/file"), 1);
  EXPECT_GE (available (), 900000u);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("failed"));
  ASSERT_EQ (unlink ((dir / "small/ballast").c_str ()), 0);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "small/file"), file.body));
}

TEST_F (DiskFull, NotAByteIsFree)
{
  fill (0);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  expect_recovery (download);
}

TEST_F (DiskFull, SegmentedWaitsForRoom)
{
  fill (1000000);
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 4000000});
  Download download = start ("/file", Properties ().add ("Priority", "foreground"));
  expect_waiting (download);
  expect_recovery (download);
}

TEST_F (DiskFull, StaysWaitingAndIsNoTightLoop)
{
  config["DiskFullRetry"] = "200ms";
  fill (100000);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  run_for (2);
  std::string state = download.status ().state;
  EXPECT_TRUE (state == "retrying" || state == "queued" || state == "transferring") << state;
  EXPECT_LE (server.count ("/file"), 15);
  expect_recovery (download);
}

TEST_F (DiskFull, WaitsAcrossARestart)
{
  config["DiskFullRetry"] = "500ms";
  fill (1000000);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  restart_daemon (SIGKILL);
  expect_recovery (download);
}

TEST_F (DiskFull, PausedAndAborted)
{
  config["DiskFullRetry"] = "60s";
  fill (1000000);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  ASSERT_TRUE (download.pause ());
  EXPECT_TRUE (download.get ("StateReasons").strv ().empty ());
  ASSERT_TRUE (download.abort ());
  EXPECT_TRUE (wait_polling (
      [&] { return list_directory (dir / "small") == std::vector<std::string> ({"ballast"}); }));
}

TEST_F (DiskFull, StartLooksAgainAtOnce)
{
  config["DiskFullRetry"] = "600s";
  fill (1000000);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  ASSERT_EQ (unlink ((dir / "small/ballast").c_str ()), 0);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "small/file"), file.body));
}

/* The disk is filled after the first reserved bytes. */
TEST_F (DiskFull, FilledInMidTransfer)
{
  file.body = random_bytes (6000000);
  server.on ("/file", [this] (Exchange &x) {
    x.respond (file, {SIZE_MAX, x.request.visit == 0 ? 1000000 : SIZE_MAX});
  });
  Download download = start ("/file");
  ASSERT_TRUE (download.wait_transferred (1000000));
  write_file (dir / "small/ballast", std::string (available () - 500000, 'b'));
  server.release ();
  expect_waiting (download);
  EXPECT_GE (download.status ().transferred, 4000000u);
  expect_recovery (download);
}

/* Other programs find this much free, whatever servers promise. */
TEST_F (DiskFull, MinimumFreeIsLeftToOthers)
{
  config["MinimumFree"] = "5M";
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  std::string message = download.text ("ErrorMessage");
  EXPECT_NE (message.find ("MinimumFree"), std::string::npos) << message;
  EXPECT_NE (message.find (dir / "small"), std::string::npos) << message;
  EXPECT_EQ (download.status ().transferred, 0u);
  EXPECT_GE (available (), 8000000u);
  disk->remount ("size=12m");
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE (available (), 5u << 20);
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "small/file"), file.body));
}

TEST_F (DiskFull, MinimumFreeIsLeftByABodyWithoutEnd)
{
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> least{UINT64_MAX};

  config["MinimumFree"] = "3M";
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 100; i++)
      x.send_body (file.body.substr (0, 100000), {});
    x.close ();
  });
  std::thread look ([&] {
    while (!over)
      least = std::min<std::uint64_t> (least, available ());
  });
  Download download = start ("/file");
  EXPECT_TRUE (download.wait ("failed"));
  over = true;
  look.join ();
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "NoSpace");
  EXPECT_EQ (server.count ("/file"), 1);
  EXPECT_GE (least, (3u << 20) - 65536);
  EXPECT_GE (available (), 8000000u);
}

/* No space is reserved for ranges, but they keep the limit, too. */
TEST_F (DiskFull, MinimumFreeIsLeftByRanges)
{
  config["MinimumFree"] = "6M";
  server.serve ("/file", file);
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "small/file"));
  ASSERT_TRUE (download.start ({{0, 3500000}}));
  expect_waiting (download);
  EXPECT_GE (available (), 6000000u);
}

/* A promise alone reserves little, and that is released if no bytes arrive. */
TEST_F (DiskFull, AServerThatOnlyPromises)
{
  disk->remount ("size=64m");
  server.on ("/file", [] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 40000000\r\n\r\n");
    x.send ("12345678");
    x.hold ();
  });
  std::uint64_t before = available ();
  Download download = start ("/file");
  ASSERT_TRUE (download.wait_transferred (8));
  EXPECT_GE (available () + (5u << 20), before);
  ASSERT_TRUE (download.pause ());
  EXPECT_GE (available () + 65536, before);
}

TEST_F (DiskFull, OtherDownloadsGoOn)
{
  config["DiskFullRetry"] = "60s";
  fill (1000000);
  server.serve ("/file", file);
  Download download = start ("/file");
  expect_waiting (download);
  fetch (server.url ("/file"), "elsewhere", file.body);
}

/* The disk of the queue itself is full: calls fail with the reason, and nothing is lost. */
TEST_F (DiskFull, QueueHasNoRoom)
{
  TmpFs state (dir / "state", "size=1m");
  make_directory (state_dir ());
  Download kept = create_file (server.url ("/file"), "kept");
  int ballast = open ((dir / "state/ballast").c_str (), O_WRONLY | O_CREAT, 0600);
  std::string page (4096, 'b');
  while (write (ballast, page.data (), page.size ()) > 0)
    ;
  close (ballast);
  Reply reply;
  Properties large;
  large.add ("DisplayName", std::string (256, 'x'))
      .add ("HttpHeaders",
            g_variant_new_parsed ("{'X-Large': %s}", std::string (16000, 'x').c_str ()));
  for (int i = 0; i < 50 && reply; i++)
    reply = try_create (server.url ("/file"), large);
  EXPECT_EQ (reply.error, "NoSpace") << reply.message;
  EXPECT_EQ (kept.status ().state, "created");
  ASSERT_EQ (unlink ((dir / "state/ballast").c_str ()), 0);
  EXPECT_TRUE (try_create (server.url ("/file"), {}));
  server.serve ("/file", file);
  ASSERT_TRUE (kept.start ());
  ASSERT_TRUE (kept.wait ("transferred"));
  finalize_and_check (kept, file.body);
  stop_daemon ();
}
