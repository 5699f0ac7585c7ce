/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl show: prints all properties of downloads. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "text.h"

#include <glib/gi18n.h>

/* (transfer full): the value for people: sizes, rates and times with units */
static char *
value_text (const char *name, GVariant *value)
{
  if ((g_str_equal (name, "MaxSize") || g_str_equal (name, "MaxBytesPerSecond")) &&
      g_variant_get_uint64 (value) == 0)
    return g_strdup ("-");
  if ((g_str_equal (name, "Deadline") || g_str_equal (name, "HeldSince")) &&
      g_variant_get_int64 (value) == 0)
    return g_strdup (_ ("none"));
  if (g_str_has_suffix (name, "BytesPerSecond")) {
    g_autofree char *rate = text_size (g_variant_get_uint64 (value));
    return g_strdup_printf ("%s/s", rate);
  }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return text_size (g_variant_get_uint64 (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return text_time (g_variant_get_int64 (value));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ||
      g_variant_is_of_type (value, G_VARIANT_TYPE_OBJECT_PATH))
    return g_variant_dup_string (value, NULL);
  return g_variant_print (value, FALSE);
}

static void
print_table (GVariant *values)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value)) {
    g_autofree char *text = value_text (name, value);
    output_row (name, text);
  }
}

int
cmd_show (const Command *command, int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (JsonArray) shown = json_array_new ();
  int code = EXIT_OK;

  if (!options_parse (command, NULL, NULL, &argc, &argv))
    return EXIT_USAGE;
  if (!options_take_ids (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  for (int i = 1; manager != NULL && i < argc; i++) {
    g_autoptr (SluiceDownload) download = client_find (manager, argv[i], &code);
    g_autoptr (GVariant) values = NULL;
    if (download == NULL)
      continue;
    values = sluice_download_dup_values (download);
    if (output_is_json ()) {
      json_array_add_element (shown, output_node (values));
    } else {
      g_print ("%s", i > 1 ? "\n" : "");
      print_table (values);
    }
  }
  if (manager != NULL && output_is_json ())
    output_print_json_list (shown, argc > 2);
  return code;
}
