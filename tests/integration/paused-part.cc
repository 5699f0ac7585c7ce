/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Other programs write into the part file of a paused download: their bytes are never published. */
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

  /* Pauses when half of it is written and recorded. */
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

/* An attempt without a response has written nothing: what was known about the file before still holds. */
TEST_F (PausedPart, PartScribbledOnAfterAnAttemptWithoutAnAnswer)
{
  Download download = pause_half_way ();

  server.on ("/file", [] (Exchange &x) { x.hold (); });
  int before = server.count ("/file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] { return server.count ("/file") > before; }));
  ASSERT_TRUE (download.pause ());
  ASSERT_TRUE (download.wait ("paused"));
  server.serve ("/file", file);
  scribble (part (), 1000);
  go_on (download);
}

TEST_F (PausedPart, PartScribbledOnAfterAnAttemptThatWasRefused)
{
  config["RetryDelayMin"] = config["RetryDelayMax"] = "60s";
  Download download = pause_half_way ();

  server.on ("/file", [] (Exchange &x) { x.answer ("503 Service Unavailable"); });
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  server.serve ("/file", file);
  scribble (part (), 1000);
  go_on (download);
}

/* The digest of bytes that were dropped says nothing about those fetched after them. */
TEST_F (PausedPart, DigestOfWhatWasDroppedIsForgotten)
{
  Resource changed;

  changed.body = random_bytes (kSize, 8);
  allow (changed.body);
  file.etag = "\"v1\"";
  changed.etag = "\"v2\"";
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file",
                                   Properties ().add ("Digest", "sha256:" + sha256 (file.body)));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  scribble (part (), 1000);
  server.serve ("/file", changed, {SIZE_MAX, 1000});
  EXPECT_EQ (download.finalize ().error, "LocalFile");
  ASSERT_TRUE (download.pause ());
  ASSERT_TRUE (download.wait ("paused"));
  ASSERT_TRUE (download.set ("Digest", g_variant_new_string ("")));
  /* over several connections, so that the last sync finds it complete */
  server.serve ("/file", changed, {SIZE_MAX, SIZE_MAX, 1500000});
  server.release ();
  ASSERT_TRUE (download.set ("Priority", g_variant_new_string ("foreground")));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (
      download.set ("Digest", g_variant_new_string (("sha256:" + sha256 (file.body)).c_str ())));
  EXPECT_EQ (download.finalize ().error, "DigestMismatch");
  EXPECT_FALSE (exists (target ("file")));
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
