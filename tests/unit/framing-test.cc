/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http/framing: which bytes are a complete response, and which are cut or wrong. */
#include "unit.h"

#include "base/error.h"
#include "http/framing.h"

namespace
{

enum Outcome { WHOLE, CUT, WRONG, OPEN };

struct Seen {
  Outcome outcome;
  std::string content; /* body, as passed on */
  std::string above;   /* everything that the reader gets */
  std::size_t used;    /* bytes up to the end of the response */
  std::string why;
};

/* Reads @wire in pieces of @piece bytes; then, if @closed, the connection ends. */
Seen
read_wire (const std::string &wire, std::size_t piece, bool closed)
{
  g_autoptr (SlFraming) framing = sl_framing_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  Seen seen = {OPEN, "", "", 0, ""};
  Error error;

  while (seen.used < wire.size () && !sl_framing_is_complete (framing)) {
    gsize n = MIN (piece, wire.size () - seen.used), used = 0;
    guint64 content = sl_framing_get_content (framing);
    if (content > 0) {
      used = (gsize)MIN ((guint64)n, content);
      seen.content += wire.substr (seen.used, used);
      seen.above += wire.substr (seen.used, used);
      sl_framing_passed (framing, used);
    } else if (!sl_framing_feed (framing, (const guint8 *)wire.data () + seen.used, n, &used, out,
                                 error.out ())) {
      seen.outcome = WRONG;
      seen.why = error.text ();
      EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE));
      return seen;
    }
    seen.above.append ((const char *)out->data, out->len);
    g_byte_array_set_size (out, 0);
    seen.used += used;
  }
  if (closed && !sl_framing_end (framing, error.out ())) {
    seen.outcome = CUT;
    seen.why = error.text ();
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_CONNECT));
  } else if (sl_framing_is_complete (framing)) {
    seen.outcome = WHOLE;
  }
  return seen;
}

/* Reads it in pieces of every size; all must give the same. */
Seen
read_in_all_pieces (const std::string &wire, bool closed)
{
  Seen whole = read_wire (wire, wire.size () + 1, closed);

  for (std::size_t piece : {1, 2, 3, 7}) {
    Seen seen = read_wire (wire, piece, closed);
    EXPECT_EQ (seen.outcome, whole.outcome) << piece << ": " << wire;
    EXPECT_EQ (seen.content, whole.content) << piece << ": " << wire;
    EXPECT_EQ (seen.why, whole.why) << piece << ": " << wire;
    if (whole.outcome == WHOLE) {
      EXPECT_EQ (seen.above, whole.above) << piece << ": " << wire;
      EXPECT_EQ (seen.used, whole.used) << piece << ": " << wire;
    }
  }
  return whole;
}

const std::string kOk = "HTTP/1.1 200 OK\r\n";
const std::string kChunked = kOk + "Transfer-Encoding: chunked\r\n\r\n";

void
expect_whole (const std::string &wire, const std::string &content)
{
  Seen seen = read_in_all_pieces (wire, false);

  EXPECT_EQ (seen.outcome, WHOLE) << wire << "\n" << seen.why;
  EXPECT_EQ (seen.content, content) << wire;
}

void
expect_wrong (const std::string &wire)
{
  EXPECT_EQ (read_in_all_pieces (wire, false).outcome, WRONG) << wire;
}

} // namespace

TEST (Framing, WholeByLength)
{
  for (const char *field :
       {"Content-Length: 5", "content-length:5", "Content-Length:\t 5 \t", "Content-Length: 005",
        "Content-Length : 5", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5, 5",
        "Content-Length:\r\n 5", "Content-Length: 5\r\nTransfer-Encoding: identity"})
    expect_whole (kOk + field + "\r\n\r\nhello", "hello");
  expect_whole ("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", "hello");
  expect_whole ("HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", "hello");
  expect_whole ("\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello");
  expect_whole (kOk + "Content-Length: 0\r\n\r\n", "");
}

TEST (Framing, LengthsThatAreNone)
{
  for (const char *field : {"Content-Length:",
                            "Content-Length: ",
                            "Content-Length: -5",
                            "Content-Length: +5",
                            "Content-Length: 5 5",
                            "Content-Length: 5,",
                            "Content-Length: ,5",
                            "Content-Length: 5, 6",
                            "Content-Length: 5\r\nContent-Length: 6",
                            "Content-Length:\r\nContent-Length: 5",
                            "Content-Length: 5\r\nContent-Length:",
                            "Content-Length: 0x5",
                            "Content-Length: 5.0",
                            "Content-Length: five",
                            "Content-Length: 9223372036854775808",
                            "Content-Length: 18446744073709551615",
                            "Content-Length: 99999999999999999999999",
                            "Content-Length: 5;",
                            "Content-Length: \"5\"",
                            "Content-Length: 5\r\n 5"})
    expect_wrong (kOk + field + "\r\n\r\nhello");
}

