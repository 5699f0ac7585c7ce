/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hours of the week by the wall clock. */
#include "base/hours.h"

#include "base/error.h"
#include "base/ranges.h"
#include "base/zone.h"

#include <string.h>

#define SECOND     G_USEC_PER_SEC
#define MINUTE     60
#define DAY        (24 * 60)
#define WEEK       (7 * DAY)
#define EVERY_DAY  0x7f
#define MAX_LENGTH 65536

/* 1970 began on a Thursday, three days (s) after a Monday. */
#define SINCE_MONDAY (3 * DAY * MINUTE)

/*
 * How far (s) to look for the next change. A week and a day with a change of the clocks may pass before a window
 * begins, and one that such a change skips begins a week later. What has not changed by then never does.
 */
#define HORIZON (15 * DAY * MINUTE)

static const char *const day_names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};

struct _SlHours {
  SlRanges *minutes; /* (owned) minutes of the week, from Monday 00:00 local time */
};

/* One window of the text form: on @days (bits, Monday's is the lowest) from @begin to @end (min of the day). */
typedef struct {
  guint days;
  guint begin;
  guint end; /* not after @begin: of the next day */
} Window;

/* (transfer full): takes @minutes */
static SlHours *
hours_new (SlRanges *minutes)
{
  SlHours *hours = g_new (SlHours, 1);

  hours->minutes = minutes;
  return hours;
}

void
sl_hours_free (SlHours *hours)
{
  sl_ranges_unref (hours->minutes);
  g_free (hours);
}

SlHours *
sl_hours_copy (const SlHours *hours)
{
  return hours_new (sl_ranges_copy (hours->minutes));
}

gboolean
sl_hours_equal (const SlHours *a, const SlHours *b)
{
  return sl_ranges_equal (a->minutes, b->minutes);
}

SlHours *
sl_hours_intersect (const SlHours *a, const SlHours *b)
{
  g_autoptr (SlRanges) both = sl_ranges_new_range (0, WEEK);
  g_autoptr (SlRanges) without_b = sl_ranges_new_range (0, WEEK);

  if (a != NULL) {
    sl_ranges_clear (both);
    sl_ranges_add_all (both, a->minutes);
  }
  if (b != NULL) {
    sl_ranges_remove_all (without_b, b->minutes);
    sl_ranges_remove_all (both, without_b);
  }
  return hours_new (g_steal_pointer (&both));
}

static gboolean
set_error (GError **error, const char *text, const char *what)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "Hours: “%s” %s", text, what);
  return FALSE;
}

static gboolean
parse_day (const char *text, guint *day, GError **error)
{
  for (*day = 0; *day < G_N_ELEMENTS (day_names); (*day)++) {
    if (g_ascii_strcasecmp (text, day_names[*day]) == 0)
      return TRUE;
  }
  return set_error (error, text, "is not a day (Mon, Tue, Wed, Thu, Fri, Sat, Sun)");
}

/* One "Mon" or "Fri-Mon" of a list, added to @days. */
static gboolean
parse_day_range (const char *text, guint *days, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);
  guint first, last;

  for (char **end = ends; *end != NULL; end++) {
    if (*g_strstrip (*end) == '\0')
      return set_error (error, text, "lacks a day next to its dash");
  }
  if (!parse_day (ends[0], &first, error))
    return FALSE;
  last = first;
  if (ends[1] != NULL && !parse_day (ends[1], &last, error))
    return FALSE;
  *days |= 1u << last;
  for (guint day = first; day != last; day = (day + 1) % 7)
    *days |= 1u << day;
  return TRUE;
}

static gboolean
parse_days (const char *text, guint *days, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);

  *days = 0;
  for (char **part = parts; *part != NULL; part++) {
    if (*g_strstrip (*part) == '\0')
      return set_error (error, text, "lacks a day next to its comma");
    if (!parse_day_range (*part, days, error))
      return FALSE;
  }
  return TRUE;
}

