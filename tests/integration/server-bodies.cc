/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bodies that are too short, too long, of unknown size, slow, cut or encoded; headers that never end. */
#include "support/fixture.h"

using namespace st;

static constexpr std::size_t kSize = 1000000;
static constexpr std::size_t kCut = 300000;

class ServerBodies : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (kSize);
    allow (file.body);
  }

  /* @wrong handles the first @times requests; the others are answered correctly. */
  void
  first_wrong (const Handler &wrong, int times = 1)
  {
    server.on ("/file", [this, wrong, times] (Exchange &x) {
      if (x.request.visit < times)
        wrong (x);
      else
        x.respond (file);
    });
  }

  static std::string
  chunk (std::string_view bytes)
  {
    char size[32];
    std::snprintf (size, sizeof size, "%zx\r\n", bytes.size ());
    return size + std::string (bytes) + "\r\n";
  }

  Resource file;
  Server server;
};

TEST_F (ServerBodies, TooShort)
{
  first_wrong ([this] (Exchange &x) { x.respond (file, {kCut}); }, 2);
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 2u);
}

TEST_F (ServerBodies, TooShortIsTellingWhy)
{
  config["RetryDelayMin"] = "20s";
  config["RetryDelayMax"] = "20s";
  first_wrong ([this] (Exchange &x) { x.respond (file, {kCut}); });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "Connect");
  EXPECT_EQ (download.text ("ErrorContext"), "transport");
  EXPECT_NE (download.text ("ErrorMessage"), "");
  EXPECT_EQ (download.get ("StateReasons").strv (), std::vector<std::string> ({"backoff"}));
  EXPECT_EQ (download.number ("BytesTransferred"), kCut);
  EXPECT_EQ (download.number ("BytesTotal"), kSize);
  EXPECT_GT (download.number ("RetryAt"), (std::uint64_t)g_get_real_time ());
  EXPECT_EQ (download.finalize ().error, "InvalidState");
  EXPECT_FALSE (exists (target ("file")));
}

TEST_F (ServerBodies, TooLongStopsWhereItShould)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000000\r\n\r\n");
    x.send_body (file.body + "and some more that does not belong to it", {});
    x.close ();
  });
  fetch (server.url ("/file"), "file", file.body);
}

TEST_F (ServerBodies, LeftoverOfOneAnswerIsNotTheNext)
{
  std::string other = random_bytes (30, 7);

  allow (other);
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 1000000\r\n\r\n");
    x.send_body (file.body + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", {});
  });
  server.on ("/other", [other] (Exchange &x) { x.answer ("200 OK", {}, other); });
  fetch (server.url ("/file"), "file", file.body);
  fetch (server.url ("/other"), "other", other);
}

TEST_F (ServerBodies, Chunked)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"v1\"\r\n\r\n");
    for (std::size_t at = 0; at < kSize; at += 33333)
      x.send (chunk (std::string_view (file.body).substr (at, 33333)));
    x.send ("0\r\n\r\n");
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesTotal"), kSize);
  EXPECT_EQ (download.number ("BytesTransferred"), kSize);
}

TEST_F (ServerBodies, ChunkedSizeIsUnknownUntilTheEnd)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"v1\"\r\n\r\n");
    x.send (chunk (std::string_view (file.body).substr (0, kCut)));
    x.hold ();
    x.send (chunk (std::string_view (file.body).substr (kCut)) + "0\r\n\r\n");
  });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1));
  EXPECT_EQ (download.number ("BytesTotal"), kUnknown);
  EXPECT_EQ (download.status ().total, kUnknown);
  server.release ();
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesTotal"), kSize);
  finalize_and_check (download, file.body);
}

TEST_F (ServerBodies, ChunkedAndCutIsNotTheEnd)
{
  first_wrong ([this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: \"v1\"\r\n\r\n");
    x.send (chunk (std::string_view (file.body).substr (0, kCut)));
    x.close ();
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
}

TEST_F (ServerBodies, ChunkSizeIsGarbage)
{
  first_wrong ([] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\nnonsense\r\n");
    x.close ();
  });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] {
    std::string state = download.status ().state;
    return state == "failed" || state == "transferred";
  }));
  if (download.status ().state == "transferred")
    finalize_and_check (download, file.body);
  else
    EXPECT_EQ (download.text ("Error"), std::string (kError) + "InvalidResponse");
}

TEST_F (ServerBodies, UnknownSizeEndsWithTheConnection)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    x.send_body (file.body, {});
    x.close ();
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesTotal"), kSize);
}

TEST_F (ServerBodies, OldProtocolVersion)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n");
    x.send_body (file.body, {});
    x.close ();
  });
  fetch (server.url ("/file"), "file", file.body);
}

