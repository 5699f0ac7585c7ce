/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl config: prints the settings in force, and the files that they are from. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "table.h"
#include "text.h"

#include <glib/gi18n.h>

/* One setting of the service. */
typedef struct {
  char *name;      /* (owned) GROUP.KEY */
  char *group;     /* (owned) */
  char *key;       /* (owned) */
  GVariant *value; /* (owned) */
  char *file;      /* (owned) */
} Setting;

static void
setting_free (gpointer data)
{
  Setting *setting = data;

  g_free (setting->name);
  g_free (setting->group);
  g_free (setting->key);
  g_variant_unref (setting->value);
  g_free (setting->file);
  g_free (setting);
}

static gboolean
is_default (const Setting *setting)
{
  return g_str_equal (setting->file, "default");
}

static gboolean
is_named (const Setting *setting, const char *name)
{
  return g_str_equal (name, setting->name) || g_str_equal (name, setting->group);
}

/* Whether @setting or its group is among the names; TRUE if there are no names. */
static gboolean
is_asked_for (const Setting *setting, int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    if (is_named (setting, argv[i]))
      return TRUE;
  }
  return argc <= 1;
}

/* (transfer full) (element-type Setting) */
static GPtrArray *
read_settings (GVariant *values)
{
  GPtrArray *settings = g_ptr_array_new_with_free_func (setting_free);
  GVariantIter iter;
  Setting one = {0};

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "(ssvs)", &one.group, &one.key, &one.value, &one.file)) {
    one.name = g_strdup_printf ("%s.%s", one.group, one.key);
    g_ptr_array_add (settings, g_memdup2 (&one, sizeof one));
  }
  return settings;
}

/* FALSE after an error was printed, if there is no such setting. */
static gboolean
check_names (GPtrArray *settings, int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    g_autofree char *safe = text_safe (argv[i]);
    gboolean found = FALSE;
    for (guint j = 0; j < settings->len && !found; j++)
      found = is_named (settings->pdata[j], argv[i]);
    if (found)
      continue;
    g_printerr (_ ("sluicectl: There is no setting “%s”. “sluicectl config” lists all settings, "
                   "with names such as “Transfers.MaxActive”.\n"),
                safe);
    return FALSE;
  }
  return TRUE;
}

/* (transfer full): the value as written in a file; a dash if it is empty */
static char *
value_text (const Setting *setting)
{
  g_autofree char *text = g_variant_is_of_type (setting->value, G_VARIANT_TYPE_STRING)
                              ? g_variant_dup_string (setting->value, NULL)
                              : g_variant_print (setting->value, FALSE);

  return *text != '\0' ? text_safe (text) : g_strdup ("-");
}

static void
print_table (GPtrArray *settings, int argc, char **argv)
{
  const char *const head[] = {_ ("SETTING"), _ ("VALUE"), _ ("FROM"), NULL};
  g_auto (Table) table = TABLE_INIT;

  table_add (&table, head);
  for (guint i = 0; i < settings->len; i++) {
    const Setting *setting = settings->pdata[i];
    g_autofree char *value = value_text (setting);
    g_autofree char *origin =
        is_default (setting) ? output_dim (_ ("default")) : text_safe (setting->file);
    const char *const row[] = {setting->name, value, origin, NULL};
    if (is_asked_for (setting, argc, argv))
      table_add (&table, row);
  }
  table_print (&table);
}

static void
print_json (GPtrArray *settings, int argc, char **argv)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_ARRAY);
  JsonArray *array = json_array_new ();

  json_node_take_array (root, array);
  for (guint i = 0; i < settings->len; i++) {
    const Setting *setting = settings->pdata[i];
    JsonObject *object;
    if (!is_asked_for (setting, argc, argv))
      continue;
    object = json_object_new ();
    json_object_set_string_member (object, "group", setting->group);
    json_object_set_string_member (object, "key", setting->key);
    json_object_set_member (object, "value", output_node (setting->value));
    if (is_default (setting))
      json_object_set_null_member (object, "file");
    else
      json_object_set_string_member (object, "file", setting->file);
    json_array_add_object_element (array, object);
  }
  output_print_json (root, TRUE);
}

/* FALSE after an error was printed */
static gboolean
reload (SluiceManager *manager, int *code)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sluice_manager_reload_config_async (manager, NULL, client_store_result, &result);
  if (sluice_manager_reload_config_finish (manager, client_wait (&result), &error))
    return TRUE;
  *code = client_report (NULL, error);
  /* the file is wrong, not the command line */
  if (*code == EXIT_USAGE) {
    g_printerr (_ ("The previous settings stay in force until this is fixed.\n"));
    *code = EXIT_GENERAL;
  }
  return FALSE;
}

/* Prints what the service ignores in the files, so that people find their typing errors. */
static void
print_problems (SluiceManager *manager)
{
  g_auto (GStrv) problems = sluice_manager_dup_config_problems (manager);

  for (char **problem = problems; problem != NULL && *problem != NULL; problem++) {
    g_autofree char *safe = text_safe (*problem);
    g_printerr ("sluicectl: %s\n", safe);
  }
}

static int
show (SluiceManager *manager, int argc, char **argv)
{
  int code = EXIT_OK;
  g_autoptr (GVariant) values = client_read_config (manager, &code);
  g_autoptr (GPtrArray) settings = NULL;

  if (values == NULL || !client_refresh (manager, &code))
    return code;
  settings = read_settings (values);
  if (!check_names (settings, argc, argv))
    return EXIT_USAGE;
  if (output_is_json ())
    print_json (settings, argc, argv);
  else
    print_table (settings, argc, argv);
  print_problems (manager);
  return EXIT_OK;
}

int
cmd_config (const Command *command, int argc, char **argv)
{
  gboolean reloads = FALSE;
  const GOptionEntry entries[] = {
      {"reload", 0, 0, G_OPTION_ARG_NONE, &reloads, N_ ("Reload the configuration files first"),
       NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (SluiceManager) manager = NULL;
  int code = EXIT_OK;

  if (!options_parse (
          command, entries,
          _ ("GROUP and KEY are as in sluice.conf(5). A group alone stands for all of its keys."),
          &argc, &argv))
    return EXIT_USAGE;
  manager = client_connect (&code);
  if (manager == NULL || (reloads && !reload (manager, &code)))
    return code;
  return show (manager, argc, argv);
}
