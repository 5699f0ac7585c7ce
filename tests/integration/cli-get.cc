/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `sluicectl get` and `sluicectl add`, without a terminal. */
#include "cli.h"

#include <csignal>
#include <gmock/gmock.h>

using namespace st;
using ::testing::HasSubstr;
using ::testing::Not;

static constexpr std::size_t kMega = 1000000;

class CliGet : public CliTest
{
protected:
  void
  SetUp () override
  {
    CliTest::SetUp ();
    start_daemon ();
  }

  /* Serves a file, and allows its content. */
  std::string
  serve (const std::string &place,
         std::size_t size,
         const Pace &pace = {},
         const Fields &fields = {})
  {
    Resource file;

    file.body = random_bytes (size, size + place.size ());
    file.fields = fields;
    server.serve (place, file, pace);
    allow (file.body);
    return file.body;
  }

  static Pace
  slow (std::size_t rate)
  {
    return {SIZE_MAX, SIZE_MAX, rate};
  }

  bool
  wait_bytes (std::uint64_t bytes)
  {
    return newest ().wait_transferred (bytes);
  }
};

TEST_F (CliGet, NameFromTheAddress)
{
  std::string body = serve ("/pub/file.bin?x=1", 300000);
  Outcome outcome = sluice ({"get", server.url ("/pub/file.bin?x=1")});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_TRUE (same_bytes (read_file (target ("file.bin")), body));
  Json line (outcome.out);
  EXPECT_EQ (line.text ("State"), "finalized");
  EXPECT_EQ (line.text ("LocalPath"), target ("file.bin"));
  EXPECT_EQ (line.text ("Priority"), "foreground");
  EXPECT_EQ (line.number ("BytesTotal"), 300000);
}

TEST_F (CliGet, NameFromTheServer)
{
  std::string body =
      serve ("/x", 1000, {}, {{"Content-Disposition", "attachment; filename=\"../a b\\\"c.txt\""}});
  Outcome outcome = sluice ({"get", "--table", server.url ("/x")});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  std::string path = outcome.out.substr (0, outcome.out.find ('\n'));
  EXPECT_EQ (path.rfind (target (""), 0), 0u) << path;
  EXPECT_EQ (path.find ('/', target ("").size ()), std::string::npos) << path;
  EXPECT_TRUE (same_bytes (read_file (path), body));
}

TEST_F (CliGet, PathAndDirectory)
{
  std::string body = serve ("/x", 1000);

  make_directory (target ("sub"));
  EXPECT_EQ (sluice ({"get", "-o", "named", server.url ("/x")}).code, 0);
  EXPECT_TRUE (same_bytes (read_file (target ("named")), body));
  EXPECT_EQ (sluice ({"get", "-d", "sub", server.url ("/x")}).code, 0);
  EXPECT_TRUE (same_bytes (read_file (target ("sub/x")), body));
  EXPECT_EQ (sluice ({"get", "--output=" + target ("sub/y"), "--", server.url ("/x")}).code, 0);
  EXPECT_TRUE (same_bytes (read_file (target ("sub/y")), body));
  Outcome outcome = sluice ({"get", "-d", "missing", server.url ("/x")});
  EXPECT_EQ (outcome.code, 1);
  EXPECT_THAT (outcome.err, HasSubstr ("missing"));
}

TEST_F (CliGet, SeveralAtOnce)
{
  std::string one = serve ("/one", 2 * kMega, slow (kMega));
  std::string two = serve ("/two", 2 * kMega, slow (kMega));
  Outcome outcome = sluice ({"get", server.url ("/one"), server.url ("/two")});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_TRUE (same_bytes (read_file (target ("one")), one));
  EXPECT_TRUE (same_bytes (read_file (target ("two")), two));
  EXPECT_GE (server.busiest (), 2);
}

TEST_F (CliGet, OneOfSeveralFails)
{
  std::string body = serve ("/good", 1000);
  Outcome outcome = sluice ({"get", server.url ("/bad"), server.url ("/good")});

  EXPECT_EQ (outcome.code, 3);
  EXPECT_THAT (outcome.err, HasSubstr (server.url ("/bad") + ": "));
  EXPECT_THAT (outcome.err, HasSubstr ("404"));
  EXPECT_TRUE (same_bytes (read_file (target ("good")), body));
  EXPECT_FALSE (exists (target ("bad")));
  EXPECT_THAT (sluice ({"list", "--table"}).out, HasSubstr ("0 downloads"));
}