TEST_F (ServerBodies, UnknownSizeAndReset)
{
  first_wrong ([this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    x.send_body (std::string_view (file.body).substr (0, kCut), {});
    x.pause (0.2);
    x.reset ();
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
}

TEST_F (ServerBodies, Empty)
{
  server.on ("/file", [] (Exchange &x) { x.answer ("200 OK", {{"ETag", "\"e\""}}); });
  Download download = fetch (server.url ("/file"), "file", "");
  EXPECT_EQ (download.number ("BytesTotal"), 0u);
  EXPECT_TRUE (exists (target ("file")));
}

TEST_F (ServerBodies, EmptyAndChunked)
{
  server.on ("/file", [] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  });
  fetch (server.url ("/file"), "file", "");
  EXPECT_TRUE (exists (target ("file")));
}

TEST_F (ServerBodies, EmptyAndTheConnectionEnds)
{
  server.on ("/file", [] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    x.close ();
  });
  fetch (server.url ("/file"), "file", "");
}

TEST_F (ServerBodies, EmptyWithDigest)
{
  server.on ("/file", [] (Exchange &x) { x.answer ("200 OK"); });
  fetch (server.url ("/file"), "file", "", Properties ().add ("Digest", "sha256:" + sha256 ("")));
}

TEST_F (ServerBodies, OneByte)
{
  server.on ("/file", [] (Exchange &x) { x.answer ("200 OK", {}, "x"); });
  fetch (server.url ("/file"), "file", "x",
         Properties ().add ("Priority", "foreground").add ("Digest", "sha256:" + sha256 ("x")));
}

TEST_F (ServerBodies, CutsAfterEvery300kB)
{
  file.body = random_bytes (10 * kCut + 12345);
  server.serve ("/file", file, {kCut});
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
  EXPECT_EQ (download.number ("ErrorCount"), 10u);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (server.count ("/file"), 11);
}

TEST_F (ServerBodies, CutsAfterEvery300kBInTheForeground)
{
  file.body = random_bytes (10 * kCut + 12345);
  server.serve ("/file", file, {kCut});
  Download download =
      fetch (server.url ("/file"), "file", file.body, Properties ().add ("Priority", "foreground"));
  EXPECT_EQ (download.number ("RestartCount"), 0u);
}

TEST_F (ServerBodies, ProgressResetsTheBackOff)
{
  config["RetryDelayMin"] = "50ms";
  config["RetryDelayMax"] = "60s";
  file.body = random_bytes (8 * kCut);
  server.serve ("/file", file, {kCut});
  /* waits that double seven times would last 6 s */
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 4));
}

TEST_F (ServerBodies, StallBeforeTheHeaders)
{
  config["FirstByteTimeout"] = "500ms";
  first_wrong ([] (Exchange &x) { x.hold (); });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
}

TEST_F (ServerBodies, StallBeforeTheHeadersIsTimeout)
{
  config["FirstByteTimeout"] = "300ms";
  config["RetryDelayMin"] = "20s";
  config["RetryDelayMax"] = "20s";
  first_wrong ([] (Exchange &x) { x.hold (); });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "Timeout");
  /* and Start ends the wait */
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ServerBodies, StallInTheHeaders)
{
  config["FirstByteTimeout"] = "500ms";
  first_wrong ([] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nContent-Le");
    x.hold ();
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
}

TEST_F (ServerBodies, HeadersByteByByte)
{
  config["FirstByteTimeout"] = "500ms";
  first_wrong ([] (Exchange &x) {
    for (char c :
         std::string ("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nX-Slow: yes\r\n\r\n")) {
      x.send (std::string (1, c));
      x.pause (0.05);
    }
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
}

TEST_F (ServerBodies, StallInTheBody)
{
  config["StallTimeout"] = "1s";
  first_wrong ([this] (Exchange &x) { x.respond (file, {SIZE_MAX, kCut}); });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

TEST_F (ServerBodies, StallInTheBodyIsTimeout)
{
  config["StallTimeout"] = "1s";
  config["RetryDelayMin"] = "20s";
  config["RetryDelayMax"] = "20s";
  server.serve ("/file", file, {SIZE_MAX, kCut});
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "Timeout");
}

TEST_F (ServerBodies, OneByteASecondIsNoStall)
{
  config["StallTimeout"] = "2s";
  file.body = "slow";
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 1});
  Download download =
      fetch (server.url ("/file"), "file", file.body, Properties ().add_u ("NoProgressTimeout", 3));
  EXPECT_EQ (download.number ("ErrorCount"), 0u);
}

TEST_F (ServerBodies, OneByteASecondTakesTooLong)
{
  file.body = std::string (100, 'x');
  server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 1});
  expect_failure (create_file (server.url ("/file"), "file",
                               Properties ().add_u ("MaximumDownloadTime", 2)),
                  "MaximumTime");
}

TEST_F (ServerBodies, NoProgress)
{
  config["StallTimeout"] = "1s";
  config["FirstByteTimeout"] = "300ms";
  server.on ("/file", [] (Exchange &x) { x.hold (); });
  expect_failure (create_file (server.url ("/file"), "file",
                               Properties ().add_u ("NoProgressTimeout", 1)),
                  "NoProgress", "transport");
}

