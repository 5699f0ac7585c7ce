/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing a download's file, or discarding it. */
#include "transfer/publishing.h"

#include "base/error.h"
#include "transfer/transfer.h"
#include "transfer/worker.h"

gboolean
sl_publishing_check_target (const SlRecord *record, SlStore *store, GError **error)
{
  g_autofree char *directory = NULL, *name = NULL;

  if (record->local_path == NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                         "LocalPath is not set: where should the file go?");
    return FALSE;
  }
  directory = sl_transfer_dup_directory (record);
  if (!g_str_has_suffix (record->local_path, "/"))
    name = g_path_get_basename (record->local_path);
  return sl_store_check_target (store, directory, error) &&
         sl_publish_check_target (directory, name, record->overwrite, error);
}

gboolean
sl_publishing_check (const SlRecord *record, SlStore *store, GError **error)
{
  g_autofree char *directory = sl_transfer_dup_directory (record);

  /* its name may lead elsewhere since it was started */
  if (!sl_store_check_target (store, directory, error))
    return FALSE;
  if (record->digest != NULL && !sl_ranges_contains (record->done, 0, record->size)) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                         "Digest is of the whole file, and only parts of it were fetched");
    return FALSE;
  }
  return TRUE;
}

/* A file that is being published. */
typedef struct {
  SlPublication publication; /* (owned) its text; @stamp is below */
  SlStamp stamp;
  SlPublished published;
  gpointer user_data;
  SlPublishOutcome outcome;
  GError *error; /* (owned) (nullable) */
} Publishing;

static void
publishing_free (Publishing *publishing)
{
  SlPublication *publication = &publishing->publication;
  const char *owned[] = {publication->directory, publication->part_name, publication->target_name,
                         publication->expected, publication->computed};

  for (gsize i = 0; i < G_N_ELEMENTS (owned); i++)
    g_free ((char *)owned[i]);
  g_clear_error (&publishing->error);
  g_free (publishing);
}

static gboolean
on_published (gpointer data)
{
  Publishing *publishing = data;

  publishing->published (publishing->outcome, publishing->error, publishing->user_data);
  publishing_free (publishing);
  return G_SOURCE_REMOVE;
}

/* In a worker thread. */
static void
publish_job (gpointer data)
{
  Publishing *publishing = data;

  publishing->outcome = sl_publish (&publishing->publication, &publishing->error);
  sl_worker_post (on_published, publishing);
}

void
sl_publishing_start (const SlRecord *record, SlPublished published, gpointer user_data)
{
  Publishing *publishing = g_new0 (Publishing, 1);

  publishing->stamp = record->stamp;
  publishing->publication = (SlPublication){
      .directory = sl_transfer_dup_directory (record),
      .part_name = sl_transfer_dup_part_name (record),
      .target_name = g_path_get_basename (record->local_path),
      .stamp = &publishing->stamp,
      .expected = g_strdup (record->digest),
      .computed = g_strdup (record->computed),
      .overwrite = record->overwrite,
  };
  publishing->published = published;
  publishing->user_data = user_data;
  sl_worker_run (publish_job, publishing);
}

/* In a worker thread. */
static void
discard_job (gpointer data)
{
  g_auto (GStrv) names = data;

  sl_publish_discard (names[0], names[1]);
}

void
sl_publishing_discard (SlRecord *record)
{
  if (record->local_path != NULL) {
    char **names = g_new0 (char *, 3);
    names[0] = sl_transfer_dup_directory (record);
    names[1] = sl_transfer_dup_part_name (record);
    sl_worker_run (discard_job, names);
  }
  sl_record_forget_content (record);
}
