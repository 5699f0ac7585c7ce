/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part file that others write to while the download is paused: what they wrote is never published. */
#include "support/fixture.h"

#include <fcntl.h>
#include <unistd.h>

using namespace st;

static constexpr std::size_t kSize = 3 * 1024 * 1024;
static constexpr std::size_t kHalf = kSize / 2;

class PausedPart : public SluiceTest
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

TEST_F (PausedPart, PartScribbledOnWhilePaused)
{
  Download download = pause_half_way ();
  scribble (part (), 1000);
  go_on (download);
}

TEST_F (PausedPart, PartScribbledOnBetweenTwoRuns)
{
  Download download = pause_half_way ();
  std::string path = part ();
  stop_daemon ();
  scribble (path, 1000);
  start_daemon ();
  go_on (download);
}
