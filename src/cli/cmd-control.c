/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluice start, pause, abort, finalize: one call for each id. */
#include "config.h"

#include "options.h"

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

int
cmd_control (int argc, char **argv)
{
  const char *verb = argv[0];
  g_autoptr (SluiceManager) manager = NULL;
  int code = EXIT_OK;

  if (!options_parse (verb, NULL, NULL, &argc, &argv))
    return EXIT_USAGE;
  if (!options_take_ids (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  for (int i = 1; manager != NULL && i < argc; i++) {
    g_autoptr (SluiceDownload) download = client_find (manager, argv[i], &code);
    g_autoptr (GError) error = NULL;
    if (download != NULL && !control (verb, download, &error))
      code = client_report (argv[i], error);
  }
  return code;
}
