/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluice show: all properties of downloads. */
#include "config.h"

#include "options.h"

static void
print_table (GVariant *values)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value)) {
    gboolean size = g_str_has_prefix (name, "Bytes") || g_str_equal (name, "MaxSize");
    g_autofree char *text = size ? text_size (g_variant_get_uint64 (value))
                            : g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
                                ? g_variant_dup_string (value, NULL)
                                : g_variant_print (value, FALSE);
    output_row (name, text);
  }
}

int
cmd_show (int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  int code = EXIT_OK;

  if (!options_parse ("show", NULL, NULL, &argc, &argv))
    return EXIT_USAGE;
  if (argc < 2) {
    g_printerr (_ ("sluice: Which download? “sluice list” shows the ids.\n"));
    return EXIT_USAGE;
  }
  manager = client_connect (&code);
  for (int i = 1; manager != NULL && i < argc; i++) {
    g_autoptr (SluiceDownload) download = client_find (manager, argv[i], &code);
    g_autoptr (GVariant) values = NULL;
    if (download == NULL)
      continue;
    values = sluice_download_dup_values (download);
    if (output_is_json ()) {
      g_autoptr (JsonNode) node = output_node (values);
      output_print_json (node, TRUE);
    } else {
      print_table (values);
    }
  }
  return code;
}
