/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http: what is believed of a server's response, and what is not. */
#include "unit.h"

#include "base/enums.h"
#include "base/error.h"
#include "http/client.h"
#include "http/content-range.h"
#include "http/digits.h"
#include "http/file-name.h"
#include "http/http-error.h"
#include "http/range-verdict.h"
#include "http/retry-after.h"

#include <arpa/inet.h>
#include <atomic>
#include <functional>
#include <mutex>
#include <random>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

TEST (Digits, UpToWhatFollowsThem)
{
  const struct {
    const char *text;
    guint64 max, number;
    const char *rest; /* nullptr: no number */
  } rows[] = {
      {"0", 9, 0, ""},
      {"10240 x", 99999, 10240, " x"},
      {"007-", 9, 7, "-"},
      {"255", 255, 255, ""},
      {"256", 255, 0, nullptr},
      {"8", 7, 0, nullptr},
      {"9223372036854775807", G_MAXINT64, G_MAXINT64, ""},
      {"9223372036854775808", G_MAXINT64, 0, nullptr},
      {"18446744073709551615", G_MAXUINT64, G_MAXUINT64, ""},
      {"18446744073709551616", G_MAXUINT64, 0, nullptr},
      {"99999999999999999999", G_MAXUINT64, 0, nullptr},
      {"", 9, 0, nullptr},
      {"+1", 9, 0, nullptr},
      {"-1", 9, 0, nullptr},
      {" 1", 9, 0, nullptr},
      {"x", 9, 0, nullptr},
  };

  for (const auto &row : rows) {
    const char *text = row.text;
    guint64 number = 0;
    EXPECT_EQ (sl_digits_take (&text, row.max, &number), row.rest != nullptr) << row.text;
    EXPECT_EQ (number, row.number) << row.text;
    EXPECT_STREQ (text, row.rest != nullptr ? row.rest : row.text);
  }
}

TEST (ContentRange, Good)
{
  const struct {
    const char *text;
    guint64 start, end, total;
  } good[] = {
      {"bytes 0-0/1", 0, 1, 1},
      {"bytes 0-499/1234", 0, 500, 1234},
      {"bytes 734-1233/1234", 734, 1234, 1234},
      {"bytes 42-1233/*", 42, 1234, G_MAXUINT64},
      {"Bytes  5-6/7", 5, 7, 7},
      {"bytes 0-9223372036854775806/9223372036854775807", 0, G_MAXINT64, G_MAXINT64},
  };

  for (const auto &row : good) {
    SlContentRange range;
    ASSERT_TRUE (sl_content_range_parse (row.text, &range)) << row.text;
    EXPECT_EQ (range.start, row.start) << row.text;
    EXPECT_EQ (range.end, row.end) << row.text;
    EXPECT_EQ (range.total, row.total) << row.text;
  }
}

TEST (ContentRange, Bad)
{
  for (const char *text : {"",
                           "bytes",
                           "bytes ",
                           "bytes 0-1",
                           "bytes 0-1/",
                           "bytes */10",
                           "bytes 2-1/10",
                           "bytes 0-10/10",
                           "bytes 5-9/5",
                           "bytes=0-1/2",
                           "bytes 0-1/2 ",
                           "bytes 0 -1/2",
                           "bytes 0- 1/2",
                           "bytes 0-1/ 2",
                           "bytes -1-1/2",
                           "bytes +0-1/2",
                           "bytes 0x0-1/2",
                           "bytes 0-1/2, 3-4/5",
                           "items 0-1/2",
                           "bytesx0-1/2",
                           "bytes\t0-1/2",
                           "bytes 0-1/**",
                           "bytes 0-1/-1",
                           "bytes 0-9223372036854775808/*",
                           "bytes 18446744073709551616-0/1",
                           "bytes 0-1/99999999999999999999999"}) {
    SlContentRange range;
    EXPECT_FALSE (sl_content_range_parse (text, &range)) << text;
  }
}

TEST (RetryAfter, SecondsAndDates)
{
  const gint64 now = 784111777; /* Sun, 06 Nov 1994 08:49:37 GMT */

  EXPECT_EQ (sl_retry_after_parse ("0", now), 0u);
  EXPECT_EQ (sl_retry_after_parse ("120", now), 120u);
  EXPECT_EQ (sl_retry_after_parse ("86401", now), 86400u);
  EXPECT_EQ (sl_retry_after_parse ("18446744073709551615", now), 86400u);
  EXPECT_EQ (sl_retry_after_parse ("Sun, 06 Nov 1994 08:50:37 GMT", now), 60u);
  EXPECT_EQ (sl_retry_after_parse ("Sunday, 06-Nov-94 08:50:37 GMT", now), 60u);
  EXPECT_EQ (sl_retry_after_parse ("Sun Nov  6 08:50:37 1994", now), 60u);
  EXPECT_EQ (sl_retry_after_parse ("Sun, 06 Nov 1994 08:49:36 GMT", now), 0u);
  EXPECT_EQ (sl_retry_after_parse ("Sun, 06 Nov 2094 08:49:36 GMT", now), 86400u);
}

TEST (RetryAfter, NonsenseIsNoWait)
{
  for (const char *text : {"", "soon", "-5", "1.5", "12 s", "\xff\xfe", "99999999999999999999999"})
    EXPECT_EQ (sl_retry_after_parse (text, 0), 0u) << text;
}

