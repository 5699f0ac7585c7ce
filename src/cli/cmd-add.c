/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl add: leaves downloads to the service. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "create-options.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"

static int
add (int argc, char **argv, GVariant *properties)
{
  int code = EXIT_OK;
  g_autoptr (SluiceManager) manager = client_connect (&code);
  g_autoptr (JsonBuilder) ids = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (ids);
  for (int i = 1; manager != NULL && i < argc; i++) {
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    g_autoptr (SluiceDownload) download = NULL;

    sluice_manager_create_download_async (manager, argv[i], properties, NULL, client_store_result,
                                          &result);
    download = sluice_manager_create_download_finish (manager, client_wait (&result), &error);
    if (download == NULL)
      code = client_report_creation (argv[i], error);
    else if (output_is_json ())
      json_builder_add_string_value (ids, sluice_download_get_id (download));
    else
      g_print ("%s\n", sluice_download_get_id (download));
  }
  json_builder_end_array (ids);
  root = json_builder_get_root (ids);
  if (manager != NULL && output_is_json ())
    output_print_json (root, FALSE);
  return code;
}

int
cmd_add (const Command *command, int argc, char **argv)
{
  g_autoptr (CreateOptions) options = create_options_new ();
  int code = EXIT_USAGE;

  if (options_parse (command, create_options_get_entries (options), NULL, &argc, &argv) &&
      create_options_check (options, argc - 1)) {
    g_autoptr (GVariant) properties = create_options_properties (options, "normal", TRUE);
    if (properties != NULL)
      code = add (argc, argv, properties);
  }
  return code;
}
