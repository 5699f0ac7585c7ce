/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration: which files there are, which value counts, and where it's from. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/configuration.h"

#include "base/error.h"

#include <string.h>
#include <sys/stat.h>

/* Larger than any file that is meant. */
#define FILE_SIZE_MAX (1024 * 1024)

/* What has been read so far. */
typedef struct {
  SlConfigured values; /* (owned) */
  char **origins;      /* (owned) by key; (nullable) NULL is the default */
} Layer;

struct _SlConfiguration {
  SlConfigurationPaths paths; /* (owned) */
  Layer layer;                /* in force */
};

/* One file being read. */
typedef struct {
  Layer *layer;
  const char *name;
  const Layer *admin; /* (nullable) what this file may tighten only */
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
  layer_init (&configuration->layer);
  return configuration;
}

void
sl_configuration_free (SlConfiguration *configuration)
{
  sl_configuration_paths_clear (&configuration->paths);
  layer_clear (&configuration->layer);
  g_free (configuration);
}

/* Taking values. */

/* The file by which the administrator has set the key, or another that means nothing without it; NULL for none. */
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

/* (transfer none) (nullable): whose setting @values would loosen */
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
    g_message ("%s: unknown key “%s” in [%s], ignored", reading->name, name, group);
    return;
  }
  sl_configured_copy (&tried, &layer->values);
  if (!sl_key_parse (sl_keys_get (index), text, &tried, &error)) {
    g_message ("%s: %s, ignored", reading->name, error->message);
  } else if ((loosened = find_loosened (reading, index, &tried)) != NULL) {
    g_message ("%s: %s=%s in [%s] is looser than what %s sets, ignored", reading->name, name, text,
               group, loosened);
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
    g_message ("%s: unknown group [%s], ignored", reading->name, group);
    return;
  }
  for (char **name = names; name != NULL && *name != NULL; name++) {
    g_autofree char *text = g_key_file_get_string (file, group, *name, NULL);
    if (text != NULL)
      take_key (reading, group, *name, text);
    else
      g_message ("%s: the value of %s in [%s] is no text in UTF-8, ignored", reading->name, *name,
                 group);
  }
}

/* The number of the line, from 1, that makes the text unreadable: GKeyFile doesn't tell. */
static guint
find_broken_line (const char *text, gsize length)
{
  guint line = 1;

  for (const char *at = text; at < text + length; line++) {
    const char *end = memchr (at, '\n', (gsize)(text + length - at));
    gsize up_to = end != NULL ? (gsize)(end + 1 - text) : length;
    g_autoptr (GKeyFile) file = g_key_file_new ();
    if (!g_key_file_load_from_data (file, text, up_to, G_KEY_FILE_NONE, NULL))
      return line;
    at = text + up_to;
  }
  return line;
}

static gboolean
take_text (const Reading *reading, const char *text, gsize length, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;
  g_auto (GStrv) groups = NULL;

  if (length == 0)
    return TRUE;
  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, &cause)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s, line %u: %s",
                 reading->name, find_broken_line (text, length), cause->message);
    return FALSE;
  }
  groups = g_key_file_get_groups (file, NULL);
  for (char **group = groups; *group != NULL; group++)
    take_group (reading, file, *group);
  return TRUE;
}

/* Later values may not agree with earlier ones. */
static void
settle (Layer *layer)
{
  SlSettings *transfers = &layer->values.transfers;

  transfers->retry_delay_max = MAX (transfers->retry_delay_max, transfers->retry_delay_min);
}

gboolean
sl_configuration_parse (SlConfiguration *configuration,
                        const char *text,
                        gsize length,
                        const char *name,
                        GError **error)
{
  Layer layer;
  Reading reading = {&layer, name, NULL};

  layer_copy (&layer, &configuration->layer);
  if (!take_text (&reading, text, length, error)) {
    layer_clear (&layer);
    return FALSE;
  }
  settle (&layer);
  layer_clear (&configuration->layer);
  configuration->layer = layer;
  return TRUE;
}