TEST (Validator, StrengthOfETags)
{
  for (const char *text : {"\"xyzzy\"", "\"a/b'c!\"", "\"\xc3\xa4\""}) {
    EXPECT_TRUE (sl_etag_is_strong (text)) << text;
    EXPECT_TRUE (sl_etag_is_valid (text)) << text;
    EXPECT_FALSE (sl_etag_is_strong ((std::string ("W/") + text).c_str ())) << text;
    EXPECT_TRUE (sl_etag_is_valid ((std::string ("W/") + text).c_str ())) << text;
  }
  for (const char *text : {"", "\"", "xyzzy", "\"x", "x\"", "\"a\"b\"", "\"a b\"", "\"a\tb\"",
                           "\"a\x7f\"", "w/\"a\"", "W/a", "W/", "\"a\", \"b\""}) {
    EXPECT_FALSE (sl_etag_is_strong (text)) << text;
    EXPECT_FALSE (sl_etag_is_valid (text)) << text;
  }
}

static const guint64 UNKNOWN = G_MAXUINT64;
static const char A[] = "\"a\"", B[] = "\"b\"", WEAK[] = "W/\"a\"";
static const char MONDAY[] = "Mon, 01 Jan 2024 00:00:00 GMT";
static const char TUESDAY[] = "Tue, 02 Jan 2024 00:00:00 GMT";

static SlValidator
validator (const char *etag, const char *modified, guint64 size, gboolean weak_date = FALSE)
{
  return {const_cast<char *> (etag), const_cast<char *> (modified), weak_date, size};
}

TEST (Validator, WhatARangeIsAskedForWith)
{
  const struct {
    SlValidator known;
    const char *condition;
  } rows[] = {
      {validator (A, nullptr, UNKNOWN), A},
      {validator (A, MONDAY, 5), A},
      {validator (WEAK, MONDAY, 5), MONDAY},
      {validator (nullptr, MONDAY, 5), MONDAY},
      {validator (nullptr, MONDAY, 5, TRUE), nullptr},
      {validator (WEAK, MONDAY, 5, TRUE), nullptr},
      {validator (A, MONDAY, 5, TRUE), A},
      {validator (nullptr, MONDAY, UNKNOWN), nullptr},
      {validator (WEAK, nullptr, 5), nullptr},
      {validator (nullptr, nullptr, 5), nullptr},
  };

  for (const auto &row : rows) {
    EXPECT_STREQ (sl_validator_get_if_range (&row.known), row.condition);
    EXPECT_EQ (sl_validator_can_resume (&row.known), row.condition != nullptr);
  }
}

TEST (Validator, MatchingTable)
{
  const struct {
    int line;
    SlValidator known, found;
    SlVersion version;
  } rows[] = {
      {__LINE__, validator (A, nullptr, 5), validator (A, nullptr, 5), SL_VERSION_SAME},
      {__LINE__, validator (A, nullptr, 5), validator (A, nullptr, UNKNOWN), SL_VERSION_SAME},
      {__LINE__, validator (A, nullptr, UNKNOWN), validator (A, nullptr, 5), SL_VERSION_SAME},
      {__LINE__, validator (A, MONDAY, 5), validator (A, nullptr, 5), SL_VERSION_SAME},
      {__LINE__, validator (A, MONDAY, 5), validator (A, MONDAY, 5), SL_VERSION_SAME},
      {__LINE__, validator (A, nullptr, 5), validator (B, nullptr, 5), SL_VERSION_OTHER},
      {__LINE__, validator (A, nullptr, 5), validator (WEAK, nullptr, 5), SL_VERSION_OTHER},
      {__LINE__, validator (A, nullptr, 5), validator (A, nullptr, 6), SL_VERSION_OTHER},
      {__LINE__, validator (A, MONDAY, 5), validator (A, TUESDAY, 5), SL_VERSION_OTHER},
      /* the condition may have been ignored */
      {__LINE__, validator (A, MONDAY, 5), validator (nullptr, MONDAY, 5), SL_VERSION_UNPROVEN},
      {__LINE__, validator (nullptr, MONDAY, 5), validator (nullptr, MONDAY, 5), SL_VERSION_SAME},
      {__LINE__, validator (nullptr, MONDAY, 5), validator (A, MONDAY, 5), SL_VERSION_SAME},
      {__LINE__, validator (nullptr, MONDAY, 5), validator (nullptr, TUESDAY, 5), SL_VERSION_OTHER},
      {__LINE__, validator (nullptr, MONDAY, 5), validator (A, nullptr, 5), SL_VERSION_UNPROVEN},
      {__LINE__, validator (nullptr, MONDAY, UNKNOWN), validator (nullptr, MONDAY, 5),
       SL_VERSION_UNPROVEN},
      {__LINE__, validator (WEAK, MONDAY, 5), validator (WEAK, MONDAY, 5), SL_VERSION_SAME},
      {__LINE__, validator (WEAK, MONDAY, 5), validator ("W/\"b\"", MONDAY, 5), SL_VERSION_OTHER},
      {__LINE__, validator (WEAK, nullptr, 5), validator (WEAK, nullptr, 5), SL_VERSION_UNPROVEN},
      {__LINE__, validator (nullptr, nullptr, 5), validator (nullptr, nullptr, 5),
       SL_VERSION_UNPROVEN},
  };

  for (const auto &row : rows)
    EXPECT_EQ (sl_validator_compare (&row.known, &row.found), row.version) << "line " << row.line;
}

TEST (Validator, WhenADateIsWeak)
{
  EXPECT_TRUE (sl_validator_is_weak_date (1000, 1000, 9000));
  EXPECT_TRUE (sl_validator_is_weak_date (1000, 999, 9000));
  EXPECT_FALSE (sl_validator_is_weak_date (1000, 1001, 9000));
  EXPECT_TRUE (sl_validator_is_weak_date (1000, 0, 1059));
  EXPECT_FALSE (sl_validator_is_weak_date (1000, 0, 1060));
}

