/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tariff of one connection. Seconds are Unix time, and never later than LAST. */
#include "policy/tariff.h"

#include "base/error.h"
#include "base/zone.h"

#include <string.h>

#define MAGIC       "Mogwai tariff"
#define MAX_PERIODS 1000
#define MAX_LENGTH  (256 * 1024)

#define HOUR  3600
#define DAY   86400
#define LAST  253402300799 /* 9999-12-31 23:59:59, the last that GDate and GDateTime support */
#define NEVER G_MAXINT64

/* GDate's number of 1970-01-01 */
#define JULIAN_OF_EPOCH 719163

/*
 * How many repetitions that don't take place are skipped in a row to find the next one. Around the year 2100, a day
 * that ends with 28 February has seven of them. If there were more, the caller would only look again once too often.
 */
#define MAX_EMPTY 10

/* As in the file. */
typedef enum {
  REPEAT_NEVER,
  REPEAT_HOURS,
  REPEAT_DAYS,
  REPEAT_WEEKS,
  REPEAT_MONTHS,
  REPEAT_YEARS,
  N_REPEATS
} Repeat;

typedef struct {
  gint64 begin;
  gint64 end;
  GTimeZone *begin_zone; /* (owned) (nullable) NULL: the local zone */
  GTimeZone *end_zone;   /* (owned) (nullable) the same */
  Repeat repeat;
  gint64 every; /* interval, in units of @repeat; 0: never */
  guint64 capacity;
} Period;

/* One repetition of a period. */
typedef struct {
  gint64 begin;
  gint64 end;
} Span;

struct _SlTariff {
  GArray *periods; /* (owned) (element-type Period) */
};

static void
clear_period (gpointer data)
{
  Period *period = data;

  g_clear_pointer (&period->begin_zone, g_time_zone_unref);
  g_clear_pointer (&period->end_zone, g_time_zone_unref);
}

static SlTariff *
tariff_new (void)
{
  SlTariff *tariff = g_new (SlTariff, 1);

  tariff->periods = g_array_new (FALSE, FALSE, sizeof (Period));
  g_array_set_clear_func (tariff->periods, clear_period);
  return tariff;
}

void
sl_tariff_free (SlTariff *tariff)
{
  g_array_unref (tariff->periods);
  g_free (tariff);
}

G_GNUC_PRINTF (2, 3)
static gboolean
set_error (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "Tariff: %s", text);
  return FALSE;
}

/* A name of the zone database, or "" for the local zone. A name that leads to another file is refused. */
static gboolean
parse_zone (const char *name, GTimeZone **zone, GError **error)
{
  *zone = NULL;
  if (*name == '\0')
    return TRUE;
  if (*name != '/' && *name != ':' && strstr (name, "..") == NULL)
    *zone = g_time_zone_new_identifier (name);
  return *zone != NULL || set_error (error, "there is no time zone “%s”", name);
}

static gboolean
parse_period (GVariant *variant, Period *period, GError **error)
{
  const char *begin_zone = "", *end_zone = "";
  guint64 begin, end;
  guint16 repeat;
  guint32 every;

  if (g_variant_is_of_type (variant, G_VARIANT_TYPE ("(ttqut)")))
    g_variant_get (variant, "(ttqut)", &begin, &end, &repeat, &every, &period->capacity);
  else
    g_variant_get (variant, "(tt&s&squt)", &begin, &end, &begin_zone, &end_zone, &repeat, &every,
                   &period->capacity);
  if (begin >= end || end > LAST)
    return set_error (error, "a period can't be from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
                      begin, end);
  if (repeat >= N_REPEATS)
    return set_error (error, "%u is not a way to repeat a period", repeat);
  period->begin = (gint64)begin;
  period->end = (gint64)end;
  period->repeat = every > 0 ? repeat : REPEAT_NEVER;
  period->every = every;
  return parse_zone (begin_zone, &period->begin_zone, error) &&
         parse_zone (end_zone, &period->end_zone, error);
}

