/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Moves the body of a response into the part file, and pays for it to the limit. Called by workers. */
#pragma once

#include "content/part.h"
#include "http/body-reader.h"
#include "http/range-verdict.h"
#include "transfer/attempt.h"
#include "transfer/segment-end.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/* How far a segment is. Any thread may read it. */
typedef struct {
  _Atomic guint64 position; /* offset in the file up to which it has written */
  _Atomic guint64 end;      /* offset at which to stop; the main loop may lower it at any time */
  _Atomic guint64 fetched;  /* body bytes read */
} SlCursor;

typedef struct {
  const SlAttempt *attempt;
  SlPart *part;
  SlBodyReader *reader;
  const SlRangeVerdict *verdict; /* on the response: says where its body belongs */
  SlCursor *cursor;
  /* Reports that @synced is on disk. The callee may steal its members. */
  void (*synced) (SlSynced *synced, gpointer user_data);
  gpointer user_data;
} SlBody;

/* FALSE with TOO_LARGE if @size (bytes, or SL_SIZE_UNKNOWN) is more than MaxSize. */
gboolean sl_body_check_size (const SlBody *body, guint64 size, GError **error);
/*
 * Reads and writes until the end of the cursor or of the body. If only the end of the body tells the file's size, it is
 * stored in @end.
 */
gboolean sl_body_move (const SlBody *body, SlSegmentEnd *end, GError **error);

G_END_DECLS
