/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers in header fields. */
#include "http/digits.h"

gboolean
sl_digits_take (const char **text, guint64 max, guint64 *number)
{
  guint64 value = 0;
  const char *c = *text;

  if (!g_ascii_isdigit (*c))
    return FALSE;
  for (; g_ascii_isdigit (*c); c++) {
    guint64 digit = (guint64)(*c - '0');
    if (digit > max || value > (max - digit) / 10)
      return FALSE;
    value = value * 10 + digit;
  }
  *text = c;
  *number = value;
  return TRUE;
}