TEST_F (CliGet, Digest)
{
  std::string body = serve ("/x", 100000);
  Outcome outcome =
      sluice ({"get", "--digest", "sha256:" + std::string (64, '0'), server.url ("/x")});

  EXPECT_EQ (outcome.code, 3);
  EXPECT_THAT (outcome.err, HasSubstr (sha256 (body)));
  EXPECT_FALSE (exists (target ("x")));
  EXPECT_EQ (sluice ({"get", "--digest", "sha256:" + sha256 (body), server.url ("/x")}).code, 0);
  EXPECT_TRUE (same_bytes (read_file (target ("x")), body));
}

TEST_F (CliGet, ExistingFile)
{
  std::string body = serve ("/x", 100000);

  write_file (target ("x"), "mine");
  allow ("mine");
  Outcome outcome = sluice ({"get", "-o", "x", server.url ("/x")});
  EXPECT_EQ (outcome.code, 1);
  EXPECT_THAT (outcome.err, HasSubstr ("--overwrite"));
  EXPECT_EQ (read_file (target ("x")), "mine");
  /* with only the name, a number is added */
  EXPECT_EQ (sluice ({"get", server.url ("/x")}).code, 0);
  EXPECT_EQ (read_file (target ("x")), "mine");
  EXPECT_EQ (sluice ({"get", "-o", "x", "--overwrite", server.url ("/x")}).code, 0);
  EXPECT_TRUE (same_bytes (read_file (target ("x")), body));
}

TEST_F (CliGet, HeadersAreSent)
{
  serve ("/x", 10);
  EXPECT_EQ (sluice ({"get", "-H", "X-One: a: b", "--header", "X-Two:c", server.url ("/x")}).code,
             0);
  EXPECT_EQ (server.requests ("/x")[0].header ("X-One"), "a: b");
  EXPECT_EQ (server.requests ("/x")[0].header ("X-Two"), "c");
}

TEST_F (CliGet, SurvivesAKill)
{
  std::string body = serve ("/big", 8 * kMega, slow (2 * kMega));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (2 * kMega));
  kill_daemon ();
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_EQ (outcome.err, "");
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

TEST_F (CliGet, SurvivesAStop)
{
  std::string body = serve ("/big", 8 * kMega, slow (2 * kMega));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (2 * kMega));
  stop_daemon ();
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

/* The download fails while the command does not run, and the next run reports that, too. */
TEST_F (CliGet, FailureAfterARestartIsTold)
{
  serve ("/big", 8 * kMega, slow (2 * kMega));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (kMega));
  kill_daemon ();
  server.on ("/big", [] (Exchange &exchange) { exchange.answer ("410 Gone"); });
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 3);
  EXPECT_THAT (outcome.err, HasSubstr ("410"));
}

/* Also those that end while later ones are still being created. */
TEST_F (CliGet, EachIsPrintedOnce)
{
  Words words = {"get", "--table"};

  for (int i = 0; i < 40; i++) {
    serve ("/small-" + std::to_string (i), 100);
    words.push_back (server.url ("/small-" + std::to_string (i)));
  }
  for (int round = 0; round < (time_factor () > 1 ? 2 : 5); round++) {
    Outcome outcome = sluice (words);
    EXPECT_EQ (outcome.code, 0) << outcome.err;
    EXPECT_EQ (std::count (outcome.out.begin (), outcome.out.end (), '\n'), 40) << outcome.out;
    for (int i = 0; i < 40; i++)
      unlink (target ("small-" + std::to_string (i)).c_str ());
  }
}

TEST_F (CliGet, WaitPicksItUpAgain)
{
  std::string body = serve ("/big", 2 * kMega, slow (kMega));
  Outcome added = sluice ({"add", "--table", "-o", "big", server.url ("/big")});
  std::string id = added.out.substr (0, added.out.find ('\n'));
  Outcome outcome = sluice ({"wait", id});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_EQ (Json (outcome.out).text ("LocalPath"), target ("big"));
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
  /* an ended one is reported at once */
  EXPECT_EQ (sluice ({"wait", id}).code, 0);
  EXPECT_EQ (sluice ({"wait", "ffff"}).code, 5);
}

TEST_F (CliGet, WaitForWhatFailsKeepsIt)
{
  Download download = create_file (server.url ("/nothing"), "nothing");

  EXPECT_TRUE (download.start ());
  Outcome outcome = sluice ({"wait", download.id ()});
  EXPECT_EQ (outcome.code, 3);
  EXPECT_THAT (outcome.err, HasSubstr ("404"));
  EXPECT_EQ (download.status ().state, "failed");
}

TEST_F (CliGet, WaitEndsWhereNobodyFinalizes)
{
  serve ("/file", 1000);
  Download download = create_file (server.url ("/file"), "file");

  EXPECT_TRUE (download.start ());
  EXPECT_EQ (sluice ({"wait", download.id ()}).code, 0);
  EXPECT_EQ (download.status ().state, "transferred");
}

