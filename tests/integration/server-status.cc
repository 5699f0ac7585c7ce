/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Expected and unexpected status codes, waits that servers ask for, and redirects. */
#include "support/fixture.h"
#include "support/nginx.h"

using namespace st;

class ServerStatus : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (100000);
    allow (file.body);
  }

  /* The first @times requests are answered with @status. */
  void
  first (const std::string &status, int times = 1, const Fields &fields = {})
  {
    server.on ("/file", [this, status, times, fields] (Exchange &x) {
      if (x.request.visit < times)
        x.answer (status, fields, "an explanation that is not the file");
      else
        x.respond (file);
    });
  }

  void
  expect_recovery (std::uint64_t errors)
  {
    Download download = fetch (server.url ("/file"), "file", file.body);
    EXPECT_EQ (download.number ("ErrorCount"), errors);
    EXPECT_EQ (download.text ("Error"), "");
    EXPECT_EQ (download.number ("HttpStatus"), 200u);
  }

  void
  expect_status_failure (const std::string &error, unsigned status)
  {
    Download download = create_file (server.url ("/file"), "file");
    expect_failure (download, error, "remote-file");
    EXPECT_EQ (download.number ("HttpStatus"), status);
    EXPECT_EQ (server.count ("/file"), 1) << "a fatal error was tried again";
    EXPECT_EQ (download.number ("BytesTransferred"), 0u);
  }

  Resource file;
  Server server;
};

TEST_F (ServerStatus, ContinueBeforeTheAnswer)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send ("HTTP/1.1 100 Continue\r\n\r\n");
    x.respond (file);
  });
  expect_recovery (0);
}

TEST_F (ServerStatus, EarlyHintsBeforeTheAnswer)
{
  server.on ("/file", [this] (Exchange &x) {
    x.send (
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\nETag: \"hint\"\r\n\r\n");
    x.send ("HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n");
    x.respond (file);
  });
  expect_recovery (0);
}

TEST_F (ServerStatus, NoContent)
{
  server.on ("/file", [] (Exchange &x) { x.send ("HTTP/1.1 204 No Content\r\n\r\n"); });
  expect_status_failure ("InvalidResponse", 204);
}

TEST_F (ServerStatus, ResetContent)
{
  server.on ("/file", [] (Exchange &x) { x.answer ("205 Reset Content"); });
  expect_status_failure ("InvalidResponse", 205);
}

TEST_F (ServerStatus, NotModifiedThoughNotAsked)
{
  server.on ("/file",
             [] (Exchange &x) { x.send ("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n"); });
  expect_status_failure ("InvalidResponse", 304);
}

TEST_F (ServerStatus, NotModifiedOnResume)
{
  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0)
      x.respond (file, {30000});
    else
      x.send ("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\n\r\n");
  });
  expect_failure (create_file (server.url ("/file"), "file"), "InvalidResponse");
}

TEST_F (ServerStatus, NotFound)
{
  first ("404 Not Found", 1000);
  expect_status_failure ("HttpStatus", 404);
}

TEST_F (ServerStatus, Gone)
{
  first ("410 Gone", 1000);
  expect_status_failure ("HttpStatus", 410);
}

TEST_F (ServerStatus, Unauthorized)
{
  first ("401 Unauthorized", 1000, {{"WWW-Authenticate", "Basic realm=\"x\""}});
  expect_status_failure ("HttpStatus", 401);
}

TEST_F (ServerStatus, NotFoundIsFailedUntilStartedAgain)
{
  first ("404 Not Found");
  Download download = create_file (server.url ("/file"), "file");
  expect_failure (download, "HttpStatus");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.text ("Error"), "");
  finalize_and_check (download, file.body);
}

TEST_F (ServerStatus, HeadIsForbiddenAndNeverSent)
{
  server.on ("/file", [this] (Exchange &x) {
    if (x.request.method == "HEAD")
      x.send ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    else
      x.respond (file);
  });
  fetch (server.url ("/file"), "file", file.body, Properties ().add ("Priority", "foreground"));
  for (const Request &request : server.requests ())
    EXPECT_EQ (request.method, "GET");
}