TEST (Framing, StatusesWithoutABody)
{
  for (const char *status : {"204 No Content", "304 Not Modified"}) {
    for (const char *field : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
      std::string head = "HTTP/1.1 " + std::string (status) + "\r\n" + field + "\r\n";
      Seen seen = read_in_all_pieces (head + "hello", false);
      EXPECT_EQ (seen.outcome, WHOLE);
      EXPECT_EQ (seen.used, head.size ());
      EXPECT_EQ (seen.content, "");
    }
  }
}

TEST (Framing, ChunksAsTheyShouldBe)
{
  for (const char *body :
       {"5\r\nhello\r\n0\r\n\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
        "0005\r\nhello\r\n000\r\n\r\n", "5;a=b\r\nhello\r\n0;c\r\n\r\n",
        "5 ; a\r\nhello\r\n0\r\n\r\n", "5\t\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n",
        "5\nhello\r\n0\n\n", "5\r\nhello\r\n0\r\nX-Digest: 1\r\nY: 2\r\n\r\n",
        "5;q=\"a;b\"\r\nhello\r\n0\r\n\r\n"})
    expect_whole (kChunked + body, "hello");
  expect_whole (kChunked + "5;" + std::string (5000, 'x') + "\r\nhello\r\n0\r\n\r\n", "hello");
  expect_whole (kChunked + "0\r\n\r\n", "");
  expect_whole (kChunked + "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
                "01234567890123456789");
  for (const char *coding : {"chunked", "Chunked", "identity, chunked", "chunked, chunked",
                             "chunked\r\nTransfer-Encoding: chunked"})
    expect_whole (kOk + "Transfer-Encoding: " + coding + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                  "hello");
}

TEST (Framing, ChunksThatAreNone)
{
  for (const char *body : {"\r\n",
                           "x\r\n",
                           "<html>\r\n",
                           " 5\r\nhello\r\n",
                           "-5\r\nhello\r\n",
                           "+5\r\nhello\r\n",
                           "0x5\r\nhello\r\n",
                           "5x\r\nhello\r\n",
                           "5 5\r\nhello\r\n",
                           "5\rhello\r\n",
                           "5\r\nhelloo\r\n0\r\n\r\n",
                           "5\r\nhello0\r\n\r\n",
                           "5\r\nhello\r\r\n0\r\n\r\n",
                           "5\r\nhello\r\n\r\n0\r\n\r\n",
                           "5\r\nhello\r\n<html>\r\n<body>502",
                           ";a\r\nhello\r\n",
                           "8000000000000000\r\n",
                           "ffffffffffffffff\r\n",
                           "10000000000000000\r\n",
                           "fffffffffffffffffffffffff\r\n",
                           "5,\r\nhello\r\n",
                           "6\r\nhello\r\n0\r\n\r\n",
                           "0\r\nno trailer\r\n\r\n",
                           "0\r\n<html>\r\n"})
    expect_wrong (kChunked + body);
  expect_wrong (kChunked + std::string ("5\0\r\nhello\r\n0\r\n\r\n", 17));
  expect_wrong (kChunked + "5;" + std::string (70000, 'x') + "\r\nhello\r\n0\r\n\r\n");
  expect_wrong (kChunked + std::string (70000, '0') + "5\r\nhello\r\n0\r\n\r\n");
  expect_wrong (kChunked + std::string ("5\r\nhello\r\n0\r\nX: a\0b\r\n\r\n", 23));
  std::string trailers;
  for (int i = 0; i < 6000; i++)
    trailers += "X-Trailer: 1\r\n";
  expect_wrong (kChunked + "0\r\n" + trailers + "\r\n");
}

