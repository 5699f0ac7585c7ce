/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts about the service that “why” needs besides the download. */
#include "config.h"

#include "why-facts.h"

#include "values.h"

void
why_facts_clear (WhyFacts *facts)
{
  g_clear_pointer (&facts->conditions, g_variant_unref);
  g_clear_pointer (&facts->config, g_variant_unref);
}

char *
why_facts_find_setting (const WhyFacts *facts,
                        const char *group,
                        const char *key,
                        const char **file)
{
  GVariantIter iter;
  const char *its_group, *its_key, *its_file;
  GVariant *child;

  g_variant_iter_init (&iter, facts->config);
  while (g_variant_iter_next (&iter, "(&s&sv&s)", &its_group, &its_key, &child, &its_file)) {
    g_autoptr (GVariant) value = child;
    if (!g_str_equal (its_group, group) || !g_str_equal (its_key, key))
      continue;
    if (file != NULL)
      *file = its_file;
    return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (value, NULL)
                                                               : g_variant_print (value, FALSE);
  }
  return NULL;
}

gboolean
why_is_foreground (GVariant *values)
{
  return g_str_equal (values_get_text (values, "Priority"), "foreground");
}
