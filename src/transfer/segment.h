/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One connection's share of a transfer: a worker asks for a range, writes what comes, and reports. The
 * main loop may move the segment's end while it runs.
 */
#pragma once

#include "content/part.h"
#include "content/place.h"
#include "http/client.h"
#include "http/flow.h"
#include "store/record.h"

G_BEGIN_DECLS

typedef struct _SlSegment SlSegment; /* counted references */

/* What all segments of one attempt go by; not changed while one of them runs. */
typedef struct {
  gatomicrefcount ref_count;
  SlRecord *record; /* (owned) a copy: what was asked for, and what is known of the file */
  SlPlace *place;   /* (owned) */
  guint first_byte_timeout;
  guint stall_timeout;
  guint64 minimum_free;
  GCancellable *cancellable; /* (owned) stops all of them */
  guint64 max_size;          /* 0: no limit */
  SlFlow *flow;              /* (owned) what all of them pay to */
} SlAttempt;

/* (transfer none): what is known of the version that @record has a part of */
SlValidator sl_attempt_get_validator (const SlRecord *record);
/* (transfer none) @flow */
SlAttempt *sl_attempt_new (const SlRecord *record, SlFlow *flow);
void sl_attempt_unref (SlAttempt *attempt);

typedef enum {
  SL_SEGMENT_DONE,      /* up to its end, wherever that was moved */
  SL_SEGMENT_SEALED,    /* the same, and the whole transfer is complete and sealed */
  SL_SEGMENT_NO_RANGES, /* the server doesn't send ranges that could be believed */
  SL_SEGMENT_CHANGED,   /* what it sends is another version, or not proven to be the same */
  SL_SEGMENT_FAILED,    /* see the error */
  SL_SEGMENT_STOPPED,   /* cancelled */
} SlOutcome;

/* The head of a response whose body is being stored. */
typedef struct {
  SlPart *part;         /* (owned) */
  SlResponse *response; /* (owned) */
  guint64 size;         /* of the file; SL_SIZE_UNKNOWN */
  gboolean restarted;   /* what had been fetched before was dropped */
  gboolean no_ranges;
  GError *cause; /* (owned) (nullable) why it restarted */
} SlHead;

typedef struct {
  SlOutcome outcome;
  GError *error; /* (owned) (nullable) */
  gboolean transient;
  guint32 retry_after; /* s */
  guint status;        /* of the last response; 0 for none */
  GVariant *headers;   /* (owned) (nullable) of the last response */
  guint64 size; /* of the file, as the end of the body told; SL_SIZE_UNKNOWN if it told nothing */
  SlSynced sealed; /* (owned) with SEALED */
  char *digest;    /* (owned) (nullable) with SEALED */
} SlSegmentEnd;

/* Called on the main loop, in the order in which things happened. */
typedef struct {
  void (*head) (SlSegment *segment, SlHead *head, gpointer owner);
  void (*synced) (SlSegment *segment, SlSynced *synced, gpointer owner);
  void (*ended) (SlSegment *segment, SlSegmentEnd *end, gpointer owner);
} SlSegmentEvents;

/*
 * Starts the first segment of an attempt: opens the part file (@part NULL) or uses the one that is open, and
 * finds out by itself what is missing. @restart: drop what is there.
 */
SlSegment *sl_segment_start_first (SlAttempt *attempt,
                                   SlPart *part,
                                   gboolean restart,
                                   const SlSegmentEvents *events,
                                   gpointer owner);
/* Starts one more, for @range of the version @known, which is copied. */
SlSegment *sl_segment_start (SlAttempt *attempt,
                             SlPart *part,
                             const SlRange *range,
                             const SlValidator *known,
                             const SlSegmentEvents *events,
                             gpointer owner);
SlSegment *sl_segment_ref (SlSegment *segment);
void sl_segment_unref (SlSegment *segment);

gboolean sl_segment_is_first (SlSegment *segment);
/* Says that the segment will not be the only one; FALSE when it's too late, as it's sealing the file. */
gboolean sl_segment_share (SlSegment *segment);
guint64 sl_segment_get_position (SlSegment *segment);
guint64 sl_segment_get_end (SlSegment *segment);
/* Body bytes read so far. */
guint64 sl_segment_get_fetched (SlSegment *segment);
void sl_segment_set_end (SlSegment *segment, guint64 end);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlSegment, sl_segment_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlAttempt, sl_attempt_unref)

G_END_DECLS