static gboolean
parse_periods (SlTariff *tariff, GVariant *periods, GError **error)
{
  gsize n = g_variant_n_children (periods);

  if (n > MAX_PERIODS)
    return set_error (error, "%" G_GSIZE_FORMAT " periods are too many", n);
  for (gsize i = 0; i < n; i++) {
    g_autoptr (GVariant) child = g_variant_get_child_value (periods, i);
    Period period = {0};
    gboolean good = parse_period (child, &period, error);
    g_array_append_val (tariff->periods, period);
    if (!good)
      return FALSE;
  }
  return TRUE;
}

/* (transfer full) (nullable): name and periods, in our byte order */
static GVariant *
unpack (GVariant *file, GError **error)
{
  g_autoptr (GVariant) content = NULL;
  const char *magic;
  guint16 version;

  g_variant_get (file, "(&sqv)", &magic, &version, &content);
  if (!g_str_equal (magic, MAGIC)) {
    set_error (error, "“%s” is not a tariff", magic);
    return NULL;
  }
  if (version == GUINT16_SWAP_LE_BE_CONSTANT (1) || version == GUINT16_SWAP_LE_BE_CONSTANT (2)) {
    GVariant *swapped = g_variant_byteswap (content);
    g_variant_unref (content);
    content = swapped;
    version = GUINT16_SWAP_LE_BE (version);
  }
  if (version != 1 && version != 2) {
    set_error (error, "its version, %u, is unknown", version);
    return NULL;
  }
  if (!g_variant_is_of_type (content, version == 1 ? G_VARIANT_TYPE ("(sa(ttqut))")
                                                   : G_VARIANT_TYPE ("(sa(ttssqut))"))) {
    set_error (error, "version %u doesn't look like %s", version,
               g_variant_get_type_string (content));
    return NULL;
  }
  return g_steal_pointer (&content);
}

SlTariff *
sl_tariff_parse (const char *text, GError **error)
{
  g_autoptr (SlTariff) tariff = tariff_new ();
  g_autoptr (GVariant) file = NULL;
  g_autoptr (GVariant) content = NULL;
  g_autoptr (GVariant) periods = NULL;
  g_autoptr (GError) cause = NULL;

  if (strlen (text) > MAX_LENGTH || !g_utf8_validate (text, -1, NULL)) {
    set_error (error, "the text is too long, or not UTF-8");
    return NULL;
  }
  file = g_variant_parse (G_VARIANT_TYPE ("(sqv)"), text, NULL, NULL, &cause);
  if (file == NULL) {
    set_error (error, "%s", cause->message);
    return NULL;
  }
  content = unpack (file, error);
  if (content == NULL)
    return NULL;
  periods = g_variant_get_child_value (content, 1);
  return parse_periods (tariff, periods, error) ? g_steal_pointer (&tariff) : NULL;
}

static void
get_date (gint64 local, GDate *date)
{
  g_date_clear (date, 1);
  g_date_set_julian (date, (guint32)(JULIAN_OF_EPOCH + sl_floor_div (local, DAY)));
}

/* Months since the year 0 */
static gint64
get_month (gint64 local)
{
  GDate date;

  get_date (local, &date);
  return g_date_get_year (&date) * 12 + (gint64)g_date_get_month (&date) - 1;
}

/* @local, @months later: the same day, or the last day of a shorter month. */
static gint64
add_months (gint64 local, gint64 months)
{
  gint64 month = get_month (local) + months;
  GDateYear year = (GDateYear)(month / 12);
  GDateMonth month_of_year = (GDateMonth)(month % 12 + 1);
  GDate date;
  GDateDay day;

  if (month / 12 > 9999)
    return NEVER;
  get_date (local, &date);
  day = g_date_get_day (&date);
  g_date_set_dmy (&date, MIN (day, g_date_get_days_in_month (month_of_year, year)), month_of_year,
                  year);
  return ((gint64)g_date_get_julian (&date) - JULIAN_OF_EPOCH) * DAY + sl_floor_mod (local, DAY);
}

