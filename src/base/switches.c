/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Switches are options without a value. GLib accepts “--switch=value” and drops the value; we refuse it. */
#include "base/switches.h"

#include <string.h>

/* (transfer none) (nullable): the option whose long name is that of @argument before its “=” */
static const GOptionEntry *
find_long (const GOptionEntry *entries, const char *argument)
{
  const char *name = argument + strlen ("--");
  gsize length = strcspn (name, "=");

  for (; entries != NULL && entries->long_name != NULL; entries++) {
    if (strlen (entries->long_name) == length && strncmp (entries->long_name, name, length) == 0)
      return entries;
  }
  return NULL;
}

/* Whether one of the letters of @argument is an option with a value; the next argument is that value then. */
static gboolean
has_letter_with_value (const GOptionEntry *entries, const char *argument)
{
  for (; entries != NULL && entries->long_name != NULL; entries++) {
    if (entries->arg != G_OPTION_ARG_NONE && entries->short_name != '\0' &&
        strchr (argument + 1, entries->short_name) != NULL)
      return TRUE;
  }
  return FALSE;
}

const GOptionEntry *
sl_switches_find_value (const GOptionEntry *own, const GOptionEntry *common, int argc, char **argv)
{
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++) {
    const GOptionEntry *found = NULL;
    gboolean has_value = strchr (argv[i], '=') != NULL;
    gboolean takes_next = FALSE;

    if (g_str_has_prefix (argv[i], "--")) {
      found = find_long (own, argv[i]);
      if (found == NULL)
        found = find_long (common, argv[i]);
      takes_next = found != NULL && found->arg != G_OPTION_ARG_NONE && !has_value;
    } else if (argv[i][0] == '-') {
      takes_next = has_letter_with_value (own, argv[i]) || has_letter_with_value (common, argv[i]);
    }
    if (found != NULL && found->arg == G_OPTION_ARG_NONE && has_value)
      return found;
    i += takes_next;
  }
  return NULL;
}
