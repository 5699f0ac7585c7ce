/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Output for programs, and lines for people. */
#include "config.h"

#include "cli.h"

#include <unistd.h>

gboolean output_json;
gboolean output_table;

gboolean
output_is_json (void)
{
  return output_json || (!output_table && !isatty (STDOUT_FILENO));
}

JsonNode *
output_node (GVariant *value)
{
  /* JSON's numbers are signed here: what is unknown is null */
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64) &&
      g_variant_get_uint64 (value) > G_MAXINT64)
    return json_node_new (JSON_NODE_NULL);
  return json_gvariant_serialize (value);
}

void
output_print_json (JsonNode *node, gboolean pretty)
{
  g_autofree char *text = json_to_string (node, pretty);

  g_print ("%s\n", text);
}

void
output_row (const char *label, const char *text)
{
  g_autofree char *safe = text_safe (text);

  g_print ("%-24s %s\n", label, safe);
}
