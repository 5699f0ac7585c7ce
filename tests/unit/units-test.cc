/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* base: times and sizes as people write them. */
#include "unit.h"

#include "base/units.h"

namespace
{

constexpr guint64 kUntouched = 12345;

} // namespace

TEST (Units, SizesAreRead)
{
  const struct {
    const char *text;
    guint64 bytes;
  } rows[] = {{"0", 0},
              {"700", 700},
              {"500K", 512000},
              {"2M", 2097152},
              {"1G", 1073741824},
              {"1 T", 1099511627776},
              {"16777215T", G_GUINT64_CONSTANT (16777215) << 40},
              {"unlimited", G_MAXUINT64}};

  for (const auto &row : rows) {
    guint64 bytes = kUntouched;
    EXPECT_TRUE (sl_units_parse_bytes (row.text, &bytes)) << row.text;
    EXPECT_EQ (bytes, row.bytes) << row.text;
  }
}

TEST (Units, WhatIsNoSizeChangesNothing)
{
  for (const char *text : {"", " ", "K", "-1", "+1", "5X", "5k", "5KB", "1.5M", "0x10", "5K5",
                           "16777216T", "9223372036854775808", "Unlimited", "unlimited K"}) {
    guint64 bytes = kUntouched;
    EXPECT_FALSE (sl_units_parse_bytes (text, &bytes)) << text;
    EXPECT_EQ (bytes, kUntouched) << text;
  }
}

TEST (Units, TimesAreRead)
{
  const struct {
    const char *text;
    guint64 milliseconds;
  } rows[] = {{"0", 0},         {"2", 2000},   {"500ms", 500},  {"2s", 2000},
              {"5min", 300000}, {"7 s", 7000}, {"1h", 3600000}, {"7d", 604800000}};

  for (const auto &row : rows) {
    guint64 milliseconds = kUntouched;
    EXPECT_TRUE (sl_units_parse_duration (row.text, &milliseconds)) << row.text;
    EXPECT_EQ (milliseconds, row.milliseconds) << row.text;
  }
}

TEST (Units, WhatIsNoTimeChangesNothing)
{
  for (const char *text :
       {"", "s", "-1s", "1S", "1m", "1w", "1h30min", "unlimited", "9223372036854775807d"}) {
    guint64 milliseconds = kUntouched;
    EXPECT_FALSE (sl_units_parse_duration (text, &milliseconds)) << text;
    EXPECT_EQ (milliseconds, kUntouched) << text;
  }
}

TEST (Units, AreWrittenShortly)
{
  EXPECT_EQ (take (sl_units_format_duration (0)), "0s");
  EXPECT_EQ (take (sl_units_format_duration (1)), "1ms");
  EXPECT_EQ (take (sl_units_format_duration (90000)), "90s");
  EXPECT_EQ (take (sl_units_format_duration (7 * 86400000ull)), "7d");
  EXPECT_EQ (take (sl_units_format_bytes (0)), "0");
  EXPECT_EQ (take (sl_units_format_bytes (1025)), "1025");
  EXPECT_EQ (take (sl_units_format_bytes (3 << 20)), "3M");
  EXPECT_EQ (take (sl_units_format_bytes (G_MAXUINT64)), "unlimited");
}
