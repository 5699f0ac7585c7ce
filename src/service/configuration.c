/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration: the values that count, and the files that they are from. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/configuration.h"

#include "base/descriptors.h"
#include "base/error.h"
#include "base/text.h"
#include "service/config-files.h"

/* Clients get at most this many problems, because they get them with all properties; the log has every one. */
#define PROBLEMS_MAX 100
/*
 * File descriptors. A connection with a transfer of its own needs at most: its socket and a second one (happy eyeballs), those
 * that wake its two main contexts, and those of the directory and the part file, twice while the file is published. The base
 * is what the service needs without any connection.
 */
#define DESCRIPTORS_EACH 10
#define DESCRIPTORS_BASE 64

/* The values after some of the files were read. */
typedef struct {
  SlConfigured values; /* (owned) */
  char **origins;      /* (owned) by key, the file that set it; NULL: the default */
} Layer;

/*
 * The files are two halves: the system's, which are the distribution's and the administrator's, and the user's. When a file of
 * one half can't be read, that half stays as it was. So a user's broken file doesn't keep out what the administrator sets.
 */
struct _SlConfiguration {
  SlConfigurationPaths paths; /* (owned) */
  /* each half as it was when all its files could be read */
  GPtrArray *system_files; /* (owned) (element-type SlConfigFile) */
  GPtrArray *user_files;   /* (owned) (element-type SlConfigFile) */
  GPtrArray *problems;     /* (owned) (element-type utf8): what is wrong with the files */
  Layer layer;             /* in force */
};

/* A file whose values are being taken. */
typedef struct {
  Layer *layer;
  const char *name;
  const Layer *admin;  /* (nullable) the values that this file may only tighten */
  GPtrArray *problems; /* (element-type utf8) */
} Reading;

static void
layer_init (Layer *layer)
{
  sl_configured_init (&layer->values);
  layer->origins = g_new0 (char *, sl_keys_count ());
}

static void
layer_clear (Layer *layer)
{
  sl_configured_clear (&layer->values);
  for (guint i = 0; i < sl_keys_count (); i++)
    g_free (layer->origins[i]);
  g_clear_pointer (&layer->origins, g_free);
}

static void
layer_copy (Layer *to, const Layer *from)
{
  sl_configured_copy (&to->values, &from->values);
  to->origins = g_new0 (char *, sl_keys_count ());
  for (guint i = 0; i < sl_keys_count (); i++)
    to->origins[i] = g_strdup (from->origins[i]);
}

void
sl_configuration_paths_clear (SlConfigurationPaths *paths)
{
  g_clear_pointer (&paths->vendor, g_free);
  g_clear_pointer (&paths->admin, g_free);
  g_clear_pointer (&paths->user, g_free);
}

SlConfiguration *
sl_configuration_new (const SlConfigurationPaths *paths)
{
  SlConfiguration *configuration = g_new0 (SlConfiguration, 1);

  configuration->paths.vendor = g_strdup (paths->vendor);
  configuration->paths.admin = g_strdup (paths->admin);
  configuration->paths.user = g_strdup (paths->user);
  configuration->system_files = sl_config_files_new ();
  configuration->user_files = sl_config_files_new ();
  configuration->problems = g_ptr_array_new_with_free_func (g_free);
  layer_init (&configuration->layer);
  return configuration;
}

void
sl_configuration_free (SlConfiguration *configuration)
{
  sl_configuration_paths_clear (&configuration->paths);
  g_ptr_array_unref (configuration->system_files);
  g_ptr_array_unref (configuration->user_files);
  g_ptr_array_unref (configuration->problems);
  layer_clear (&configuration->layer);
  g_free (configuration);
}

/* Taking values. */

/* (transfer full) @problem */
static void
take_problem (GPtrArray *problems, char *problem)
{
  g_message ("%s", problem);
  /* a file that is no configuration at all would bring thousands */
  if (problems->len < PROBLEMS_MAX)
    g_ptr_array_add (problems, problem);
  else
    g_free (problem);
}