TEST (Validator, CopyIsItsOwn)
{
  SlValidator from = validator (A, MONDAY, 5), to = {};

  sl_validator_copy (&to, &from);
  EXPECT_STREQ (to.etag, A);
  EXPECT_NE (to.etag, from.etag);
  EXPECT_STREQ (to.last_modified, MONDAY);
  sl_validator_clear (&to);
  EXPECT_EQ (to.etag, nullptr);
  EXPECT_EQ (to.size, UNKNOWN);
}

static std::string
safe (const std::string &suggested)
{
  return take (sl_file_name_make_safe (suggested.c_str ()));
}

TEST (FileName, HarmlessOnesStay)
{
  for (const char *name : {"a", "file.tar.gz", "ä ö.txt", "a..b", "文件.zip", "C++ (2).pdf", "a.",
                           "x'y\"z", "-rf", "~"})
    EXPECT_EQ (safe (name), name);
}

TEST (FileName, OnlyTheLastPartOfAPath)
{
  EXPECT_EQ (safe ("/etc/passwd"), "passwd");
  EXPECT_EQ (safe ("../../etc/passwd"), "passwd");
  EXPECT_EQ (safe ("C:\\Users\\x\\file.exe"), "file.exe");
  EXPECT_EQ (safe ("a/b\\c"), "c");
  EXPECT_EQ (safe ("a\\b/c"), "c");
}

TEST (FileName, NothingLeftIsDownload)
{
  for (const char *name : {"", ".", "..", "...", " ", ". .", " . . ", "a/", "a\\", "/", "../.."})
    EXPECT_EQ (safe (name), "download") << name;
}

TEST (FileName, NeverHidden)
{
  EXPECT_EQ (safe (".bashrc"), "bashrc");
  EXPECT_EQ (safe ("..hidden"), "hidden");
  EXPECT_EQ (safe (" .ssh"), "ssh");
  EXPECT_EQ (safe (". ..x"), "x");
  EXPECT_EQ (safe ("a/.profile"), "profile");
}

TEST (FileName, ControlAndDirectionCharacters)
{
  EXPECT_EQ (safe ("a\nb\x01"
                   "c\x7f"
                   "d"),
             "a_b_c_d");
  /* right-to-left override: shown as invoice-exe.pdf */
  EXPECT_EQ (safe ("invoice-\u202Efdp.exe"), "invoice-_fdp.exe");
  for (const char *c : {"\u200e", "\u200f", "\u202a", "\u202d", "\u2066", "\u2069", "\u061c",
                        "\u200b", "\ufeff", "\u2028", "\u2029", "\u0085"})
    EXPECT_EQ (safe (std::string ("a") + c + "b"), "a_b");
}

TEST (FileName, AlwaysUtf8)
{
  std::string name = safe ("a\xff\xfe"
                           "b");

  EXPECT_TRUE (g_utf8_validate (name.data (), (gssize)name.size (), nullptr));
  EXPECT_EQ (name, "a\ufffd\ufffdb");
}

TEST (FileName, LongOnesKeepTheirExtension)
{
  std::string name = safe (std::string (296, 'x') + ".iso"), wide;

  EXPECT_EQ (name, std::string (251, 'x') + ".iso");
  EXPECT_EQ (safe (std::string (255, 'x')), std::string (255, 'x'));
  EXPECT_EQ (safe (std::string (300, 'x')), std::string (255, 'x'));
  EXPECT_EQ (safe ("a." + std::string (300, 'x')), "a." + std::string (253, 'x'));
  for (int i = 0; i < 100; i++)
    wide += "€";
  wide = safe (wide + ".tar");
  EXPECT_LE (wide.size (), 255u);
  EXPECT_GE (wide.size (), 252u);
  EXPECT_TRUE (g_utf8_validate (wide.data (), (gssize)wide.size (), nullptr));
  EXPECT_EQ (wide.substr (wide.size () - 4), ".tar");
}

/* RFC 6266, section 5, and what servers send instead. */
TEST (FileName, FromContentDisposition)
{
  const struct {
    const char *field, *name;
  } rows[] = {
      {"Attachment; filename=example.html", "example.html"},
      {"INLINE; FILENAME= \"an example.html\"", "an example.html"},
      {"attachment; filename*= UTF-8''%e2%82%ac%20rates", "€ rates"},
      {"attachment; filename=\"EURO rates\"; filename*=utf-8''%e2%82%ac%20rates", "€ rates"},
      {"attachment; filename*=utf-8''%e2%82%ac%20rates; filename=\"EURO rates\"", "€ rates"},
      {"attachment; filename=\"a\\\"b.txt\"", "a\"b.txt"},
      {"attachment; filename=\"../../.bashrc\"", "bashrc"},
      {"attachment; filename*=UTF-8''..%2f..%2fetc%2fpasswd", "passwd"},
      {"attachment; filename*=UTF-8''a%0ab", "a_b"},
      {"attachment; filename=\"..\"", "download"},
      {"attachment", "(null)"},
      {"inline; size=5", "(null)"},
      {"attachment; filename=\"\"", "(null)"},
      {"attachment; filename=foo bar.html", "foo bar.html"},
      {"attachment; filename=foo.html ;", "foo.html"},
      {"attachment; filename=\"a;b=c.txt\"", "a;b=c.txt"},
      {"attachment; filename=\"foo.html\"; filename=\"bar.html\"", "foo.html"},
      {"filename=foo.html", "foo.html"},
      {"attachment; filename=\"foo-%41.html\"", "foo-%41.html"},
      /* each encoding that browsers accept */
      {"attachment; filename=\"foo-\xc3\xa4.html\"", "foo-ä.html"},
      {"attachment; filename=\"foo-\xe4-\x80.html\"", "foo-ä-€.html"},
      {"attachment; filename*=iso-8859-1'en'foo-%E4.html", "foo-ä.html"},
      {"attachment; filename*=windows-1252''foo-%80.html", "foo-€.html"},
      {"attachment; filename*=Shift_JIS''%83%65.txt", "テ.txt"},
      {"attachment; filename*=\"UTF-8''foo-%c3%a4.html\"", "foo-ä.html"},
      {"attachment; filename*=UTF-8''bad%E4; filename=good.txt", "good.txt"},
      {"attachment; filename*=nonsense''a; filename=good.txt", "good.txt"},
      {"attachment; filename*=UTF-8''a%00b; filename=good.txt", "good.txt"},
      {"attachment; filename=\"=?ISO-8859-1?Q?foo-=E4.html?=\"", "foo-ä.html"},
      {"attachment; filename==?UTF-8?B?Zm9vLcOkLmh0bWw=?=", "foo-ä.html"},
      {"attachment; filename=\"=?gb2312?B?zsS8/i50eHQ=?=\"", "文件.txt"},
      {"attachment; filename=\"=?utf-8?q?a_b?= =?utf-8*en?Q?_c=2Etxt?=\"", "a b c.txt"},
      {"attachment; filename=\"=?utf-8?Q?..=2F..=2Fetc=2Fpasswd?=\"", "passwd"},
      {"attachment; filename=\"=?nonsense?Q?a?=\"", "=?nonsense?Q?a?="},
  };

  for (const auto &row : rows)
    EXPECT_EQ (take (sl_file_name_from_disposition (row.field)), row.name) << row.field;
}

