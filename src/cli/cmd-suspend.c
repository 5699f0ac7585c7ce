/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl suspend, resume: stop and continue all downloads of the service. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"

int
cmd_suspend (const Command *command, int argc, char **argv)
{
  const char *verb = command->name;
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  int code = EXIT_OK;

  if (!options_parse (command, NULL, NULL, &argc, &argv) || !options_take_no_arguments (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  if (manager == NULL)
    return code;
  sluice_manager_set_suspended_async (manager, g_str_equal (verb, "suspend"), NULL,
                                      client_store_result, &result);
  if (!sluice_manager_set_suspended_finish (manager, client_wait (&result), &error))
    code = client_report (NULL, error);
  return code;
}
