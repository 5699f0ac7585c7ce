/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's main function: parses options, finds the directories, and runs the service. */
#include "config.h"

#include "base/switches.h"
#include "base/text.h"
#include "service/service.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>

#define LOG_LINE_MAX 4096

#define LOG_DOMAINS                                                                                \
  "sluice-content sluice-hints sluice-http sluice-queue sluice-service sluice-store "              \
  "sluice-transfer"

/* (transfer none) (nullable) */
static const char *
get_domain (const GLogField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++) {
    if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      return fields[i].value;
  }
  return NULL;
}

/*
 * Makes each log message, ours or a library's, one line without terminal control characters. The code that puts a
 * file's name or a server's text into a message cleans it there; this catches what it has missed.
 */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autofree GLogField *clean = g_memdup2 (fields, n_fields * sizeof *fields);
  g_autofree char *message = NULL;

  if (g_log_writer_default_would_drop (level, get_domain (fields, n_fields)))
    return G_LOG_WRITER_HANDLED;
  for (gsize i = 0; i < n_fields; i++) {
    if (message == NULL && clean[i].length < 0 && g_str_equal (clean[i].key, "MESSAGE")) {
      message = sl_text_clean (clean[i].value, LOG_LINE_MAX);
      clean[i].value = message;
    }
  }
  return g_log_writer_default (level, clean, n_fields, data);
}

/* The directory from systemd (systemd.exec(5), StateDirectory=) takes precedence over the XDG directory. */
static char *
choose_directory (const char *variable, const char *base)
{
  const char *given = g_getenv (variable);

  if (given != NULL && *given != '\0') {
    g_auto (GStrv) directories = g_strsplit (given, ":", 2);
    return g_strdup (directories[0]);
  }
  return g_build_filename (base, "sluice", NULL);
}

/* The directories of the administrator's and the distribution's files. Tests and image builders set the variables. */
static char *
choose_system_directory (const char *variable, const char *built_in)
{
  const char *given = g_getenv (variable);

  return g_strdup (given != NULL && *given != '\0' ? given : built_in);
}

static gboolean
parse_options (int *argc, char ***argv, SlServiceOptions *options, int *exit_code)
{
  gboolean user = FALSE, version = FALSE, verbose = FALSE;
  const GOptionEntry entries[] = {
      {"user", 0, 0, G_OPTION_ARG_NONE, &user, N_ ("Serve this user, on the session bus"), NULL},
      {"replace", 0, 0, G_OPTION_ARG_NONE, &options->replace,
       N_ ("Take over from a service that was started with this too"), NULL},
      {"verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, N_ ("Log what happens"), NULL},
      {"version", 0, 0, G_OPTION_ARG_NONE, &version, N_ ("Print the version and exit"), NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (_ ("— the Sluice download service"));
  const GOptionEntry *valued = sl_switches_find_value (entries, NULL, *argc, *argv);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  *exit_code = 2;
  if (valued != NULL) {
    g_printerr (_ ("sluiced: --%s takes no value; see sluiced --help\n"), valued->long_name);
  } else if (!g_option_context_parse (context, argc, argv, &error)) {
    g_printerr (_ ("sluiced: %s; see sluiced --help\n"), error->message);
  } else if (*argc > 1) {
    g_printerr (_ ("sluiced: “%s” is not expected; see sluiced --help\n"), (*argv)[1]);
  } else if (version) {
    g_print ("sluiced %s\n", SLUICE_VERSION);
    *exit_code = 0;
  } else if (!user) {
    g_printerr (_ ("sluiced: say --user to serve this user; see sluiced --help\n"));
  } else {
    /* only our own log domains; for those of libraries there is G_MESSAGES_DEBUG=all */
    if (verbose)
      g_setenv ("G_MESSAGES_DEBUG", LOG_DOMAINS, FALSE);
    return TRUE;
  }
  return FALSE;
}

int
main (int argc, char **argv)
{
  SlServiceOptions options = {0};
  int exit_code;

#ifdef HAVE_MALLOPT
  /* one arena for each thread would cost 8 MiB for each connection; large buffers go back to the system when freed */
  mallopt (M_ARENA_MAX, 2);
  mallopt (M_MMAP_THRESHOLD, 256 * 1024);
#endif
  /* without the signal, a file that gets too large is an error of one download, and does not end the service */
  signal (SIGXFSZ, SIG_IGN);
  g_log_writer_default_set_use_stderr (TRUE);
  g_log_set_writer_func (write_log, NULL, NULL);
  /* we ask NetworkManager ourselves; GNetworkMonitor is for machines without it: that of the kernel, or of a sandbox */
  if (!g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    g_setenv ("GIO_USE_NETWORK_MONITOR", "netlink", FALSE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, SLUICE_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  if (!parse_options (&argc, &argv, &options, &exit_code))
    return exit_code;
  options.state_directory = choose_directory ("STATE_DIRECTORY", g_get_user_state_dir ());
  options.configuration.user =
      choose_directory ("CONFIGURATION_DIRECTORY", g_get_user_config_dir ());
  options.configuration.admin =
      choose_system_directory ("SLUICE_ADMIN_CONFIGURATION", SLUICE_ADMIN_DIR);
  options.configuration.vendor =
      choose_system_directory ("SLUICE_VENDOR_CONFIGURATION", SLUICE_VENDOR_DIR);
  exit_code = sl_service_run (&options);
  g_free (options.state_directory);
  sl_configuration_paths_clear (&options.configuration);
  return exit_code;
}
