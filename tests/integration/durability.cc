/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What happens to the files that the service relies on: part files, the database, the disk itself. */
#include "support/fixture.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

using namespace st;

static constexpr std::size_t kSize = 3 * 1024 * 1024;
static constexpr std::size_t kHalf = kSize / 2;

class Durability : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (kSize, 7);
    allow (file.body);
    server.serve ("/file", file, {SIZE_MAX, kHalf});
  }

  /* Half of it is there, and recorded. */
  Download
  pause_half_way ()
  {
    Download download = create_file (server.url ("/file"), "file");
    EXPECT_TRUE (download.start ());
    EXPECT_TRUE (download.wait_transferred (kHalf));
    EXPECT_TRUE (download.pause ());
    EXPECT_TRUE (download.wait ("paused"));
    server.serve ("/file", file);
    server.release ();
    return download;
  }

  std::string
  part ()
  {
    std::vector<std::string> parts = part_files ();
    EXPECT_EQ (parts.size (), 1u);
    return parts.empty () ? target (".none") : parts[0];
  }

  void
  go_on (const Download &download)
  {
    Reply reply = download.start ();
    ASSERT_TRUE (reply) << reply.error << ": " << reply.message;
    ASSERT_TRUE (download.wait ("transferred"));
    finalize_and_check (download, file.body);
  }

  Resource file;
  Server server;
};

/* Overwrites bytes in place; the size stays. */
static void
scribble (const std::string &path, off_t offset)
{
  int fd = open (path.c_str (), O_WRONLY | O_CLOEXEC);

  ASSERT_GE (fd, 0);
  ASSERT_EQ (pwrite (fd, "scribbled", 9, offset), 9);
  close (fd);
}

TEST_F (Durability, PartDeletedWhilePaused)
{
  Download download = pause_half_way ();
  ASSERT_EQ (unlink (part ().c_str ()), 0);
  go_on (download);
}

TEST_F (Durability, PartTruncatedWhilePaused)
{
  Download download = pause_half_way ();
  ASSERT_EQ (truncate (part ().c_str (), 100000), 0);
  go_on (download);
}

TEST_F (Durability, PartReplacedWhilePaused)
{
  Download download = pause_half_way ();
  std::string path = part ();
  ASSERT_EQ (unlink (path.c_str ()), 0);
  write_file (path, random_bytes (kSize, 8));
  go_on (download);
}

TEST_F (Durability, PartScribbledOnWhilePaused)
{
  Download download = pause_half_way ();
  scribble (part (), 1000);
  go_on (download);
}

TEST_F (Durability, PartScribbledOnBetweenTwoRuns)
{
  Download download = pause_half_way ();
  std::string path = part ();
  stop_daemon ();
  scribble (path, 1000);
  start_daemon ();
  go_on (download);
}

TEST_F (Durability, PartBecomesALinkToAnotherFile)
{
  Download download = pause_half_way ();
  std::string path = part (), precious = dir / "precious";
  write_file (precious, "precious");
  ASSERT_EQ (unlink (path.c_str ()), 0);
  ASSERT_EQ (symlink (precious.c_str (), path.c_str ()), 0);
  if (download.start () && download.wait ("transferred"))
    finalize_and_check (download, file.body);
  EXPECT_EQ (read_file (precious), "precious");
}

/* Once all is there, only Finalize can find out. It must not publish; Start fetches again. */
class DurabilityTransferred : public Durability
{
protected:
  void
  expect_repaired (const std::function<void (const std::string &)> &damage)
  {
    server.serve ("/file", file);
    Download download = create_file (server.url ("/file"), "file");
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait ("transferred"));
    damage (part ());
    Reply reply = download.finalize ();
    EXPECT_FALSE (reply) << "a damaged file was published";
    EXPECT_FALSE (exists (target ("file")));
    if (reply)
      return;
    /* it may be fetching what is missing already */
    Reply again = download.start ();
    EXPECT_TRUE (again || again.error == "InvalidState") << again.message;
    ASSERT_TRUE (download.wait ("transferred"));
    finalize_and_check (download, file.body);
  }
};

TEST_F (DurabilityTransferred, PartDeleted)
{
  expect_repaired ([] (const std::string &path) { unlink (path.c_str ()); });
}

