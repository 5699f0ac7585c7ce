/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration files: finds them, and parses them with GKeyFile. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/config-files.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>
#include <sys/stat.h>

/* In bytes; no file that people write is as large. */
#define FILE_SIZE_MAX (1024 * 1024)

/* Returns the number, from 1, of the line that can't be parsed: GKeyFile doesn't tell. */
static guint
find_broken_line (const char *text, gsize length)
{
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  guint good = 0, broken;

  for (gsize at = 0; at < length;) {
    const char *end = memchr (text + at, '\n', length - at);
    at = end != NULL ? (gsize)(end + 1 - text) : length;
    g_array_append_val (ends, at);
  }
  /* by halves, because a file can have very many lines: if it can be parsed up to one line, then up to each before that */
  for (broken = ends->len; broken - good > 1;) {
    guint middle = good + (broken - good) / 2;
    g_autoptr (GKeyFile) file = g_key_file_new ();
    if (g_key_file_load_from_data (file, text, g_array_index (ends, gsize, middle - 1),
                                   G_KEY_FILE_NONE, NULL))
      good = middle;
    else
      broken = middle;
  }
  return broken;
}

SlConfigFile *
sl_config_file_parse (const char *path, const char *text, gsize length, GError **error)
{
  g_autoptr (GKeyFile) content = g_key_file_new ();
  g_autofree char *name = g_filename_display_name (path);
  g_autoptr (GError) cause = NULL;
  SlConfigFile *file;

  if (length > 0 && !g_key_file_load_from_data (content, text, length, G_KEY_FILE_NONE, &cause)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s, line %u: %s", name,
                 find_broken_line (text, length), cause->message);
    return NULL;
  }
  file = g_new0 (SlConfigFile, 1);
  file->name = g_steal_pointer (&name);
  file->content = g_steal_pointer (&content);
  return file;
}

void
sl_config_file_free (SlConfigFile *file)
{
  g_free (file->name);
  g_key_file_unref (file->content);
  g_free (file);
}

GPtrArray *
sl_config_files_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)sl_config_file_free);
}

/* Whether it is a link to /dev/null, by which administrators mask a file of the distribution. */
static gboolean
is_nothing (const char *path)
{
  struct stat found, nothing;

  return stat (path, &found) == 0 && stat ("/dev/null", &nothing) == 0 &&
         found.st_rdev == nothing.st_rdev && S_ISCHR (found.st_mode);
}

/* (transfer full) (nullable): NULL with @error, or without it when there is nothing to read */
static SlConfigFile *
read_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  gsize length;

  if (is_nothing (path))
    return NULL;
  /* reading a pipe would wait for a writer */
  if (g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "“%s” is no regular file",
                 path);
    return NULL;
  }
  if (!g_file_get_contents (path, &text, &length, &cause)) {
    if (!g_error_matches (cause, G_FILE_ERROR, G_FILE_ERROR_NOENT))
      g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s", cause->message);
    return NULL;
  }
  if (length > FILE_SIZE_MAX) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "“%s” is larger than 1 MiB",
                 path);
    return NULL;
  }
  return sl_config_file_parse (path, text, length, error);
}

static void
take_file (GPtrArray *files, const char *path, GPtrArray *broken)
{
  g_autoptr (GError) error = NULL;
  SlConfigFile *file = read_file (path, &error);

  if (file != NULL)
    g_ptr_array_add (files, file);
  else if (error != NULL)
    g_ptr_array_add (broken, sl_text_clean (error->message, SL_CONFIG_PROBLEM_MAX));
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* (transfer full) (element-type filename): the files of sluice.conf.d, sorted by name */
static GPtrArray *
list_further (const char *directory, const char *masking)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *further = g_build_filename (directory, "sluice.conf.d", NULL);
  g_autoptr (GDir) dir = g_dir_open (further, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *mask =
        masking != NULL ? g_build_filename (masking, "sluice.conf.d", name, NULL) : NULL;
    if (g_str_has_suffix (name, ".conf") &&
        (mask == NULL || !g_file_test (mask, G_FILE_TEST_EXISTS)))
      g_ptr_array_add (paths, g_build_filename (further, name, NULL));
  }
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

void
sl_config_files_read (GPtrArray *files,
                      const char *directory,
                      const char *masking,
                      GPtrArray *broken)
{
  g_autoptr (GPtrArray) further = NULL;
  g_autofree char *first = NULL;

  if (directory == NULL)
    return;
  first = g_build_filename (directory, "sluice.conf", NULL);
  further = list_further (directory, masking);
  take_file (files, first, broken);
  for (guint i = 0; i < further->len; i++)
    take_file (files, further->pdata[i], broken);
}
