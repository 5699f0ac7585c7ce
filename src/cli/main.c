/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl, the command line of the download service: finds and runs the sub-command. */
#include "config.h"

#include "commands.h"

#include "exit-code.h"
#include "output.h"
#include "text.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

static const Command commands[] = {
    {"get", N_ ("URL…"), N_ ("Download and wait for it"), cmd_get},
    {"add", N_ ("URL…"), N_ ("Leave downloads to the service and print their ids"), cmd_add},
    {"wait", N_ ("ID…"), N_ ("Wait for existing downloads"), cmd_wait},
    {"list", "", N_ ("List downloads"), cmd_list},
    {"show", N_ ("ID…"), N_ ("Show all properties of downloads"), cmd_show},
    {"why", N_ ("ID…"), N_ ("Explain why downloads run or wait"), cmd_why},
    {"start", N_ ("ID…"), N_ ("Start or resume downloads"), cmd_control},
    {"pause", N_ ("ID…"), N_ ("Pause downloads"), cmd_control},
    {"abort", N_ ("ID…"), N_ ("Abort downloads and delete what was downloaded"), cmd_control},
    {"finalize", N_ ("ID…"), N_ ("Publish files that have been transferred"), cmd_control},
    {"monitor", "", N_ ("Print events until interrupted"), cmd_monitor},
    {"set", N_ ("ID NAME=VALUE…"), N_ ("Set properties of a download"), cmd_set},
    {"suspend", "", N_ ("Stop all downloads until “sluicectl resume”"), cmd_suspend},
    {"resume", "", N_ ("Continue downloads after “sluicectl suspend”"), cmd_suspend},
    {"conditions", "", N_ ("Show the conditions that can hold downloads"), cmd_conditions},
    {"config", N_ ("[GROUP[.KEY]…]"), N_ ("Show the settings and the files that they are from"),
     cmd_config},
};

static const Command *
find_command (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  }
  return NULL;
}

static void
print_help (void)
{
  g_print ("%s\n  sluicectl %s\n\n%s\n\n%s\n", _ ("Usage:"), _ ("COMMAND [OPTION…] [ARGUMENT…]"),
           _ ("Downloads files with a background service, which continues when this program ends."),
           _ ("Commands:"));
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %-10s %s\n", commands[i].name, _ (commands[i].summary));
  g_print ("  %-10s %s\n\n", "help", _ ("Show the help of a command"));
  g_print ("%s",
           _ ("Exit codes: 0 done, 1 error, 2 wrong usage, 3 a transfer failed, 4 no service,\n"
              "5 no such download or ambiguous id, 130 interrupted.\n"));
}

/* The Levenshtein distance of two short words. */
static guint
distance (const char *a, const char *b)
{
  guint row[32];
  guint length = MIN ((guint)strlen (b), G_N_ELEMENTS (row) - 1);

  for (guint j = 0; j <= length; j++)
    row[j] = j;
  for (guint i = 0; a[i] != '\0'; i++) {
    guint diagonal = row[0];
    row[0] = i + 1;
    for (guint j = 0; j < length; j++) {
      guint replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = MIN (replaced, MIN (row[j], row[j + 1]) + 1);
    }
  }
  return row[length];
}

static int
unknown_command (const char *name)
{
  g_autofree char *safe = text_safe (name);
  const Command *best = NULL;
  guint least = 3;

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++) {
    guint d = distance (name, commands[i].name);
    if (d < least) {
      least = d;
      best = &commands[i];
    }
  }
  g_printerr (_ ("sluicectl: There is no command “%s”."), safe);
  if (best != NULL) {
    g_printerr (" ");
    g_printerr (_ ("Did you mean “%s”?"), best->name);
  }
  g_printerr ("\n");
  g_printerr (_ ("See “%s --help”.\n"), "sluicectl");
  return EXIT_USAGE;
}

static int
help (int argc, char **argv)
{
  g_autofree char *argument = g_strdup ("--help");
  char *arguments[] = {argc > 2 ? argv[2] : NULL, argument, NULL};
  const Command *command;

  if (argc <= 2 || g_str_equal (argv[2], "--help") || g_str_equal (argv[2], "-h")) {
    print_help ();
    return EXIT_OK;
  }
  command = find_command (argv[2]);
  return command == NULL ? unknown_command (argv[2]) : command->run (command, 2, arguments);
}

static int
run (int argc, char **argv)
{
  const Command *command;

  if (argc < 2) {
    g_printerr (_ ("See “%s --help”.\n"), "sluicectl");
    return EXIT_USAGE;
  }
  if (g_str_equal (argv[1], "--version")) {
    g_print ("sluicectl %s\n", SLUICE_VERSION);
    return EXIT_OK;
  }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")) {
    print_help ();
    return EXIT_OK;
  }
  if (g_str_equal (argv[1], "help"))
    return help (argc, argv);
  command = find_command (argv[1]);
  return command == NULL ? unknown_command (argv[1]) : command->run (command, argc - 1, argv + 1);
}

int
main (int argc, char **argv)
{
  const char *locale_dir = g_getenv ("SLUICE_LOCALEDIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, locale_dir != NULL ? locale_dir : SLUICE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("sluicectl");
  output_begin ();
  return output_end (run (argc, argv));
}
