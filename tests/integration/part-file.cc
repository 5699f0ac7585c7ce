/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Another program changes the part file: that is detected, and missing bytes are fetched again. */
#include "support/fixture.h"

#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace st;

class PartFile : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (kSize);
    allow (file.body);
    server.serve ("/file", file);
    server.on ("/held", [this] (Exchange &x) {
      x.respond (file, {SIZE_MAX, x.request.visit == 0 ? kHeld : SIZE_MAX});
    });
  }

  void
  TearDown () override
  {
    SluiceTest::TearDown ();
    EXPECT_TRUE (part_files ().empty ());
  }

  Download
  paused ()
  {
    Download download = create_file (server.url ("/held"), "file");
    EXPECT_TRUE (download.start ());
    EXPECT_TRUE (download.wait_transferred (kHeld));
    EXPECT_TRUE (download.pause ());
    part = part_files ().at (0);
    return download;
  }

  Download
  transferred (const Properties &properties = {})
  {
    Download download = create_file (server.url ("/file"), "file", properties);
    EXPECT_TRUE (download.start ());
    EXPECT_TRUE (download.wait ("transferred"));
    part = part_files ().at (0);
    return download;
  }

  void
  resume_and_check (const Download &download)
  {
    Reply reply = download.start ();
    ASSERT_TRUE (reply) << reply.message;
    ASSERT_TRUE (download.wait ("transferred"));
    finalize_and_check (download, file.body);
  }

  /* Finalize detects it, and the file is being fetched again when it returns. */
  void
  expect_refetch (const Download &download)
  {
    EXPECT_EQ (download.finalize ().error, "LocalFile");
    EXPECT_FALSE (exists (target ("file")));
    ASSERT_TRUE (download.wait ("transferred"));
    finalize_and_check (download, file.body);
  }

  void
  overwrite_in_place (std::size_t offset, const std::string &bytes)
  {
    int fd = open (part.c_str (), O_WRONLY);
    ASSERT_GE (fd, 0);
    ASSERT_EQ (pwrite (fd, bytes.data (), bytes.size (), (off_t)offset), (ssize_t)bytes.size ());
    close (fd);
  }

  void
  overwrite_and_set_back (std::size_t offset, const std::string &bytes)
  {
    struct stat found;
    ASSERT_EQ (stat (part.c_str (), &found), 0);
    const timespec times[2] = {found.st_atim, found.st_mtim};
    overwrite_in_place (offset, bytes);
    ASSERT_EQ (utimensat (AT_FDCWD, part.c_str (), times, 0), 0);
  }

  void
  replace_by_pipe ()
  {
    ASSERT_EQ (unlink (part.c_str ()), 0);
    ASSERT_EQ (mkfifo (part.c_str (), 0600), 0);
  }

  void
  punch (off_t from, off_t to)
  {
    int fd = open (part.c_str (), O_WRONLY);
    ASSERT_GE (fd, 0);
    ASSERT_EQ (fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from), 0);
    close (fd);
  }

  static constexpr std::size_t kSize = 3000000;
  static constexpr std::size_t kHeld = 2000000;
  Resource file;
  Server server;
  std::string part;
};

TEST_F (PartFile, DeletedWhilePaused)
{
  Download download = paused ();

  ASSERT_EQ (unlink (part.c_str ()), 0);
  resume_and_check (download);
}

TEST_F (PartFile, TruncatedWhilePaused)
{
  Download download = paused ();

  ASSERT_EQ (truncate (part.c_str (), 500000), 0);
  resume_and_check (download);
  /* intact bytes are not fetched again */
  EXPECT_LE (download.number ("BytesFetched"), kSize + kHeld);
}

TEST_F (PartFile, EmptiedWhilePaused)
{
  Download download = paused ();

  ASSERT_EQ (truncate (part.c_str (), 0), 0);
  resume_and_check (download);
}

TEST_F (PartFile, TruncatedAndGrownWhilePaused)
{
  Download download = paused ();

  ASSERT_EQ (truncate (part.c_str (), 500000), 0);
  ASSERT_EQ (truncate (part.c_str (), (off_t)kSize), 0);
  resume_and_check (download);
}

