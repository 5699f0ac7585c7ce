/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* service: configuration files, and the check of what callers give. */
#include "unit.h"

#include "base/error.h"
#include "service/arguments.h"
#include "service/configuration.h"

#include <cstring>

namespace
{

/* Settings, and the warnings that reading them gave. */
class Configuration : public testing::Test
{
protected:
  const SlSettings defaults = SL_SETTINGS_DEFAULT;
  SlSettings settings = SL_SETTINGS_DEFAULT;
  Error error;
  std::string warnings;

  Configuration ()
  {
    g_log_set_default_handler (collect, this);
  }
  ~Configuration () override
  {
    g_log_set_default_handler (g_log_default_handler, nullptr);
  }
  bool
  parse (const std::string &text)
  {
    return sl_configuration_parse (text.data (), text.size (), "test.conf", &settings,
                                   error.out ());
  }
  bool
  untouched () const
  {
    return memcmp (&settings, &defaults, sizeof settings) == 0;
  }
  bool
  warned_of (const std::string &word) const
  {
    return warnings.find (word) != std::string::npos;
  }

private:
  static void
  collect (const char *, GLogLevelFlags, const char *message, gpointer data)
  {
    ((Configuration *)data)->warnings += std::string (message) + "\n";
  }
};

} // namespace

TEST_F (Configuration, EveryKey)
{
  ASSERT_TRUE (parse ("[Transfers]\n"
                      "MaxActive=3\nMaxConnections=5\nMaxConnectionsPerHost=4\n"
                      "ConnectionsForeground=6\nConnectionsBackground=2\n"
                      "FirstByteTimeout=7\nStallTimeout=8\nRetryDelayMin=9\nRetryDelayMax=10\n"
                      "DiskFullRetry=11\n"))
      << error.text ();
  EXPECT_EQ (settings.max_active, 3u);
  EXPECT_EQ (settings.max_connections, 5u);
  EXPECT_EQ (settings.max_connections_per_host, 4u);
  EXPECT_EQ (settings.connections_foreground, 6u);
  EXPECT_EQ (settings.connections_background, 2u);
  EXPECT_EQ (settings.first_byte_timeout, 7000u);
  EXPECT_EQ (settings.stall_timeout, 8u);
  EXPECT_EQ (settings.retry_delay_min, 9000u);
  EXPECT_EQ (settings.retry_delay_max, 10000u);
  EXPECT_EQ (settings.disk_full_retry, 11000u);
  EXPECT_EQ (warnings, "");
}

TEST_F (Configuration, NothingSaidNothingChanged)
{
  EXPECT_TRUE (parse (""));
  EXPECT_TRUE (parse ("# a comment\n\n"));
  EXPECT_TRUE (parse ("[Transfers]\n"));
  EXPECT_TRUE (untouched ());
  EXPECT_EQ (warnings, "");
}

TEST_F (Configuration, Durations)
{
  const struct {
    const char *text;
    guint ms;
  } rows[] = {{"500ms", 500}, {"2", 2000},    {"2s", 2000},
              {" 3 ", 3000},  {"100ms", 100}, {"3600", 3600000}};

  for (const auto &row : rows) {
    EXPECT_TRUE (parse (std::string ("[Transfers]\nFirstByteTimeout=") + row.text + "\n"));
    EXPECT_EQ (settings.first_byte_timeout, row.ms) << row.text;
  }
  EXPECT_TRUE (parse ("[Transfers]\nStallTimeout=1500ms\n"));
  EXPECT_EQ (settings.stall_timeout, 2u);
  EXPECT_EQ (warnings, "");
}

TEST_F (Configuration, BadValuesLeaveTheSettingAlone)
{
  for (const char *line : {"MaxActive=0",
                           "MaxActive=-1",
                           "MaxActive=257",
                           "MaxActive=",
                           "MaxActive=many",
                           "MaxActive=3.5",
                           "MaxActive=3s",
                           "MaxActive=0x10",
                           "MaxActive=+3",
                           "MaxActive=99999999999999999999",
                           "MaxConnectionsPerHost=65",
                           "FirstByteTimeout=0",
                           "FirstByteTimeout=99ms",
                           "FirstByteTimeout=3601",
                           "FirstByteTimeout=1m",
                           "FirstByteTimeout=ms",
                           "FirstByteTimeout=-5",
                           "FirstByteTimeout=1.5s",
                           "FirstByteTimeout=4294967296",
                           "FirstByteTimeout=4294967295s",
                           "StallTimeout=0ms",
                           "DiskFullRetry=\\q",
                           "RetryDelayMin=\xff"}) {
    std::string key (line, strcspn (line, "="));
    warnings.clear ();
    EXPECT_TRUE (parse (std::string ("[Transfers]\n") + line + "\n")) << error.text ();
    EXPECT_TRUE (untouched ()) << line;
    EXPECT_TRUE (warned_of (key)) << line << ": " << warnings;
    EXPECT_TRUE (warned_of ("test.conf")) << line << ": " << warnings;
  }
}

