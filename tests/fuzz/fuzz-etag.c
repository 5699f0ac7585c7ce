/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ETag and Last-Modified: strong ones are valid, and a version is the same as itself or not resumed. */
#include <string.h>

#include "base/validator.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = fuzz_text (data, size);
  g_auto (GStrv) lines = g_strsplit (text, "\n", 2);
  g_auto (SlValidator) known = {.size = size % 3 == 0 ? G_MAXUINT64 : size};
  g_auto (SlValidator) copy = {.size = G_MAXUINT64};
  gboolean strong;

  if (lines[0] == NULL)
    return 0;
  strong = sl_etag_is_strong (lines[0]);
  FUZZ_ASSERT (!strong || sl_etag_is_valid (lines[0]));
  FUZZ_ASSERT (!strong || (lines[0][0] == '"' && lines[0][strlen (lines[0]) - 1] == '"'));
  known.etag = g_strdup (lines[0]);
  known.last_modified = g_strdup (lines[1]);
  sl_validator_copy (&copy, &known);
  if (sl_validator_can_resume (&known)) {
    FUZZ_ASSERT (sl_validator_get_if_range (&known) != NULL);
    FUZZ_ASSERT (sl_validator_compare (&known, &copy) == SL_VERSION_SAME);
  }
  return 0;
}
