/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads members of a dictionary. */
#include "config.h"

#include "values.h"

gboolean
values_get_flag (GVariant *values, const char *name)
{
  gboolean flag = FALSE;

  return g_variant_lookup (values, name, "b", &flag) && flag;
}

const char *
values_get_text (GVariant *values, const char *name)
{
  const char *text = "";

  g_variant_lookup (values, name, "&s", &text);
  return text;
}

guint64
values_get_number (GVariant *values, const char *name)
{
  guint64 number = 0;

  g_variant_lookup (values, name, "t", &number);
  return number;
}

gint64
values_get_time (GVariant *values, const char *name)
{
  gint64 time = 0;

  g_variant_lookup (values, name, "x", &time);
  return time;
}

double
values_get_double (GVariant *values, const char *name)
{
  double number = 0;

  g_variant_lookup (values, name, "d", &number);
  return number;
}