TEST_F (DurabilityTransferred, PartTruncated)
{
  expect_repaired ([] (const std::string &path) { ASSERT_EQ (truncate (path.c_str (), 5), 0); });
}

TEST_F (DurabilityTransferred, PartReplaced)
{
  expect_repaired ([] (const std::string &path) {
    unlink (path.c_str ());
    write_file (path, random_bytes (kSize, 9));
  });
}

TEST_F (DurabilityTransferred, PartScribbledOn)
{
  expect_repaired ([] (const std::string &path) { scribble (path, 5000); });
}

TEST_F (Durability, PartDeletedWhileRunning)
{
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kHalf));
  ASSERT_EQ (unlink (part ().c_str ()), 0);
  server.serve ("/file", file);
  server.release ();
  /* whether it is noticed before or by Finalize, no wrong file is published, and a new start helps */
  ASSERT_TRUE (wait_polling ([&] {
    std::string state = download.status ().state;
    return state == "transferred" || state == "failed";
  }));
  Reply reply = download.finalize ();
  if (!reply)
    go_on (download);
  EXPECT_TRUE (same_bytes (read_file (target ("file")), file.body));
}

/* The service ends in mid-transfer, and goes on without being asked. */

TEST_F (Durability, TerminatedInMidTransferGoesOn)
{
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kHalf));
  server.serve ("/file", file);
  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  std::vector<Request> requests = server.requests ("/file");
  ASSERT_EQ (requests.size (), 2u);
  ASSERT_TRUE (requests[1].range ());
  EXPECT_EQ (requests[1].range ()->first, kHalf) << "SIGTERM lost what was there";
}

TEST_F (Durability, KilledInMidTransferGoesOn)
{
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kHalf));
  server.serve ("/file", file);
  restart_daemon (SIGKILL);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (Durability, StatesSurviveAKill)
{
  Resource small;
  small.body = "small";
  allow (small.body);
  server.serve ("/small", small);
  Download created = create_file (server.url ("/small"), "created");
  Download paused = pause_half_way ();
  Download failed = create_file (server.url ("/none"), "failed");
  ASSERT_TRUE (failed.start ());
  ASSERT_TRUE (failed.wait ("failed"));
  Download transferred = create_file (server.url ("/small"), "transferred");
  ASSERT_TRUE (transferred.start ());
  ASSERT_TRUE (transferred.wait ("transferred"));
  Download finalized = fetch (server.url ("/small"), "finalized", small.body);
  Download aborted = create_file (server.url ("/small"), "aborted");
  ASSERT_TRUE (aborted.abort ());
  restart_daemon (SIGKILL);
  EXPECT_EQ (created.status ().state, "created");
  EXPECT_EQ (paused.status ().state, "paused");
  EXPECT_EQ (paused.status ().transferred, kHalf);
  EXPECT_EQ (failed.status ().state, "failed");
  EXPECT_EQ (failed.text ("Error"), std::string (kError) + "HttpStatus");
  EXPECT_EQ (transferred.status ().state, "transferred");
  EXPECT_EQ (finalized.status ().state, "finalized");
  EXPECT_EQ (aborted.status ().state, "aborted");
  finalize_and_check (transferred, small.body);
  go_on (paused);
}

TEST_F (Durability, NotPersistentIsGoneAfterARestart)
{
  Download kept = create_file (server.url ("/file"), "kept");
  Download gone =
      create_file (server.url ("/file"), "gone", Properties ().add ("Persistent", false));
  ASSERT_TRUE (gone.start ());
  ASSERT_TRUE (gone.wait_transferred (kHalf));
  restart_daemon (SIGTERM);
  EXPECT_EQ (kept.status ().state, "created");
  Reply reply =
      connection->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("(@a{sv} {},)"));
  ASSERT_TRUE (reply);
  EXPECT_EQ (reply.value[0].strv (), std::vector<std::string>{kept.path});
  EXPECT_TRUE (part_files ().empty ()) << "its part file stayed";
}

/* The database. */

class Database : public Durability
{
protected:
  std::string
  path ()
  {
    return state_dir () + "/queue.sqlite";
  }