TEST_F (Configuration, ABadValueSpoilsNoOther)
{
  EXPECT_TRUE (parse ("[Transfers]\nMaxActive=nonsense\nMaxConnections=7\n"));
  EXPECT_EQ (settings.max_active, defaults.max_active);
  EXPECT_EQ (settings.max_connections, 7u);
}

TEST_F (Configuration, UnknownNamesAreWarnedOf)
{
  EXPECT_TRUE (parse ("[Transfers]\nMaxActiv=3\nmaxactive=4\n[Trans]\nMaxActive=5\n"));
  EXPECT_TRUE (untouched ());
  EXPECT_TRUE (warned_of ("MaxActiv"));
  EXPECT_TRUE (warned_of ("maxactive"));
  EXPECT_TRUE (warned_of ("[Trans]"));
}

TEST_F (Configuration, WhatIsNoKeyFileIsAnError)
{
  EXPECT_FALSE (parse ("[Transfers]\nMaxActive=3\nthis is no key\n"));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT));
  EXPECT_NE (error.text ().find ("test.conf"), std::string::npos);
  EXPECT_TRUE (untouched ());
}

TEST_F (Configuration, LaterFilesWin)
{
  Directory directory;

  g_mkdir ((directory / "sluice.conf.d").c_str (), 0700);
  write_file (directory / "sluice.conf", "[Transfers]\nMaxActive=1\nMaxConnections=2\n");
  write_file (directory / "sluice.conf.d/20.conf", "[Transfers]\nMaxActive=20\n");
  write_file (directory / "sluice.conf.d/10.conf",
              "[Transfers]\nMaxActive=10\nConnectionsForeground=3\n");
  write_file (directory / "sluice.conf.d/30.conf.bak", "[Transfers]\nMaxActive=30\n");
  ASSERT_TRUE (sl_configuration_load (directory.c_str (), &settings, error.out ()));
  EXPECT_EQ (settings.max_active, 20u);
  EXPECT_EQ (settings.max_connections, 2u);
  EXPECT_EQ (settings.connections_foreground, 3u);
  EXPECT_EQ (settings.stall_timeout, defaults.stall_timeout);
}

TEST_F (Configuration, MissingDirectoryIsNoError)
{
  EXPECT_TRUE (sl_configuration_load ("/nonexistent", &settings, error.out ()));
  EXPECT_TRUE (untouched ());
}

TEST_F (Configuration, OneBrokenFileAndNothingIsTaken)
{
  Directory directory;

  g_mkdir ((directory / "sluice.conf.d").c_str (), 0700);
  write_file (directory / "sluice.conf", "[Transfers]\nMaxActive=1\n");
  write_file (directory / "sluice.conf.d/10.conf", "MaxActive=2\n");
  EXPECT_FALSE (sl_configuration_load (directory.c_str (), &settings, error.out ()));
  EXPECT_NE (error.text ().find ("10.conf"), std::string::npos) << error.text ();
  EXPECT_TRUE (untouched ());
}

TEST_F (Configuration, TheGreatestDelayIsNotBelowTheLeast)
{
  Directory directory;

  write_file (directory / "sluice.conf", "[Transfers]\nRetryDelayMin=50\nRetryDelayMax=5\n");
  ASSERT_TRUE (sl_configuration_load (directory.c_str (), &settings, error.out ()));
  EXPECT_EQ (settings.retry_delay_min, 50000u);
  EXPECT_EQ (settings.retry_delay_max, 50000u);
}

/* The example that is installed has every key, each with its default. */
TEST_F (Configuration, TheExampleSaysTheDefaults)
{
  std::string text = read_file (SLUICE_EXAMPLE_CONFIGURATION);
  int keys = 0;

  for (gsize at = 0; (at = text.find ("\n#", at)) != std::string::npos; at++) {
    gsize end = text.find ('\n', at + 1);
    if (text.substr (at, end - at).find ('=') == std::string::npos || text[at + 2] == ' ')
      continue;
    text.erase (at + 1, 1);
    keys++;
  }
  EXPECT_EQ (keys, 10);
  memset (&settings, 0, sizeof settings);
  ASSERT_TRUE (parse (text)) << error.text ();
  EXPECT_TRUE (untouched ());
  EXPECT_EQ (warnings, "");
}

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
      {"http://127.0.0.1/%2f%c3%A4", "http://127.0.0.1/%2F%C3%A4"},
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
        std::string ("http://[::1/"), "http://example.org/" + std::string (8192, 'a')}) {
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
