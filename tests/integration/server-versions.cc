/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that change during the transfer: bytes of two versions never meet in one file. */
#include "support/fixture.h"

using namespace st;

static constexpr std::size_t kSize = 1000000;
static constexpr std::size_t kCut = 300000;

class ServerVersions : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    first.body = random_bytes (kSize, 1);
    second.body = random_bytes (kSize, 2);
    second.etag = "\"v2\"";
    second.last_modified = "Thu, 02 Jan 2025 00:00:00 GMT";
    allow (first.body);
    allow (second.body);
  }

  /* The first request gets the beginning of the first version, all later ones the second version. */
  void
  change (bool heeds_if_range = true)
  {
    server.on ("/file", [this, heeds_if_range] (Exchange &x) {
      if (x.request.visit == 0) {
        x.respond (first, {kCut});
        return;
      }
      if (heeds_if_range) {
        x.respond (second);
        return;
      }
      Request careless = x.request;
      for (auto &field : careless.fields) {
        if (field.first == "If-Range")
          field.second = second.etag.empty () ? second.last_modified : second.etag;
      }
      Exchange as_if = Exchange (x, careless);
      as_if.respond (second);
    });
  }

  void
  expect_second_version ()
  {
    Download download = fetch (server.url ("/file"), "file", second.body);
    EXPECT_EQ (download.number ("RestartCount"), 1u);
    int told = 0;
    for (const Signal &signal : connection->signals) {
      if (signal.path == download.path && signal.member == "StatusChanged" &&
          signal.args[0].str () == "transferring" &&
          signal.args[3].str () == std::string (kError) + "RemoteFileChanged")
        told++;
    }
    EXPECT_GE (told, 1) << "StatusChanged does not say why it began again";
  }

  Resource first, second;
  Server server;
};

TEST_F (ServerVersions, NewEtag)
{
  change ();
  expect_second_version ();
  EXPECT_EQ (server.requests ("/file")[1].header ("If-Range"), "\"v1\"");
  EXPECT_EQ (server.requests ("/file")[1].range ()->first, kCut);
}

TEST_F (ServerVersions, NewEtagFromServerThatIgnoresIfRange)
{
  change (false);
  expect_second_version ();
}

TEST_F (ServerVersions, SameEtagOtherSize)
{
  second.etag = first.etag;
  second.last_modified = first.last_modified;
  second.body = random_bytes (kSize + 4096, 3);
  allow (second.body);
  change ();
  expect_second_version ();
}

TEST_F (ServerVersions, SameEtagOtherDate)
{
  second.etag = first.etag;
  change ();
  expect_second_version ();
}

TEST_F (ServerVersions, SameEtagShrunkBelowWhatIsThere)
{
  second.etag = first.etag;
  second.last_modified = first.last_modified;
  second.body = random_bytes (kCut / 2, 3);
  allow (second.body);
  change ();
  expect_second_version ();
}

TEST_F (ServerVersions, NoTraceOfTheChangeIsFoundByTheDigest)
{
  second.etag = first.etag;
  second.last_modified = first.last_modified;
  change ();
  Download download = create_file (server.url ("/file"), "file",
                                   Properties ().add ("Digest", "sha256:" + sha256 (second.body)));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.finalize ().error, "DigestMismatch");
  EXPECT_EQ (download.status ().state, "failed");
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "DigestMismatch");
  EXPECT_EQ (download.text ("ErrorContext"), "integrity");
  EXPECT_FALSE (exists (target ("file")));
  EXPECT_EQ (download.number ("BytesTransferred"), 0u);

  /* the fault is gone, so the next attempt gets the file */
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, second.body);
}

TEST_F (ServerVersions, NoTraceOfTheChangeAndAutoFinalize)
{
  second.etag = first.etag;
  second.last_modified = first.last_modified;
  change ();
  Download download = create_file (
      server.url ("/file"), "file",
      Properties ().add ("Digest", "sha256:" + sha256 (second.body)).add ("AutoFinalize", true));
  ASSERT_TRUE (download.start ());
  /* the state transferred passes by itself */
  ASSERT_TRUE (wait_polling ([&] { return download.status ().state == "failed"; }));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "DigestMismatch");
  EXPECT_FALSE (exists (target ("file")));
}