TEST_F (CliGet, TerminationLeavesItAtOnce)
{
  std::string body = serve ("/big", 6 * kMega, slow (2 * kMega));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (1));
  Download download = newest ();
  get.process.send (SIGTERM);
  Outcome outcome = get.wait (1);
  EXPECT_EQ (outcome.code, 130);
  EXPECT_THAT (outcome.err, HasSubstr ("sluicectl wait " + download.id ()));
  EXPECT_TRUE (download.wait ("finalized"));
}

TEST_F (CliGet, FirstInterruptLeavesIt)
{
  std::string body = serve ("/big", 6 * kMega, slow (kMega / 2));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (1));
  Download download = newest ();
  get.process.send (SIGINT);
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 130);
  EXPECT_THAT (outcome.err, HasSubstr ("sluicectl wait " + download.id ()));
  EXPECT_THAT (outcome.err, HasSubstr ("sluicectl abort " + download.id ()));
  EXPECT_EQ (outcome.out, "");
  EXPECT_EQ (download.status ().state, "transferring");
  EXPECT_TRUE (download.wait ("finalized"));
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

TEST_F (CliGet, SecondInterruptAborts)
{
  serve ("/big", 6 * kMega, slow (kMega / 2));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (1));
  Download download = newest ();
  get.process.send (SIGINT);
  ASSERT_TRUE (wait_for_err (get, "Press Ctrl+C again"));
  get.process.send (SIGINT);
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 130);
  EXPECT_THAT (outcome.err, HasSubstr ("Aborted: " + download.id ()));
  EXPECT_EQ (download.status ().state, "aborted");
  EXPECT_EQ (part_files ().size (), 0u);
}

/* A service that does not answer can't block the command. */
TEST_F (CliGet, ThirdInterruptWaitsForNobody)
{
  serve ("/big", 6 * kMega, slow (kMega / 2));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (1));
  daemon.send (SIGSTOP);
  get.process.send (SIGINT);
  ASSERT_TRUE (wait_for_err (get, "Press Ctrl+C again"));
  get.process.send (SIGINT);
  get.process.send (SIGINT);
  run_for (0.2);
  get.process.send (SIGINT);
  Outcome outcome = get.wait (10);
  daemon.send (SIGCONT);
  EXPECT_EQ (outcome.code, 130);
}

TEST_F (CliGet, AbortedElsewhere)
{
  serve ("/big", 6 * kMega, slow (kMega / 2));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (1));
  EXPECT_TRUE (newest ().abort ());
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 3);
  EXPECT_THAT (outcome.err, HasSubstr ("aborted"));
}

TEST_F (CliGet, AbsentFileThatAppearedIsKept)
{
  std::string body = serve ("/big", 2 * kMega, slow (kMega / 2));
  Running get;

  begin (&get, {"get", "-o", "big", server.url ("/big")});
  ASSERT_TRUE (wait_bytes (1));
  write_file (target ("big"), "mine");
  allow ("mine");
  Outcome outcome = get.wait ();
  EXPECT_EQ (outcome.code, 3);
  EXPECT_THAT (outcome.err, HasSubstr ("sluicectl start " + newest ().id ()));
  EXPECT_EQ (read_file (target ("big")), "mine");
  EXPECT_EQ (unlink (target ("big").c_str ()), 0);
  EXPECT_EQ (sluice ({"start", newest ().id ()}).code, 0);
  EXPECT_TRUE (newest ().wait ("finalized"));
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

TEST_F (CliGet, AddReturnsAtOnce)
{
  std::string body = serve ("/big", 2 * kMega, slow (kMega));
  Outcome outcome = sluice ({"add", "-p", "low", "-o", "big", server.url ("/big")});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  Download download = newest ();
  EXPECT_EQ (outcome.out, "[\"" + download.id () + "\"]\n");
  EXPECT_EQ (download.text ("Priority"), "low");
  EXPECT_TRUE (download.wait ("finalized"));
  EXPECT_TRUE (same_bytes (read_file (target ("big")), body));
}

TEST_F (CliGet, AddPrintsIdsForPeople)
{
  std::string body = serve ("/x", 10);
  Outcome outcome = sluice ({"add", "--table", server.url ("/x"), server.url ("/x")});

  EXPECT_EQ (outcome.code, 0) << outcome.err;
  EXPECT_EQ (outcome.out.size (), 2u * 37u);
  EXPECT_THAT (outcome.out, HasSubstr (newest ().id () + "\n"));
  EXPECT_TRUE (newest ().wait ("finalized"));
}