/* "HH:MM", which may be 24:00 only as an end. */
static gboolean
parse_time (const char *text, guint latest, guint *minute, GError **error)
{
  gboolean good = strlen (text) == 5 && text[2] == ':';

  for (guint i = 0; good && i < 5; i++)
    good = i == 2 || g_ascii_isdigit (text[i]);
  if (good) {
    guint hours = (guint)(text[0] - '0') * 10 + (guint)(text[1] - '0');
    guint minutes = (guint)(text[3] - '0') * 10 + (guint)(text[4] - '0');
    *minute = hours * 60 + minutes;
    good = minutes < 60 && *minute <= latest;
  }
  return good || set_error (error, text, "is not a time of day (HH:MM)");
}

static gboolean
parse_span (const char *text, Window *window, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);

  if (ends[0] == NULL || ends[1] == NULL)
    return set_error (error, text, "is not a time span (HH:MM-HH:MM)");
  if (!parse_time (g_strstrip (ends[0]), DAY - 1, &window->begin, error) ||
      !parse_time (g_strstrip (ends[1]), DAY, &window->end, error))
    return FALSE;
  return window->begin != window->end ||
         set_error (error, text, "has no length; a whole day is 00:00-24:00");
}

/* Everything before the first digit is days. */
static gboolean
parse_window (const char *text, Window *window, GError **error)
{
  gsize length = strcspn (text, "0123456789");
  g_autofree char *days = g_strndup (text, length);

  window->days = EVERY_DAY;
  if (text[length] == '\0')
    return set_error (error, text, "has no time span (HH:MM-HH:MM)");
  if (length > 0 && !parse_days (g_strstrip (days), &window->days, error))
    return FALSE;
  if (length > 0 && !g_ascii_isspace (text[length - 1]))
    return set_error (error, text, "has no space between the days and the time");
  return parse_span (text + length, window, error);
}

static void
add_window (SlRanges *minutes, const Window *window)
{
  guint length =
      window->end > window->begin ? window->end - window->begin : window->end + DAY - window->begin;

  for (guint day = 0; day < 7; day++) {
    guint begin = day * DAY + window->begin, end = begin + length;
    if ((window->days & 1u << day) == 0)
      continue;
    sl_ranges_add (minutes, begin, MIN (end, WEEK));
    if (end > WEEK)
      sl_ranges_add (minutes, 0, end - WEEK);
  }
}

SlHours *
sl_hours_parse (const char *text, GError **error)
{
  g_autofree char *stripped = NULL;
  g_auto (GStrv) parts = NULL;
  g_autoptr (SlRanges) minutes = sl_ranges_new ();

  if (strlen (text) > MAX_LENGTH || !g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                         "Hours: the text is too long, or not UTF-8");
    return NULL;
  }
  stripped = g_strstrip (g_strdup (text));
  parts = g_strsplit (stripped, ";", -1);
  for (char **part = parts; *part != NULL; part++) {
    Window window;
    if (*g_strstrip (*part) == '\0') {
      set_error (error, stripped, "lacks hours beside a semicolon");
      return NULL;
    }
    if (!parse_window (*part, &window, error))
      return NULL;
    add_window (minutes, &window);
  }
  return hours_new (g_steal_pointer (&minutes));
}

/* Adds a span between two minutes of the week. Windows with the same hours are joined. */
static void
collect (GArray *windows, guint begin, guint end)
{
  Window window = {1u << (begin / DAY % 7), begin % DAY, (end - 1) % DAY + 1};

  for (guint i = 0; i < windows->len; i++) {
    Window *other = &g_array_index (windows, Window, i);
    if (other->begin == window.begin && other->end == window.end) {
      other->days |= window.days;
      return;
    }
  }
  g_array_append_val (windows, window);
}

