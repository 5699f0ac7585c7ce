/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Admits downloads. */
#include "queue/admission.h"

#include "content/place.h"

/* Downloads that are being admitted together. */
typedef struct {
  SlAdmission *admission;
  GPtrArray *downloads; /* (owned) (element-type SlDownload) */
  SlAdmitted admitted;
  gpointer user_data;
  guint32 owner;  /* user id, the records' */
  guint reserved; /* how many places are reserved for the owner */
  guint n_saved;  /* how many, from the first on, have been given to the store */
  guint waiting;  /* commits that are pending */
  GError *error;  /* (owned) (nullable) */
} Batch;

gboolean
sl_admission_check_path (SlAdmission *admission,
                         SlDownload *download,
                         const char *path,
                         GError **error)
{
  const SlId *id = &sl_download_get_record (download)->id;
  g_autoptr (SlPlace) place = path != NULL ? sl_place_new (path, id) : NULL;

  if (place != NULL && !sl_store_check_target (admission->context->store, place->directory, error))
    return FALSE;
  return sl_destinations_check (admission->destinations, download, path, error);
}

/* @error: (transfer full). Admits none: removes them from the database, and frees their destinations. */
static void
refuse_all (Batch *batch, GError *error)
{
  SlAdmission *admission = batch->admission;

  batch->error = error;
  for (guint i = 0; i < batch->downloads->len; i++) {
    SlDownload *download = batch->downloads->pdata[i];
    if (i < batch->n_saved)
      sl_store_remove (admission->context->store, sl_download_get_record (download));
    sl_destinations_release (admission->destinations, download);
  }
}

static void
finish (Batch *batch)
{
  SlAdmission *admission = batch->admission;
  GPtrArray *downloads = batch->downloads;

  sl_registry_unreserve (admission->registry, batch->owner, batch->reserved);
  for (guint i = 0; batch->error == NULL && i < downloads->len; i++) {
    SlDownload *download = downloads->pdata[i];
    sl_registry_add (admission->registry, sl_download_ref (download));
    admission->added (download, admission->user_data);
    sl_download_resume (download);
  }
  batch->admitted (downloads, batch->error, batch->user_data);
  g_ptr_array_unref (downloads);
  g_clear_error (&batch->error);
  g_free (batch);
}

static void
on_saved (const GError *error, gpointer data)
{
  Batch *batch = data;

  if (error != NULL && batch->error == NULL)
    refuse_all (batch, g_error_copy (error));
  if (--batch->waiting == 0)
    finish (batch);
}

/*
 * Saves @record (transfer full), and starts it if AutoStart says so. FALSE if the whole batch was refused because of
 * it.
 */
static gboolean
admit_one (Batch *batch, SlRecord *record)
{
  SlAdmission *admission = batch->admission;
  const SlDownloadContext *context = admission->context;
  SlDownload *download;
  GError *error = NULL;

  sl_id_init_random (&record->id);
  record->seq = admission->next_seq++;
  record->created = record->modified = g_get_real_time ();
  record->moved_at = g_get_monotonic_time ();
  record->touched = sl_age_now (context->age);
  download = sl_download_new (record, context);
  g_ptr_array_add (batch->downloads, download);
  if (!sl_admission_check_path (admission, download, record->asked.local_path, &error)) {
    refuse_all (batch, error);
    return FALSE;
  }
  sl_destinations_take (admission->destinations, download);
  batch->waiting++;
  if (record->asked.auto_start)
    sl_download_start (download, NULL, on_saved, batch);
  else
    sl_store_save (context->store, record, on_saved, batch);
  if (batch->error != NULL)
    return FALSE;
  batch->n_saved++;
  return TRUE;
}

/* FALSE if the owner would have too many. */
static gboolean
reserve (Batch *batch, const GPtrArray *records)
{
  if (records->len == 0)
    return TRUE;
  batch->owner = ((const SlRecord *)records->pdata[0])->owner;
  if (!sl_registry_reserve (batch->admission->registry, batch->owner, records->len, &batch->error))
    return FALSE;
  batch->reserved = records->len;
  return TRUE;
}

void
sl_admission_admit (SlAdmission *admission,
                    GPtrArray *records,
                    SlAdmitted admitted,
                    gpointer user_data)
{
  Batch *batch = g_new0 (Batch, 1);
  SlStore *store = admission->context->store;

  batch->admission = admission;
  batch->downloads = g_ptr_array_new_with_free_func ((GDestroyNotify)sl_download_unref);
  batch->admitted = admitted;
  batch->user_data = user_data;
  batch->waiting = 1;
  reserve (batch, records);
  sl_store_hold (store);
  for (guint i = 0; batch->error == NULL && i < records->len; i++) {
    if (!admit_one (batch, g_steal_pointer (&records->pdata[i])) && records->len > 1)
      g_prefix_error (&batch->error, "Download %u of the list: ", i);
  }
  sl_store_release (store);
  on_saved (NULL, batch);
}