TEST_F (ServerVersions, NewDateWithoutEtag)
{
  first.etag = second.etag = "";
  change ();
  expect_second_version ();
  EXPECT_EQ (server.requests ("/file")[1].header ("If-Range"), first.last_modified);
}

TEST_F (ServerVersions, NewDateWithoutEtagFromServerThatIgnoresIfRange)
{
  first.etag = second.etag = "";
  change (false);
  expect_second_version ();
}

TEST_F (ServerVersions, EtagVanishes)
{
  second.etag = "";
  second.last_modified = first.last_modified;
  change (false);
  fetch (server.url ("/file"), "file", second.body);
}

TEST_F (ServerVersions, DateAndSizeResumeWithoutEtag)
{
  first.etag = "";
  server.on ("/file",
             [this] (Exchange &x) { x.respond (first, {x.request.visit == 0 ? kCut : SIZE_MAX}); });
  Download download = fetch (server.url ("/file"), "file", first.body);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
  EXPECT_EQ (server.requests ("/file")[1].header ("If-Range"), first.last_modified);
}

TEST_F (ServerVersions, WeakEtagIsNoGroundToResume)
{
  first.etag = "W/\"v1\"";
  first.last_modified = "";
  server.on ("/file",
             [this] (Exchange &x) { x.respond (first, {x.request.visit == 0 ? kCut : SIZE_MAX}); });
  Download download = fetch (server.url ("/file"), "file", first.body);
  EXPECT_EQ (download.number ("RestartCount"), 1u);
  EXPECT_EQ (download.number ("BytesFetched"), kSize + kCut);
  for (const Request &request : server.requests ()) {
    EXPECT_FALSE (request.has ("If-Range")) << request.header ("If-Range");
    EXPECT_FALSE (request.has ("Range"));
  }
}

TEST_F (ServerVersions, WeakEtagIsNeverSentThoughThereIsADate)
{
  first.etag = "W/\"v1\"";
  server.on ("/file",
             [this] (Exchange &x) { x.respond (first, {x.request.visit == 0 ? kCut : SIZE_MAX}); });
  fetch (server.url ("/file"), "file", first.body);
  for (const Request &request : server.requests ())
    EXPECT_EQ (request.header ("If-Range").find ("W/"), std::string::npos);
}

TEST_F (ServerVersions, WeakEtagChangesThoughTheDateDoesNot)
{
  first.etag = "W/\"v1\"";
  second.etag = "W/\"v2\"";
  second.last_modified = first.last_modified;
  change (false);
  fetch (server.url ("/file"), "file", second.body);
}

TEST_F (ServerVersions, UnquotedEtagIsNotSent)
{
  first.etag = "v1";
  first.last_modified = "";
  server.on ("/file",
             [this] (Exchange &x) { x.respond (first, {x.request.visit == 0 ? kCut : SIZE_MAX}); });
  fetch (server.url ("/file"), "file", first.body);
  for (const Request &request : server.requests ())
    EXPECT_FALSE (request.has ("If-Range"));
}

TEST_F (ServerVersions, NoValidatorAtAllBeginsAgain)
{
  first.etag = first.last_modified = "";
  server.on ("/file",
             [this] (Exchange &x) { x.respond (first, {x.request.visit < 2 ? kCut : SIZE_MAX}); });
  Download download = fetch (server.url ("/file"), "file", first.body);
  EXPECT_EQ (download.number ("RestartCount"), 2u);
  for (const Request &request : server.requests ())
    EXPECT_FALSE (request.has ("Range"));
}

TEST_F (ServerVersions, ChangesSixTimes)
{
  server.on ("/file", [this] (Exchange &x) {
    Resource version;
    version.body =
        x.request.visit < 6 ? random_bytes (kSize, 10 + (unsigned)x.request.visit) : second.body;
    version.etag = "\"v" + std::to_string (std::min (x.request.visit, 6)) + "\"";
    x.respond (version, {x.request.visit < 6 ? kCut : SIZE_MAX});
  });
  Download download = fetch (server.url ("/file"), "file", second.body);
  EXPECT_EQ (download.number ("RestartCount"), 6u);
}