TEST_F (ServerStatus, InternalErrorThenFine)
{
  first ("500 Internal Server Error");
  expect_recovery (1);
}

TEST_F (ServerStatus, ServerErrorsThenFine)
{
  server.on ("/file", [this] (Exchange &x) {
    static const char *const answers[] = {"500 Internal Server Error", "502 Bad Gateway",
                                          "503 Service Unavailable", "504 Gateway Timeout"};
    if (x.request.visit < 4)
      x.answer (answers[x.request.visit], {}, "an explanation");
    else
      x.respond (file);
  });
  expect_recovery (4);
}

TEST_F (ServerStatus, RequestTimeoutIsTransient)
{
  first ("408 Request Timeout");
  expect_recovery (1);
}

TEST_F (ServerStatus, TooEarlyIsTransient)
{
  first ("425 Too Early");
  expect_recovery (1);
}

TEST_F (ServerStatus, TooManyRequestsIsTransient)
{
  first ("429 Too Many Requests");
  expect_recovery (1);
}

TEST_F (ServerStatus, ErrorInMidFileKeepsWhatIsThere)
{
  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0)
      x.respond (file, {30000});
    else if (x.request.visit == 1)
      x.answer ("503 Service Unavailable", {}, "later");
    else
      x.respond (file);
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
  EXPECT_EQ (server.requests ("/file")[2].range ()->first, 30000u);
}

TEST_F (ServerStatus, RetryAfterSeconds)
{
  first ("429 Too Many Requests", 1, {{"Retry-After", "2"}});
  Download download = create_file (server.url ("/file"), "file");
  gint64 began = g_get_real_time ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "HttpStatus");
  EXPECT_EQ (download.number ("HttpStatus"), 429u);
  gint64 at = (gint64)download.number ("RetryAt");
  EXPECT_GE (at, began + 2 * G_USEC_PER_SEC);
  EXPECT_LE (at, g_get_real_time () + 2 * G_USEC_PER_SEC);
  EXPECT_EQ (download.get ("StateReasons").strv (), std::vector<std::string> ({"backoff"}));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE (g_get_real_time () - began, 2 * G_USEC_PER_SEC);
  EXPECT_EQ (download.number ("RetryAt"), 0u);
  finalize_and_check (download, file.body);
}

TEST_F (ServerStatus, RetryAfterDate)
{
  first ("503 Service Unavailable", 1, {{"Retry-After", http_date (3)}});
  Download download = create_file (server.url ("/file"), "file");
  gint64 began = g_get_real_time ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  gint64 at = (gint64)download.number ("RetryAt");
  EXPECT_GE (at, began + G_USEC_PER_SEC);
  EXPECT_LE (at, began + 5 * G_USEC_PER_SEC);
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE (g_get_real_time () - began, G_USEC_PER_SEC);
  finalize_and_check (download, file.body);
}

TEST_F (ServerStatus, RetryAfterInThePastOrGarbageIsNoWait)
{
  server.on ("/file", [this] (Exchange &x) {
    static const std::string values[] = {"Wed, 01 Jan 2020 00:00:00 GMT", "-5", "soon", "",
                                         "99999999999999999999999"};
    if (x.request.visit < 4)
      x.answer ("503 Service Unavailable", {{"Retry-After", values[x.request.visit]}}, "later");
    else
      x.respond (file);
  });
  expect_recovery (4);
}

TEST_F (ServerStatus, LongRetryAfterIsEndedByStart)
{
  first ("503 Service Unavailable", 1, {{"Retry-After", "86400"}});
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_GE ((gint64)download.number ("RetryAt"), g_get_real_time () + G_TIME_SPAN_HOUR);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ServerStatus, MinimumRetryDelay)
{
  first ("500 Internal Server Error");
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add_u ("MinimumRetryDelay", 2));
  gint64 began = g_get_real_time ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE (g_get_real_time () - began, 2 * G_USEC_PER_SEC);
}

TEST_F (ServerStatus, WaitsGrow)
{
  config["RetryDelayMin"] = "100ms";
  config["RetryDelayMax"] = "10s";
  first ("500 Internal Server Error", 4);
  Download download = create_file (server.url ("/file"), "file");
  gint64 began = g_get_real_time ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  /* 100 + 200 + 400 + 800 ms, minus at most a quarter of jitter */
  EXPECT_GE (g_get_real_time () - began, 1500 * 3 / 4 * 1000);
}

