/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration files. The table says which keys there are; sluice.conf(5) explains them. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/configuration.h"

#include "base/error.h"

#include <stddef.h>
#include <string.h>

typedef enum { KIND_COUNT, KIND_MILLISECONDS, KIND_SECONDS } Kind;

typedef struct {
  const char *key;
  Kind kind;
  guint min;
  guint max;
  gsize offset;
} Key;

#define KEY(key, kind, min, max, member)                                                           \
  {                                                                                                \
    key, kind, min, max, offsetof (SlSettings, member)                                             \
  }
#define HOUR 3600

/* All in group [Transfers]. Limits of durations are in their own unit. */
static const Key keys[] = {
    KEY ("MaxActive", KIND_COUNT, 1, 256, max_active),
    KEY ("MaxConnections", KIND_COUNT, 1, 256, max_connections),
    KEY ("MaxConnectionsPerHost", KIND_COUNT, 1, 64, max_connections_per_host),
    KEY ("ConnectionsForeground", KIND_COUNT, 1, 16, connections_foreground),
    KEY ("ConnectionsBackground", KIND_COUNT, 1, 16, connections_background),
    KEY ("FirstByteTimeout", KIND_MILLISECONDS, 100, HOUR * 1000, first_byte_timeout),
    KEY ("StallTimeout", KIND_SECONDS, 1, HOUR, stall_timeout),
    KEY ("RetryDelayMin", KIND_MILLISECONDS, 10, HOUR * 1000, retry_delay_min),
    KEY ("RetryDelayMax", KIND_MILLISECONDS, 10, 24 * HOUR * 1000, retry_delay_max),
    KEY ("DiskFullRetry", KIND_MILLISECONDS, 100, HOUR * 1000, disk_full_retry),
};

static const Key *
find_key (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (g_str_equal (keys[i].key, name))
      return &keys[i];
  }
  return NULL;
}

/* A count, or a duration: "30" and "30s" are seconds, "500ms" milliseconds. FALSE if @text is neither. */
static gboolean
parse_value (const Key *key, const char *text, guint *value)
{
  g_autofree char *number = g_strdup (text);
  guint64 factor = 1000, parsed;

  g_strstrip (number);
  if (key->kind == KIND_COUNT) {
    if (!g_ascii_string_to_unsigned (number, 10, key->min, key->max, &parsed, NULL))
      return FALSE;
    *value = (guint)parsed;
    return TRUE;
  }
  if (g_str_has_suffix (number, "ms")) {
    number[strlen (number) - 2] = '\0';
    factor = 1;
  } else if (g_str_has_suffix (number, "s")) {
    number[strlen (number) - 1] = '\0';
  }
  if (!g_ascii_string_to_unsigned (number, 10, 0, G_MAXUINT32, &parsed, NULL))
    return FALSE;
  parsed *= factor;
  if (key->kind == KIND_SECONDS)
    parsed = (parsed + 999) / 1000;
  if (parsed < key->min || parsed > key->max)
    return FALSE;
  *value = (guint)parsed;
  return TRUE;
}

static void
take_key (GKeyFile *file, const char *name, const char *key_name, SlSettings *settings)
{
  const Key *key = find_key (key_name);
  g_autofree char *text = g_key_file_get_string (file, "Transfers", key_name, NULL);

  if (key == NULL)
    g_message ("%s: unknown key “%s” in [Transfers], ignored", name, key_name);
  else if (text == NULL ||
           !parse_value (key, text, (guint *)(void *)((guint8 *)settings + key->offset)))
    g_message ("%s: %s=%s is no acceptable value (from %u to %u%s), ignored", name, key_name,
               text != NULL ? text : "", key->min, key->max,
               key->kind == KIND_MILLISECONDS ? " ms"
               : key->kind == KIND_SECONDS    ? " s"
                                              : "");
}

static void
take_all (GKeyFile *file, const char *name, SlSettings *settings)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);
  g_auto (GStrv) names = g_key_file_get_keys (file, "Transfers", NULL, NULL);

  for (char **group = groups; *group != NULL; group++) {
    if (!g_str_equal (*group, "Transfers"))
      g_message ("%s: unknown group [%s], ignored", name, *group);
  }
  for (char **key = names; key != NULL && *key != NULL; key++)
    take_key (file, name, *key, settings);
}

gboolean
sl_configuration_parse (
    const char *text, gsize length, const char *name, SlSettings *settings, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) cause = NULL;

  /* GKeyFile says no line number, but its message quotes the line */
  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, &cause) && length > 0) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s: %s", name,
                 cause->message);
    return FALSE;
  }
  take_all (file, name, settings);
  return TRUE;
}

static gboolean
load_file (const char *path, SlSettings *settings, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length;

  /* reading a pipe would wait for a writer */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "“%s” is no file", path);
    return FALSE;
  }
  if (g_file_get_contents (path, &text, &length, &cause))
    return sl_configuration_parse (text, length, path, settings, error);
  if (g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s", cause->message);
  return FALSE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* (transfer full) (element-type filename): the further files, by name */
static GPtrArray *
list_further (const char *directory)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *further = g_build_filename (directory, "sluice.conf.d", NULL);
  g_autoptr (GDir) dir = g_dir_open (further, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    if (g_str_has_suffix (name, ".conf"))
      g_ptr_array_add (paths, g_build_filename (further, name, NULL));
  }
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

gboolean
sl_configuration_load (const char *directory, SlSettings *settings, GError **error)
{
  g_autofree char *main_file = g_build_filename (directory, "sluice.conf", NULL);
  g_autoptr (GPtrArray) further = list_further (directory);
  SlSettings loaded = *settings;

  if (!load_file (main_file, &loaded, error))
    return FALSE;
  for (guint i = 0; i < further->len; i++) {
    if (!load_file (further->pdata[i], &loaded, error))
      return FALSE;
  }
  loaded.retry_delay_max = MAX (loaded.retry_delay_max, loaded.retry_delay_min);
  *settings = loaded;
  return TRUE;
}
