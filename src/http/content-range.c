/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Content-Range field. Stricter than libsoup's parser, because this field decides where bytes are written. */
#include "http/content-range.h"

#include "http/digits.h"

#include <string.h>

/* Reads digits up to @terminator, and moves @text behind it. A number larger than a file offset is refused. */
static gboolean
take_number (const char **text, char terminator, guint64 *number)
{
  if (!sl_digits_take (text, G_MAXINT64, number) || **text != terminator)
    return FALSE;
  if (terminator != '\0')
    (*text)++;
  return TRUE;
}

gboolean
sl_content_range_parse (const char *text, SlContentRange *range)
{
  guint64 last;

  if (g_ascii_strncasecmp (text, "bytes", 5) != 0 || text[5] != ' ')
    return FALSE;
  for (text += 5; *text == ' '; text++)
    ;
  if (!take_number (&text, '-', &range->start) || !take_number (&text, '/', &last) ||
      last < range->start)
    return FALSE;
  range->end = last + 1;
  if (strcmp (text, "*") == 0) {
    range->total = G_MAXUINT64;
    return TRUE;
  }
  return take_number (&text, '\0', &range->total) && range->end <= range->total;
}