TEST_F (ServerStatus, ResponseHeadersAreKept)
{
  file.fields = {{"X-Custom", "one"}, {"X-Custom", "two"}, {"Content-Type", "text/plain"}};
  server.serve ("/file", file);
  Download download = fetch (server.url ("/file"), "file", file.body);
  std::string headers = download.get ("ResponseHeaders").print ();
  EXPECT_NE (headers.find ("'x-custom': 'one, two'"), std::string::npos) << headers;
  EXPECT_NE (headers.find ("'content-type': 'text/plain'"), std::string::npos) << headers;
  EXPECT_EQ (headers.find ("X-Custom"), std::string::npos) << headers;
}

/* Redirects. */

class ServerRedirects : public ServerStatus
{
protected:
  void
  redirect (const std::string &from, const std::string &to, const std::string &status = "302 Found")
  {
    server.on (from, [to, status] (Exchange &x) {
      x.answer (status, {{"Location", to}}, "it has moved");
    });
  }

  void
  expect_redirect_failure (const Properties &properties = {})
  {
    Download download = create_file (server.url ("/from"), "file", properties);
    expect_failure (download, "Redirect", "remote-file");
  }
};

TEST_F (ServerRedirects, EveryKind)
{
  server.serve ("/file", file);
  for (const char *status : {"301 Moved Permanently", "302 Found", "303 See Other",
                             "307 Temporary Redirect", "308 Permanent Redirect"}) {
    redirect ("/from", server.url ("/file"), status);
    fetch (server.url ("/from"), std::string (status, 3), file.body);
  }
}

TEST_F (ServerRedirects, Relative)
{
  server.serve ("/a/b/file", file);
  redirect ("/a/from", "b/file?query");
  server.serve ("/a/b/file?query", file);
  fetch (server.url ("/a/from"), "file", file.body);
  redirect ("/a/from", "../a/b/file");
  fetch (server.url ("/a/from"), "file2", file.body);
  redirect ("/a/from", "//127.0.0.1:" + std::to_string (server.port ()) + "/a/b/file");
  fetch (server.url ("/a/from"), "file3", file.body);
}

TEST_F (ServerRedirects, Loop)
{
  redirect ("/from", "/to");
  redirect ("/to", "/from");
  expect_redirect_failure ();
  EXPECT_LE (server.requests ().size (), 11u);
}

TEST_F (ServerRedirects, ToItself)
{
  redirect ("/from", "/from");
  expect_redirect_failure ();
  EXPECT_LE (server.requests ().size (), 11u);
}

TEST_F (ServerRedirects, TenAreFollowedAndElevenNot)
{
  server.serve ("/file", file);
  for (int i = 0; i < 11; i++)
    redirect ("/" + std::to_string (i), i == 0 ? "/file" : "/" + std::to_string (i - 1));
  fetch (server.url ("/9"), "file", file.body);
  expect_failure (create_file (server.url ("/10"), "file2"), "Redirect");
}

TEST_F (ServerRedirects, WithoutLocation)
{
  server.on ("/from", [] (Exchange &x) { x.answer ("302 Found"); });
  expect_redirect_failure ();
}

TEST_F (ServerRedirects, ToOtherSchemes)
{
  int n = 0;

  for (const char *to : {"file:///etc/passwd", "ftp://127.0.0.1/file", "data:,evil",
                         "javascript:alert(1)", "http://"}) {
    std::string from = "/" + std::to_string (n++);
    redirect (from, to);
    SCOPED_TRACE (to);
    expect_failure (create_file (server.url (from), "file" + from.substr (1)), "Redirect");
  }
}

TEST_F (ServerRedirects, RefusedByPolicy)
{
  redirect ("/from", "/file");
  server.serve ("/file", file);
  expect_redirect_failure (Properties ().add ("RedirectPolicy", "refuse"));
  EXPECT_EQ (server.count ("/file"), 0);
}

