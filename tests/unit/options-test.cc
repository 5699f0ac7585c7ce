/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of options: each row by itself, and what sets, copies and unsets the whole. */
#include "unit.h"

#include "base/error.h"
#include "base/options.h"

#include <set>

namespace
{

struct Options : SlOptions {
  Options ()
  {
    sl_options_init (this);
  }
  ~Options ()
  {
    sl_options_clear (this);
  }
  Options (const Options &) = delete;
  Options &operator= (const Options &) = delete;

  bool
  set_text (const char *name, const char *value, GError **error = nullptr)
  {
    g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (value));
    return sl_options_set (this, sl_option_find (name), variant, error);
  }
  std::string
  print (const char *name) const
  {
    g_autoptr (GVariant) value = sl_options_get (this, sl_option_find (name));
    return take (g_variant_print (value, TRUE));
  }
  std::string
  print_all () const
  {
    std::string all;
    for (guint i = 0; i < SL_N_OPTIONS; i++)
      all += print (sl_option_get (i)->property) + "\n";
    return all;
  }
};

/* Of each option one value that is none of the defaults, and one that is refused (or none: all are taken). */
const struct Row {
  const char *name;
  const char *initial;
  const char *good;
  const char *bad;
  const char *why; /* is in the message */
} rows[] = {
    {"Uri", "''", "'http://a/b'", "'ftp://a/b'", "ftp"},
    {"ContentId", "''", "'c'", nullptr, nullptr},
    {"DisplayName", "''", "'ä'", nullptr, nullptr},
    {"CorrelationVector", "''", "'x'", nullptr, nullptr},
    {"LocalPath", "''", "'/a/b'", "'b'", "not absolute"},
    {"Overwrite", "false", "true", nullptr, nullptr},
    {"Priority", "'normal'", "'low'", "'urgent'",
     "Priority is “foreground”, “high”, “normal” or “low”"},
    {"CostPolicy", "''", "'no-roaming'", "'free'",
     "“no-surcharge”, “no-cellular”, or empty for the default"},
    {"DisallowOnCellular", "false", "true", nullptr, nullptr},
    {"OnlyWhenIdle", "false", "true", nullptr, nullptr},
    {"OnlyOnExternalPower", "false", "true", nullptr, nullptr},
    {"IgnoreConditions", "false", "true", nullptr, nullptr},
    {"Deadline", "int64 0", "int64 5", "int64 -1", "Deadline is a time"},
    {"AutoStart", "false", "true", nullptr, nullptr},
    {"AutoFinalize", "false", "true", nullptr, nullptr},
    {"HttpHeaders", "@a{ss} {}", "{'A': 'b'}", "{'Range': 'b'}", "the service decides it"},
    {"HttpHeadersWriteOnly", "false", "true", nullptr, nullptr},
    {"SecurityFlags", "@as []", "['ignore-date']", "['ignore-all']",
     "SecurityFlags has “ignore-unknown-ca”, “ignore-common-name”, “ignore-date” and "
     "“allow-private-redirect”, no others"},
    {"RedirectPolicy", "'allow'", "'refuse'", "''",
     "RedirectPolicy is “allow”, “report” or “refuse”"},
    {"AllowInsecureRedirect", "false", "true", nullptr, nullptr},
    {"DynamicContent", "false", "true", nullptr, nullptr},
    {"MaxSize", "uint64 0", "uint64 5", nullptr, nullptr},
    {"MaxBytesPerSecond", "uint64 0", "uint64 5", nullptr, nullptr},
    {"Digest", "''", "'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'",
     "'md5:00'", "md5"},
    {"NoProgressTimeout", "uint32 0", "uint32 5", nullptr, nullptr},
    {"MinimumRetryDelay", "uint32 0", "uint32 5", nullptr, nullptr},
    {"MaximumDownloadTime", "uint32 0", "uint32 5", nullptr, nullptr},
    {"ProgressInterval", "uint32 1", "uint32 5", nullptr, nullptr},
    {"ProgressPercent", "uint32 0", "uint32 5", "uint32 101", "ProgressPercent is at most 100"},
    {"Persistent", "true", "false", nullptr, nullptr},
};

void
set_all (Options *options)
{
  for (const Row &row : rows)
    ASSERT_TRUE (options->set_text (row.name, row.good)) << row.name;
}

} // namespace

