/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which blocks of a file hold something else than zeros. A file system with compression keeps blocks of zeros as holes,
 * and there a hole is the content; a hole where something else was written is a loss.
 */
#pragma once

#include "base/ranges.h"

G_BEGIN_DECLS

typedef struct _SlBlocks SlBlocks;

SlBlocks *sl_blocks_new (void);
void sl_blocks_free (SlBlocks *blocks);
void sl_blocks_clear (SlBlocks *blocks);

/* @data was written at @offset. */
void sl_blocks_note (SlBlocks *blocks, guint64 offset, gconstpointer data, gsize length);
/* All of @ranges holds something, as far as anybody knows. */
void sl_blocks_note_ranges (SlBlocks *blocks, const SlRanges *ranges);
/*
 * Whether one of @holes, in a file of @size bytes, has taken the place of something in @written. What has been written
 * since @holes were found is not to be in @written.
 */
gboolean sl_blocks_are_in (const SlBlocks *blocks,
                           const SlRanges *holes,
                           const SlRanges *written,
                           guint64 size);

/*
 * (transfer full): the holes of the file from *@position on, so many at most that it doesn't take long. *@position is
 * then where to go on, 0 at the end. None where the file system keeps none.
 */
SlRanges *sl_holes_find (int fd, guint64 size, guint64 *position);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBlocks, sl_blocks_free)

G_END_DECLS
