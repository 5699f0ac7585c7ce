/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times and sizes as people write them. */
#include "base/units.h"

#include <string.h>

typedef struct {
  const char *name;
  guint64 factor;
} Unit;

/* The largest first. */
static const Unit durations[] = {
    {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}};
static const Unit sizes[] = {
    {"T", G_GUINT64_CONSTANT (1) << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}, {"", 1},
};

static gboolean
parse (const char *text, const Unit *units, gsize n_units, guint64 plain, guint64 *value)
{
  gsize digits = strspn (text, "0123456789");
  g_autofree char *number = g_strndup (text, digits);
  const char *unit = text + digits;
  guint64 parsed, factor = 0;

  while (g_ascii_isspace (*unit))
    unit++;
  if (*unit == '\0')
    factor = plain;
  for (gsize i = 0; factor == 0 && i < n_units; i++) {
    if (g_str_equal (units[i].name, unit))
      factor = units[i].factor;
  }
  return factor != 0 && g_ascii_string_to_unsigned (number, 10, 0, G_MAXINT64, &parsed, NULL) &&
         g_uint64_checked_mul (value, parsed, factor);
}

static char *
format (guint64 value, const Unit *units, gsize n_units)
{
  gsize i = 0;

  while (i < n_units - 1 && (value % units[i].factor != 0 || value == 0))
    i++;
  return g_strdup_printf ("%" G_GUINT64_FORMAT "%s", value / units[i].factor, units[i].name);
}

gboolean
sl_units_parse_duration (const char *text, guint64 *milliseconds)
{
  guint64 parsed;

  if (!parse (text, durations, G_N_ELEMENTS (durations), 1000, &parsed))
    return FALSE;
  *milliseconds = parsed;
  return TRUE;
}

char *
sl_units_format_duration (guint64 milliseconds)
{
  if (milliseconds == 0)
    return g_strdup ("0s");
  return format (milliseconds, durations, G_N_ELEMENTS (durations));
}

gboolean
sl_units_parse_bytes (const char *text, guint64 *bytes)
{
  guint64 parsed = G_MAXUINT64;

  if (!g_str_equal (text, "unlimited") && !parse (text, sizes, G_N_ELEMENTS (sizes), 1, &parsed))
    return FALSE;
  *bytes = parsed;
  return TRUE;
}

char *
sl_units_format_bytes (guint64 bytes)
{
  return bytes == G_MAXUINT64 ? g_strdup ("unlimited")
                              : format (bytes, sizes, G_N_ELEMENTS (sizes));
}