TEST_F (PartFile, ReplacedWhilePaused)
{
  Download download = paused ();

  write_file (part + ".new", random_bytes (kSize, 9));
  ASSERT_EQ (rename ((part + ".new").c_str (), part.c_str ()), 0);
  resume_and_check (download);
}

TEST_F (PartFile, ReplacedByALinkWhilePaused)
{
  Download download = paused ();

  write_file (dir / "precious", "precious");
  ASSERT_EQ (unlink (part.c_str ()), 0);
  ASSERT_EQ (symlink ((dir / "precious").c_str (), part.c_str ()), 0);
  resume_and_check (download);
  EXPECT_EQ (read_file (dir / "precious"), "precious");
}

TEST_F (PartFile, ReplacedByADirectoryWhilePaused)
{
  Download download = paused ();

  ASSERT_EQ (unlink (part.c_str ()), 0);
  make_directory (part);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] { return download.status ().state == "failed"; }));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "LocalFile");
  ASSERT_EQ (rmdir (part.c_str ()), 0);
  resume_and_check (download);
}

TEST_F (PartFile, DeletedBetweenTwoRunsOfTheService)
{
  Download download = paused ();

  stop_daemon ();
  ASSERT_EQ (unlink (part.c_str ()), 0);
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
  resume_and_check (download);
}

TEST_F (PartFile, DeletedWhenTransferred)
{
  Download download = transferred ();

  ASSERT_EQ (unlink (part.c_str ()), 0);
  expect_refetch (download);
}

TEST_F (PartFile, TruncatedWhenTransferred)
{
  Download download = transferred ();

  ASSERT_EQ (truncate (part.c_str (), 500000), 0);
  expect_refetch (download);
}

TEST_F (PartFile, ReplacedWhenTransferred)
{
  Download download = transferred ();

  write_file (part + ".new", random_bytes (kSize, 9));
  ASSERT_EQ (rename ((part + ".new").c_str (), part.c_str ()), 0);
  expect_refetch (download);
}

TEST_F (PartFile, ModifiedInPlaceWhenTransferred)
{
  Download download = transferred ();

  overwrite_in_place (1000, "evil");
  expect_refetch (download);
}

TEST_F (PartFile, ModifiedInPlaceWhenTransferredWithDigest)
{
  Download download = transferred (Properties ().add ("Digest", "sha256:" + sha256 (file.body)));

  overwrite_in_place (1000, "evil");
  expect_refetch (download);
}

TEST_F (PartFile, GrownWhenTransferred)
{
  Download download = transferred ();

  ASSERT_EQ (truncate (part.c_str (), kSize + 1), 0);
  expect_refetch (download);
}

TEST_F (PartFile, ModifiedWhenTransferredAndAfterARestart)
{
  Download download = transferred ();

  stop_daemon ();
  overwrite_in_place (1000, "evil");
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
  expect_refetch (download);
}

TEST_F (PartFile, DeletedWhileRunning)
{
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 2000000});
  Download download = create_file (server.url ("/slow"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (500000));
  ASSERT_EQ (unlink (part_files ().at (0).c_str ()), 0);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (PartFile, TruncatedWhileRunning)
{
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 2000000});
  Download download = create_file (server.url ("/slow"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1000000));
  ASSERT_EQ (truncate (part_files ().at (0).c_str (), 0), 0);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (PartFile, ReplacedWhileRunning)
{
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 2000000});
  Download download = create_file (server.url ("/slow"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1000000));
  part = part_files ().at (0);
  write_file (part + ".new", random_bytes (kSize, 9));
  ASSERT_EQ (rename ((part + ".new").c_str (), part.c_str ()), 0);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (PartFile, DeletedWhileRunningSegmented)
{
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 700000});
  Download download =
      create_file (server.url ("/slow"), "file", Properties ().add ("Priority", "foreground"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1000000));
  ASSERT_EQ (unlink (part_files ().at (0).c_str ()), 0);
  ASSERT_TRUE (download.wait ("transferred", 20));
  finalize_and_check (download, file.body);
}