/* Files. */

/* A link to /dev/null, by which administrators mask a file of the distribution. */
static gboolean
is_nothing (const char *path)
{
  struct stat found, nothing;

  return stat (path, &found) == 0 && stat ("/dev/null", &nothing) == 0 &&
         found.st_rdev == nothing.st_rdev && S_ISCHR (found.st_mode);
}

static gboolean
take_file (Layer *layer, const char *path, const Layer *admin, GError **error)
{
  Reading reading = {layer, path, admin};
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length;

  if (is_nothing (path))
    return TRUE;
  /* reading a pipe would wait for a writer */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "“%s” is no regular file",
                 path);
    return FALSE;
  }
  if (!g_file_get_contents (path, &text, &length, &cause)) {
    if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      return TRUE;
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s", cause->message);
    return FALSE;
  }
  if (length > FILE_SIZE_MAX) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "“%s” is larger than 1 MiB",
                 path);
    return FALSE;
  }
  return take_text (&reading, text, length, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The further files of @directory by name, but for those that @masking (nullable) has too. */
static void
list_further (const char *directory, const char *masking, GPtrArray *paths)
{
  g_autofree char *further = g_build_filename (directory, "sluice.conf.d", NULL);
  g_autoptr (GDir) dir = g_dir_open (further, 0, NULL);
  guint begin = paths->len;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *mask =
        masking != NULL ? g_build_filename (masking, "sluice.conf.d", name, NULL) : NULL;
    if (g_str_has_suffix (name, ".conf") &&
        (mask == NULL || !g_file_test (mask, G_FILE_TEST_EXISTS)))
      g_ptr_array_add (paths, g_build_filename (further, name, NULL));
  }
  if (paths->len > begin)
    qsort (paths->pdata + begin, paths->len - begin, sizeof (gpointer), compare_names);
}

/* (transfer full) (element-type filename): those of one directory, in the order in which they are read */
static GPtrArray *
list_files (const char *directory, const char *masking)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  if (directory == NULL)
    return paths;
  g_ptr_array_add (paths, g_build_filename (directory, "sluice.conf", NULL));
  list_further (directory, masking, paths);
  return paths;
}

/* FALSE with @error for the first file that can't be parsed; with @error NULL, that is logged and it goes on. */
static gboolean
take_directory (
    Layer *layer, const char *directory, const char *masking, const Layer *admin, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (directory, masking);

  for (guint i = 0; i < files->len; i++) {
    g_autoptr (GError) broken = NULL;
    if (take_file (layer, files->pdata[i], admin, &broken))
      continue;
    if (error != NULL) {
      g_propagate_error (error, g_steal_pointer (&broken));
      return FALSE;
    }
    g_message ("%s. The file is left out; what the others set is in force", broken->message);
  }
  return TRUE;
}

static gboolean
load (SlConfiguration *configuration, GError **error)
{
  const SlConfigurationPaths *paths = &configuration->paths;
  Layer layer, admin;
  gboolean ok;

  layer_init (&layer);
  ok = take_directory (&layer, paths->vendor, paths->admin, NULL, error) &&
       take_directory (&layer, paths->admin, NULL, NULL, error);
  layer_copy (&admin, &layer);
  ok = ok && take_directory (&layer, paths->user, NULL, &admin, error);
  layer_clear (&admin);
  if (!ok) {
    layer_clear (&layer);
    return FALSE;
  }
  settle (&layer);
  layer_clear (&configuration->layer);
  configuration->layer = layer;
  return TRUE;
}

gboolean
sl_configuration_load (SlConfiguration *configuration, GError **error)
{
  g_autoptr (GError) broken = NULL;

  if (load (configuration, &broken))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&broken));
  return FALSE;
}

void
sl_configuration_load_what_works (SlConfiguration *configuration)
{
  load (configuration, NULL);
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
