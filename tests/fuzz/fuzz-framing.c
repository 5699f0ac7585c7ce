/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The framing of responses: the verdict does not depend on the pieces in which the bytes arrive, and no byte is
 * invented.
 */
#include <gio/gio.h>
#include <string.h>

#include "fuzz.h"
#include "http/framing.h"

typedef struct {
  GByteArray *content; /* (owned) */
  size_t used;
  gboolean wrong, complete, cut;
} Seen;

/* Reads the first response in pieces of @piece bytes. */
static void
read_wire (const uint8_t *data, size_t size, size_t piece, Seen *seen)
{
  g_autoptr (SlFraming) framing = sl_framing_new ();
  g_autoptr (GByteArray) out = g_byte_array_new ();

  while (seen->used < size && !sl_framing_is_complete (framing) && !seen->wrong) {
    gsize n = MIN (piece, size - seen->used), used = 0;
    guint64 content = sl_framing_get_content (framing);
    if (content > 0) {
      used = (gsize)MIN (content, n);
      g_byte_array_append (seen->content, data + seen->used, (guint)used);
      sl_framing_passed (framing, used);
    } else {
      seen->wrong = !sl_framing_feed (framing, data + seen->used, n, &used, out, NULL);
      FUZZ_ASSERT (used <= n);
    }
    seen->used += used;
  }
  seen->complete = !seen->wrong && sl_framing_is_complete (framing);
  if (!seen->wrong && !seen->complete)
    seen->cut = !sl_framing_end (framing, NULL);
  /* fields about framing may be added to heads; nothing else may grow */
  FUZZ_ASSERT (out->len <= seen->used + 128 * 32);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Seen whole = {.content = g_byte_array_new ()}, pieces = {.content = g_byte_array_new ()};

  if (size > 0) {
    read_wire (data, size, size, &whole);
    read_wire (data, size, 1 + data[size - 1] % 7, &pieces);
    FUZZ_ASSERT (whole.wrong == pieces.wrong && whole.complete == pieces.complete &&
                 whole.cut == pieces.cut);
    FUZZ_ASSERT (whole.content->len == pieces.content->len &&
                 memcmp (whole.content->data, pieces.content->data, whole.content->len) == 0);
    FUZZ_ASSERT (!whole.complete || whole.used == pieces.used);
  }
  g_byte_array_unref (whole.content);
  g_byte_array_unref (pieces.content);
  return 0;
}
