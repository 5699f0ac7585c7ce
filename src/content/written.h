/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remembers what was written of a file: the ranges, and the blocks with data other than zeros. From any thread. */
#pragma once

#include "base/ranges.h"
#include "content/blocks.h"

G_BEGIN_DECLS

typedef struct {
  GMutex mutex;
  SlRanges *ranges; /* (owned) guarded by mutex, like the next */
  SlBlocks *blocks; /* (owned) blocks with data other than zeros */
  guint64 total;    /* total size of the ranges */
} SlWritten;

void sl_written_init (SlWritten *written);
void sl_written_clear (SlWritten *written);
/* Forgets everything. */
void sl_written_reset (SlWritten *written);
/* @ranges: (transfer full): written by an earlier run, in a file with these @holes */
void sl_written_take (SlWritten *written, SlRanges *ranges, const SlRanges *holes);

/* Call it when @data was written at @offset. Returns how many of these bytes are new. */
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
/* Removes what has been written from @ranges. */
void sl_written_remove_from (SlWritten *written, SlRanges *ranges);
/* Like sl_blocks_are_in (): whether holes replaced written data. */
gboolean
sl_written_is_in (SlWritten *written, const SlRanges *holes, const SlRanges *ranges, guint64 size);

G_END_DECLS
