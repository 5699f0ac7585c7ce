/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a segment ended. */
#pragma once

#include "content/part.h"

G_BEGIN_DECLS

typedef enum {
  SL_SEGMENT_DONE,      /* it has reached its end, even if that was moved */
  SL_SEGMENT_SEALED,    /* the same, and the file is complete and sealed */
  SL_SEGMENT_NO_RANGES, /* the server doesn't send valid ranges */
  SL_SEGMENT_CHANGED,   /* the server sends another version, or one not proven to be the same */
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
  guint64 size;        /* size of the file, if the end of the body told it, or SL_SIZE_UNKNOWN */
  SlSynced sealed;     /* (owned) with SEALED */
  char *digest;        /* (owned) (nullable) with SEALED */
} SlSegmentEnd;

G_END_DECLS
