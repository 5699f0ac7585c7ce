/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl start, pause, abort, finalize: one call for each id. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"

#include <glib/gi18n.h>

static gboolean
control (const char *verb, SluiceDownload *download, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  if (g_str_equal (verb, "start")) {
    sluice_download_start_async (download, NULL, NULL, client_store_result, &result);
    return sluice_download_start_finish (download, client_wait (&result), error);
  }
  if (g_str_equal (verb, "pause")) {
    sluice_download_pause_async (download, NULL, client_store_result, &result);
    return sluice_download_pause_finish (download, client_wait (&result), error);
  }
  if (g_str_equal (verb, "abort")) {
    sluice_download_abort_async (download, NULL, client_store_result, &result);
    return sluice_download_abort_finish (download, client_wait (&result), error);
  }
  sluice_download_finalize_async (download, NULL, client_store_result, &result);
  return sluice_download_finalize_finish (download, client_wait (&result), error);
}

/* Sets IgnoreConditions and starts the download; if the start fails, sets it back. */
static gboolean
start_now (SluiceDownload *download, const char *subject, int *code)
{
  g_autoptr (GVariant) before = sluice_download_dup_value (download, "IgnoreConditions");
  g_autoptr (GError) error = NULL;

  if (!client_set (download, "IgnoreConditions", g_variant_new_boolean (TRUE), code))
    return FALSE;
  if (control ("start", download, &error))
    return TRUE;
  *code = client_report (subject, error);
  if (before != NULL && !g_variant_get_boolean (before))
    client_set (download, "IgnoreConditions", before, code);
  return FALSE;
}

static int
control_all (int argc, char **argv, const char *verb, gboolean now)
{
  int code = EXIT_OK;
  g_autoptr (SluiceManager) manager = client_connect (&code);

  for (int i = 1; manager != NULL && i < argc; i++) {
    g_autoptr (SluiceDownload) download = client_find (manager, argv[i], &code);
    g_autoptr (GError) error = NULL;
    if (download == NULL)
      continue;
    if (now)
      start_now (download, argv[i], &code);
    else if (!control (verb, download, &error))
      code = client_report (argv[i], error);
  }
  return code;
}

int
cmd_control (const Command *command, int argc, char **argv)
{
  const char *verb = command->name;
  gboolean now = FALSE;
  const GOptionEntry entries[] = {
      {"now", 0, 0, G_OPTION_ARG_NONE, &now,
       N_ ("Ignore the conditions from now on, both cost and comfort"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  gboolean starts = g_str_equal (verb, "start");

  if (!options_parse (command, starts ? entries : NULL,
                      starts ? _ ("“sluicectl set ID IgnoreConditions=false” undoes --now.") : NULL,
                      &argc, &argv))
    return EXIT_USAGE;
  if (!options_take_ids (argc))
    return EXIT_USAGE;
  return control_all (argc, argv, verb, now);
}
