/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers with wrong ranges: whatever they send, no byte is written to a wrong place. */
#include "support/fixture.h"

using namespace st;

static constexpr std::size_t kSize = 1000000;
static constexpr std::size_t kCut = 300000;

class ServerRanges : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (kSize);
    allow (file.body);
  }

  /*
   * The first response is cut, so that the second request is a resume, which @handler answers; later requests without
   * a Range are answered correctly.
   */
  void
  resume_with (const Handler &handler)
  {
    server.on ("/file", [this, handler] (Exchange &x) {
      if (x.request.visit == 0)
        x.respond (file, {kCut});
      else if (x.request.has ("Range"))
        handler (x);
      else
        x.respond (file);
    });
  }

  /* Sends a 206 with these fields, and @body. */
  static void
  part (Exchange &x, const std::string &content_range, std::string_view body, Fields fields = {})
  {
    if (!content_range.empty ())
      fields.emplace_back ("Content-Range", content_range);
    fields.emplace_back ("ETag", "\"v1\"");
    fields.emplace_back ("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT");
    x.answer ("206 Partial Content", fields, body);
  }

  /* Expects that the resume was rejected, and that the file began again and is correct. */
  void
  expect_restart ()
  {
    Download download = fetch (server.url ("/file"), "file", file.body);
    EXPECT_GE (download.number ("RestartCount"), 1u);
    ASSERT_GE (server.count ("/file"), 2);
    Request second = server.requests ("/file")[1];
    ASSERT_TRUE (second.range ());
    EXPECT_EQ (second.range ()->first, kCut);
    EXPECT_EQ (second.header ("If-Range"), "\"v1\"");
  }

  Resource file;
  Server server;
};

TEST_F (ServerRanges, GoodResumeFetchesNothingTwice)
{
  resume_with ([this] (Exchange &x) { x.respond (file); });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
  EXPECT_EQ (server.count ("/file"), 2);
  EXPECT_EQ (server.body_bytes (), kSize);
}

TEST_F (ServerRanges, ServerIgnoresRange)
{
  resume_with ([this] (Exchange &x) {
    Resource whole = file;
    whole.ranges = false;
    x.respond (whole);
  });
  expect_restart ();
}

TEST_F (ServerRanges, ServerIgnoresRangeAndIsCutAgain)
{
  Resource whole = file;

  whole.ranges = false;
  server.on ("/file", [&] (Exchange &x) {
    x.respond (whole,
               {x.request.visit < 3 ? kCut * (std::size_t) (x.request.visit + 1) : SIZE_MAX});
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_GE (download.number ("RestartCount"), 1u);
  EXPECT_EQ (download.number ("ErrorCount"), 3u);
}

TEST_F (ServerRanges, ContentRangeStartsLater)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 300001-999999/1000000", std::string_view (file.body).substr (300001));
  });
  expect_restart ();
}

TEST_F (ServerRanges, ContentRangeOverlapsWhatIsThere)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 200000-999999/1000000", std::string_view (file.body).substr (200000));
  });
  expect_restart ();
}

TEST_F (ServerRanges, ContentRangeMissing)
{
  resume_with ([this] (Exchange &x) { part (x, "", std::string_view (file.body).substr (kCut)); });
  expect_restart ();
}

TEST_F (ServerRanges, ContentRangeIsGarbage)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 300000-9999999999999999999999/1000000",
          std::string_view (file.body).substr (kCut));
  });
  expect_restart ();
}

TEST_F (ServerRanges, ContentRangeEndsBehindTotal)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 300000-1000009/1000000", file.body.substr (kCut) + "0123456789");
  });
  expect_restart ();
}

TEST_F (ServerRanges, ContentRangeSaysOtherTotal)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 300000-999999/1000001", std::string_view (file.body).substr (kCut));
  });
  expect_restart ();
}

TEST_F (ServerRanges, ContentRangeTotalUnknownIsNoHarm)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 300000-999999/*", std::string_view (file.body).substr (kCut));
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("BytesTotal"), kSize);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

/* A 200 that claims to be a part is never the file, neither as a response to a resume nor at the beginning. */
TEST_F (ServerRanges, RestAsA200)
{
  resume_with ([this] (Exchange &x) {
    x.answer ("200 OK", {{"ETag", "\"v1\""}, {"Content-Range", "bytes 300000-999999/1000000"}},
              std::string_view (file.body).substr (kCut));
  });
  expect_restart ();
}

