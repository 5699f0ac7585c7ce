/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One connection's share of a transfer: a worker requests a range of the file from a source, writes the body, and
 * reports. The main loop may lower the segment's end while it runs.
 */
#pragma once

#include "http/response.h"
#include "transfer/file.h"
#include "transfer/source.h"

G_BEGIN_DECLS

typedef struct _SlSegment SlSegment; /* counted references */

/* The head of a response whose body is being stored. */
typedef struct {
  SlResponse *response; /* (owned) */
  guint64 size;         /* of the file, or SL_SIZE_UNKNOWN */
  SlOpening
      *opening; /* (owned) (nullable) of the segment that began the file; NULL for a further one */
} SlHead;

/* Called on the main loop, in the order of the events. The callee may steal members of @synced and @end. */
typedef struct {
  void (*head) (SlSegment *segment, SlHead *head, gpointer user_data);
  void (*synced) (SlSegment *segment, SlSynced *synced, gpointer user_data);
  void (*ended) (SlSegment *segment, SlSegmentEnd *end, gpointer user_data);
} SlSegmentEvents;

/* What a segment works on, and where it reports. All (transfer none). */
typedef struct {
  SlAttempt *attempt;
  SlFile *file;
  SlSource *source;
  const SlSegmentEvents *events;
  gpointer user_data; /* for the events; outlives the segment's run */
} SlSegmentTask;

/*
 * Starts the segment that begins the file; its worker finds the missing range. @restart: drops the part file's bytes
 * first
 */
SlSegment *sl_segment_begin (const SlSegmentTask *task, gboolean restart);
/* Starts a further segment, for @range of the source's known version. */
SlSegment *sl_segment_start (const SlSegmentTask *task, const SlRange *range);
void sl_segment_unref (SlSegment *segment);

guint64 sl_segment_get_position (SlSegment *segment);
guint64 sl_segment_get_end (SlSegment *segment);
/* Body bytes read so far. */
guint64 sl_segment_get_fetched (SlSegment *segment);
void sl_segment_set_end (SlSegment *segment, guint64 end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlSegment, sl_segment_unref)

G_END_DECLS
