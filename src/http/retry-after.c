/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Retry-After field. */
#include "http/retry-after.h"

#include "http/digits.h"

#include <libsoup/soup.h>

guint32
sl_retry_after_parse (const char *text, gint64 now)
{
  g_autoptr (GDateTime) date = NULL;
  guint64 seconds;
  gint64 wait;

  if (g_ascii_isdigit (*text)) {
    if (!sl_digits_take (&text, G_MAXUINT64, &seconds) || *text != '\0')
      return 0;
    return (guint32)MIN (seconds, SL_RETRY_AFTER_MAX);
  }
  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  date = soup_date_time_new_from_http_string (text);
  if (date == NULL)
    return 0;
  wait = g_date_time_to_unix (date) - now;
  return (guint32)CLAMP (wait, 0, SL_RETRY_AFTER_MAX);
}
