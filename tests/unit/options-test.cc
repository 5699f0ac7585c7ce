/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of options: each row by itself, and setting, copying and unsetting all of them. */
#include "unit.h"

#include "base/error.h"
#include "base/options.h"
#include "support/properties.h"

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

using st::find_property;

/* What each option takes that isn't its default. */
std::string
get_good_value (const char *name)
{
  return st::get_good_values (find_property (name)).back ();
}

/* Of those that refuse something, such a value, and what the message says. */
const struct Row {
  const char *name;
  const char *bad;
  const char *why;
} rows[] = {
    {"Uri", "'ftp://a/b'", "ftp"},
    {"LocalPath", "'b'", "not absolute"},
    {"Priority", "'urgent'", "Priority is “foreground”, “high”, “normal” or “low”"},
    {"CostPolicy", "'free'", "“no-surcharge”, “no-cellular”, or empty for the default"},
    {"Deadline", "int64 -1", "Deadline is a time"},
    {"HttpHeaders", "{'Range': 'b'}", "the service sets it"},
    {"SecurityFlags", "['ignore-all']",
     "SecurityFlags can have only “ignore-unknown-ca”, “ignore-common-name”, “ignore-date” and "
     "“allow-private-redirect”"},
    {"RedirectPolicy", "''", "RedirectPolicy is “allow”, “report” or “refuse”"},
    {"Digest", "'md5:00'", "md5"},
    {"ProgressPercent", "uint32 101", "ProgressPercent is at most 100"},
};

void
set_all (Options *options)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const char *name = sl_option_get (i)->property;
    ASSERT_TRUE (options->set_text (name, get_good_value (name).c_str ())) << name;
  }
}

} // namespace

TEST (OptionTable, HasWhatTheInterfaceLetsOneWrite)
{
  std::set<std::string> names, columns, writable;

  for (const st::ListedProperty &property : st::kProperties) {
    if (property.writable)
      writable.insert (property.name);
  }
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const SlOption *option = sl_option_get (i);
    EXPECT_EQ (option->number, (SlOptionNumber)i);
    EXPECT_EQ (sl_option_find (option->property), option);
    EXPECT_NE (option->states, 0u);
    EXPECT_TRUE (names.insert (option->property).second);
    EXPECT_TRUE (columns.insert (option->column).second);
  }
  EXPECT_EQ (names, writable);
  EXPECT_EQ (sl_option_find ("State"), nullptr);
}

TEST (OptionTable, DefaultsAreNotSet)
{
  Options options;

  EXPECT_EQ (options.set, 0u);
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const char *name = sl_option_get (i)->property;
    EXPECT_EQ (options.print (name), find_property (name).initial) << name;
  }
}

TEST (OptionTable, WhatIsSetIsReadAndMarked)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const char *name = sl_option_get (i)->property;
    for (const std::string &value : st::get_good_values (find_property (name))) {
      Options options;
      EXPECT_TRUE (options.set_text (name, value.c_str ())) << name;
      EXPECT_EQ (options.print (name), value);
      EXPECT_EQ (options.set, SL_OPTION_BIT (i));
      sl_options_unset (&options, sl_option_get (i));
      EXPECT_EQ (options.print_all (), Options ().print_all ());
      EXPECT_EQ (options.set, 0u);
    }
  }
}

TEST (OptionTable, WhatIsRefusedChangesNothing)
{
  for (const Row &row : rows) {
    for (bool before : {false, true}) {
      Options options;
      Error error;
      if (before) {
        EXPECT_TRUE (options.set_text (row.name, get_good_value (row.name).c_str ()));
      }
      EXPECT_FALSE (options.set_text (row.name, row.bad, error.out ())) << row.name;
      EXPECT_NE (error.text ().find (row.why), std::string::npos) << error.text ();
      EXPECT_EQ (options.print (row.name),
                 before ? get_good_value (row.name) : find_property (row.name).initial);
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

/* The database has them in this form, and g_variant_parse () reads them. */
TEST (Fields, TextIsThatOfGVariant)
{
  for (const char *text : {"@a{ss} {}", "{'a': 'b'}", "{'a': 'b', 'c': ''}", "{'': ''}",
                           "{\"it's\": 'so'}", "{'a': 'say \"so\"'}", "{'a': 'back\\\\slash'}",
                           "{'ß': 'Grüße'}", "{'a': 'tab\\t\\x01 \\x7f'}",
                           "{'a': '\\u200b\\U0001f600'}", "{'a': 'b', 'd': 'c\\n', 'e': '~ !'}"}) {
    g_autoptr (GVariant) fields = g_variant_ref_sink (g_variant_new_parsed (text));
    g_autofree char *ours = sl_fields_to_string (fields);
    g_autofree char *theirs = g_variant_print (fields, FALSE);
    EXPECT_STREQ (ours, theirs);
    g_autoptr (GVariant) again =
        g_variant_parse (G_VARIANT_TYPE ("a{ss}"), ours, nullptr, nullptr, nullptr);
    ASSERT_NE (again, nullptr) << ours;
    EXPECT_TRUE (g_variant_equal (again, fields)) << ours;
  }
}

TEST (OptionTable, SecretsAreHiddenAndUnset)
{
  SlOptions options;
  Error error;
  const SlOption *headers = sl_option_get (SL_OPTION_HTTP_HEADERS),
                 *hides = sl_option_get (SL_OPTION_HTTP_HEADERS_WRITE_ONLY),
                 *uri = sl_option_get (SL_OPTION_URI);
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed ("{'Cookie': 'a'}"));
  g_autoptr (GVariant) yes = g_variant_ref_sink (g_variant_new_boolean (TRUE));
  g_autoptr (GVariant) address = g_variant_ref_sink (g_variant_new_string ("http://a/"));

  sl_options_init (&options);
  ASSERT_TRUE (sl_options_set (&options, headers, value, error.out ())) << error.text ();
  ASSERT_TRUE (sl_options_set (&options, uri, address, error.out ())) << error.text ();
  EXPECT_FALSE (sl_options_hides (&options, headers));
  EXPECT_FALSE (sl_options_have_secrets (&options)) << "their owner may read them";
  ASSERT_TRUE (sl_options_set (&options, hides, yes, error.out ())) << error.text ();
  EXPECT_TRUE (sl_options_hides (&options, headers));
  EXPECT_FALSE (sl_options_hides (&options, uri));
  EXPECT_TRUE (sl_options_have_secrets (&options));
  sl_options_unset_secrets (&options);
  EXPECT_EQ (options.headers, nullptr);
  EXPECT_STREQ (options.uri, "http://a/");
  EXPECT_FALSE (sl_options_have_secrets (&options));
  sl_options_clear (&options);
}

TEST (OptionTable, AnEmptyWordUnsets)
{
  Options options;

  EXPECT_TRUE (options.set_text ("CostPolicy", "'always'"));
  EXPECT_TRUE (options.set_text ("CostPolicy", "''"));
  EXPECT_FALSE (sl_options_is_set (&options, SL_OPTION_COST_POLICY));
  /* an empty text is a choice: no digest */
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
