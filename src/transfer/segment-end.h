/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a segment ended. */
#pragma once

#include "content/part.h"

G_BEGIN_DECLS

typedef enum {
  SL_SEGMENT_DONE,      /* up to its end, wherever that was moved */
  SL_SEGMENT_SEALED,    /* the same, and the whole transfer is complete and sealed */
  SL_SEGMENT_NO_RANGES, /* the server doesn't send ranges that could be believed */
  SL_SEGMENT_CHANGED,   /* what it sends is another version, or not proven to be the same */
  SL_SEGMENT_FAILED,    /* see the error */
  SL_SEGMENT_STOPPED,   /* cancelled */
} SlSegmentOutcome;

typedef struct {
  SlSegmentOutcome outcome;
  GError *error; /* (owned) (nullable) */
  gboolean transient;
  guint32 retry_after; /* s */
  guint status;        /* of the last response; 0 for none */
  GVariant *headers;   /* (owned) (nullable) of the last response */
  guint64 size; /* of the file, as the end of the body told; SL_SIZE_UNKNOWN if it told nothing */
  SlSynced sealed; /* (owned) with SEALED */
  char *digest;    /* (owned) (nullable) with SEALED */
} SlSegmentEnd;

G_END_DECLS