TEST_F (ServerVersions, ChangesWhilePaused)
{
  server.on ("/file", [this] (Exchange &x) {
    x.respond (x.request.visit == 0 ? first : second,
               {SIZE_MAX, x.request.visit == 0 ? kCut : SIZE_MAX});
  });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kCut));
  ASSERT_TRUE (download.pause ());
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, second.body);
  EXPECT_EQ (download.number ("RestartCount"), 1u);
}

TEST_F (ServerVersions, ChangesBetweenTwoRunsOfTheService)
{
  server.on ("/file", [this] (Exchange &x) {
    x.respond (x.request.visit == 0 ? first : second,
               {SIZE_MAX, x.request.visit == 0 ? kCut : SIZE_MAX});
  });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kCut));
  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, second.body);
  EXPECT_EQ (download.number ("RestartCount"), 1u);
}

/* Segments: the other connections get a different version. */
TEST_F (ServerVersions, OtherConnectionSeesOtherVersion)
{
  config["ConnectionsForeground"] = "4";
  first.body = random_bytes (8000000, 1);
  second.body = random_bytes (8000000, 2);
  allow (second.body);
  server.on ("/file", [this] (Exchange &x) {
    /* a careless load balancer: two machines, two versions, no If-Range */
    const Resource &version = x.request.visit == 0 ? first : second;
    Request careless = x.request;
    for (auto &field : careless.fields) {
      if (field.first == "If-Range")
        field.second = version.etag;
    }
    Exchange (x, careless).respond (version, {SIZE_MAX, SIZE_MAX, 4000000});
  });
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add ("Priority", "foreground"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 40));
  EXPECT_GE (server.count ("/file"), 2);
  ASSERT_TRUE (download.finalize ());
  std::string found = read_file (target ("file"));
  allow (first.body);
  EXPECT_TRUE (found == first.body || found == second.body);
}

TEST_F (ServerVersions, NewUriWithTheSameFileKeepsWhatIsThere)
{
  server.serve ("/file", first, {SIZE_MAX, kCut});
  server.serve ("/mirror", first);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kCut));
  ASSERT_TRUE (download.pause ());
  Reply reply = download.set ("Uri", g_variant_new_string (server.url ("/mirror").c_str ()));
  ASSERT_TRUE (reply) << reply.message;
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, first.body);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
  EXPECT_EQ (server.requests ("/mirror")[0].range ()->first, kCut);
}

TEST_F (ServerVersions, NewUriWithAnotherFileBeginsAgain)
{
  server.serve ("/file", first, {SIZE_MAX, kCut});
  server.serve ("/other", second);
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (kCut));
  ASSERT_TRUE (download.pause ());
  ASSERT_TRUE (download.set ("Uri", g_variant_new_string (server.url ("/other").c_str ())));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, second.body);
  EXPECT_EQ (download.number ("RestartCount"), 1u);
}

/* RFC 9110, section 8.8.2.2: two versions may have a Last-Modified within the same second as Date. */
TEST_F (ServerVersions, DateOfTheSameSecondProvesNothing)
{
  first.etag = second.etag = "";
  first.last_modified = second.last_modified = http_date (-5);
  first.fields = second.fields = {{"Date", first.last_modified}};
  change (false);
  expect_second_version ();
  EXPECT_FALSE (server.requests ("/file")[1].has ("If-Range"));
}

TEST_F (ServerVersions, DateOfAnEarlierSecondIsGroundToResume)
{
  first.etag = "";
  first.last_modified = http_date (-5);
  first.fields = {{"Date", http_date (-4)}};
  server.on ("/file",
             [this] (Exchange &x) { x.respond (first, {x.request.visit == 0 ? kCut : SIZE_MAX}); });
  Download download = fetch (server.url ("/file"), "file", first.body);
  EXPECT_EQ (download.number ("BytesFetched"), kSize);
}

/* Without Date our clock counts, which may be a minute off. */
TEST_F (ServerVersions, NewFileWithoutDateProvesNothing)
{
  first.etag = second.etag = "";
  first.last_modified = second.last_modified = http_date (-30);
  change (false);
  expect_second_version ();
}
