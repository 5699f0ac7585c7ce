/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends of responses without and with proof: exact bytes on the wire, with and without TLS. */
#include "support/fixture.h"
#include "support/tls-front.h"

using namespace st;

static constexpr std::size_t kSize = 300000;

static std::string
chunk (std::string_view bytes)
{
  char size[32];

  std::snprintf (size, sizeof size, "%zx\r\n", bytes.size ());
  return size + std::string (bytes) + "\r\n";
}

class ServerFraming : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    config["RetryDelayMin"] = "100ms";
    config["RetryDelayMax"] = "200ms";
    file.body = random_bytes (kSize);
    allow (file.body);
  }

  /* The first @times responses are @wire, and then the connection ends; the others are correct. */
  void
  first_wire (const std::string &wire, int times = 1, bool closes = true)
  {
    server.on ("/file", [this, wire, times, closes] (Exchange &x) {
      if (x.request.visit >= times) {
        x.respond (file);
        return;
      }
      x.send (wire);
      if (closes)
        x.close ();
    });
  }

  /*
   * Expects that it is not taken for the file, and that the next response is: with HTTP and TLS, in background and
   * foreground.
   */
  void
  expect_tried_again (const std::string &wire, int times = 1, bool orderly = true)
  {
    TlsFront front (dir / ("tls" + std::to_string (++n)), server.port (), orderly);
    for (const char *priority : {"normal", "foreground"}) {
      for (bool tls : {false, true}) {
        SCOPED_TRACE (std::string (priority) + (tls ? " with TLS: " : ": ") + wire.substr (0, 200));
        std::string target = "/file" + std::to_string (++n);
        server.on (target, [this, wire, times] (Exchange &x) {
          if (x.request.visit >= times) {
            x.respond (file);
            return;
          }
          x.send (wire);
          x.close ();
        });
        Download download = fetch (tls ? front.url (target) : server.url (target),
                                   "file" + std::to_string (n), file.body,
                                   Properties ()
                                       .add ("Priority", priority)
                                       .add_strv ("SecurityFlags", {"ignore-unknown-ca"}));
        EXPECT_GE (server.count (target), times + 1);
      }
    }
  }

  const std::string ok = "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\n";
  Resource file;
  Server server;
  int n = 0;
};

TEST_F (ServerFraming, CutBetweenChunks)
{
  std::string_view body = file.body;

  for (const char *connection : {"", "Connection: close\r\n", "Connection: keep-alive\r\n"})
    expect_tried_again (ok + connection + "Transfer-Encoding: chunked\r\n\r\n" +
                            chunk (body.substr (0, 65536)) + chunk (body.substr (65536, 65536)),
                        2);
}

TEST_F (ServerFraming, CutBehindTheLastChunk)
{
  for (const char *rest : {"0", "0\r", "0\r\n", "0\r\n\r", "0\r\nTrailer: 1\r\n"})
    expect_tried_again (ok + "Transfer-Encoding: chunked\r\n\r\n" + chunk (file.body) + rest);
}

TEST_F (ServerFraming, LastChunkAndThenTheEndIsWhole)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send (ok + "Transfer-Encoding: chunked\r\n\r\n" + chunk (file.body) + "0\r\n\r\n");
    x.close ();
  });
  TlsFront front (dir / "tls", server.port (), false);
  for (const std::string &url : {server.url ("/file"), front.url ("/file")}) {
    int before = server.count ("/file");
    fetch (url, "file" + std::to_string (++n), file.body,
           Properties ().add_strv ("SecurityFlags", {"ignore-unknown-ca"}));
    EXPECT_EQ (server.count ("/file"), before + 1);
  }
}

TEST_F (ServerFraming, PageWhereASizeBelongs)
{
  const std::string page = "<html>\r\n<body>502 Bad Gateway</body></html>\r\n";
  std::string_view body = file.body;

  for (const char *connection : {"", "Connection: close\r\n"})
    expect_tried_again (ok + connection + "Transfer-Encoding: chunked\r\n\r\n" +
                        chunk (body.substr (0, 1000)) + page);
}

