/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records the progress of a transfer: claim, commit, recorded. */
#include "transfer/recorder.h"

void
sl_recorder_claim (SlRecorder *recorder, SlSynced *synced)
{
  SlProgress *progress = &sl_record_edit_content (recorder->record)->progress;

  sl_ranges_unref (progress->done);
  progress->done = g_steal_pointer (&synced->ranges);
  progress->stamp = synced->stamp;
  recorder->record->modified = g_get_real_time ();
}

void
sl_recorder_claim_sealed (SlRecorder *recorder, SlSynced *synced, char *digest)
{
  SlProgress *progress = &sl_record_edit_content (recorder->record)->progress;

  sl_recorder_claim (recorder, synced);
  g_free (progress->computed);
  progress->computed = digest;
}

typedef struct {
  SlRecorder *recorder;
  SlPart *part; /* (owned) (nullable) */
  guint64 total;
  guint generation;
} Commit;

static void
on_committed (const GError *error, gpointer data)
{
  Commit *commit = data;
  SlRecorder *recorder = commit->recorder;

  recorder->commits--;
  /* the failed commit may have been of the whole record, not only of the progress */
  if (error != NULL)
    recorder->record->unsaved = TRUE;
  if (error == NULL && commit->part != NULL && commit->generation == recorder->generation)
    sl_part_set_recorded (commit->part, commit->total);
  g_clear_pointer (&commit->part, sl_part_unref);
  g_free (commit);
  recorder->committed (error, recorder->user_data);
}

void
sl_recorder_commit (SlRecorder *recorder, SlPart *part)
{
  Commit *commit = g_new0 (Commit, 1);

  commit->recorder = recorder;
  commit->part = part != NULL ? sl_part_ref (part) : NULL;
  commit->total = sl_ranges_total (recorder->record->content->progress.done);
  commit->generation = recorder->generation;
  recorder->commits++;
  sl_store_save_progress (recorder->store, recorder->record, on_committed, commit);
}

void
sl_recorder_begin_again (SlRecorder *recorder)
{
  recorder->generation++;
  sl_record_forget_content (recorder->record);
}
