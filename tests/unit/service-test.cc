/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* service: the checks of callers' values. */
#include "unit.h"

#include "base/error.h"
#include "base/validate.h"
#include "service/range-list.h"

#include <cstring>

TEST (Uri, NormalForm)
{
  const struct {
    const char *text, *normal;
  } rows[] = {
      {"http://example.org/a/b?c=d", "http://example.org/a/b?c=d"},
      {"HTTPS://example.org/a", "https://example.org/a"},
      {"http://example.org/a#fragment", "http://example.org/a"},
      {"http://example.org:8080/", "http://example.org:8080/"},
      {"http://example.org", "http://example.org/"},
      {"http://[::1]:8080/a", "http://[::1]:8080/a"},
      /* unchanged, except for characters that a request can't have */
      {"http://127.0.0.1/%2f%c3%A4", "http://127.0.0.1/%2f%c3%A4"},
      {"http://127.0.0.1/o/foo%27bar%2Bbaz%7E(x)!*,$'~q%2f.bin?X-Amz-Signature=ab%2fcd%3D%3D&r=%20",
       "http://127.0.0.1/o/"
       "foo%27bar%2Bbaz%7E(x)!*,$'~q%2f.bin?X-Amz-Signature=ab%2fcd%3D%3D&r=%20"},
      {"http://127.0.0.1/100%?q=%zz&[]|\"", "http://127.0.0.1/100%?q=%zz&[]|\""},
      {"http://127.0.0.1/\xc3\xa4?\xc3\xb6", "http://127.0.0.1/%C3%A4?%C3%B6"},
      {"http://b\xc3\xbc\x63her.example/", "http://xn--bcher-kva.example/"},
      {"http://example.org./", "http://example.org./"},
      {"http://a_b.example/", "http://a_b.example/"},
  };

  for (const auto &row : rows) {
    Error error;
    std::string normal = take (sl_uri_normalize (row.text, error.out ()));
    EXPECT_EQ (normal, row.normal) << error.text ();
    EXPECT_EQ (take (sl_uri_normalize (normal.c_str (), error.out ())), normal);
  }
}

TEST (Uri, WhatCannotBeUsed)
{
  for (const std::string &text :
       {std::string (), std::string ("example.org/a"), std::string ("/a"),
        std::string ("ftp://example.org/a"), std::string ("file:///etc/passwd"),
        std::string ("http://"), std::string ("http:///a"), std::string ("http:a"),
        std::string ("http://u@example.org/"), std::string ("http://u:p@example.org/"),
        std::string ("http://example.org:0/"), std::string ("http://example.org:65536/"),
        std::string ("http://example.org:x/"), std::string ("http://example.org/a b"),
        std::string ("http://example.org/a\nb"), std::string ("http://example.org/\x7f"),
        /* not a host after decoding: it could become lines of a request to a proxy */
        std::string ("http://a%0d%0aX-Injected:1/"), std::string ("http://a%20b/"),
        std::string ("http://a%2fb/"), std::string ("http://a%40b/"), std::string ("http://a%3fb/"),
        std::string ("http://a%23b/"), std::string ("http://a%1bb/"), std::string ("http://a%00b/"),
        std::string ("http://a%25b/"), std::string ("http://a%7fb/"), std::string ("http://a..b/"),
        std::string ("http://.a/"), std::string ("http://a<b/"), std::string ("http://a^b/"),
        std::string ("http://a|b/"), std::string ("http://a\\b/"),
        std::string ("http://[1.2.3.4]/"), std::string ("http://[::1%25a%0d]/"),
        std::string ("http://\xff/"), "http://" + std::string (64, 'a') + "/",
        "http://" + std::string (4000, 'a') + "/", std::string ("http://[::1/"),
        "http://example.org/" + std::string (8192, 'a')}) {
    Error error;
    EXPECT_EQ (take (sl_uri_normalize (text.c_str (), error.out ())), "(null)") << text;
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_URI)) << text;
  }
}

TEST (Uri, PasswordsAreNotRepeatedInErrors)
{
  Error error;

  EXPECT_EQ (take (sl_uri_normalize ("http://user:hunter2@example.org/", error.out ())), "(null)");
  EXPECT_EQ (error.text ().find ("hunter2"), std::string::npos) << error.text ();
}

TEST (Path, NormalForm)
{
  const struct {
    const char *text, *normal;
  } rows[] = {
      {"/a/b", "/a/b"},     {"/a//b", "/a/b"},  {"/a/./b", "/a/b"},
      {"//a", "/a"},        {"/a/b/", "/a/b/"}, {"/a/b//", "/a/b/"},
      {"/a/b/.", "/a/b"},   {"/", "/"},         {"/a/..b/...", "/a/..b/..."},
      {"/a/ä b", "/a/ä b"},
  };

  for (const auto &row : rows) {
    Error error;
    EXPECT_EQ (take (sl_path_normalize (row.text, error.out ())), row.normal) << error.text ();
  }
}

TEST (Path, WhatCannotBeUsed)
{
  for (const std::string &text :
       {std::string (), std::string ("a"), std::string ("./a"), std::string ("../a"),
        std::string ("~/a"), std::string ("/.."), std::string ("/a/../b"), std::string ("/a/.."),
        std::string ("/a/../"), "/" + std::string (256, 'a'), "/a/" + std::string (256, 'a') + "/b",
        [] {
          std::string deep;
          for (int i = 0; i < 100; i++)
            deep += "/" + std::string (50, 'a');
          return deep;
        }()}) {
    Error error;
    EXPECT_EQ (take (sl_path_normalize (text.c_str (), error.out ())), "(null)") << text;
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << text;
  }
  Error error;
  EXPECT_NE (take (sl_path_normalize (("/" + std::string (255, 'a')).c_str (), error.out ())),
             "(null)");
}

