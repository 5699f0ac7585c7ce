/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part file of a transfer, as its segments use it. The first segment opens it, and all segments write to it. If the
 * first segment is alone until the file is complete, it also seals it: so one worker opens, fetches and seals a small
 * file in one go. Called by workers, unless a function says otherwise.
 */
#pragma once

#include "base/error.h"
#include "content/place.h"
#include "transfer/attempt.h"
#include "transfer/segment-end.h"
#include "transfer/source.h"

G_BEGIN_DECLS

/* Counted references. */
typedef struct {
  gatomicrefcount ref_count;
  SlPlace *place; /* (owned) */
  SlPart *
      part; /* (owned) (nullable) until the first segment opens it; the main loop may use it once a head was reported */
  int sharing; /* atomic; see file.c */
} SlFile;

/* How a segment begins the file, and whether it dropped the bytes that were there. */
typedef struct {
  gboolean restart;   /* drop them */
  gboolean restarted; /* they were dropped */
  gboolean no_ranges; /* the server was found unable to resume */
  GError *cause;      /* (owned) (nullable) why they were dropped */
} SlOpening;

void sl_opening_free (SlOpening *opening);

/* On the main loop. */
SlFile *sl_file_new (const SlRecord *record);
/* On the main loop, while no segment runs: the next one is alone, and may seal the file when it is complete. */
void sl_file_begin (SlFile *file);
/* On the main loop: from now on no segment is alone. FALSE if a segment is already sealing the file. */
gboolean sl_file_share (SlFile *file);

SlFile *sl_file_ref (SlFile *file);
void sl_file_unref (SlFile *file);

/*
 * Opens it if it is not open. Drops its bytes if the download can't be resumed, such as when the version at @source is
 * unknown.
 */
gboolean sl_file_open (SlFile *file,
                       const SlAttempt *attempt,
                       const SlSource *source,
                       SlOpening *opening,
                       GError **error);
/* Drops its bytes; the first cause is kept. */
gboolean
sl_file_drop (SlFile *file, SlOpening *opening, SluiceError code, const char *why, GError **error);
/* Finds the range with which the first segment begins; FALSE if nothing is missing. */
gboolean sl_file_find_missing (SlFile *file, const SlRecord *record, SlRange *missing);
/* Reserves space for all @size bytes, if the whole file is wanted. */
gboolean sl_file_reserve (SlFile *file, const SlAttempt *attempt, guint64 size, GError **error);
/* Seals it. @modified: (nullable) Last-Modified */
gboolean sl_file_seal (SlFile *file, const char *modified, SlSegmentEnd *end, GError **error);
/* The same if all @size bytes (or SL_SIZE_UNKNOWN) are there and the segment is alone. FALSE only with @error. */
gboolean sl_file_seal_if_complete (
    SlFile *file, guint64 size, const char *modified, SlSegmentEnd *end, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlFile, sl_file_unref)

G_END_DECLS