/* (transfer full) (element-type Window): a span over midnight is not cut if one window can express it */
static GArray *
to_windows (const SlHours *hours)
{
  GArray *windows = g_array_new (FALSE, FALSE, sizeof (Window));
  guint n = sl_ranges_count (hours->minutes);
  gboolean goes_round = n > 1 && sl_ranges_get (hours->minutes, 0)->start == 0 &&
                        sl_ranges_end (hours->minutes) == WEEK;

  for (guint i = goes_round; i < n; i++) {
    const SlRange *range = sl_ranges_get (hours->minutes, i);
    guint begin = (guint)range->start, end = (guint)range->end;

    if (goes_round && i == n - 1)
      end += (guint)sl_ranges_get (hours->minutes, 0)->end;
    while (end - begin >= DAY) {
      guint midnight = (begin / DAY + 1) * DAY;
      collect (windows, begin, midnight);
      begin = midnight;
    }
    if (begin < end)
      collect (windows, begin, end);
  }
  return windows;
}

static void
print_days (GString *text, guint days)
{
  const char *separator = "";

  for (guint first = 0; days != EVERY_DAY && first < 7; first++) {
    guint last = first;
    if ((days & 1u << first) == 0)
      continue;
    while (last < 6 && (days & 1u << (last + 1)) != 0)
      last++;
    g_string_append_printf (text, "%s%s", separator, day_names[first]);
    separator = ",";
    if (last > first)
      g_string_append_printf (text, "%s%s", last > first + 1 ? "-" : ",", day_names[last]);
    first = last;
  }
  if (days != EVERY_DAY)
    g_string_append_c (text, ' ');
}

char *
sl_hours_to_string (const SlHours *hours)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GArray) windows = to_windows (hours);

  for (guint i = 0; i < windows->len; i++) {
    const Window *window = &g_array_index (windows, Window, i);
    g_string_append (text, i > 0 ? "; " : "");
    print_days (text, window->days);
    g_string_append_printf (text, "%02u:%02u-%02u:%02u", window->begin / 60, window->begin % 60,
                            window->end / 60, window->end % 60);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* The local second of the week at @moment (Unix s). */
static gint64
get_second (gint64 moment, GTimeZone *zone)
{
  return sl_floor_mod (sl_zone_to_local (zone, moment) + SINCE_MONDAY, WEEK * MINUTE);
}

static gboolean
contain_second (const SlHours *hours, gint64 second)
{
  guint64 minute = (guint64)second / MINUTE;

  return sl_ranges_contains (hours->minutes, minute, minute + 1);
}

gboolean
sl_hours_contain (const SlHours *hours, gint64 time, GTimeZone *zone)
{
  return contain_second (hours, get_second (sl_floor_div (time, SECOND), zone));
}

/* The first local second after @second at which a range begins or ends; may be in the next week. */
static gint64
find_boundary (const SlHours *hours, gint64 second)
{
  guint64 minute = (guint64)second / MINUTE, boundary = 0;
  const SlRange *first = sl_ranges_get (hours->minutes, 0);

  for (guint i = 0; i < sl_ranges_count (hours->minutes) && boundary <= minute; i++) {
    const SlRange *range = sl_ranges_get (hours->minutes, i);
    boundary = minute < range->start ? range->start : range->end;
  }
  /* a range that continues on Monday does not end on Sunday */
  if (boundary == WEEK && first->start == 0)
    boundary += first->end;
  else if (boundary <= minute)
    boundary = WEEK + first->start;
  return (gint64)boundary * MINUTE;
}

gint64
sl_hours_next_change (const SlHours *hours, gint64 time, GTimeZone *zone)
{
  guint64 total = sl_ranges_total (hours->minutes);
  gint64 now = sl_floor_div (time, SECOND), moment = now;
  gboolean inside = contain_second (hours, get_second (now, zone));

  if (total == 0 || total == WEEK)
    return G_MAXINT64;
  /* Goes from one change of the offset to the next; between them local time runs evenly. */
  while (moment - now < HORIZON) {
    gint64 second = get_second (moment, zone);
    gint64 next = moment + find_boundary (hours, second) - second;
    gint64 change = sl_zone_find_change (zone, moment, next);

    moment = MIN (next, change);
    if (contain_second (hours, get_second (moment, zone)) != inside)
      return moment < G_MAXINT64 / SECOND ? moment * SECOND : G_MAXINT64;
  }
  return G_MAXINT64;
}
