/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The destinations of downloads that have not ended. */
#include "queue/destinations.h"

#include "base/error.h"
#include "content/place.h"
#include "content/target.h"
#include "http/file-name.h"

#include <string.h>

/*
 * The keys are the downloads' own records, looked at for their owner and their LocalPath alone: very many copies of paths would
 * take much memory. So a path is given back before its record has another, and the other is taken afterwards.
 */
struct _SlDestinations {
  GHashTable *taken; /* (owned) a set of SlRecord */
};

static guint
path_hash (gconstpointer key)
{
  const SlRecord *record = key;

  return g_str_hash (record->asked.local_path) ^ record->owner;
}

static gboolean
path_equal (gconstpointer a, gconstpointer b)
{
  const SlRecord *first = a, *second = b;

  return first->owner == second->owner &&
         g_str_equal (first->asked.local_path, second->asked.local_path);
}

SlDestinations *
sl_destinations_new (void)
{
  SlDestinations *destinations = g_new0 (SlDestinations, 1);

  destinations->taken = g_hash_table_new (path_hash, path_equal);
  return destinations;
}

void
sl_destinations_free (SlDestinations *destinations)
{
  g_hash_table_unref (destinations->taken);
  g_free (destinations);
}

/* (transfer none) (nullable): which record of @owner has @path */
static const SlRecord *
find (SlDestinations *destinations, guint32 owner, const char *path)
{
  const SlRecord key = {.owner = owner, .asked.local_path = (char *)path};

  return g_hash_table_lookup (destinations->taken, &key);
}

gboolean
sl_destinations_check (SlDestinations *destinations,
                       SlDownload *download,
                       const char *path,
                       GError **error)
{
  const SlRecord *record = sl_download_get_record (download);
  const SlRecord *other = path != NULL ? find (destinations, record->owner, path) : NULL;

  if (other == NULL || other == record)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
               "Download %s has the LocalPath “%s” already", other->id.text, path);
  return FALSE;
}

void
sl_destinations_take (SlDestinations *destinations, SlDownload *download)
{
  const SlRecord *record = sl_download_get_record (download);

  if (record->asked.local_path != NULL && !sl_place_is_open (record->asked.local_path) &&
      !g_hash_table_contains (destinations->taken, record))
    g_hash_table_add (destinations->taken, (gpointer)record);
}

void
sl_destinations_release (SlDestinations *destinations, SlDownload *download)
{
  const SlRecord *record = sl_download_get_record (download);

  if (record->asked.local_path != NULL &&
      g_hash_table_lookup (destinations->taken, record) == record)
    g_hash_table_remove (destinations->taken, record);
}

/* The user data of on_is_taken (). */
typedef struct {
  SlDestinations *destinations;
  guint32 owner;
} Asker;

static gboolean
is_taken (const char *path, gpointer data)
{
  const Asker *asker = data;

  return find (asker->destinations, asker->owner, path) != NULL;
}

static char *
on_choose (SlDownload *download, const char *file_name, gpointer paths_data)
{
  SlDestinations *destinations = paths_data;
  const SlRecord *record = sl_download_get_record (download);
  Asker asker = {destinations, record->owner};
  g_autofree char *suggested =
      file_name != NULL ? g_strdup (file_name) : sl_file_name_from_uri (record->asked.uri);
  g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);
  g_autofree char *wished = g_build_filename (place->directory, suggested, NULL);
  g_autofree char *name = NULL;

  if (record->asked.overwrite && !is_taken (wished, &asker))
    name = sl_target_fit_name (place->directory, suggested);
  else
    name = sl_target_free_name (place->directory, suggested, is_taken, &asker);
  return g_build_filename (place->directory, name, NULL);
}

static void
on_take (SlDownload *download, gpointer paths_data)
{
  sl_destinations_take (paths_data, download);
}

static void
on_release (SlDownload *download, gpointer paths_data)
{
  sl_destinations_release (paths_data, download);
}

const SlDownloadPaths sl_destinations_paths = {.choose = on_choose,
                                               .take = on_take,
                                               .release = on_release};
