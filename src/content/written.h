/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What of a file has been written: which ranges, and where something else than zeros. From any thread. */
#pragma once

#include "base/ranges.h"
#include "content/blocks.h"

G_BEGIN_DECLS

typedef struct {
  GMutex mutex;
  SlRanges *ranges; /* (owned) guarded by mutex, as the next */
  SlBlocks *blocks; /* (owned) with something in them */
  guint64 total;    /* of the ranges */
} SlWritten;

void sl_written_init (SlWritten *written);
void sl_written_clear (SlWritten *written);
/* Nothing is written any more. */
void sl_written_reset (SlWritten *written);
/* (transfer full) @ranges: what an earlier run has written, in a file with these @holes */
void sl_written_take (SlWritten *written, SlRanges *ranges, const SlRanges *holes);

/* @data was written at @offset: how many of these bytes had not been before. */
guint64 sl_written_add (SlWritten *written, guint64 offset, gconstpointer data, gsize length);

guint64 sl_written_get_total (SlWritten *written);
/* (transfer full) */
SlRanges *sl_written_dup (SlWritten *written);
/*
 * The first stretch of @wanted (nullable: all) below @size that has not been written, and is not in @taken (nullable). FALSE
 * when there is none.
 */
gboolean sl_written_find_missing (SlWritten *written,
                                  const SlRanges *wanted,
                                  guint64 size,
                                  const SlRanges *taken,
                                  SlRange *missing);
/* Leaves of @ranges what has not been written. */
void sl_written_remove_from (SlWritten *written, SlRanges *ranges);
/* As sl_blocks_are_in (): whether holes are where something was written. */
gboolean
sl_written_is_in (SlWritten *written, const SlRanges *holes, const SlRanges *ranges, guint64 size);

G_END_DECLS