/* Adds a problem: what is left out, and why. */
static void G_GNUC_PRINTF (2, 3) leave_out (const Reading *reading, const char *format, ...)
{
  g_autofree char *reason = NULL;
  g_autofree char *said = NULL;
  char *problem;
  va_list values;

  va_start (values, format);
  reason = g_strdup_vprintf (format, values);
  va_end (values);
  said = g_strdup_printf ("%s: %s, ignored", reading->name, reason);
  problem = sl_text_clean (said, SL_CONFIG_PROBLEM_MAX);
  take_problem (reading->problems, problem);
}

/* (transfer none) (nullable): the file in which the administrator set this key, or one that this key would undo */
static const char *
find_admin_origin (const Layer *admin, guint index)
{
  for (guint i = 0; i < sl_keys_count (); i++) {
    if (admin->origins[i] != NULL &&
        (i == index || sl_key_undoes (sl_keys_get (index), sl_keys_get (i))))
      return admin->origins[i];
  }
  return NULL;
}

/* (transfer none) (nullable): the file whose setting @values would loosen */
static const char *
find_loosened (const Reading *reading, guint index, const SlConfigured *values)
{
  const Layer *admin = reading->admin;

  return admin != NULL && !sl_key_is_as_tight (sl_keys_get (index), values, &admin->values)
             ? find_admin_origin (admin, index)
             : NULL;
}

static void
take_key (const Reading *reading, const char *group, const char *name, const char *text)
{
  Layer *layer = reading->layer;
  SlConfigured tried;
  g_autoptr (GError) error = NULL;
  const char *loosened;
  guint index;

  if (!sl_keys_find (group, name, &index)) {
    leave_out (reading, "unknown key “%s” in [%s]", name, group);
    return;
  }
  sl_configured_copy (&tried, &layer->values);
  if (!sl_key_parse (sl_keys_get (index), text, &tried, &error)) {
    leave_out (reading, "%s", error->message);
  } else if ((loosened = find_loosened (reading, index, &tried)) != NULL) {
    leave_out (reading, "%s=%s in [%s] is looser than what %s sets", name, text, group, loosened);
  } else {
    sl_configured_clear (&layer->values);
    layer->values = tried;
    g_free (layer->origins[index]);
    layer->origins[index] = g_strdup (reading->name);
    return;
  }
  sl_configured_clear (&tried);
}

static void
take_group (const Reading *reading, GKeyFile *file, const char *group)
{
  g_auto (GStrv) names = g_key_file_get_keys (file, group, NULL, NULL);

  if (!sl_keys_has_group (group)) {
    leave_out (reading, "unknown group [%s]", group);
    return;
  }
  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *text = g_key_file_get_string (file, group, *name, NULL);
    if (text != NULL)
      take_key (reading, group, *name, text);
    else
      leave_out (reading, "the value of %s in [%s] is no text in UTF-8", *name, group);
  }
}

static void
take_files (SlConfiguration *configuration, Layer *layer, GPtrArray *files, const Layer *admin)
{
  for (guint i = 0; i < files->len; i++) {
    const SlConfigFile *file = files->pdata[i];
    Reading reading = {layer, file->name, admin, configuration->problems};
    g_auto (GStrv) groups = g_key_file_get_groups (file->content, NULL);
    for (char **group = groups; *group != NULL; group++)
      take_group (&reading, file->content, *group);
  }
}

/* Makes values agree that came from different files. */
static void
settle (Layer *layer)
{
  SlSettings *transfers = &layer->values.transfers;

  transfers->retry_delay_max = MAX (transfers->retry_delay_max, transfers->retry_delay_min);
}

/* Cuts the connections to those for which there are descriptors: others would fail where nothing can wait for one. */
static void
fit_descriptors (SlConfiguration *configuration, Layer *layer)
{
  const struct {
    const char *name;
    guint *value;
  } settings[] = {
      {"MaxConnections", &layer->values.transfers.max_connections},
      {"MaxActive", &layer->values.transfers.max_active},
  };
  guint64 limit = sl_descriptors_get_limit ();
  guint64 fits = limit > DESCRIPTORS_BASE ? (limit - DESCRIPTORS_BASE) / DESCRIPTORS_EACH : 0;

  fits = MAX (fits, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++) {
    if (*settings[i].value <= fits)
      continue;
    take_problem (configuration->problems,
                  g_strdup_printf ("%s is cut from %u to %" G_GUINT64_FORMAT
                                   ": the service may have no more than %" G_GUINT64_FORMAT
                                   " files open (LimitNOFILE=, ulimit -n)",
                                   settings[i].name, *settings[i].value, fits, limit));
    *settings[i].value = (guint)fits;
  }
}

