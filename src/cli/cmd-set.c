/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl set: sets properties by name; the D-Bus interface has their types. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "text.h"
#include "when.h"

#include <glib/gi18n.h>
#include <sluice-dbus.h>
#include <string.h>

/* Says how to write a value of the type @signature. */
static const char *
get_example (const char *signature)
{
  if (g_str_equal (signature, "b"))
    return _ ("“true” or “false”");
  if (g_str_equal (signature, "as"))
    return _ ("a list such as “['ignore-date']”");
  if (g_str_equal (signature, "a{ss}"))
    return _ ("a dictionary such as “{'User-Agent': 'me'}”");
  if (g_str_equal (signature, "u"))
    return _ ("a number from 0 to 4294967295");
  return _ ("a number of at least 0");
}

/* (transfer full) (nullable): the value for @name=@text; NULL after an error was printed */
static GVariant *
parse_value (const char *name, const char *text)
{
  GDBusPropertyInfo *info =
      g_dbus_interface_info_lookup_property ((GDBusInterfaceInfo *)&sluice_dbus_download_interface,
                                             name);
  g_autofree char *safe = text_safe (name);
  GVariant *value;

  if (info == NULL || !(info->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE)) {
    g_printerr (
        _ ("sluicectl: “%s” is not a property that can be set; sluicectl(1) lists these.\n"), safe);
    return NULL;
  }
  if (g_str_equal (info->signature, "x")) { /* a time */
    gint64 time;
    return when_parse (name, text, &time) ? g_variant_ref_sink (g_variant_new_int64 (time)) : NULL;
  }
  if (g_str_equal (info->signature, "s"))
    return g_variant_ref_sink (g_variant_new_string (text));
  value = g_variant_parse (G_VARIANT_TYPE (info->signature), text, NULL, NULL, NULL);
  if (value == NULL)
    g_printerr (_ ("sluicectl: The value of %s must be %s\n"), safe, get_example (info->signature));
  return value;
}

static gboolean
set_one (SluiceDownload *download, const char *assignment, int *code)
{
  g_auto (GStrv) parts = g_strsplit (assignment, "=", 2);
  g_autoptr (GVariant) value = parse_value (parts[0], parts[1]);

  if (value == NULL) {
    *code = EXIT_USAGE;
    return FALSE;
  }
  return client_set (download, parts[0], value, code);
}

int
cmd_set (const Command *command, int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (SluiceDownload) download = NULL;
  int code = EXIT_OK;

  if (!options_parse (command, NULL, NULL, &argc, &argv))
    return EXIT_USAGE;
  for (int i = 2; i < MAX (argc, 3); i++) {
    if (argc < 3 || strchr (argv[i], '=') == NULL || !g_utf8_validate (argv[i], -1, NULL)) {
      g_printerr (_ ("sluicectl: Give an id and the properties to set, as in “sluicectl set 1a2b "
                     "Priority=high”.\n"));
      return EXIT_USAGE;
    }
  }
  manager = client_connect (&code);
  download = manager != NULL ? client_find (manager, argv[1], &code) : NULL;
  for (int i = 2; download != NULL && i < argc; i++) {
    if (!set_one (download, argv[i], &code))
      break;
  }
  return code;
}