TEST_F (PartFile, SpaceIsReservedWhereTheSizeIsKnown)
{
  struct stat found;
  Download download = create_file (server.url ("/held"), "file");

  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kHeld));
  part = part_files ().at (0);
  ASSERT_EQ (stat (part.c_str (), &found), 0);
  EXPECT_GE ((std::size_t)found.st_blocks * 512, kSize);
  /* and released when no bytes are expected for a while */
  ASSERT_TRUE (download.pause ());
  ASSERT_EQ (stat (part.c_str (), &found), 0);
  EXPECT_LT ((std::size_t)found.st_blocks * 512, kHeld + 100000);
  resume_and_check (download);
}

/* Opening a pipe waits for the other side; the service must not do that. */
TEST_F (PartFile, ReplacedByAPipeWhilePaused)
{
  Download download = paused ();

  replace_by_pipe ();
  resume_and_check (download);
}

TEST_F (PartFile, ReplacedByAPipeWhenTransferred)
{
  Download download = transferred ();

  replace_by_pipe ();
  expect_refetch (download);
}

TEST_F (PartFile, ReplacedByAPipeAndAborted)
{
  Download download = transferred ();

  replace_by_pipe ();
  ASSERT_TRUE (download.abort ());
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }));
}

TEST_F (PartFile, ReplacedByAPipeAndTheServiceEnds)
{
  Download download = transferred ();

  replace_by_pipe ();
  EXPECT_EQ (download.finalize ().error, "LocalFile");
  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

/* Any program can set back the modification time, but none the time of the inode's change. */
TEST_F (PartFile, ModifiedWhilePausedAndItsTimeSetBack)
{
  Download download = paused ();

  overwrite_and_set_back (1000, "evil");
  resume_and_check (download);
}

TEST_F (PartFile, ModifiedWhenTransferredAndItsTimeSetBack)
{
  Download download = transferred ();

  overwrite_and_set_back (1000, "evil");
  expect_refetch (download);
}

TEST_F (PartFile, ModifiedWhenTransferredWithDigestAndItsTimeSetBack)
{
  Download download = transferred (Properties ().add ("Digest", "sha256:" + sha256 (file.body)));

  overwrite_and_set_back (1000, "evil");
  expect_refetch (download);
}

TEST_F (PartFile, ModifiedAcrossARestartAndItsTimeSetBack)
{
  Download download = transferred (Properties ().add ("Digest", "sha256:" + sha256 (file.body)));

  stop_daemon ();
  overwrite_and_set_back (1000, "evil");
  ASSERT_TRUE (wait_for_name (false));
  start_daemon ();
  ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
  expect_refetch (download);
}

/* A backup made a link: the digest proves that nothing happened. */
TEST_F (PartFile, LinkedWhenTransferredWithDigest)
{
  Download download = transferred (Properties ().add ("Digest", "sha256:" + sha256 (file.body)));

  ASSERT_EQ (link (part.c_str (), (dir / "backup").c_str ()), 0);
  ASSERT_EQ (chmod (part.c_str (), 0600), 0);
  int before = server.count ("/file");
  finalize_and_check (download, file.body);
  EXPECT_EQ (server.count ("/file"), before);
}

/* Like a file system with compression: zeros that become holes are no loss. */
TEST_F (PartFile, ZerosBecomeHoles)
{
  const std::size_t from = 500000, to = 1500000;

  file.body.replace (from, to - from, to - from, '\0');
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 1500000});
  Download download = create_file (server.url ("/slow"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1700000));
  part = part_files ().at (0);
  punch (503808, 1400832);
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (server.count ("/slow"), 1);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
  finalize_and_check (download, file.body);
}

TEST_F (PartFile, DataBecomeHoles)
{
  server.serve ("/slow", file, {SIZE_MAX, SIZE_MAX, 1500000});
  Download download = create_file (server.url ("/slow"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1700000));
  part = part_files ().at (0);
  punch (503808, 1400832);
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GT (server.count ("/slow"), 1);
  finalize_and_check (download, file.body);
}
