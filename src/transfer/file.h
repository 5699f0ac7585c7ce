/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The part file of a transfer, as its segments use it: the one that begins opens it, all write to it, and who finds it whole
 * seals it. Called by workers, where nothing else is said, so that a small file is opened, fetched and sealed in one go.
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
      part; /* (owned) (nullable) while no segment has begun; the main loop may look once one has told of a head */
  int sharing; /* atomic */
} SlFile;

/* How a segment begins the file, and what became of what was there. */
typedef struct {
  gboolean restart;   /* it shall be dropped */
  gboolean restarted; /* it was dropped */
  gboolean no_ranges; /* the server has been seen not to resume */
  GError *cause;      /* (owned) (nullable) why it was dropped */
} SlOpening;

void sl_opening_free (SlOpening *opening);

/* On the main loop. */
SlFile *sl_file_new (const SlRecord *record);
/* On the main loop, while no segment runs: the next one is alone, and so may seal the file when it's done. */
void sl_file_begin (SlFile *file);
/* On the main loop: from now on no segment is alone. FALSE when it's too late, as one is sealing the file. */
gboolean sl_file_share (SlFile *file);

SlFile *sl_file_ref (SlFile *file);
void sl_file_unref (SlFile *file);

/* Opens it, unless that has been done, and drops what can't be gone on with, as when @source doesn't tell versions apart. */
gboolean sl_file_open (SlFile *file,
                       const SlAttempt *attempt,
                       const SlSource *source,
                       SlOpening *opening,
                       GError **error);
/* Drops what is there; the first reason is kept. */
gboolean
sl_file_drop (SlFile *file, SlOpening *opening, SluiceError code, const char *why, GError **error);
/* What a segment should begin with; FALSE when nothing is missing. */
gboolean sl_file_find_missing (SlFile *file, const SlRecord *record, SlRange *missing);
/* Makes sure that there is room for all of @size bytes, if all are wanted. */
gboolean sl_file_reserve (SlFile *file, const SlAttempt *attempt, guint64 size, GError **error);
/* @modified: (nullable) Last-Modified */
gboolean sl_file_seal (SlFile *file, const char *modified, SlSegmentEnd *end, GError **error);
/* The same if all of @size bytes (or SL_SIZE_UNKNOWN) are there and no other segment is at work. FALSE on errors alone. */
gboolean sl_file_seal_if_complete (
    SlFile *file, guint64 size, const char *modified, SlSegmentEnd *end, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlFile, sl_file_unref)

G_END_DECLS