TEST (FileName, FromAnAddress)
{
  const struct {
    const char *uri, *name;
  } rows[] = {
      {"http://h/a/b.iso", "b.iso"},
      {"http://h/a/b.iso?name=c.iso#d", "b.iso"},
      {"http://h/a%20b%C3%A4.txt", "a bä.txt"},
      {"http://h/..%2f..%2fetc%2fpasswd", "passwd"},
      {"http://h/%2e%2e", "download"},
      {"http://h/dir/", "download"},
      {"http://h", "download"},
      {"http://h/100%", "100%"},
      {"http://h/a%00b", "a%00b"},
      {"not an address", "download"},
  };

  for (const auto &row : rows)
    EXPECT_EQ (take (sl_file_name_from_uri (row.uri)), row.name) << row.uri;
}

TEST (HttpError, CausesInOurWords)
{
  const struct {
    GQuark domain;
    int code, error;
  } rows[] = {
      {G_IO_ERROR, G_IO_ERROR_TIMED_OUT, SLUICE_ERROR_TIMEOUT},
      {G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED, SLUICE_ERROR_CONNECT},
      {G_IO_ERROR, G_IO_ERROR_PROXY_AUTH_FAILED, SLUICE_ERROR_PROXY},
      {G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, SLUICE_ERROR_TLS},
      {G_TLS_ERROR, G_TLS_ERROR_EOF, SLUICE_ERROR_CONNECT},
      {G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, SLUICE_ERROR_NAME_RESOLUTION},
      {SOUP_SESSION_ERROR, SOUP_SESSION_ERROR_PARSING, SLUICE_ERROR_INVALID_RESPONSE},
      {SLUICE_ERROR, SLUICE_ERROR_REDIRECT, SLUICE_ERROR_REDIRECT},
  };

  for (const auto &row : rows) {
    g_autoptr (GError) cause = g_error_new_literal (row.domain, row.code, "why");
    g_autoptr (GError) error = sl_http_error_new (cause, "Asking", "example.org");
    EXPECT_TRUE (g_error_matches (error, SLUICE_ERROR, row.error)) << error->message;
    EXPECT_NE (strstr (error->message, "why"), nullptr);
  }
  g_autoptr (GError) cause = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "stopped");
  g_autoptr (GError) error = sl_http_error_new (cause, "Asking", "example.org");
  EXPECT_TRUE (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

TEST (HttpError, WhichStatusPasses)
{
  for (guint status : {408, 425, 429, 500, 502, 503, 504, 599})
    EXPECT_TRUE (sl_http_status_is_transient (status)) << status;
  for (guint status : {200, 206, 304, 400, 401, 403, 404, 410, 416, 600})
    EXPECT_FALSE (sl_http_status_is_transient (status)) << status;
}

TEST (HttpError, TimesOfFiles)
{
  EXPECT_EQ (sl_response_parse_time ("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ (sl_response_parse_time (nullptr), 0);
  EXPECT_EQ (sl_response_parse_time ("yesterday"), 0);
  EXPECT_EQ (sl_response_parse_time ("\xff"), 0);
}

namespace
{

/* Answers each request with a function of its text, and closes the connection. */
class Server
{
public:
  using Answer = std::function<std::string (const std::string &request)>;

  explicit Server (Answer answer_) : answer (std::move (answer_))
  {
    sockaddr_in address = {};
    socklen_t length = sizeof address;

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint (bind (listener, (sockaddr *)&address, sizeof address), ==, 0);
    g_assert_cmpint (listen (listener, 8), ==, 0);
    getsockname (listener, (sockaddr *)&address, &length);
    port = ntohs (address.sin_port);
    thread = std::thread ([this] { run (); });
  }
  ~Server ()
  {
    shutdown (listener, SHUT_RDWR);
    thread.join ();
    close (listener);
  }
  std::string
  uri (const std::string &path = "/file") const
  {
    return "http://127.0.0.1:" + std::to_string (port) + path;
  }
  /* The text of the n-th request. */
  std::string
  request (gsize n)
  {
    std::lock_guard<std::mutex> lock (mutex);
    return n < requests.size () ? requests[n] : "(none)";
  }

private:
  Answer answer;
  int listener;
  int port;
  std::thread thread;
  std::mutex mutex;
  std::vector<std::string> requests;

  void
  run ()
  {
    int connection;

    while ((connection = accept4 (listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
      std::string text;
      char buffer[4096];
      ssize_t n;

      while (text.find ("\r\n\r\n") == std::string::npos &&
             (n = read (connection, buffer, sizeof buffer)) > 0)
        text.append (buffer, (gsize)n);
      if (!text.empty ()) {
        std::string reply = answer (text);
        {
          std::lock_guard<std::mutex> lock (mutex);
          requests.push_back (text);
        }
        send (connection, reply.data (), reply.size (), MSG_NOSIGNAL);
        /* an empty reply means none: wait until the client closes */
        if (reply.empty ())
          while (read (connection, buffer, sizeof buffer) > 0)
            ;
      }
      shutdown (connection, SHUT_WR);
      close (connection);
    }
  }
};

std::string
reply (const std::string &status, const std::string &fields, const std::string &body = "")
{
  return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + fields + "\r\n" + body;
}

/* Sends one request to one server, and judges the response. */
class Client : public testing::Test
{
protected:
  SlClient *client;
  GCancellable *cancellable = g_cancellable_new ();
  SlResponse *response = nullptr;
  SlBodyReader *body = nullptr;
  SlRangeVerdict verdict = {};
  SlRequest request = {};
  Error error;
  std::unique_ptr<Server> server;
  std::string uri;

  Client ()
  {
    sl_client_prepare_process ();
    client = sl_client_new ();
    request.method = "GET";
    request.range.end = SL_SIZE_UNKNOWN;
    request.redirect_policy = SL_REDIRECT_ALLOW;
    request.first_byte_timeout = 5000;
    request.stall_timeout = 5;
  }
  ~Client () override
  {
    drop ();
    sl_client_free (client);
    g_object_unref (cancellable);
    g_clear_pointer (&request.headers, g_variant_unref);
  }
  void
  drop ()
  {
    sl_client_enter (client);
    g_clear_pointer (&body, sl_body_reader_free);
    sl_client_leave (client);
    g_clear_pointer (&response, sl_response_unref);
  }
  void
  serve (Server::Answer answer)
  {
    server = std::make_unique<Server> (std::move (answer));
    uri = server->uri ();
  }
  /* The verdict, or -1 without a response. */
  int
  ask ()
  {
    drop ();
    request.address = uri.c_str ();
    sl_client_enter (client);
    response = sl_client_open (client, &request, &body, cancellable, error.out ());
    sl_client_leave (client);
    if (response == nullptr)
      return -1;
    verdict = sl_range_verdict_reach (&request.range, response);
    *error.out () = sl_range_verdict_dup_error (&verdict, response);
    return (int)verdict.verdict;
  }
  int
  ask (const std::string &answer)
  {
    serve ([answer] (const std::string &) { return answer; });
    return ask ();
  }
  std::string
  read_body ()
  {
    std::string text;
    char buffer[1000];
    gssize n;

    sl_client_enter (client);
    while ((n = sl_body_reader_read (body, buffer, sizeof buffer, cancellable, error.out ())) > 0)
      text.append (buffer, (gsize)n);
    sl_client_leave (client);
    return n < 0 ? "failed: " + text : text;
  }
  void
  ask_for (guint64 start, guint64 end, const SlValidator *known = nullptr)
  {
    request.range.ranged = TRUE;
    request.range.start = start;
    request.range.end = end;
    request.range.known = known;
  }
  bool
  is (SluiceError code) const
  {
    return error.is (SLUICE_ERROR, code);
  }
};

} // namespace

TEST_F (Client, WholeFile)
{
  ASSERT_EQ (ask (reply ("200 OK",
                         "Content-Length: 5\r\nETag: \"a\"\r\nLast-Modified: Sun, 06 Nov 1994 "
                         "08:49:37 GMT\r\nContent-Disposition: attachment; filename=\"../x\"\r\n",
                         "hello")),
             SL_VERDICT_WHOLE)
      << error.text ();
  EXPECT_EQ (response->status, 200u);
  EXPECT_EQ (verdict.start, 0u);
  EXPECT_EQ (verdict.end, 5u);
  EXPECT_EQ (verdict.size, 5u);
  EXPECT_STREQ (response->validator.etag, "\"a\"");
  EXPECT_STREQ (response->validator.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_STREQ (response->file_name, "x");
  EXPECT_EQ (response->effective_uri, uri);
  EXPECT_GT (response->latency, 0);
  EXPECT_EQ (read_body (), "hello");
  EXPECT_EQ (server->request (0).find ("Range:"), std::string::npos);
  EXPECT_NE (server->request (0).find ("Accept-Encoding: identity\r\n"), std::string::npos);
}

TEST_F (Client, UnknownLengthEndsWithTheBody)
{
  ASSERT_EQ (ask (reply ("200 OK", "", "until the end")), SL_VERDICT_WHOLE);
  EXPECT_EQ (verdict.end, SL_SIZE_UNKNOWN);
  EXPECT_EQ (verdict.size, SL_SIZE_UNKNOWN);
  EXPECT_EQ (read_body (), "until the end");
}

/* libsoup ends such a body with or without an error; in both cases the head shows that bytes are missing. */
TEST_F (Client, BodyThatIsCutShort)
{
  std::string text;

  ASSERT_EQ (ask (reply ("200 OK", "Content-Length: 100\r\n", "short")), SL_VERDICT_WHOLE);
  text = read_body ();
  EXPECT_EQ (text.substr (text.size () - 5), "short");
  EXPECT_EQ (verdict.end, 100u);
}

TEST_F (Client, RangeAsAsked)
{
  SlValidator known = validator (A, nullptr, 100);

  ask_for (10, 15, &known);
  ASSERT_EQ (ask (reply ("206 Partial Content",
                         "Content-Range: bytes 10-14/100\r\nContent-Length: 5\r\nETag: \"a\"\r\n",
                         "hello")),
             SL_VERDICT_RANGE)
      << error.text ();
  EXPECT_EQ (verdict.start, 10u);
  EXPECT_EQ (verdict.end, 15u);
  EXPECT_EQ (verdict.size, 100u);
  EXPECT_EQ (read_body (), "hello");
  EXPECT_NE (server->request (0).find ("Range: bytes=10-14\r\n"), std::string::npos);
  EXPECT_NE (server->request (0).find ("If-Range: \"a\"\r\n"), std::string::npos);
}

TEST_F (Client, OpenRange)
{
  ask_for (90, SL_SIZE_UNKNOWN);
  ASSERT_EQ (ask (reply ("206 Partial Content",
                         "Content-Range: bytes 90-99/100\r\nContent-Length: 10\r\n", "0123456789")),
             SL_VERDICT_RANGE)
      << error.text ();
  EXPECT_EQ (verdict.end, 100u);
  EXPECT_NE (server->request (0).find ("Range: bytes=90-\r\n"), std::string::npos);
}

TEST_F (Client, RangesThatAreNotBelieved)
{
  for (const char *fields :
       {"", "Content-Range: bytes 11-15/100\r\n", "Content-Range: bytes 10-15/100\r\n",
        "Content-Range: bytes 0-4/100\r\n", "Content-Range: bytes 10-14\r\n",
        "Content-Range: items 10-14/100\r\n", "Content-Range: bytes 10-14/12\r\n",
        "Content-Range: bytes 10-14/100\r\nContent-Length: 4\r\n"}) {
    ask_for (10, 15);
    EXPECT_EQ (ask (reply ("206 Partial Content", fields, "hello")), SL_VERDICT_BAD_RANGE)
        << fields;
    EXPECT_TRUE (is (SLUICE_ERROR_INVALID_RESPONSE)) << error.text ();
  }
}

TEST_F (Client, PartThatNobodyAskedFor)
{
  for (const char *fields : {"", "Content-Range: bytes 0-4/6\r\n", "Content-Range: bytes 1-5/6\r\n",
                             "Content-Range: bytes 0-4/*\r\n", "Content-Range: nonsense\r\n"}) {
    EXPECT_EQ (ask (reply ("206 Partial Content", fields, "hello")), SL_VERDICT_ERROR) << fields;
    EXPECT_TRUE (is (SLUICE_ERROR_INVALID_RESPONSE));
    EXPECT_FALSE (verdict.transient);
  }
}

TEST_F (Client, PartThatIsAllIsTheWhole)
{
  EXPECT_EQ (ask (reply ("206 Partial Content",
                         "Content-Range: bytes 0-4/5\r\nContent-Length: 5\r\n", "hello")),
             SL_VERDICT_WHOLE);
  EXPECT_EQ (read_body (), "hello");
}

TEST_F (Client, WholeThatSaysItIsAPart)
{
  SlValidator known = validator (A, nullptr, 10);

  for (const char *field : {"bytes 5-9/10", "bytes 0-4/10", "bytes 0-4/*", "bytes 0-9/10"}) {
    std::string fields =
        "Content-Length: 5\r\nETag: \"a\"\r\nContent-Range: " + std::string (field) + "\r\n";
    ask_for (5, 10, &known);
    EXPECT_EQ (ask (reply ("200 OK", fields, "hello")), SL_VERDICT_BAD_RANGE) << field;
    EXPECT_TRUE (is (SLUICE_ERROR_INVALID_RESPONSE)) << error.text ();
    request.range.ranged = FALSE;
    request.range.known = nullptr;
    EXPECT_EQ (ask (reply ("200 OK", fields, "hello")), SL_VERDICT_ERROR) << field;
  }
  EXPECT_EQ (ask (reply ("200 OK", "Content-Length: 5\r\nContent-Range: bytes 0-4/5\r\n", "hello")),
             SL_VERDICT_WHOLE);
}

TEST_F (Client, RangeOfAnotherVersion)
{
  SlValidator known = validator (A, nullptr, 100);

  for (const char *fields : {"Content-Range: bytes 10-14/100\r\nETag: \"b\"\r\n",
                             "Content-Range: bytes 10-14/101\r\nETag: \"a\"\r\n"}) {
    ask_for (10, 15, &known);
    EXPECT_EQ (ask (reply ("206 Partial Content", fields, "hello")), SL_VERDICT_CHANGED) << fields;
    EXPECT_TRUE (is (SLUICE_ERROR_REMOTE_FILE_CHANGED)) << error.text ();
  }
}

TEST_F (Client, RangeOfAVersionThatIsNotTold)
{
  SlValidator known = validator (A, nullptr, 100);

  for (const char *fields :
       {"Content-Range: bytes 10-14/100\r\n", "Content-Range: bytes 10-14/100\r\nETag: a\r\n",
        "Content-Range: bytes 10-14/100\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"}) {
    ask_for (10, 15, &known);
    EXPECT_EQ (ask (reply ("206 Partial Content", fields, "hello")), SL_VERDICT_UNPROVEN) << fields;
    EXPECT_TRUE (is (SLUICE_ERROR_REMOTE_FILE_CHANGED)) << error.text ();
  }
}

/* A chunked body can be read into a buffer of one byte, whatever follows it. */
TEST_F (Client, ChunksByteByByte)
{
  std::string read;
  char byte;

  ASSERT_EQ (ask ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "1\r\nh\r\n4\r\nello\r\n0;x\r\nTrailer: y\r\n\r\n"),
             SL_VERDICT_WHOLE);
  sl_client_enter (client);
  while (sl_body_reader_read (body, &byte, 1, cancellable, error.out ()) == 1)
    read += byte;
  sl_client_leave (client);
  EXPECT_EQ (read, "hello");
  EXPECT_EQ (error.text (), "no error");
}

TEST_F (Client, SameVersionOfAnotherSizeIsNone)
{
  SlValidator known = validator (A, nullptr, 100);

  ask_for (10, 100, &known);
  EXPECT_EQ (ask (reply ("200 OK", "ETag: \"a\"\r\nContent-Length: 5\r\n", "hello")),
             SL_VERDICT_BAD_RANGE);
  ask_for (10, 100, &known);
  EXPECT_EQ (ask (reply ("200 OK", "ETag: \"b\"\r\nContent-Length: 5\r\n", "hello")),
             SL_VERDICT_WHOLE);
}

TEST_F (Client, PartsInOneBodyAreNone)
{
  SlValidator known = validator (A, nullptr, 100);

  ask_for (10, 15, &known);
  EXPECT_EQ (ask (reply ("206 Partial Content",
                         "ETag: \"a\"\r\nContent-Range: bytes 10-14/100\r\n"
                         "Content-Type: multipart/byteranges; boundary=x\r\n",
                         "hello")),
             SL_VERDICT_BAD_RANGE);
}

TEST_F (Client, RangeBehindTheEndMeansAnotherVersion)
{
  SlValidator known = validator (A, nullptr, 100);
  std::string answer =
      reply ("416 Range Not Satisfiable", "Content-Range: bytes */5\r\nContent-Length: 0\r\n");

  ask_for (10, 15, &known);
  EXPECT_EQ (ask (answer), SL_VERDICT_CHANGED);
  ask_for (10, 15);
  EXPECT_EQ (ask (answer), SL_VERDICT_ERROR);
  EXPECT_TRUE (is (SLUICE_ERROR_HTTP_STATUS));
}

TEST_F (Client, StatusCodes)
{
  const struct {
    const char *status;
    SluiceError error;
    bool transient;
  } rows[] = {
      {"404 Not Found", SLUICE_ERROR_HTTP_STATUS, false},
      {"401 Unauthorized", SLUICE_ERROR_HTTP_STATUS, false},
      {"503 Service Unavailable", SLUICE_ERROR_HTTP_STATUS, true},
      {"429 Too Many Requests", SLUICE_ERROR_HTTP_STATUS, true},
      {"407 Proxy Authentication Required", SLUICE_ERROR_PROXY, false},
      {"204 No Content", SLUICE_ERROR_INVALID_RESPONSE, false},
      {"304 Not Modified", SLUICE_ERROR_INVALID_RESPONSE, false},
  };

  for (const auto &row : rows) {
    EXPECT_EQ (ask (reply (row.status, "Retry-After: 7\r\n")), SL_VERDICT_ERROR) << row.status;
    ASSERT_NE (response, nullptr);
    EXPECT_TRUE (is (row.error)) << row.status << ": " << error.text ();
    EXPECT_EQ (verdict.transient, row.transient) << row.status;
    EXPECT_EQ (response->retry_after, 7u);
  }
}

TEST_F (Client, EncodingThatWasNotAskedForIsTheFilesOwn)
{
  for (const char *coding : {"gzip", "x-gzip", "br", "identity, gzip", "aws-chunked", "nonsense"}) {
    EXPECT_EQ (ask (
                   reply ("200 OK",
                          "Content-Encoding: " + std::string (coding) + "\r\nContent-Length: 4\r\n",
                          "\x1f\x8b..")),
               SL_VERDICT_WHOLE);
    EXPECT_EQ (read_body (), "\x1f\x8b..");
  }
  EXPECT_EQ (ask (reply ("200 OK", "Content-Encoding: identity\r\nContent-Length: 2\r\n", "ok")),
             SL_VERDICT_WHOLE);
  EXPECT_EQ (read_body (), "ok");
}

TEST_F (Client, ValidatorsThatAreNoneAreLeftOut)
{
  ASSERT_EQ (ask (reply ("200 OK",
                         "Content-Length: 1\r\nETag: bare\r\nLast-Modified: long ago\r\n"
                         "Accept-Ranges: none\r\n",
                         "x")),
             SL_VERDICT_WHOLE);
  EXPECT_EQ (response->validator.etag, nullptr);
  EXPECT_EQ (response->validator.last_modified, nullptr);
  EXPECT_TRUE (response->refuses_ranges);
}

TEST_F (Client, FieldsAreCollectedAsTextOfTheBus)
{
  const char *value;

  ASSERT_EQ (ask (reply ("200 OK",
                         "Content-Length: 1\r\nX-One: a\r\nx-one: b\r\nX-Bytes: \xff\xfe\r\n"
                         "X-\xff-Name: c\r\n",
                         "x")),
             SL_VERDICT_WHOLE);
  EXPECT_TRUE (g_variant_is_normal_form (response->headers));
  ASSERT_TRUE (g_variant_lookup (response->headers, "x-one", "&s", &value));
  EXPECT_STREQ (value, "a, b");
  ASSERT_TRUE (g_variant_lookup (response->headers, "x-bytes", "&s", &value));
  EXPECT_TRUE (g_utf8_validate (value, -1, nullptr));
}

TEST_F (Client, FollowsRedirects)
{
  serve ([] (const std::string &text) {
    if (text.find ("GET /file ") == 0)
      return reply ("302 Found", "Location: /b/../c?d\r\nContent-Length: 4\r\n", "gone");
    return reply ("200 OK", "Content-Length: 2\r\n", "ok");
  });
  ASSERT_EQ (ask (), SL_VERDICT_WHOLE) << error.text ();
  EXPECT_EQ (response->effective_uri, server->uri ("/c?d"));
  EXPECT_EQ (read_body (), "ok");
  request.redirect_policy = SL_REDIRECT_REFUSE;
  EXPECT_EQ (ask (), -1);
  EXPECT_TRUE (is (SLUICE_ERROR_REDIRECT)) << error.text ();
}

TEST_F (Client, RedirectsThatLeadNowhere)
{
  for (const char *location : {"", "Location: ftp://127.0.0.1/x\r\n", "Location: file:///etc\r\n",
                               "Location: http://\r\n", "Location: /file\r\n"}) {
    EXPECT_EQ (ask (reply ("301 Moved Permanently",
                           std::string (location) + "Content-Length: 0\r\n")),
               -1)
        << location;
    EXPECT_TRUE (is (SLUICE_ERROR_REDIRECT)) << location << error.text ();
  }
}

TEST_F (Client, SecretsStayWithTheirServer)
{
  Server other ([] (const std::string &) { return reply ("200 OK", "Content-Length: 0\r\n"); });
  std::string to = other.uri ("/x");

  serve ([to] (const std::string &) {
    return reply ("307 Temporary Redirect", "Location: " + to + "\r\nContent-Length: 0\r\n");
  });
  request.headers = g_variant_ref_sink (g_variant_new_parsed (
      "{'authorization': 'Basic secret', 'Cookie': 'secret=1', 'PRIVATE-TOKEN': 'secret', "
      "'Referer': 'https://secret/', 'accept-language': 'de', 'X-Other': 'secret'}"));
  ASSERT_EQ (ask (), SL_VERDICT_WHOLE) << error.text ();
  EXPECT_NE (server->request (0).find ("Basic secret"), std::string::npos);
  EXPECT_NE (server->request (0).find ("secret=1"), std::string::npos);
  EXPECT_EQ (other.request (0).find ("secret"), std::string::npos);
  EXPECT_NE (server->request (0).find ("X-Other"), std::string::npos);
  EXPECT_NE (other.request (0).find ("Accept-Language: de"), std::string::npos);
}

TEST_F (Client, NoAnswerInTime)
{
  gint64 before = g_get_monotonic_time ();

  request.first_byte_timeout = 100;
  EXPECT_EQ (ask (""), -1);
  EXPECT_TRUE (is (SLUICE_ERROR_TIMEOUT)) << error.text ();
  EXPECT_GE (g_get_monotonic_time () - before, 100 * G_TIME_SPAN_MILLISECOND);
}

TEST_F (Client, CancelledWhileItWaits)
{
  serve ([this] (const std::string &) {
    g_cancellable_cancel (cancellable);
    return std::string ();
  });
  EXPECT_EQ (ask (), -1);
  EXPECT_TRUE (error.is (G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error.text ();
  /* and when it was cancelled before */
  EXPECT_EQ (ask (), -1);
  EXPECT_TRUE (error.is (G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error.text ();
}

/* libsoup 3.2 crashes if the cancellation comes between a response and soup_session_send_finish (). */
TEST_F (Client, CancelledAsTheAnswerArrives)
{
  std::mt19937 random (3);
  std::atomic<bool> asked{false};
  int answered = 0;

  serve ([&] (const std::string &) {
    asked = true;
    return reply ("200 OK", "Content-Length: 6\r\n", "abcdef");
  });
  for (int round = 0; round < 1000; round++) {
    std::thread canceller ([&, delay = random () % 200] {
      while (!asked)
        std::this_thread::yield ();
      for (gint64 until = g_get_monotonic_time () + delay; g_get_monotonic_time () < until;)
        ;
      g_cancellable_cancel (cancellable);
    });
    answered += ask () >= 0;
    canceller.join ();
    EXPECT_TRUE (response != nullptr || error.is (G_IO_ERROR, G_IO_ERROR_CANCELLED))
        << error.text ();
    drop ();
    g_object_unref (cancellable);
    cancellable = g_cancellable_new ();
    asked = false;
  }
  EXPECT_GT (answered, 0);
  EXPECT_LT (answered, 1000);
}

TEST_F (Client, NobodyListens)
{
  int unused = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  socklen_t length = sizeof address;

  /* bound but not listening, so that no other process gets the port */
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  ASSERT_EQ (bind (unused, (sockaddr *)&address, sizeof address), 0);
  getsockname (unused, (sockaddr *)&address, &length);
  uri = "http://127.0.0.1:" + std::to_string (ntohs (address.sin_port)) + "/";
  EXPECT_EQ (ask (), -1);
  EXPECT_TRUE (is (SLUICE_ERROR_CONNECT)) << error.text ();
  close (unused);
}

TEST_F (Client, WhatIsNotHttp)
{
  EXPECT_EQ (ask ("SSH-2.0-OpenSSH_9.2\r\n\r\n"), -1);
  EXPECT_TRUE (is (SLUICE_ERROR_INVALID_RESPONSE)) << error.text ();
  uri = "no address";
  EXPECT_EQ (ask (), -1);
  EXPECT_TRUE (is (SLUICE_ERROR_INVALID_URI)) << error.text ();
}