TEST_F (ServerBodies, ManyHeaders)
{
  for (int i = 0; i < 1000; i++)
    file.fields.emplace_back ("X-Header-" + std::to_string (i), std::string (80, 'v'));
  server.serve ("/file", file);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] {
    std::string state = download.status ().state;
    return state == "failed" || state == "transferred";
  }));
  /* 100 kB may be too much, but then the error says so */
  if (download.status ().state == "transferred") {
    finalize_and_check (download, file.body);
    EXPECT_LE (download.get ("ResponseHeaders").print ().size (), 40000u);
  } else {
    EXPECT_EQ (download.text ("Error"), std::string (kError) + "InvalidResponse");
    EXPECT_NE (download.text ("ErrorMessage"), "");
  }
}

TEST_F (ServerBodies, HeadersWithoutEnd)
{
  server.on ("/file", [] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 200000; i++)
      x.send ("X-Header: " + std::string (90, 'v') + "\r\n");
    x.hold ();
  });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] {
    std::string state = download.status ().state;
    return state == "failed" || state == "retrying";
  }));
  EXPECT_NE (download.text ("Error"), "");
  std::string memory = read_file ("/proc/" + std::to_string (daemon.pid ()) + "/status");
  long peak = std::stol (memory.substr (memory.find ("VmHWM:") + 6));
  if (time_factor () == 1) {
    EXPECT_LT (peak, 100 * 1024) << "kB resident";
  }
}

TEST_F (ServerBodies, LowerCaseHeaderNames)
{
  server.on ("/file", [this] (Exchange &x) {
    auto range = x.request.range ();
    std::uint64_t start = range ? range->first : 0;
    x.send (range ? "HTTP/1.1 206 partial content\r\n" : "HTTP/1.1 200 ok\r\n");
    if (range)
      x.send ("content-range: bytes " + std::to_string (start) + "-999999/1000000\r\n");
    x.send ("content-length: " + std::to_string (kSize - start) +
            "\r\netag: \"low\"\r\nlast-modified: Wed, 01 Jan 2025 00:00:00 GMT\r\n"
            "accept-ranges: bytes\r\ncontent-disposition: attachment; filename=named.bin\r\n\r\n");
    x.send_body (std::string_view (file.body).substr (start), {range ? SIZE_MAX : kCut});
  });
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "downloads/"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
  EXPECT_EQ (download.text ("LocalPath"), target ("named.bin"));
  EXPECT_EQ (server.requests ("/file")[1].header ("If-Range"), "\"low\"");
}

/* The coding belongs to the file, as with Apache's AddEncoding for a .tar.gz. */
TEST_F (ServerBodies, EncodedFileIsStoredAsItCame)
{
  for (const char *coding : {"x-gzip", "gzip", "br"}) {
    std::string name = coding;
    file.fields = {{"Content-Encoding", name}, {"Content-Type", "application/x-tar"}};
    server.serve ("/" + name, file);
    fetch (server.url ("/" + name), name, file.body,
           Properties ().add ("Digest", "sha256:" + sha256 (file.body)));
    EXPECT_EQ (server.requests ("/" + name)[0].header ("Accept-Encoding"), "identity");
  }
}

TEST_F (ServerBodies, EncodedFileIsResumed)
{
  file.fields = {{"Content-Encoding", "gzip"}};
  first_wrong ([this] (Exchange &x) { x.respond (file, {kCut}); });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

TEST_F (ServerBodies, EncodingIdentityIsFine)
{
  file.fields = {{"Content-Encoding", "identity"}};
  server.serve ("/file", file);
  fetch (server.url ("/file"), "file", file.body);
}

TEST_F (ServerBodies, LargerThanMaxSize)
{
  server.serve ("/file", file);
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add_t ("MaxSize", kSize - 1));
  expect_failure (download, "TooLarge");
  EXPECT_EQ (download.number ("BytesTransferred"), 0u);
}

TEST_F (ServerBodies, ExactlyMaxSize)
{
  server.serve ("/file", file);
  fetch (server.url ("/file"), "file", file.body, Properties ().add_t ("MaxSize", kSize));
}

TEST_F (ServerBodies, LargerThanMaxSizeAndUnknown)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    x.send_body (file.body, {SIZE_MAX, SIZE_MAX, 2000000});
    x.close ();
  });
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add_t ("MaxSize", 100000));
  expect_failure (download, "TooLarge");
  EXPECT_LE (download.number ("BytesTransferred"), 100000u);
}

TEST_F (ServerBodies, DynamicContentIsNeverResumed)
{
  first_wrong ([this] (Exchange &x) { x.respond (file, {kCut}); }, 2);
  Download download =
      fetch (server.url ("/file"), "file", file.body, Properties ().add ("DynamicContent", true));
  for (const Request &request : server.requests ("/file")) {
    EXPECT_FALSE (request.has ("Range"));
    EXPECT_FALSE (request.has ("If-Range"));
  }
}

TEST_F (ServerBodies, ResponseThatIsNoHttp)
{
  server.on ("/file", [] (Exchange &x) {
    x.send ("SSH-2.0-OpenSSH_9.2\r\n\r\n");
    x.close ();
  });
  config["RetryDelayMin"] = config["RetryDelayMax"] = "20s";
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([&] {
    std::string state = download.status ().state;
    return state == "failed" || state == "retrying";
  }));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "InvalidResponse");
}
