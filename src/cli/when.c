/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses points in time as people write them, and prints them. */
#include "config.h"

#include "when.h"

#include "text.h"

#include <glib/gi18n.h>
#include <string.h>

/* A time more than about a century ahead is taken for a mistake. */
#define SECONDS_AHEAD_MAX (G_GUINT64_CONSTANT (100) * 365 * 86400)

/* The seconds of the unit with which @text begins, and its length in bytes; 0 if there is no unit. */
static guint64
find_unit (const char *text, gsize *length)
{
  static const struct {
    const char *name;
    guint64 seconds;
  } units[] = {{"min", 60}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

  for (gsize i = 0; i < G_N_ELEMENTS (units); i++) {
    *length = strlen (units[i].name);
    if (strncmp (text, units[i].name, *length) == 0)
      return units[i].seconds;
  }
  return 0;
}

/* Parses a duration: one or more numbers with units, such as "8h", "1d12h" or "90 min". */
static gboolean
parse_span (const char *text, guint64 *seconds)
{
  *seconds = 0;
  do {
    char *end = NULL;
    guint64 count, unit;
    gsize length;
    if (!g_ascii_isdigit (*text))
      return FALSE;
    count = g_ascii_strtoull (text, &end, 10);
    text = end + strspn (end, " ");
    unit = find_unit (text, &length);
    if (unit == 0 || count > SECONDS_AHEAD_MAX / unit)
      return FALSE;
    *seconds += count * unit;
    if (*seconds > SECONDS_AHEAD_MAX)
      return FALSE;
    text += length;
    text += strspn (text, " ");
  } while (*text != '\0');
  return TRUE;
}

/* Whether @text begins like @pattern, in which 0 stands for any digit. */
static gboolean
looks_like (const char *text, const char *pattern)
{
  for (; *pattern != '\0'; text++, pattern++) {
    if (*pattern == '0' ? !g_ascii_isdigit (*text) : *text != *pattern)
      return FALSE;
  }
  return TRUE;
}

/* Parses "2026-11-22 06:00", with or without seconds and a time zone. */
static gboolean
parse_date (const char *text, gint64 *microseconds)
{
  g_autoptr (GTimeZone) here = g_time_zone_new_local ();
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *whole = NULL;
  const char *rest = text + strlen ("0000-00-00 00:00");

  if (!looks_like (text, "0000-00-00 00:00") && !looks_like (text, "0000-00-00T00:00"))
    return FALSE;
  whole = g_strdup_printf ("%.10sT%.5s%s%s", text, text + strlen ("0000-00-00 "),
                           *rest == ':' ? "" : ":00", rest);
  time = g_date_time_new_from_iso8601 (whole, here);
  if (time == NULL)
    return FALSE;
  *microseconds = g_date_time_to_unix (time) * G_USEC_PER_SEC;
  return TRUE;
}

/* Parses "06:00": today, or tomorrow if that time has passed. */
static gboolean
parse_clock (const char *text, gint64 now, gint64 *microseconds)
{
  g_autoptr (GDateTime) today = g_date_time_new_now_local ();

  if (!looks_like (text, "00:00") || strlen (text) != strlen ("00:00"))
    return FALSE;
  for (int days = 0; days < 2; days++) {
    g_autoptr (GDateTime) day = g_date_time_add_days (today, days);
    g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");
    g_autofree char *whole = g_strdup_printf ("%s %s", date, text);
    if (!parse_date (whole, microseconds))
      return FALSE;
    if (*microseconds > now)
      return TRUE;
  }
  return TRUE;
}

/* Parses Unix µs, as in the D-Bus interface and in JSON. */
static gboolean
parse_number (const char *text, gint64 *microseconds)
{
  return g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, microseconds, NULL);
}

static gboolean
parse (const char *text, gint64 now, gint64 *microseconds)
{
  const char *span = NULL;
  guint64 seconds;

  if (*text == '+')
    span = text + 1;
  else if (g_str_has_prefix (text, "in "))
    span = text + strlen ("in ");
  if (span != NULL) {
    if (!parse_span (span + strspn (span, " "), &seconds))
      return FALSE;
    *microseconds = now + (gint64)seconds * G_USEC_PER_SEC;
    return TRUE;
  }
  return parse_number (text, microseconds) || parse_clock (text, now, microseconds) ||
         parse_date (text, microseconds);
}

gboolean
when_parse (const char *what, const char *text, gint64 *microseconds)
{
  gint64 now = g_get_real_time ();
  g_autofree char *safe = text_safe (text);

  *microseconds = 0;
  if (g_str_equal (text, "none") || g_str_equal (text, "0"))
    return TRUE;
  if (!parse (text, now, microseconds)) {
    /* TRANSLATORS: %s is “--deadline” or “Deadline”; the second what was given */
    g_printerr (_ ("sluicectl: %s: “%s” is not a valid time; write “2026-11-22 06:00”, “06:00”, "
                   "“+8h” or “none”\n"),
                what, safe);
    return FALSE;
  }
  if (*microseconds < now) {
    g_autofree char *shown = text_time (*microseconds);
    g_printerr (_ ("sluicectl: %s: “%s” is in the past: %s\n"), what, safe, shown);
    return FALSE;
  }
  return TRUE;
}

/* (transfer full): several days as whole days, else hours and minutes */
static char *
span_text (gint64 seconds)
{
  guint64 span = (guint64)MAX (seconds, 0);
  guint days = (guint)((span + 43200) / 86400);

  if (span < G_GUINT64_CONSTANT (2) * 86400)
    return text_duration (span);
  return g_strdup_printf (ngettext ("%u day", "%u days", days), days);
}

char *
when_ago (gint64 microseconds)
{
  g_autofree char *time = text_time (microseconds);
  g_autofree char *duration = span_text ((g_get_real_time () - microseconds) / G_USEC_PER_SEC);

  /* TRANSLATORS: a point in time, and a duration such as 0:12 */
  return g_strdup_printf (_ ("%s (%s ago)"), time, duration);
}

char *
when_ahead (gint64 microseconds)
{
  gint64 ahead = microseconds - g_get_real_time () + G_USEC_PER_SEC - 1;
  g_autofree char *time = text_time (microseconds);
  g_autofree char *duration = span_text (ahead / G_USEC_PER_SEC);

  /* TRANSLATORS: a point in time, and a duration such as 0:12 */
  return g_strdup_printf (_ ("%s (in %s)"), time, duration);
}
