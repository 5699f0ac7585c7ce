/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One connection's share of a transfer: a worker asks a source for a range of the file, writes what comes, and reports. The
 * main loop may move the segment's end while it runs.
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
  guint64 size;         /* of the file; SL_SIZE_UNKNOWN */
  SlOpening
      *opening; /* (owned) (nullable) of the segment that began the file; NULL for a further one */
} SlHead;

/* Called on the main loop, in the order in which things happened. */
typedef struct {
  void (*head) (SlSegment *segment, SlHead *head, gpointer user_data);
  void (*synced) (SlSegment *segment, SlSynced *synced, gpointer user_data);
  void (*ended) (SlSegment *segment, SlSegmentEnd *end, gpointer user_data);
} SlSegmentEvents;

/* What a segment works on, (transfer none), and whom it tells. */
typedef struct {
  SlAttempt *attempt;
  SlFile *file;
  SlSource *source;
  const SlSegmentEvents *events;
  gpointer user_data; /* of the events; outlives the segment's run */
} SlSegmentTask;

/* Starts the segment that begins the file: what is missing is found out by the worker. @restart: what is there is dropped. */
SlSegment *sl_segment_begin (const SlSegmentTask *task, gboolean restart);
/* Starts one more, for @range of the version that the source is known to have. */
SlSegment *sl_segment_start (const SlSegmentTask *task, const SlRange *range);
void sl_segment_unref (SlSegment *segment);

guint64 sl_segment_get_position (SlSegment *segment);
guint64 sl_segment_get_end (SlSegment *segment);
/* Body bytes read so far. */
guint64 sl_segment_get_fetched (SlSegment *segment);
void sl_segment_set_end (SlSegment *segment, guint64 end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlSegment, sl_segment_unref)

G_END_DECLS
