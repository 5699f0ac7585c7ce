/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Content-Range: an accepted range lies within its total. */
#include "fuzz.h"
#include "http/content-range.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  SlContentRange range = {0};

  if (sl_content_range_parse (text, &range)) {
    FUZZ_ASSERT (g_ascii_strncasecmp (text, "bytes", 5) == 0);
    FUZZ_ASSERT (range.start < range.end);
    FUZZ_ASSERT (range.total == G_MAXUINT64 || range.end <= range.total);
  }
  return 0;
}