  std::vector<std::string>
  set_aside ()
  {
    std::vector<std::string> found;
    for (const std::string &name : list_directory (state_dir ())) {
      if (name.rfind ("queue.sqlite.corrupt-", 0) == 0 && name.find ("-wal") == std::string::npos &&
          name.find ("-shm") == std::string::npos)
        found.push_back (name);
    }
    return found;
  }

  /* Spoils the database of a stopped service; it says so, keeps what was there, and works. */
  void
  expect_set_aside (const std::function<void ()> &spoil)
  {
    Download download = pause_half_way ();
    std::string kept = part ();
    stop_daemon ();
    ASSERT_TRUE (wait_for_name (false));
    for (const char *suffix : {"-wal", "-shm"})
      unlink ((path () + suffix).c_str ());
    spoil ();
    expected_log = "queue.sqlite";
    start_daemon ();
    EXPECT_NE (log ().find ("queue.sqlite.corrupt-"), std::string::npos) << "it does not say so";
    EXPECT_EQ (set_aside ().size (), 1u);
    EXPECT_TRUE (exists (kept)) << "a part file was deleted";
    EXPECT_EQ (download.status ().error, "NotFound");
    Download other = create_file (server.url ("/file"), "other");
    ASSERT_TRUE (other.start ());
    ASSERT_TRUE (other.wait ("transferred"));
    finalize_and_check (other, file.body);
    restart_daemon (SIGKILL);
    EXPECT_EQ (other.status ().state, "finalized");
    EXPECT_EQ (set_aside ().size (), 1u) << "the new one was set aside too";
  }
};

TEST_F (Database, Garbage)
{
  expect_set_aside ([this] { write_file (path (), random_bytes (50000)); });
}

TEST_F (Database, CorruptedInTheMiddle)
{
  expect_set_aside ([this] {
    std::string content = read_file (path ());
    ASSERT_GT (content.size (), 5000u);
    std::fill (content.begin () + 100, content.end (), '\xa5');
    write_file (path (), content);
  });
}

TEST_F (Database, Truncated)
{
  expect_set_aside ([this] { ASSERT_EQ (truncate (path ().c_str (), 4096 + 1000), 0); });
}

TEST_F (Database, NewerSchema)
{
  expect_set_aside ([this] {
    Finished made = run ({{"/usr/bin/python3", "-c",
                           "import sqlite3, sys\n"
                           "d = sqlite3.connect(sys.argv[1])\n"
                           "d.execute('PRAGMA user_version = 9999')\nd.commit()\nd.close()\n",
                           path ()},
                          {},
                          "",
                          -1});
    ASSERT_EQ (made.status, 0) << made.output;
  });
}

TEST_F (Database, IsADirectory)
{
  expect_set_aside ([this] {
    unlink (path ().c_str ());
    make_directory (path ());
  });
}

/* A full disk. */

TEST_F (Durability, FullDiskWaitsForRoom)
{
  TmpFs small (dir / "small", "size=4m");
  write_file (dir / "small/ballast", std::string (2 * 1024 * 1024, 'b'));
  server.serve ("/file", file);
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "small/file"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] {
    std::vector<std::string> reasons = download.get ("StateReasons").strv ();
    return std::find (reasons.begin (), reasons.end (), "disk-full") != reasons.end ();
  })) << download.status ().state;
  EXPECT_NE (download.status ().state, "failed");
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "NoSpace");
  ASSERT_EQ (unlink ((dir / "small/ballast").c_str ()), 0);
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "small/file"), file.body));
}

TEST_F (Durability, DiskFillsUpWithoutKnownSize)
{
  TmpFs small (dir / "small", "size=4m");
  write_file (dir / "small/ballast", std::string (2 * 1024 * 1024, 'b'));
  server.on ("/stream", [this] (Exchange &exchange) {
    exchange.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    exchange.send_body (file.body, {});
    exchange.close ();
  });
  Download download =
      create (server.url ("/stream"), Properties ().add ("LocalPath", dir / "small/file"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] {
    std::vector<std::string> reasons = download.get ("StateReasons").strv ();
    return std::find (reasons.begin (), reasons.end (), "disk-full") != reasons.end ();
  })) << download.status ().state;
  ASSERT_EQ (unlink ((dir / "small/ballast").c_str ()), 0);
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "small/file"), file.body));
}
