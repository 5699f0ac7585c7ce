/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bad response on a further connection takes nothing from the connections that bring bytes; and beginning again has
 * a limit.
 */
#include "support/fixture.h"

using namespace st;

static constexpr std::size_t kMega = 1024 * 1024;

class ServerFurther : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    config["RetryDelayMin"] = "50ms";
    config["RetryDelayMax"] = "100ms";
    file.body = random_bytes (6 * kMega);
    allow (file.body);
  }

  static Properties
  foreground ()
  {
    return Properties ().add ("Priority", "foreground");
  }

  /* Answers a plain GET correctly and slowly, and any Range with @answer. */
  void
  answer_ranges (const Handler &answer)
  {
    server.on ("/file", [this, answer] (Exchange &x) {
      if (x.request.has ("Range"))
        answer (x);
      else
        x.respond (file, {SIZE_MAX, SIZE_MAX, 4 * kMega});
    });
  }

  /* Expects that everything came over the first connection, once. */
  void
  expect_one_connection_to_do ()
  {
    Download download = fetch (server.url ("/file"), "file", file.body, foreground ());
    EXPECT_EQ (download.number ("RestartCount"), 0u);
    EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
    /* the other connections were opened at the same time, and then no more */
    EXPECT_LE (server.count ("/file"), 4) << "nothing was learned";
  }

  std::string
  range_head (const Exchange &x, const std::string &fields)
  {
    auto range = *x.request.range ();
    std::uint64_t end = std::min<std::uint64_t> (range.second, file.body.size ());
    return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string (range.first) +
           "-" + std::to_string (end - 1) + "/" + std::to_string (file.body.size ()) +
           "\r\nContent-Length: " + std::to_string (end - range.first) + "\r\n" + fields + "\r\n";
  }

  Resource file;
  Server server;
};

TEST_F (ServerFurther, PartsWithoutValidators)
{
  answer_ranges ([this] (Exchange &x) {
    x.send (range_head (x, "") + file.body.substr (x.request.range ()->first));
  });
  expect_one_connection_to_do ();
}

TEST_F (ServerFurther, EveryMachineHasAnotherTag)
{
  answer_ranges ([this] (Exchange &x) {
    Resource other = file;
    other.etag = "\"machine-" + std::to_string (x.request.visit) + "\"";
    x.respond (other);
  });
  expect_one_connection_to_do ();
}

TEST_F (ServerFurther, PartsOfAnotherTag)
{
  answer_ranges ([this] (Exchange &x) {
    x.send (range_head (x, "ETag: \"v2\"\r\n") + file.body.substr (x.request.range ()->first));
  });
  expect_one_connection_to_do ();
}

TEST_F (ServerFurther, AnyOtherAnswer)
{
  const std::vector<std::pair<std::string, Fields>> answers = {
      {"200 OK", {{"Content-Type", "text/html"}}},
      {"200 OK", {{"ETag", "\"v1\""}, {"Content-Range", "bytes 0-3/6291456"}}},
      {"204 No Content", {}},
      {"206 Partial Content", {}},
      {"206 Partial Content", {{"Content-Range", "bytes 0-3/4"}, {"ETag", "\"v1\""}}},
      {"302 Found", {{"Location", "/login"}}},
      {"302 Found", {{"Location", "http://a%0d%0ab/"}}},
      {"304 Not Modified", {}},
      {"401 Unauthorized", {{"WWW-Authenticate", "Basic realm=\"x\""}}},
      {"403 Forbidden", {}},
      {"404 Not Found", {}},
      {"412 Precondition Failed", {}},
      {"416 Range Not Satisfiable", {{"Content-Range", "bytes */6291456"}}},
      {"429 Too Many Requests", {{"Retry-After", "60"}}},
      {"500 Internal Server Error", {}},
      {"503 Service Unavailable", {}},
  };
  int n = 0;

  server.on ("/login", [] (Exchange &x) { x.answer ("200 OK", {}, "log in"); });
  for (const auto &[status, fields] : answers) {
    SCOPED_TRACE (status);
    Resource small = file;
    /* a separate host for each, because something may be learnt about hosts */
    Server own;
    std::string status_line = status;
    Fields sent = fields;
    own.on ("/login", [] (Exchange &x) { x.answer ("200 OK", {}, "log in"); });
    own.on ("/file", [this, status_line, sent] (Exchange &x) {
      if (x.request.has ("Range"))
        x.answer (status_line, sent, status_line[0] == '3' || status_line[2] == '4' ? "" : "none");
      else
        x.respond (file, {SIZE_MAX, SIZE_MAX, 8 * kMega});
    });
    Download download =
        fetch (own.url ("/file"), "file" + std::to_string (n++), file.body, foreground ());
    EXPECT_EQ (download.number ("RestartCount"), 0u);
    EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
    EXPECT_LE (own.count ("/file"), 4);
  }
}