TEST_F (ServerFraming, PageInTheAnswerToAResume)
{
  std::string_view body = file.body;

  server.on ("/file", [this, body] (Exchange &x) {
    if (x.request.visit == 0)
      x.respond (file, {100000});
    else if (x.request.visit == 1) {
      auto range = x.request.range ();
      ASSERT_TRUE (range.has_value ());
      x.send ("HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes " +
              std::to_string (range->first) +
              "-299999/300000\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunk (body.substr (range->first, 1000)) + "<html>\r\n<body>502\r\n");
      x.close ();
    } else {
      x.respond (file);
    }
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

TEST_F (ServerFraming, HeadThatBreaksOff)
{
  for (const char *head :
       {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "HTTP/1.1 200 OK",
        "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\n"})
    expect_tried_again (head);
}

TEST_F (ServerFraming, HeadThatBreaksOffInTheAnswerToAResume)
{
  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0)
      x.respond (file, {100000});
    else if (x.request.visit == 1) {
      x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\n");
      x.close ();
    } else {
      x.respond (file);
    }
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

/* RFC 9112, section 9.8: without a notice from TLS, the end of the connection proves nothing. */
TEST_F (ServerFraming, EndWithoutNoticeProvesNothing)
{
  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0)
      x.send ("HTTP/1.1 200 OK\r\n\r\n" + file.body.substr (0, 100000));
    else
      x.send ("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + file.body);
    x.close ();
  });
  TlsFront front (dir / "tls", server.port (), false);
  fetch (front.url ("/file"), "file", file.body,
         Properties ().add_strv ("SecurityFlags", {"ignore-unknown-ca"}));
  EXPECT_EQ (server.count ("/file"), 2);
}

TEST_F (ServerFraming, EndWithNoticeProvesTheEnd)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\n\r\n" + file.body);
    x.close ();
  });
  TlsFront front (dir / "tls", server.port (), true);
  fetch (front.url ("/file"), "file", file.body,
         Properties ().add_strv ("SecurityFlags", {"ignore-unknown-ca"}));
  EXPECT_EQ (server.count ("/file"), 1);
}

TEST_F (ServerFraming, LengthsThatAreNoneFailInPlainWords)
{
  for (const char *fields :
       {"Content-Length:\r\n", "Content-Length: -5\r\n",
        "Content-Length: 5\r\nContent-Length: 7\r\n", "Content-Length:\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 7\r\n", "Content-Length: 18446744073709551611\r\n"}) {
    SCOPED_TRACE (fields);
    std::string target = "/file" + std::to_string (++n);
    std::string wire = ok + fields + "\r\nhello world";
    server.on (target, [wire] (Exchange &x) { x.send (wire); });
    Download download = create_file (server.url (target), "file" + std::to_string (n));
    expect_failure (download, "InvalidResponse", "remote-file");
    EXPECT_NE (download.text ("ErrorMessage").find ("Content-Length"), std::string::npos);
    EXPECT_EQ (download.number ("BytesTotal"), kUnknown);
    EXPECT_EQ (server.count (target), 1);
  }
}

TEST_F (ServerFraming, LengthBesideChunksIsNoSize)
{
  first_wire (ok + "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk (file.body) +
                  "0\r\n\r\n",
              1, false);
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesTotal"), kSize);
  EXPECT_EQ (server.count ("/file"), 1);
  EXPECT_NE (log ().find ("has Content-Length and Transfer-Encoding"), std::string::npos);
  /* and its connection is not reused */
  fetch (server.url ("/file"), "again", file.body);
  EXPECT_EQ (server.connections (), 2);
}

TEST_F (ServerFraming, ExtensionsOfChunksAreIgnored)
{
  std::string size = "493e0;" + std::string (200, 'x') + "; y=\"z\"\r\n";

  first_wire (ok + "Transfer-Encoding: chunked\r\n\r\n" + size + file.body + "\r\n0;" +
                  std::string (3000, 'e') + "\r\nX-Trailer: 1\r\n\r\n",
              1, false);
  fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (server.count ("/file"), 1);
}