TEST_F (ServerRanges, PartAsA200)
{
  server.on ("/file", [this] (Exchange &x) {
    x.answer ("200 OK", {{"ETag", "\"v1\""}, {"Content-Range", "bytes 300000-999999/1000000"}},
              std::string_view (file.body).substr (kCut));
  });
  expect_failure (create_file (server.url ("/file"), "file"), "InvalidResponse", "remote-file");
}

TEST_F (ServerRanges, ContentRangeAndLengthDisagree)
{
  resume_with ([this] (Exchange &x) {
    part (x, "bytes 300000-999999/1000000", std::string_view (file.body).substr (kCut, 1000));
  });
  expect_restart ();
}

/* A part in very small chunks: the end is found, and the connection is reused. */
TEST_F (ServerRanges, PartInChunks)
{
  resume_with ([this] (Exchange &x) {
    std::string rest = file.body.substr (kCut);
    char size[32];
    std::snprintf (size, sizeof size, "%zx\r\n", rest.size () - 1);
    x.send ("HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes "
            "300000-999999/1000000\r\nTransfer-Encoding: chunked\r\n\r\n" +
            std::string (size) + rest.substr (0, rest.size () - 1) + "\r\n1\r\n" + rest.back () +
            "\r\n0\r\n\r\n");
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

/* A server whose parts are always wrong may send the whole correctly: in the end we send a plain request. */
TEST_F (ServerRanges, ResumesThatAreAlwaysAnsweredWrongly)
{
  config["RetryDelayMin"] = "10ms";
  config["RetryDelayMax"] = "50ms";
  for (const char *wire :
       {"HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello",
        "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 300000-999999/1000000"
        "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "<html>502</html>\r\n\r\n"}) {
    SCOPED_TRACE (wire);
    std::string bytes = wire, target = "/file" + std::to_string (bytes.size ());
    server.on (target, [this, bytes] (Exchange &x) {
      if (x.request.visit == 0)
        x.respond (file, {kCut});
      else if (x.request.has ("Range"))
        x.send (bytes);
      else
        x.respond (file);
    });
    Download download = fetch (server.url (target), target.substr (1), file.body);
    EXPECT_EQ (download.number ("RestartCount"), 1u);
    EXPECT_LE (server.count (target), 6);
  }
}

TEST_F (ServerRanges, SeveralRangesInOneBody)
{
  resume_with ([] (Exchange &x) {
    part (x, "", "--b\r\nContent-Range: bytes 300000-999999/1000000\r\n\r\nx\r\n--b--\r\n",
          {{"Content-Type", "multipart/byteranges; boundary=b"}});
  });
  expect_restart ();
}

TEST_F (ServerRanges, ShorterRangeThanAskedIsCompleted)
{
  server.on ("/file", [this] (Exchange &x) {
    auto range = x.request.range ();
    if (!range) {
      x.respond (file, {kCut});
      return;
    }
    std::uint64_t end = std::min<std::uint64_t> (range->first + 200000, kSize);
    part (x, "bytes " + std::to_string (range->first) + "-" + std::to_string (end - 1) + "/1000000",
          std::string_view (file.body).substr (range->first, end - range->first));
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

TEST_F (ServerRanges, PartForPlainGetIsRefused)
{
  server.on ("/file", [this] (Exchange &x) {
    part (x, "bytes 0-299999/1000000", std::string_view (file.body).substr (0, kCut));
  });
  expect_failure (create_file (server.url ("/file"), "file"), "InvalidResponse", "remote-file");
  EXPECT_FALSE (server.requests ("/file")[0].has ("Range"));
}

TEST_F (ServerRanges, NotSatisfiableWhenResumingBeginsAgain)
{
  resume_with ([] (Exchange &x) {
    x.answer ("416 Range Not Satisfiable", {{"Content-Range", "bytes */1000"}});
  });
  expect_restart ();
}

TEST_F (ServerRanges, NotSatisfiableForPlainGetFails)
{
  server.on ("/file", [] (Exchange &x) { x.answer ("416 Range Not Satisfiable"); });
  Download download = create_file (server.url ("/file"), "file");
  expect_failure (download, "HttpStatus", "remote-file");
  EXPECT_EQ (download.number ("HttpStatus"), 416u);
}

TEST_F (ServerRanges, ExplicitRangesFromServerWithoutRangesFail)
{
  file.ranges = false;
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ({{1000, 1000}}));
  ASSERT_TRUE (download.wait ("failed"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "RangeNotSupported");
}

TEST_F (ServerRanges, ExplicitRangeBehindTheEndFails)
{
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ({{kSize + 5, 10}}));
  ASSERT_TRUE (download.wait ("failed"));
  EXPECT_NE (download.text ("ErrorMessage"), "");
  EXPECT_EQ (download.number ("HttpStatus"), 416u);
}

TEST_F (ServerRanges, ExplicitRangesLandAtTheirOffsets)
{
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ({{1000, 2000}, {500000, 100000}, {999000, kUnknown}}));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesTotal"), 103000u);
  EXPECT_EQ (download.number ("BytesTransferred"), 103000u);
  EXPECT_EQ (download.get ("TransferredRanges").print (),
             "[(uint64 1000, uint64 2000), (500000, 100000), (999000, 1000)]");
  EXPECT_EQ (server.body_bytes (), 103000u);
  ASSERT_EQ (part_files ().size (), 1u);
  std::string found = read_file (part_files ()[0]);
  ASSERT_EQ (found.size (), kSize);
  EXPECT_TRUE (same_bytes (found.substr (1000, 2000), file.body.substr (1000, 2000)));
  EXPECT_TRUE (same_bytes (found.substr (500000, 100000), file.body.substr (500000, 100000)));
  EXPECT_TRUE (same_bytes (found.substr (999000), file.body.substr (999000)));
  EXPECT_EQ (found.substr (3000, 1000), std::string (1000, '\0'));

  /* further ranges, in state transferred */
  ASSERT_TRUE (download.start ({{0, 1000}, {3000, 1000}}));
  ASSERT_TRUE (wait_polling ([&] { return download.number ("BytesTransferred") == 105000; }));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.get ("TransferredRanges").print (),
             "[(uint64 0, uint64 4000), (500000, 100000), (999000, 1000)]");
  check_targets = false;
  ASSERT_TRUE (download.finalize ());
  found = read_file (target ("file"));
  EXPECT_TRUE (same_bytes (found.substr (0, 4000), file.body.substr (0, 4000)));
}

TEST_F (ServerRanges, RangesThatAreThereAreNotFetchedAgain)
{
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ({{1000, 2000}}));
  ASSERT_TRUE (download.wait ("transferred"));
  for (std::uint64_t i = 0; i < 10; i++) {
    ASSERT_TRUE (download.start ({{1000 + i, 100}}));
    ASSERT_TRUE (download.wait ("transferred"));
  }
  EXPECT_EQ (server.count ("/file"), 1);
}

TEST_F (ServerRanges, ExplicitRangesAreToldOneByOne)
{
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ({{1000, 2000}, {500000, 100000}}));
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (
      wait_until ([&] { return connection->count (download.path, "RangeTransferred") >= 2; }));
  EXPECT_EQ (connection->count (download.path, "RangeTransferred"), 2);
}

TEST_F (ServerRanges, OverlappingExplicitRangesAreRefused)
{
  Download download = create_file (server.url ("/file"), "file");
  EXPECT_EQ (download.start ({{0, 1000}, {500, 1000}}).error, "InvalidArgument");
  EXPECT_EQ (download.start ({{0, kUnknown}, {500, 1000}}).error, "InvalidArgument");
  EXPECT_EQ (download.start ({{0, 0}}).error, "InvalidArgument");
  EXPECT_EQ (download.start ({{UINT64_MAX - 5, 100}}).error, "InvalidArgument");
  EXPECT_EQ (download.status ().state, "created");
}

TEST_F (ServerRanges, ExplicitRangesResumeInTheMiddle)
{
  server.on ("/file",
             [this] (Exchange &x) { x.respond (file, {x.request.visit == 0 ? 50000 : SIZE_MAX}); });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ({{100000, 200000}, {800000, 100000}}));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesFetched"), 300000u);
  std::string found = read_file (part_files ().at (0));
  EXPECT_TRUE (same_bytes (found.substr (100000, 200000), file.body.substr (100000, 200000)));
  EXPECT_TRUE (same_bytes (found.substr (800000, 100000), file.body.substr (800000, 100000)));
}
