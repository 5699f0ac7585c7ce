/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Retry-After: no server makes us wait for longer than a day. */
#include "fuzz.h"
#include "http/retry-after.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);

  FUZZ_ASSERT (sl_retry_after_parse (text, 1800000000) <= SL_RETRY_AFTER_MAX);
  FUZZ_ASSERT (sl_retry_after_parse (text, 0) <= SL_RETRY_AFTER_MAX);
  return 0;
}