TEST (OptionTable, EachIsHereOnce)
{
  std::set<std::string> names, columns;

  ASSERT_EQ (G_N_ELEMENTS (rows), (gsize)SL_N_OPTIONS);
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const SlOption *option = sl_option_get (i);
    EXPECT_EQ (option->number, (SlOptionNumber)i);
    EXPECT_STREQ (option->property, rows[i].name);
    EXPECT_EQ (sl_option_find (option->property), option);
    EXPECT_NE (option->states, 0u);
    EXPECT_TRUE (names.insert (option->property).second);
    EXPECT_TRUE (columns.insert (option->column).second);
  }
  EXPECT_EQ (sl_option_find ("State"), nullptr);
}

TEST (OptionTable, DefaultsAreNotSet)
{
  Options options;

  EXPECT_EQ (options.set, 0u);
  for (const Row &row : rows)
    EXPECT_EQ (options.print (row.name), row.initial) << row.name;
}

TEST (OptionTable, WhatIsSetIsReadAndMarked)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    Options options;
    EXPECT_TRUE (options.set_text (rows[i].name, rows[i].good)) << rows[i].name;
    EXPECT_EQ (options.print (rows[i].name), rows[i].good);
    EXPECT_EQ (options.set, SL_OPTION_BIT (i));
    sl_options_unset (&options, sl_option_get (i));
    EXPECT_EQ (options.print_all (), Options ().print_all ());
    EXPECT_EQ (options.set, 0u);
  }
}

TEST (OptionTable, WhatIsRefusedChangesNothing)
{
  for (const Row &row : rows) {
    for (bool before : {false, true}) {
      Options options;
      Error error;
      if (row.bad == nullptr)
        continue;
      if (before) {
        EXPECT_TRUE (options.set_text (row.name, row.good));
      }
      EXPECT_FALSE (options.set_text (row.name, row.bad, error.out ())) << row.name;
      EXPECT_NE (error.text ().find (row.why), std::string::npos) << error.text ();
      EXPECT_EQ (options.print (row.name), before ? row.good : row.initial);
      EXPECT_EQ (options.set != 0, before);
    }
  }
}

TEST (OptionTable, LabelsHaveAtMost256Bytes)
{
  for (const char *name : {"ContentId", "DisplayName", "CorrelationVector"}) {
    Options options;
    Error error;
    EXPECT_TRUE (options.set_text (name, ("'" + std::string (256, 'x') + "'").c_str ()));
    EXPECT_FALSE (
        options.set_text (name, ("'" + std::string (257, 'y') + "'").c_str (), error.out ()));
    EXPECT_EQ (error.text (), std::string (name) + " has more than 256 bytes");
    EXPECT_EQ (options.print (name)[1], 'x');
  }
}

TEST (OptionTable, ACopyIsItsOwn)
{
  Options options;
  SlOptions copy;

  set_all (&options);
  sl_options_copy (&copy, &options);
  EXPECT_EQ (copy.set, SL_OPTION_BIT (SL_N_OPTIONS) - 1);
  std::string before = options.print_all ();
  for (guint i = 0; i < SL_N_OPTIONS; i++)
    sl_options_unset (&copy, sl_option_get (i));
  EXPECT_EQ (options.print_all (), before);
  EXPECT_EQ (copy.set, 0u);
  sl_options_clear (&copy);
}

TEST (OptionTable, AnEmptyWordUnsets)
{
  Options options;

  EXPECT_TRUE (options.set_text ("CostPolicy", "'always'"));
  EXPECT_TRUE (options.set_text ("CostPolicy", "''"));
  EXPECT_FALSE (sl_options_is_set (&options, SL_OPTION_COST_POLICY));
  /* an empty text is a choice: there shall be none */
  EXPECT_TRUE (options.set_text ("Digest", "''"));
  EXPECT_TRUE (sl_options_is_set (&options, SL_OPTION_DIGEST));
}

TEST (OptionTable, ALatchStays)
{
  Options options;
  Error error;

  EXPECT_TRUE (options.set_text ("HttpHeadersWriteOnly", "false"));
  EXPECT_TRUE (options.set_text ("HttpHeadersWriteOnly", "true"));
  EXPECT_FALSE (options.set_text ("HttpHeadersWriteOnly", "false", error.out ()));
  EXPECT_EQ (error.text (), "HttpHeadersWriteOnly can’t be taken back");
  EXPECT_TRUE (options.headers_write_only);
}