TEST (Framing, CodingsThatWereNotAskedFor)
{
  for (const char *coding :
       {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "chunked;q=1", "chunked chunked",
        "\"chunked\"", "deflate\r\nTransfer-Encoding: chunked"})
    expect_wrong (kOk + "Transfer-Encoding: " + coding + "\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
}

/* RFC 9112, section 6.3: Transfer-Encoding overrides the length, and the connection is not reused. */
TEST (Framing, LengthBesideChunksIsNoSize)
{
  for (const char *fields : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 300\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: -1\r\n"}) {
    Seen seen = read_in_all_pieces (kOk + fields + "\r\n5\r\nhello\r\n0\r\n\r\n", false);
    EXPECT_EQ (seen.outcome, WHOLE);
    EXPECT_EQ (seen.content, "hello");
    EXPECT_EQ (seen.above.find ("Content-Length"), std::string::npos);
    EXPECT_NE (seen.above.find ("Connection: close"), std::string::npos);
  }
}

TEST (Framing, UntilTheConnectionEnds)
{
  for (const char *head :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\nX: y\r\n\r\n", "ICY 200 OK\n\n"}) {
    EXPECT_EQ (read_in_all_pieces (head + std::string ("hello"), false).outcome, OPEN);
    Seen seen = read_in_all_pieces (head + std::string ("hello"), true);
    EXPECT_EQ (seen.outcome, WHOLE);
    EXPECT_EQ (seen.content, "hello");
  }
}

/* A response that is cut anywhere is not complete, and no part of it is taken for a complete one. */
TEST (Framing, CutAtEveryByte)
{
  for (const std::string &wire :
       {kOk + "Content-Length: 5\r\n\r\nhello",
        kChunked + "2\r\nhe\r\n3;x\r\nllo\r\n0\r\nA: b\r\n\r\n",
        std::string ("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") + kChunked + "0\r\n\r\n",
        std::string ("HTTP/1.1 204 No Content\r\nETag: \"v1\"\r\n\r\n")}) {
    for (std::size_t n = 1; n < wire.size (); n++)
      EXPECT_EQ (read_in_all_pieces (wire.substr (0, n), true).outcome, CUT) << wire.substr (0, n);
    EXPECT_EQ (read_in_all_pieces (wire, true).outcome, WHOLE);
  }
}

TEST (Framing, HeadsThatAreNone)
{
  for (const char *head : {"hello",
                           "<html>",
                           "HTTP",
                           "http/1.1 200 OK\r\n\r\n",
                           "HTTP/1.1\r\n\r\n",
                           "HTTP/1.1 \r\n\r\n",
                           "HTTP/1.1 20 OK\r\n\r\n",
                           "HTTP/1.1 2000 OK\r\n\r\n",
                           "HTTP/1.1 099 OK\r\n\r\n",
                           "HTTP/1.1 -200 OK\r\n\r\n",
                           "HTTP/1.1 200OK\r\n\r\n",
                           "HTTP/01.1 200 OK\r\n\r\n",
                           "HTTP/1.11 200 OK\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length\r: 5\r\n\r\n",
                           "HTTP/1.1\t200 OK\r\n\r\n",
                           "HTTP/1 200 OK\r\n\r\n",
                           "HTTP/a.b 200 OK\r\n\r\n",
                           "HTTP/1.1 OK\r\n\r\n",
                           "\r\n\r\n\r\n\r\n",
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"}) {
    if (std::string (head) == "HTTP")
      EXPECT_EQ (read_in_all_pieces (head, true).outcome, CUT);
    else
      expect_wrong (head);
  }
  expect_wrong (std::string ("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", 27));
  expect_wrong (kOk + "X: " + std::string (70000, 'x'));
}

TEST (Framing, InterimResponsesHaveAnEnd)
{
  std::string interim = "HTTP/1.1 102 Processing\r\nContent-Length: 7\r\n\r\n", many;

  for (int i = 0; i < 128; i++)
    many += interim;
  expect_whole (many + kOk + "Content-Length: 5\r\n\r\nhello", "hello");
  expect_wrong (many + interim + kOk + "Content-Length: 5\r\n\r\nhello");
}

/* libsoup gets bytes with only one meaning. */
TEST (Framing, WhatIsPassedOnIsPlain)
{
  EXPECT_EQ (
      read_in_all_pieces (kOk + "Content-Length : 5, 5\r\nX:\r\n y\r\n\r\nhello", false).above,
      "HTTP/1.1 200 OK\r\nX:\r\n y\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  EXPECT_EQ (read_in_all_pieces (kChunked + "0005 ;x=y\nhello\n00;z\nTrailer: a\n\n", false).above,
             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
}

TEST (Framing, FieldsAsTheyWereSent)
{
  g_autoptr (SlFraming) framing = sl_framing_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();
  std::string head =
      kOk + "Location: /\xe4 b\r\nlocation: c\r\nX-Folded: a\r\n\tb\r\nContent-Length: 0\r\n\r\n";
  gsize used;

  ASSERT_TRUE (
      sl_framing_feed (framing, (const guint8 *)head.data (), head.size (), &used, out, nullptr));
  EXPECT_EQ (take (sl_framing_dup_field (framing, "Location")), "/\xe4 b, c");
  EXPECT_EQ (take (sl_framing_dup_field (framing, "x-folded")), "a   b");
  EXPECT_EQ (take (sl_framing_dup_field (framing, "Missing")), "(null)");
  EXPECT_FALSE (sl_framing_closes (framing));
}
