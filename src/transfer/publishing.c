/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishes a download's file, or discards it. */
#include "transfer/publishing.h"

#include "base/error.h"
#include "content/target.h"
#include "transfer/worker.h"

gboolean
sl_publishing_check_target (const SlRecord *record, SlStore *store, GError **error)
{
  g_autoptr (SlPlace) place = NULL;

  if (record->asked.local_path == NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                         "LocalPath is not set; set it to the path of the file");
    return FALSE;
  }
  place = sl_place_new (record->asked.local_path, &record->id);
  return sl_store_check_target (store, place->directory, error) &&
         sl_target_check (place, record->asked.overwrite, error);
}

gboolean
sl_publishing_check (const SlRecord *record, SlStore *store, GError **error)
{
  g_autoptr (SlPlace) place = sl_place_new (record->asked.local_path, &record->id);

  /* since Start, a link in its path may have been changed */
  if (!sl_store_check_target (store, place->directory, error))
    return FALSE;
  if (record->asked.digest != NULL &&
      !sl_ranges_contains (record->content->progress.done, 0, record->content->version.size)) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                         "Digest is that of the whole file, but only parts of it were fetched");
    return FALSE;
  }
  return TRUE;
}

/* A publication under way. */
typedef struct {
  SlPlace *place; /* (owned) */
  SlStamp stamp;
  char *expected;            /* (owned) (nullable) */
  char *computed;            /* (owned) (nullable) */
  SlPublication publication; /* refers to the members above */
  SlPublished published;
  gpointer user_data;
  SlPublishOutcome outcome;
  GError *error; /* (owned) (nullable) */
} Publishing;

static void
publishing_free (Publishing *publishing)
{
  sl_place_free (publishing->place);
  g_free (publishing->expected);
  g_free (publishing->computed);
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

  publishing->place = sl_place_new (record->asked.local_path, &record->id);
  publishing->stamp = record->content->progress.stamp;
  publishing->expected = g_strdup (record->asked.digest);
  publishing->computed = g_strdup (record->content->progress.computed);
  publishing->publication = (SlPublication){
      .place = publishing->place,
      .stamp = &publishing->stamp,
      .expected = publishing->expected,
      .computed = publishing->computed,
      .overwrite = record->asked.overwrite,
  };
  publishing->published = published;
  publishing->user_data = user_data;
  sl_worker_run (record->owner, publish_job, publishing);
}

/* In a worker thread. */
static void
discard_job (gpointer data)
{
  g_autoptr (SlPlace) place = data;

  sl_place_discard (place);
}

void
sl_publishing_discard (SlRecord *record)
{
  if (record->asked.local_path != NULL)
    sl_worker_run (record->owner, discard_job,
                   sl_place_new (record->asked.local_path, &record->id));
  sl_record_forget_content (record);
}

void
sl_publishing_apply (SlLife *life,
                     SlPublishOutcome outcome,
                     const GError *error,
                     gboolean automatic)
{
  SlRecord *record = life->record;

  switch (outcome) {
  case SL_PUBLISH_DONE:
    sl_record_clear_error (record);
    sl_life_set_state (life, SL_STATE_FINALIZED);
    return;
  case SL_PUBLISH_REFUSED:
    if (automatic)
      sl_life_fail (life, error);
    return;
  case SL_PUBLISH_CHANGED:
    sl_life_begin_again (life, error);
    return;
  case SL_PUBLISH_WRONG:
    sl_publishing_discard (record);
    sl_life_fail (life, error);
    return;
  }
}
