/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl list: a table of the downloads. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "text.h"

#include <glib/gi18n.h>

static gboolean
has_ended (SluiceDownload *download)
{
  SluiceState state = sluice_download_get_state (download);

  return state == SLUICE_STATE_FINALIZED || state == SLUICE_STATE_ABORTED;
}

static void
print_line (SluiceDownload *download)
{
  guint64 total = sluice_download_get_bytes_total (download);
  guint64 done = sluice_download_get_bytes_transferred (download);
  g_autofree char *id = g_strndup (sluice_download_get_id (download), 8);
  g_autofree char *size = text_size (total);
  g_autofree char *percent =
      total == G_MAXUINT64 || total == 0
          ? g_strdup ("")
          : g_strdup_printf ("%u %%", (guint)((double)done * 100 / (double)total));
  g_autofree char *reason = text_reason (download);
  g_autofree char *safe_reason = text_safe (reason);
  g_autofree char *name = text_name (download);

  output_cell (id, 8, FALSE);
  output_cell (text_state (sluice_download_get_state (download)), text_state_width (), FALSE);
  output_cell (percent, 5, TRUE);
  output_cell (size, 10, TRUE);
  g_print ("%s", name);
  if (*reason != '\0')
    g_print ("  (%s)", safe_reason);
  g_print ("\n");
}

static void
print_table (GPtrArray *downloads, gboolean all)
{
  guint shown = 0;

  for (guint i = 0; i < downloads->len; i++) {
    if (!all && has_ended (downloads->pdata[i]))
      continue;
    if (shown++ == 0) {
      output_cell (_ ("ID"), 8, FALSE);
      output_cell (_ ("STATE"), text_state_width (), FALSE);
      output_cell (_ ("DONE"), 5, TRUE);
      output_cell (_ ("SIZE"), 10, TRUE);
      g_print ("%s\n", _ ("PATH"));
    }
    print_line (downloads->pdata[i]);
  }
  g_print (ngettext ("%u download\n", "%u downloads\n", shown), shown);
}

static void
print_json (GPtrArray *downloads, gboolean all)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  json_node_take_array (root, array);
  for (guint i = 0; i < downloads->len; i++) {
    g_autoptr (GVariant) values = sluice_download_dup_values (downloads->pdata[i]);
    if (all || !has_ended (downloads->pdata[i]))
      json_array_add_element (array, output_node (values));
  }
  output_print_json (root, TRUE);
}

int
cmd_list (const Command *command, int argc, char **argv)
{
  gboolean all = FALSE;
  const GOptionEntry entries[] = {
      {"all", 'a', 0, G_OPTION_ARG_NONE, &all, N_ ("Include downloads that have ended"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (GPtrArray) downloads = NULL;
  int code = EXIT_OK;

  if (!options_parse (command, entries, NULL, &argc, &argv) || !options_take_no_arguments (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  downloads = manager != NULL ? client_list (manager, NULL, &code) : NULL;
  if (downloads == NULL)
    return code;
  if (output_is_json ()) {
    print_json (downloads, all);
  } else if (client_refresh (manager, &code)) {
    print_table (downloads, all);
    output_suspended (manager);
  }
  return code;
}