/* The rest of one response is not the next one: another download on the connection is not affected. */
TEST_F (ServerFraming, LeftoversHurtNobody)
{
  Resource other;

  other.body = random_bytes (50000, 9);
  allow (other.body);
  server.serve ("/other", other);
  for (const char *rest : {"hello", "\r\n\r\n\r\n\r\n\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "<html>"}) {
    for (const std::string &wire :
         {"HTTP/1.1 204 No Content\r\n\r\n" + std::string (rest),
          "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + std::string (rest),
          "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno" + std::string (rest)}) {
      SCOPED_TRACE (wire);
      std::string target = "/odd" + std::to_string (++n);
      server.on (target, [wire] (Exchange &x) { x.send (wire); });
      Download odd = create_file (server.url (target), "odd" + std::to_string (n));
      ASSERT_TRUE (odd.start ());
      ASSERT_TRUE (odd.wait ("failed"));
      Download good = fetch (server.url ("/other"), "good" + std::to_string (n), other.body);
      EXPECT_EQ (good.number ("ErrorCount"), 0u);
    }
  }
}

/* They arrive after the next request was sent: it is sent again on a new connection. */
TEST_F (ServerFraming, LateLeftoversAreAskedAgain)
{
  Resource other;
  int asked = 0;

  other.body = random_bytes (50000, 9);
  allow (other.body);
  server.serve ("/first", file);
  server.on ("/other", [&] (Exchange &x) {
    if (asked++ == 0)
      x.send ("<html>what was left of the answer before</html>\r\n\r\n");
    else
      x.respond (other);
  });
  fetch (server.url ("/first"), "first", file.body);
  Download good = fetch (server.url ("/other"), "other", other.body);
  EXPECT_EQ (good.number ("ErrorCount"), 0u);
  EXPECT_EQ (asked, 2);
  EXPECT_EQ (server.connections (), 2);
}

TEST_F (ServerFraming, GarbageOnAFreshConnectionFails)
{
  server.on ("/file", [] (Exchange &x) { x.send ("<html>no HTTP at all</html>\r\n\r\n"); });
  Download download = create_file (server.url ("/file"), "file");
  expect_failure (download, "InvalidResponse", "remote-file");
  EXPECT_EQ (server.count ("/file"), 1);
}

/* Interim responses without an end: an error at once, and no busy loop. */
TEST_F (ServerFraming, InterimResponsesWithoutEnd)
{
  std::string many;

  for (int i = 0; i < 1000; i++)
    many += "HTTP/1.1 102 Processing\r\n\r\n";
  server.on ("/file", [many] (Exchange &x) {
    for (;;)
      x.send (many);
  });
  Download download = create_file (server.url ("/file"), "file");
  expect_failure (download, "InvalidResponse");
  EXPECT_NE (download.text ("ErrorMessage").find ("1xx"), std::string::npos);
  stop_daemon ();
}

TEST_F (ServerFraming, SomeInterimResponsesAreNoHarm)
{
  server.on ("/file", [this] (Exchange &x) {
    for (int i = 0; i < 5; i++)
      x.send ("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n");
    x.respond (file);
  });
  fetch (server.url ("/file"), "file", file.body);
}

/* A slow head: FirstByteTimeout counts, and Pause and SIGTERM take effect. */
TEST_F (ServerFraming, DrippingHeadEndsWhenToldTo)
{
  server.on ("/file", [] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\n");
    for (;;) {
      x.send ("X: y\r\n");
      x.pause (0.01);
    }
  });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferring"));
  ASSERT_TRUE (wait_polling ([this] { return server.count ("/file") == 1; }));
  EXPECT_TRUE (download.pause ());
  EXPECT_EQ (download.status ().state, "paused");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_polling ([this] { return server.count ("/file") == 2; }));
  stop_daemon ();
}

/* An error's body is never kept in memory, however long it is. */
TEST_F (ServerFraming, BodiesOfErrorsAreNotRead)
{
  for (const char *status :
       {"401 Unauthorized", "407 Proxy Authentication Required", "500 No", "404 No"}) {
    std::string target = "/file" + std::to_string (++n),
                head = "HTTP/1.1 " + std::string (status) + "\r\nWWW-Authenticate: Basic\r\n\r\n";
    server.on (target, [head] (Exchange &x) {
      x.send (head);
      x.hold ();
    });
    Download download = create_file (server.url (target), "file" + std::to_string (n));
    ASSERT_TRUE (download.start ());
    EXPECT_TRUE (download.wait (*status == '5' || status[2] == '7' ? "retrying" : "failed", 5))
        << status;
    EXPECT_EQ (download.number ("HttpStatus"), std::stoul (status));
    download.abort ();
  }
}