/* @moment, the begin or end of @period, at its @n-th repetition; NEVER if that is after LAST */
static gint64
repeat (const Period *period, gint64 moment, gint64 n, GTimeZone *zone)
{
  gint64 count = n * period->every, local;

  if (n == 0)
    return moment;
  local = sl_zone_to_local (zone, moment);
  switch (period->repeat) {
  case REPEAT_HOURS:
    return moment + count * HOUR <= LAST ? moment + count * HOUR : NEVER;
  case REPEAT_DAYS:
    local += count * DAY;
    break;
  case REPEAT_WEEKS:
    local += count * 7 * DAY;
    break;
  case REPEAT_MONTHS:
    local = add_months (local, count);
    break;
  case REPEAT_YEARS:
    local = add_months (local, count * 12);
    break;
  case REPEAT_NEVER:
  case N_REPEATS:
    return NEVER;
  }
  if (local > LAST)
    return NEVER;
  /* west of Greenwich, UTC is later than local time */
  moment = sl_zone_from_local (zone, local);
  return moment <= LAST ? moment : NEVER;
}

static gint64
get_begin (const Period *period, gint64 n, GTimeZone *zone)
{
  return repeat (period, period->begin, n, period->begin_zone != NULL ? period->begin_zone : zone);
}

static Span
get_span (const Period *period, gint64 n, GTimeZone *zone)
{
  Span span = {get_begin (period, n, zone),
               repeat (period, period->end, n, period->end_zone != NULL ? period->end_zone : zone)};

  return span;
}

/* How many calendar units of @period lie between its begin and @now; at most one too many or too few. */
static gint64
count_units (const Period *period, gint64 now, GTimeZone *zone)
{
  GTimeZone *own = period->begin_zone != NULL ? period->begin_zone : zone;
  gint64 from = sl_zone_to_local (own, period->begin), to = sl_zone_to_local (own, now);
  gint64 days = sl_floor_div (to, DAY) - sl_floor_div (from, DAY);

  switch (period->repeat) {
  case REPEAT_HOURS:
    return (now - period->begin) / HOUR;
  case REPEAT_DAYS:
    return days;
  case REPEAT_WEEKS:
    return days / 7;
  case REPEAT_MONTHS:
    return get_month (to) - get_month (from);
  case REPEAT_YEARS:
    return (get_month (to) - get_month (from)) / 12;
  case REPEAT_NEVER:
  case N_REPEATS:
    break;
  }
  return 0;
}

/* The last repetition that has begun at @now; -1 if none has. Computed, because there may be very many. */
static gint64
find_last (const Period *period, gint64 now, GTimeZone *zone)
{
  gint64 n;

  if (now < period->begin)
    return -1;
  if (period->repeat == REPEAT_NEVER)
    return 0;
  n = MAX (count_units (period, now, zone), 0) / period->every + 1;
  while (get_begin (period, n, zone) > now)
    n--;
  return n;
}

/* When the next repetition after the @n-th begins. */
static gint64
find_next_begin (const Period *period, gint64 n, GTimeZone *zone)
{
  Span span = {NEVER, NEVER};

  if (n >= 0 && period->repeat == REPEAT_NEVER)
    return NEVER;
  for (gint i = 1; i <= MAX_EMPTY; i++) {
    span = get_span (period, n + i, zone);
    if (span.begin == NEVER || span.begin < span.end)
      break;
  }
  return span.begin;
}

static gint64
to_time (gint64 moment)
{
  return moment != NEVER ? moment * G_USEC_PER_SEC : G_MAXINT64;
}

gboolean
sl_tariff_lookup (const SlTariff *tariff, gint64 now, GTimeZone *zone, SlTariffMoment *moment)
{
  gint64 second = MIN (sl_floor_div (now, G_USEC_PER_SEC), LAST), next = NEVER;
  const Period *valid = NULL;
  Span valid_span = {0, 0};

  for (guint i = 0; i < tariff->periods->len; i++) {
    const Period *period = &g_array_index (tariff->periods, Period, i);
    gint64 n = find_last (period, second, zone);
    Span span = get_span (period, MAX (n, 0), zone);

    next = MIN (next, find_next_begin (period, n, zone));
    if (n >= 0 && second < span.end &&
        (valid == NULL || span.end - span.begin < valid_span.end - valid_span.begin)) {
      valid = period;
      valid_span = span;
    }
  }
  moment->forbidden = valid != NULL && valid->capacity == 0;
  moment->capacity = valid != NULL ? valid->capacity : G_MAXUINT64;
  moment->begin = to_time (valid_span.begin);
  moment->end = to_time (valid != NULL ? valid_span.end : next);
  moment->change = MIN (moment->end, to_time (next));
  return valid != NULL;
}
