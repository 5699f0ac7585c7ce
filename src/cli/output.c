/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is printed: JSON for programs, lines for people. */
#include "config.h"

#include "output.h"

#include "exit-code.h"
#include "text.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

gboolean output_json;
gboolean output_table;
static int write_error; /* errno of the first write that failed */

static void
print (const char *text)
{
  if ((fputs (text, stdout) < 0 || fflush (stdout) != 0) && write_error == 0)
    write_error = errno;
}

static void
print_error (const char *text)
{
  fputs (text, stderr);
  fflush (stderr);
}

void
output_begin (void)
{
  g_set_print_handler (print);
  g_set_printerr_handler (print_error);
}

int
output_end (int code)
{
  if (write_error == 0)
    return code;
  g_printerr (_ ("sluicectl: Could not write the output: %s\n"), g_strerror (write_error));
  return code == EXIT_OK ? EXIT_GENERAL : code;
}

gboolean
output_is_json (void)
{
  return output_json || (!output_table && !isatty (STDOUT_FILENO));
}

static JsonNode *
node_of_dictionary (GVariant *values)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    json_object_set_member (object, name, output_node (value));
  json_node_take_object (node, object);
  return node;
}

JsonNode *
output_node (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return node_of_dictionary (value);
  /* G_MAXUINT64 means unknown, and does not fit into json-glib's signed numbers: it becomes null */
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64) &&
      g_variant_get_uint64 (value) > G_MAXINT64)
    return json_node_new (JSON_NODE_NULL);
  return json_gvariant_serialize (value);
}

/*
 * (transfer full): @text with each character escaped that could act on a terminal. The JSON means the same, because
 * such characters occur only in its strings.
 */
static char *
escape_json (const char *text)
{
  GString *escaped = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c)) {
    gunichar u = g_utf8_get_char (c);
    if (u < 0x7F || !text_acts (u))
      g_string_append_unichar (escaped, u);
    else if (u > 0xFFFF)
      g_string_append_printf (escaped, "\\u%04x\\u%04x", 0xD7C0 + (u >> 10), 0xDC00 + (u & 0x3FF));
    else
      g_string_append_printf (escaped, "\\u%04x", u);
  }
  return g_string_free (escaped, FALSE);
}

void
output_print_json (JsonNode *node, gboolean pretty)
{
  g_autofree char *text = json_to_string (node, pretty);
  g_autofree char *escaped = escape_json (text);

  g_print ("%s\n", escaped);
}

void
output_print_json_list (JsonArray *shown, gboolean several)
{
  g_autoptr (JsonNode) root = NULL;

  if (several) {
    root = json_node_new (JSON_NODE_ARRAY);
    json_node_set_array (root, shown);
  } else if (json_array_get_length (shown) > 0) {
    root = json_array_dup_element (shown, 0);
  }
  if (root != NULL)
    output_print_json (root, TRUE);
}

void
output_suspended (SluiceManager *manager)
{
  if (sluice_manager_get_suspended (manager))
    g_print ("%s\n", _ ("All downloads are suspended; “sluicectl resume” continues them."));
}

char *
output_dim (const char *text)
{
  return isatty (STDOUT_FILENO) ? g_strdup_printf ("\033[2m%s\033[0m", text) : g_strdup (text);
}

void
output_cell (const char *text, int width, gboolean right)
{
  int pad = MAX (0, width - text_width (text));

  g_print ("%*s%s%*s  ", right ? pad : 0, "", text, right ? 0 : pad, "");
}

void
output_row (const char *label, const char *text)
{
  g_autofree char *safe = text_safe (text);

  g_print ("%-24s %s\n", label, safe);
}