/* Puts in force what the files set, and collects their faults. */
static void
take_all (SlConfiguration *configuration)
{
  Layer layer, admin;

  layer_init (&layer);
  take_files (configuration, &layer, configuration->system_files, NULL);
  layer_copy (&admin, &layer);
  take_files (configuration, &layer, configuration->user_files, &admin);
  layer_clear (&admin);
  settle (&layer);
  fit_descriptors (configuration, &layer);
  layer_clear (&configuration->layer);
  configuration->layer = layer;
}

gboolean
sl_configuration_parse (SlConfiguration *configuration,
                        const char *text,
                        gsize length,
                        const char *name,
                        GError **error)
{
  SlConfigFile *file = sl_config_file_parse (name, text, length, error);

  if (file == NULL)
    return FALSE;
  g_ptr_array_add (configuration->system_files, file);
  g_ptr_array_set_size (configuration->problems, 0);
  take_all (configuration);
  return TRUE;
}

/* Reading the files. */

/* (transfer full) @files: they replace those of one @half if all of them were read, or if @partly is enough. */
static void
replace_half (GPtrArray **half, GPtrArray *files, gboolean whole, gboolean partly)
{
  if (whole || partly) {
    g_ptr_array_unref (*half);
    *half = files;
  } else {
    g_ptr_array_unref (files);
  }
}

/* (transfer full) (element-type utf8): a message for each file that couldn't be read */
static GPtrArray *
load (SlConfiguration *configuration, gboolean partly)
{
  const SlConfigurationPaths *paths = &configuration->paths;
  GPtrArray *broken = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *files = sl_config_files_new ();
  guint n;

  sl_config_files_read (files, paths->vendor, paths->admin, broken);
  sl_config_files_read (files, paths->admin, NULL, broken);
  n = broken->len;
  replace_half (&configuration->system_files, files, n == 0, partly);
  files = sl_config_files_new ();
  sl_config_files_read (files, paths->user, NULL, broken);
  replace_half (&configuration->user_files, files, broken->len == n, partly);

  g_ptr_array_set_size (configuration->problems, 0);
  for (guint i = 0; i < broken->len; i++)
    g_ptr_array_add (configuration->problems, g_strdup (broken->pdata[i]));
  take_all (configuration);
  return broken;
}

gboolean
sl_configuration_load (SlConfiguration *configuration, GError **error)
{
  g_autoptr (GPtrArray) broken = load (configuration, FALSE);
  g_autofree char *all = NULL;

  if (broken->len == 0)
    return TRUE;
  g_ptr_array_add (broken, NULL);
  all = g_strjoinv ("; ", (char **)broken->pdata);
  g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, all);
  return FALSE;
}

void
sl_configuration_load_what_works (SlConfiguration *configuration)
{
  g_autoptr (GPtrArray) broken = load (configuration, TRUE);

  for (guint i = 0; i < broken->len; i++)
    g_message ("%s. The file is left out; what the others set is in force",
               (const char *)broken->pdata[i]);
}

const SlConfigured *
sl_configuration_get (SlConfiguration *configuration)
{
  return &configuration->layer.values;
}

GVariant *
sl_configuration_describe (SlConfiguration *configuration)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssvs)"));

  for (guint i = 0; i < sl_keys_count (); i++) {
    const SlKey *key = sl_keys_get (i);
    const char *origin = configuration->layer.origins[i];
    g_variant_builder_add (&builder, "(ssvs)", sl_key_get_group (key), sl_key_get_name (key),
                           sl_key_to_variant (key, &configuration->layer.values),
                           origin != NULL ? origin : "default");
  }
  return g_variant_builder_end (&builder);
}

char **
sl_configuration_dup_problems (SlConfiguration *configuration)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **problems;

  for (guint i = 0; i < configuration->problems->len; i++)
    g_strv_builder_add (builder, configuration->problems->pdata[i]);
  problems = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return problems;
}
