/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where downloads that have not ended are to go. */
#include "queue/destinations.h"

#include "base/error.h"
#include "content/place.h"
#include "content/target.h"
#include "http/file-name.h"

#include <string.h>

struct _SlDestinations {
  GHashTable *by_path; /* (owned) Destination (owned) → itself */
};

typedef struct {
  guint32 owner;
  const char *path; /* lies behind, except in a key that is only looked for */
  SlDownload *download;
} Destination;

static guint
destination_hash (gconstpointer key)
{
  const Destination *destination = key;

  return g_str_hash (destination->path) ^ destination->owner;
}

static gboolean
destination_equal (gconstpointer a, gconstpointer b)
{
  const Destination *first = a, *second = b;

  return first->owner == second->owner && g_str_equal (first->path, second->path);
}

SlDestinations *
sl_destinations_new (void)
{
  SlDestinations *destinations = g_new0 (SlDestinations, 1);

  destinations->by_path = g_hash_table_new_full (destination_hash, destination_equal, g_free, NULL);
  return destinations;
}

void
sl_destinations_free (SlDestinations *destinations)
{
  g_hash_table_unref (destinations->by_path);
  g_free (destinations);
}

/* (transfer none) (nullable): which download of @owner has @path */
static SlDownload *
find (SlDestinations *destinations, guint32 owner, const char *path)
{
  const Destination key = {owner, path, NULL};
  const Destination *found = g_hash_table_lookup (destinations->by_path, &key);

  return found != NULL ? found->download : NULL;
}

static void
take (SlDestinations *destinations, SlDownload *download, const char *path)
{
  gsize size = strlen (path) + 1;
  Destination *destination = g_malloc (sizeof *destination + size);

  destination->owner = sl_download_get_record (download)->owner;
  destination->path = memcpy (destination + 1, path, size);
  destination->download = download;
  g_hash_table_add (destinations->by_path, destination);
}

gboolean
sl_destinations_claim (SlDestinations *destinations,
                       SlDownload *download,
                       const char *path,
                       GError **error)
{
  guint32 owner = sl_download_get_record (download)->owner;
  SlDownload *other = path != NULL ? find (destinations, owner, path) : NULL;

  if (other != NULL && other != download) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS,
                 "Download %s has the LocalPath “%s” already",
                 sl_download_get_record (other)->id.text, path);
    return FALSE;
  }
  sl_destinations_release (destinations, download);
  if (path != NULL && !sl_place_is_open (path))
    take (destinations, download, path);
  return TRUE;
}

void
sl_destinations_release (SlDestinations *destinations, SlDownload *download)
{
  const SlRecord *record = sl_download_get_record (download);
  const Destination key = {record->owner, record->asked.local_path, NULL};

  if (key.path != NULL && find (destinations, key.owner, key.path) == download)
    g_hash_table_remove (destinations->by_path, &key);
}

/* Whose names are asked for. */
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
  char *path;

  if (record->asked.overwrite && !is_taken (wished, &asker))
    name = sl_target_fit_name (place->directory, suggested);
  else
    name = sl_target_free_name (place->directory, suggested, is_taken, &asker);
  path = g_build_filename (place->directory, name, NULL);
  take (destinations, download, path);
  return path;
}

static void
on_release (SlDownload *download, gpointer paths_data)
{
  sl_destinations_release (paths_data, download);
}

const SlDownloadPaths sl_destinations_paths = {.choose = on_choose, .release = on_release};