TEST_F (ServerRedirects, Reported)
{
  redirect ("/from", "/file");
  server.serve ("/file", file);
  Download allowed = fetch (server.url ("/from"), "file", file.body);
  EXPECT_EQ (allowed.text ("EffectiveUri"), server.url ("/from"));
  Download reported = fetch (server.url ("/from"), "file2", file.body,
                             Properties ().add ("RedirectPolicy", "report"));
  EXPECT_EQ (reported.text ("EffectiveUri"), server.url ("/file"));
  EXPECT_EQ (reported.text ("Uri"), server.url ("/from"));
}

TEST_F (ServerRedirects, SecretsDoNotGoToAnotherOrigin)
{
  Server other;
  GVariant *headers = g_variant_new_parsed (
      "{'Authorization': 'Bearer secret', 'Cookie': 'id=secret', 'X-Plain': 'kept', "
      "'Accept-Language': 'de'}");

  other.serve ("/file", file);
  redirect ("/from", other.url ("/file"));
  redirect ("/same", "/from2");
  server.serve ("/from2", file);
  Value shared (headers);
  fetch (server.url ("/from"), "file", file.body, Properties ().add ("HttpHeaders", shared.get ()));
  Request first_request = server.requests ("/from")[0], second = other.requests ("/file")[0];
  EXPECT_EQ (first_request.header ("Authorization"), "Bearer secret");
  EXPECT_EQ (first_request.header ("Cookie"), "id=secret");
  EXPECT_FALSE (second.has ("Authorization"));
  EXPECT_FALSE (second.has ("Cookie"));
  EXPECT_FALSE (second.has ("X-Plain"));
  EXPECT_EQ (second.header ("Accept-Language"), "de");
  fetch (server.url ("/same"), "file2", file.body,
         Properties ().add ("HttpHeaders", shared.get ()));
  EXPECT_EQ (server.requests ("/from2")[0].header ("Authorization"), "Bearer secret");
}

TEST_F (ServerRedirects, ResumeGoesThroughTheRedirectAgain)
{
  redirect ("/from", "/file");
  server.on ("/file",
             [this] (Exchange &x) { x.respond (file, {x.request.visit == 0 ? 30000 : SIZE_MAX}); });
  Download download = fetch (server.url ("/from"), "file", file.body);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
  EXPECT_EQ (server.count ("/from"), 2);
}

TEST_F (ServerRedirects, ToAnotherFileOnResume)
{
  Resource moved;
  moved.body = random_bytes (100000, 5);
  moved.etag = "\"moved\"";
  allow (moved.body);
  server.on ("/from", [] (Exchange &x) {
    x.answer ("302 Found", {{"Location", x.request.visit == 0 ? "/file" : "/moved"}});
  });
  server.serve ("/file", file, {30000});
  server.serve ("/moved", moved);
  Download download = fetch (server.url ("/from"), "file", moved.body);
  EXPECT_EQ (download.number ("RestartCount"), 1u);
}

TEST_F (ServerRedirects, FromHttpsToHttp)
{
  TempDir nginx_dir;
  server.serve ("/file", file);
  Nginx nginx (nginx_dir.path (), "location /from { return 302 " + server.url ("/file") + "; }");
  Properties properties;

  properties.add_strv ("SecurityFlags", {"ignore-unknown-ca", "ignore-common-name"});
  Download download = create_file (nginx.tls_url ("/from"), "file", properties);
  expect_failure (download, "Redirect", "remote-file");
  EXPECT_EQ (server.count ("/file"), 0);
  fetch (nginx.tls_url ("/from"), "file2", file.body,
         properties.add ("AllowInsecureRedirect", true));
}

TEST_F (ServerRedirects, FromHttpToHttps)
{
  TempDir nginx_dir;
  Nginx nginx (nginx_dir.path ());

  write_file (nginx.file ("file"), file.body);
  redirect ("/from", nginx.tls_url ("/file"));
  Download download = create_file (server.url ("/from"), "file");
  expect_failure (download, "Tls", "transport");
  fetch (server.url ("/from"), "file2", file.body,
         Properties ().add_strv ("SecurityFlags", {"ignore-unknown-ca", "ignore-common-name"}));
}
