/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The part file of a transfer: opens it, finds what is missing, and seals it. */
#include "transfer/file.h"

#include "http/response.h"

/* After this many wrong responses to a resume, the file is requested without a range. */
#define WRONG_RESUMES_MAX 3

/* Whether one segment is alone; if so, whether it is sealing the file. */
enum { SOLE, SHARED, SEALING };

void
sl_opening_free (SlOpening *opening)
{
  g_clear_error (&opening->cause);
  g_free (opening);
}

SlFile *
sl_file_new (const SlRecord *record)
{
  SlFile *file = g_new0 (SlFile, 1);

  g_atomic_ref_count_init (&file->ref_count);
  file->place = sl_place_new (record->asked.local_path, &record->id);
  return file;
}

void
sl_file_begin (SlFile *file)
{
  g_atomic_int_set (&file->sharing, SOLE);
}

gboolean
sl_file_share (SlFile *file)
{
  return g_atomic_int_compare_and_exchange (&file->sharing, SOLE, SHARED) ||
         g_atomic_int_get (&file->sharing) == SHARED;
}

SlFile *
sl_file_ref (SlFile *file)
{
  g_atomic_ref_count_inc (&file->ref_count);
  return file;
}

void
sl_file_unref (SlFile *file)
{
  if (!g_atomic_ref_count_dec (&file->ref_count))
    return;
  sl_place_free (file->place);
  g_clear_pointer (&file->part, sl_part_unref);
  g_free (file);
}

gboolean
sl_file_drop (SlFile *file, SlOpening *opening, SluiceError code, const char *why, GError **error)
{
  if (!opening->restarted)
    opening->cause = g_error_new_literal (SLUICE_ERROR, (int)code, why);
  opening->restarted = TRUE;
  return sl_part_reset (file->part, error);
}

/* The server has answered wrongly several times in a row: a plain request for the whole file may succeed. */
static gboolean
is_resume_hopeless (const SlRecord *record)
{
  return record->wanted == NULL && record->error == SLUICE_ERROR_INVALID_RESPONSE &&
         record->content->failures >= WRONG_RESUMES_MAX;
}

static gboolean
open_part (SlFile *file, const SlAttempt *attempt, GError **error)
{
  const SlRecord *record = attempt->record;

  if (file->part != NULL)
    return TRUE;
  file->part = sl_part_open (file->place, &record->content->progress.stamp,
                             record->content->progress.done, error);
  if (file->part == NULL)
    return FALSE;
  sl_part_set_minimum_free (file->part, attempt->settings.minimum_free);
  if (record->asked.auto_finalize)
    sl_part_expect_publication (file->part);
  if (record->asked.digest != NULL && record->wanted == NULL)
    sl_part_compute_digest (file->part, record->asked.digest);
  return TRUE;
}

gboolean
sl_file_open (SlFile *file,
              const SlAttempt *attempt,
              const SlSource *source,
              SlOpening *opening,
              GError **error)
{
  const SlRecord *record = attempt->record;
  gboolean can_resume = !record->asked.dynamic && !record->content->no_ranges &&
                        sl_validator_can_resume (&source->version);
  guint64 written;

  if (!open_part (file, attempt, error))
    return FALSE;
  if (opening->restart)
    return sl_part_reset (file->part, error);
  written = sl_part_get_written (file->part);
  if (written == 0 && sl_ranges_count (record->content->progress.done) > 0)
    return sl_file_drop (
        file, opening, SLUICE_ERROR_LOCAL_FILE,
        "Another program deleted or changed the part file; the download begins again", error);
  if (written > 0 && !can_resume)
    return sl_file_drop (file, opening, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                         "The server can’t resume this file; the download begins again", error);
  if (written > 0 && is_resume_hopeless (record)) {
    opening->no_ranges = TRUE;
    return sl_file_drop (
        file, opening, SLUICE_ERROR_INVALID_RESPONSE,
        "The server does not resume this file correctly; the download begins again", error);
  }
  return TRUE;
}

gboolean
sl_file_find_missing (SlFile *file, const SlRecord *record, SlRange *missing)
{
  gboolean fresh = sl_part_get_written (file->part) == 0;

  return sl_part_find_missing (file->part, record->wanted,
                               fresh ? SL_SIZE_UNKNOWN : record->content->version.size, NULL,
                               missing);
}

gboolean
sl_file_reserve (SlFile *file, const SlAttempt *attempt, guint64 size, GError **error)
{
  if (attempt->record->wanted != NULL || size == SL_SIZE_UNKNOWN)
    return TRUE;
  return sl_part_reserve (file->part, size, error);
}

gboolean
sl_file_seal (SlFile *file, const char *modified, SlSegmentEnd *end, GError **error)
{
  if (!sl_part_seal (file->part, sl_response_parse_time (modified), &end->sealed, &end->digest,
                     error))
    return FALSE;
  end->outcome = SL_SEGMENT_SEALED;
  return TRUE;
}

gboolean
sl_file_seal_if_complete (
    SlFile *file, guint64 size, const char *modified, SlSegmentEnd *end, GError **error)
{
  SlRange missing;

  if (size == SL_SIZE_UNKNOWN || g_atomic_int_get (&file->sharing) != SOLE)
    return TRUE;
  if (sl_part_find_missing (file->part, NULL, size, NULL, &missing) ||
      !g_atomic_int_compare_and_exchange (&file->sharing, SOLE, SEALING))
    return TRUE;
  return sl_file_seal (file, modified, end, error);
}
