/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The clock is wrong for a while: nothing is given up, forgotten or deleted. Downloads that are old by the kernel's
 * clock are.
 */
#include "support/fixture.h"

#include <atomic>
#include <csignal>
#include <cstdio>

using namespace st;

class Clock : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (2000000);
    allow (file.body);
    server.serve ("/file", file);
    server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 100000, true});
    server.serve ("/held", file, {SIZE_MAX, 500000});
    server.on ("/broken", [this] (Exchange &x) {
      if (released)
        x.respond (file);
      else
        x.answer ("503 Service Unavailable");
    });
    server.on ("/missing", [] (Exchange &x) { x.answer ("404 Not Found"); });
    environment["LD_PRELOAD"] = need_env ("SLUICE_SHIFT_CLOCK");
    environment["SLUICE_CLOCK_SHIFT"] = dir / "shift";
    shift (0, 0);
  }

  /* Sets the hours by which the wall clock and the kernel's clock are ahead from now on. */
  void
  shift (long wall, long kernel)
  {
    write_file (dir / "shift.new",
                std::to_string (wall * 3600) + " " + std::to_string (kernel * 3600) + "\n");
    ASSERT_EQ (rename ((dir / "shift.new").c_str (), (dir / "shift").c_str ()), 0);
  }
  /* Makes the daemon check its timers: twice, because a timer may set the next. */
  void
  wake ()
  {
    for (int i = 0; i < 2; i++)
      connection->call (kManagerPath, "Subscribe");
  }
  bool
  is_known (const Download &download)
  {
    return bool (connection->get (download.path, "State"));
  }

  std::atomic<bool> released{false};
  Resource file;
  Server server;
};

TEST_F (Clock, AHundredDaysAheadForSeconds)
{
  Download created = create_file (server.url ("/file"), "created");
  Download paused = create_file (server.url ("/held"), "paused");
  ASSERT_TRUE (paused.start ());
  ASSERT_TRUE (paused.wait_transferred (400000));
  ASSERT_TRUE (paused.pause ());
  std::uint64_t kept = paused.status ().transferred;
  Download failed = create_file (server.url ("/missing"), "failed");
  ASSERT_TRUE (failed.start ());
  ASSERT_TRUE (failed.wait ("failed"));
  Download finalized = fetch (server.url ("/file"), "finalized", file.body);
  Download retrying = create_file (server.url ("/broken"), "retrying");
  ASSERT_TRUE (retrying.start ());
  ASSERT_TRUE (wait_until ([&] { return server.count ("/broken") >= 1; }));
  Download moving = create_file (server.url ("/slow"), "moving");
  ASSERT_TRUE (moving.start ());
  ASSERT_TRUE (moving.wait_transferred (10000));

  shift (100 * 24, 0);
  int tries = server.count ("/broken");
  ASSERT_TRUE (wait_until ([&] { return server.count ("/broken") >= tries + 3; }));
  EXPECT_EQ (moving.status ().state, "transferring");
  EXPECT_NE (retrying.status ().state, "failed") << retrying.status ().message;
  for (int signal : {SIGTERM, SIGKILL}) {
    restart_daemon (signal);
    run_for (0.5);
    EXPECT_NE (retrying.status ().state, "failed") << retrying.status ().message;
  }
  shift (0, 0);
  run_for (0.3);
  restart_daemon (SIGKILL);
  run_for (0.3);
  EXPECT_EQ (created.status ().state, "created");
  EXPECT_EQ (paused.status ().state, "paused");
  EXPECT_EQ (paused.status ().transferred, kept);
  EXPECT_EQ (failed.status ().state, "failed");
  EXPECT_EQ (finalized.status ().state, "finalized");
  released = true;
  server.release ();
  for (const Download &download : {moving, retrying, paused}) {
    if (download.path == paused.path) {
      ASSERT_TRUE (download.start ());
    }
    ASSERT_TRUE (download.wait ("transferred"));
    finalize_and_check (download, file.body);
  }
  EXPECT_EQ (paused.number ("RestartCount"), 0u);
}

/* Years back, and then right again. */
TEST_F (Clock, FarBehind)
{
  shift (-20 * 365 * 24, 0);
  Download paused = create_file (server.url ("/held"), "paused");
  ASSERT_TRUE (paused.start ());
  ASSERT_TRUE (paused.wait_transferred (400000));
  ASSERT_TRUE (paused.pause ());
  Download finalized = fetch (server.url ("/file"), "finalized", file.body);
  shift (0, 0);
  wake ();
  restart_daemon (SIGTERM);
  wake ();
  EXPECT_EQ (paused.status ().state, "paused");
  EXPECT_EQ (finalized.status ().state, "finalized");
}

TEST_F (Clock, EndedOnesAreForgottenAfterADay)
{
  Download old = fetch (server.url ("/file"), "old", file.body);

  for (int hours : {11, 22}) {
    shift (0, hours);
    wake ();
    EXPECT_TRUE (is_known (old)) << hours;
  }
  Download young = create_file (server.url ("/file"), "young");
  ASSERT_TRUE (young.abort ());
  shift (0, 33);
  wake ();
  EXPECT_FALSE (is_known (old));
  EXPECT_TRUE (is_known (young));
  EXPECT_TRUE (exists (target ("old"))) << "forgotten, but not deleted";
}

/* At most half a day is believed at once: after a suspension, and between two runs. */
TEST_F (Clock, ALeapIsHalfADay)
{
  Download ended = fetch (server.url ("/file"), "file", file.body);

  shift (0, 1000);
  wake ();
  EXPECT_TRUE (is_known (ended));
  shift (1000, 1000);
  restart_daemon (SIGTERM);
  shift (1000, 1001);
  wake ();
  EXPECT_TRUE (is_known (ended));
}

TEST_F (Clock, WhatNobodyAsksForIsGivenUpAfterNinetyDays)
{
  Download paused = create_file (server.url ("/held"), "paused");
  int days = 0;

  ASSERT_TRUE (paused.start ());
  ASSERT_TRUE (paused.wait_transferred (400000));
  ASSERT_TRUE (paused.pause ());
  for (int step = 1; step < 250 && paused.status ().state == "paused"; step++) {
    shift (0, step * 12);
    wake ();
    days = step / 2;
  }
  EXPECT_EQ (paused.status ().state, "aborted");
  EXPECT_GE (days, 90);
  EXPECT_LE (days, 92);
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
}
