/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses and checks the command line of a sub-command. */
#include "config.h"

#include "options.h"

#include "base/switches.h"
#include "output.h"
#include "text.h"

#include <glib/gi18n.h>

static gboolean session;

static const GOptionEntry common[] = {
    {"session", 0, 0, G_OPTION_ARG_NONE, &session,
     N_ ("Use the service of this session (the default)"), NULL},
    {"json", 0, 0, G_OPTION_ARG_NONE, &output_json,
     N_ ("Print JSON (the default when not on a terminal)"), NULL},
    {"table", 0, 0, G_OPTION_ARG_NONE, &output_table,
     N_ ("Print for people (the default on a terminal)"), NULL},
    G_OPTION_ENTRY_NULL,
};

gboolean
options_refuse (const char *problem)
{
  /* an argument may come from anywhere, for example through xargs */
  g_autofree char *safe = text_safe (problem);

  g_printerr ("%s: %s\n", g_get_prgname (), safe);
  /* TRANSLATORS: %s is a command such as "sluicectl list" */
  g_printerr (_ ("See “%s --help”.\n"), g_get_prgname ());
  return FALSE;
}

/* (transfer full) */
static GOptionContext *
make_context (const Command *command, const GOptionEntry *entries, const char *description)
{
  GOptionContext *context = g_option_context_new (_ (command->arguments));

  g_option_context_set_summary (context, _ (command->summary));
  if (description != NULL)
    g_option_context_set_description (context, description);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, common, GETTEXT_PACKAGE);
  return context;
}

gboolean
options_parse (const Command *command,
               const GOptionEntry *entries,
               const char *description,
               int *argc,
               char ***argv)
{
  g_autoptr (GOptionContext) context = make_context (command, entries, description);
  const GOptionEntry *valued = sl_switches_find_value (entries, common, *argc, *argv);
  g_autoptr (GError) error = NULL;
  g_autofree char *program = g_strdup_printf ("sluicectl %s", command->name);

  g_set_prgname (program);
  if (valued != NULL) {
    g_autofree char *problem = g_strdup_printf (_ ("--%s takes no value"), valued->long_name);
    return options_refuse (problem);
  }
  if (!g_option_context_parse (context, argc, argv, &error))
    return options_refuse (error->message);
  if (output_json && output_table)
    return options_refuse (_ ("--json and --table cannot be used together"));
  if (*argc > 1 && g_str_equal ((*argv)[1], "--")) {
    (*argv)[1] = (*argv)[0];
    (*argv)++;
    (*argc)--;
  }
  return TRUE;
}

gboolean
options_take_no_arguments (int argc)
{
  return argc <= 1 || options_refuse (_ ("This command takes no arguments"));
}

gboolean
options_take_ids (int argc)
{
  if (argc > 1)
    return TRUE;
  g_printerr (_ ("sluicectl: Which download? “sluicectl list” shows the ids.\n"));
  return FALSE;
}