static gboolean
check_headers (const std::vector<std::pair<std::string, std::string>> &fields, Error *error)
{
  GVariantBuilder builder;
  g_autoptr (GVariant) headers = nullptr;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (const auto &field : fields)
    g_variant_builder_add (&builder, "{ss}", field.first.c_str (), field.second.c_str ());
  headers = g_variant_ref_sink (g_variant_builder_end (&builder));
  return sl_headers_check (headers, error->out ());
}

TEST (Headers, GoodOnes)
{
  Error error;

  EXPECT_TRUE (check_headers ({}, &error));
  EXPECT_TRUE (check_headers ({{"Authorization", "Bearer x"},
                               {"cookie", "a=b; c=\"d\""},
                               {"X-!#$%&'*+-.^_`|~", ""},
                               {"Referer", "http://example.org/ä"}},
                              &error))
      << error.text ();
}

TEST (Headers, BadOnes)
{
  const std::pair<std::string, std::string> bad[] = {
      {"", "x"},
      {"A B", "x"},
      {"A:", "x"},
      {"A\n", "x"},
      {"Ä", "x"},
      {"A", "x\r\nHost: b"},
      {"A", "x\ny"},
      {"A", "\r"},
      {"Host", "x"},
      {"range", "bytes=0-"},
      {"IF-RANGE", "x"},
      {"Accept-Encoding", "gzip"},
      {"Connection", "x"},
      {"Content-Length", "1"},
      {"Transfer-Encoding", "chunked"},
      {"TE", "trailers"},
      {"Upgrade", "h2c"},
      {"Expect", "100-continue"},
  };

  for (const auto &field : bad) {
    Error error;
    EXPECT_FALSE (check_headers ({field}, &error)) << field.first;
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << field.first;
  }
}

TEST (Headers, NotTooManyAndNotTooLong)
{
  std::vector<std::pair<std::string, std::string>> fields;
  Error error;

  for (int i = 0; i < 64; i++)
    fields.emplace_back ("X-" + std::to_string (i), "");
  EXPECT_TRUE (check_headers (fields, &error)) << error.text ();
  fields.emplace_back ("X-64", "");
  EXPECT_FALSE (check_headers (fields, &error));
  EXPECT_TRUE (check_headers ({{"A", std::string (16383, 'x')}}, &error)) << error.text ();
  EXPECT_FALSE (check_headers ({{"A", std::string (16384, 'x')}}, &error));
}

/* The outcome as text: the ranges, the error, or that there are none. */
static std::string
parse_ranges (const char *text)
{
  Error error;
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (text));
  g_autoptr (SlRanges) ranges = sl_range_list_parse (value, error.out ());

  if (error.get () != nullptr) {
    EXPECT_EQ (ranges, nullptr);
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << error.text ();
    return error.text ();
  }
  return ranges != nullptr ? take (sl_ranges_to_string (ranges)) : "none";
}

TEST (RangeList, GoodOnes)
{
  EXPECT_EQ (parse_ranges ("@a(tt) []"), "none");
  EXPECT_EQ (parse_ranges ("[(@t 0, @t 1)]"), "0-0");
  EXPECT_EQ (parse_ranges ("[(@t 10, @t 5), (0, 5), (5, 5)]"), "0-14");
  EXPECT_EQ (parse_ranges ("[(@t 9223372036854775806, @t 1)]"),
             "9223372036854775806-9223372036854775806");
}

TEST (RangeList, TheLargestLengthReachesToTheEnd)
{
  g_autoptr (GVariant) value =
      g_variant_ref_sink (g_variant_new_parsed ("[(@t 5, @t 18446744073709551615)]"));
  g_autoptr (SlRanges) ranges = sl_range_list_parse (value, nullptr);

  ASSERT_NE (ranges, nullptr);
  EXPECT_EQ (sl_ranges_get (ranges, 0)->start, 5u);
  EXPECT_EQ (sl_ranges_end (ranges), SL_SIZE_UNKNOWN);
}

TEST (RangeList, BadOnes)
{
  EXPECT_EQ (parse_ranges ("[(@t 5, @t 0)]"), "0 bytes from 5 is no range of a file");
  for (const char *text : {"[(@t 9223372036854775807, @t 1)]", "[(@t 1, @t 9223372036854775807)]",
                           "[(@t 2, @t 18446744073709551614)]",
                           "[(@t 18446744073709551615, @t 18446744073709551615)]"})
    EXPECT_NE (parse_ranges (text).find ("is no range of a file"), std::string::npos) << text;
  EXPECT_EQ (parse_ranges ("[(@t 0, @t 5), (4, 5)]"), "The ranges overlap");
}

TEST (RangeList, NotTooMany)
{
  Error error;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tt)"));
  for (guint64 i = 0; i <= 20000; i++)
    g_variant_builder_add (&builder, "(tt)", 2 * i, (guint64)1);
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_builder_end (&builder));
  EXPECT_EQ (sl_range_list_parse (value, error.out ()), nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED)) << error.text ();
}

TEST (RangeList, IsTheSameOnTheBus)
{
  g_autoptr (GVariant) value =
      g_variant_ref_sink (g_variant_new_parsed ("[(@t 0, @t 5), (@t 7, @t 1)]"));
  g_autoptr (SlRanges) ranges = sl_range_list_parse (value, nullptr);
  g_autoptr (GVariant) again = g_variant_ref_sink (sl_range_list_new (ranges));

  EXPECT_TRUE (g_variant_equal (value, again));
}
