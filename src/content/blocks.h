/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Remembers which blocks of a file have data other than zeros. A file system with compression stores blocks of zeros
 * as holes; there a hole is the correct content. A hole where other data was written is a loss.
 */
#pragma once

#include "base/ranges.h"

G_BEGIN_DECLS

typedef struct _SlBlocks SlBlocks;

SlBlocks *sl_blocks_new (void);
void sl_blocks_free (SlBlocks *blocks);
void sl_blocks_clear (SlBlocks *blocks);

/* Call it when @data was written at @offset. */
void sl_blocks_note (SlBlocks *blocks, guint64 offset, gconstpointer data, gsize length);
/* Call it when the content of @ranges is unknown: assumes data in all of it. */
void sl_blocks_note_ranges (SlBlocks *blocks, const SlRanges *ranges);
/*
 * Whether one of @holes, in a file of @size bytes, has replaced data in @written. @written must not contain what was
 * written after @holes were found.
 */
gboolean sl_blocks_are_in (const SlBlocks *blocks,
                           const SlRanges *holes,
                           const SlRanges *written,
                           guint64 size);

/*
 * (transfer full): the holes of the file from *@position on, up to a number that does not take long. Sets *@position
 * to where to continue, 0 at the end. Empty if the file system keeps no holes.
 */
SlRanges *sl_holes_find (int fd, guint64 size, guint64 *position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBlocks, sl_blocks_free)

G_END_DECLS