TEST_F (ServerFurther, HeadThatIsCutOrNoHttp)
{
  for (const char *wire : {"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\n", "<html>", "",
                           "HTTP/1.1 206 Partial\r\nContent-Length: -1\r\n\r\n"}) {
    SCOPED_TRACE (wire);
    Server own;
    std::string bytes = wire;
    own.on ("/file", [this, bytes] (Exchange &x) {
      if (!x.request.has ("Range")) {
        x.respond (file, {SIZE_MAX, SIZE_MAX, 8 * kMega});
        return;
      }
      x.send (bytes);
      x.close ();
    });
    Download download = fetch (own.url ("/file"), "file" + std::to_string (bytes.size ()),
                               file.body, foreground ());
    EXPECT_EQ (download.number ("RestartCount"), 0u);
    EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
  }
}

/* What was learnt is kept for the download's retries, and for other downloads of the host. */
TEST_F (ServerFurther, WhatWasLearnedIsKept)
{
  server.on ("/file", [this] (Exchange &x) {
    if (server.busy () > 1)
      x.answer ("403 Forbidden", {}, "one connection a client");
    else
      x.respond (file, {x.request.visit == 0 ? 4 * kMega : SIZE_MAX, SIZE_MAX, 4 * kMega});
  });
  server.serve ("/other", file, {SIZE_MAX, SIZE_MAX, 4 * kMega});
  Download download = fetch (server.url ("/file"), "file", file.body, foreground ());
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_LE (server.count ("/file"), 5) << "the retry tried several connections again";
  fetch (server.url ("/other"), "other", file.body, foreground ());
  EXPECT_EQ (server.count ("/other"), 1);
}

/* Several machines answer by chance, each with a different tag: the download ends, with at most twice the bytes. */
TEST_F (ServerFurther, OneCdnManyTags)
{
  server.on ("/file", [this] (Exchange &x) {
    Resource version = file;
    version.etag =
        "\"machine-" + std::to_string ((x.request.visit * 7 + x.request.connection) % 4) + "\"";
    x.respond (version, {SIZE_MAX, SIZE_MAX, 8 * kMega});
  });
  Download download = fetch (server.url ("/file"), "file", file.body, foreground ());
  EXPECT_LE (download.number ("BytesFetched"), 2 * file.body.size ());
  EXPECT_LE (server.count ("/file"), 12);
}

/* The only connection left gets a different version: the file has changed, and everything begins again. */
TEST_F (ServerFurther, ChangeThatIsSeenByAll)
{
  Resource second = file;

  second.body = random_bytes (6 * kMega, 2);
  second.etag = "\"v2\"";
  allow (second.body);
  server.on ("/file", [this, second] (Exchange &x) {
    if (x.request.visit == 0)
      x.respond (file, {3 * kMega, SIZE_MAX, 4 * kMega});
    else
      x.respond (second);
  });
  Download download = fetch (server.url ("/file"), "file", second.body, foreground ());
  EXPECT_EQ (download.number ("RestartCount"), 1u);
}

/*
 * A body that breaks off again and again, without a way to resume: the download says so, slows down, and fails with
 * the reason.
 */
TEST_F (ServerFurther, BeginningAgainHasAnEnd)
{
  bool told = false;

  file.body.resize (200000);
  allow (file.body);
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" +
            file.body.substr (0, 100000) + "\r\n<html>\r\n");
    x.close ();
  });
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_until (
      [&] {
        Status status = download.status ();
        for (const std::string &reason : download.get ("StateReasons").strv ())
          told |= reason == "starting-over";
        return status.state == "failed";
      },
      30));
  EXPECT_TRUE (told) << "StateReasons never said why it waits";
  EXPECT_NE (download.text ("ErrorMessage").find ("in vain"), std::string::npos)
      << download.text ("ErrorMessage");
  EXPECT_NE (download.text ("ErrorMessage").find ("a chunk has no valid size"), std::string::npos)
      << download.text ("ErrorMessage");
  EXPECT_EQ (download.number ("RestartCount"), 10u);
  EXPECT_EQ (server.count ("/file"), 11);
  EXPECT_LE (download.number ("BytesFetched"), 11 * 100000u);
}

/* Each response is a different version, in the foreground, where nothing waits. */
TEST_F (ServerFurther, EndlessVersionsHaveAnEnd)
{
  file.body.resize (kMega);
  allow (file.body);
  server.on ("/file", [this] (Exchange &x) {
    Resource version = file;
    version.etag = "\"" + std::to_string (x.request.visit) + "\"";
    x.respond (version, {kMega / 2});
  });
  Download download = create_file (server.url ("/file"), "file", foreground ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("failed", 40));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "RemoteFileChanged");
  EXPECT_LE (server.count ("/file"), 40);
  /* and Start gives it a new chance */
  server.serve ("/file", file);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ServerFurther, BytesFetchedCountsSinceCreation)
{
  server.serve ("/file", file, {SIZE_MAX, 4 * kMega});
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (4 * kMega - 600000));
  ASSERT_TRUE (wait_until ([&] { return download.number ("BytesFetched") >= 4 * kMega - 600000; }));
  restart_daemon (SIGKILL);
  server.release ();
  ASSERT_TRUE (download.wait ("transferred", 30));
  EXPECT_GE (download.number ("BytesFetched"), file.body.size () - kMega);
  finalize_and_check (download, file.body);
}
