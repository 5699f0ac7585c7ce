/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The body of a response on its way into the part file, paid for as it's read. Called by workers. */
#pragma once

#include "content/part.h"
#include "http/body-reader.h"
#include "http/range-verdict.h"
#include "transfer/attempt.h"
#include "transfer/segment-end.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/* How far it is; any thread may look. */
typedef struct {
  _Atomic guint64 position; /* in the file: written up to here */
  _Atomic guint64 end;      /* where to stop; the main loop may bring it nearer at any time */
  _Atomic guint64 fetched;  /* bytes read */
} SlCursor;

typedef struct {
  const SlAttempt *attempt;
  SlPart *part;
  SlBodyReader *reader;
  const SlRangeVerdict *verdict; /* on the response: where its body belongs */
  SlCursor *cursor;
  /* What has been written so far is synced; may be taken out of @synced. */
  void (*synced) (SlSynced *synced, gpointer user_data);
  gpointer user_data;
} SlBody;

/* FALSE with TOO_LARGE when a file of @size bytes, or SL_SIZE_UNKNOWN, is larger than MaxSize allows. */
gboolean sl_body_check_size (const SlBody *body, guint64 size, GError **error);
/* Reads and writes until the cursor's end, or the body's, which may tell the size of the file in @end. */
gboolean sl_body_move (const SlBody *body, SlSegmentEnd *end, GError **error);

G_END_DECLS
