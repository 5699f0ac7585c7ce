/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How what was fetched gets on record: claim, commit, recorded. */
#include "transfer/progress.h"

void
sl_progress_claim (SlProgress *progress, SlSynced *synced)
{
  SlRecord *record = progress->record;

  sl_ranges_free (record->done);
  record->done = g_steal_pointer (&synced->ranges);
  record->stamp = synced->stamp;
  record->modified = g_get_real_time ();
}

void
sl_progress_claim_sealed (SlProgress *progress, SlSynced *synced, char *digest)
{
  sl_progress_claim (progress, synced);
  g_free (progress->record->computed);
  progress->record->computed = digest;
}

typedef struct {
  SlProgress *progress;
  SlPart *part; /* (owned) (nullable) */
  guint64 total;
  guint generation;
} Commit;

static void
on_committed (const GError *error, gpointer data)
{
  Commit *commit = data;
  SlProgress *progress = commit->progress;

  progress->commits--;
  if (error == NULL && commit->part != NULL && commit->generation == progress->generation)
    sl_part_set_recorded (commit->part, commit->total);
  g_clear_pointer (&commit->part, sl_part_unref);
  g_free (commit);
  progress->committed (error, progress->owner);
}

void
sl_progress_commit (SlProgress *progress, SlPart *part)
{
  Commit *commit = g_new0 (Commit, 1);

  commit->progress = progress;
  commit->part = part != NULL ? sl_part_ref (part) : NULL;
  commit->total = sl_ranges_total (progress->record->done);
  commit->generation = progress->generation;
  progress->commits++;
  sl_store_save (progress->store, progress->record, on_committed, commit);
}

void
sl_progress_begin_again (SlProgress *progress)
{
  progress->generation++;
  sl_record_forget_content (progress->record);
}
