/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks with data other than zeros, and holes. */
#include "content/blocks.h"

#include <string.h>
#include <unistd.h>

/* The smallest hole of nearly all file systems. */
#define BLOCK 4096
/* Blocks in a chunk of the bitmap: 128 MiB of file in 4 KiB, allocated only where something is written. */
#define CHUNK_BLOCKS 32768
/* Each hole takes one or two calls of lseek (). */
#define HOLES_MAX 256

typedef struct {
  guint64 number;
  guint64 bits[CHUNK_BLOCKS / 64];
} Chunk;

struct _SlBlocks {
  GHashTable *chunks; /* (owned) (element-type guint64 (owned) Chunk (owned)) by number */
  Chunk *last;        /* (nullable) the one of @chunks that was written to last */
};

SlBlocks *
sl_blocks_new (void)
{
  SlBlocks *blocks = g_new0 (SlBlocks, 1);

  /* the key is part of the value */
  blocks->chunks = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  return blocks;
}

void
sl_blocks_free (SlBlocks *blocks)
{
  g_hash_table_unref (blocks->chunks);
  g_free (blocks);
}

void
sl_blocks_clear (SlBlocks *blocks)
{
  g_hash_table_remove_all (blocks->chunks);
  blocks->last = NULL;
}

/* Whether a block from @block up to @end is set. */
static gboolean
is_any_set (const SlBlocks *blocks, guint64 block, guint64 end)
{
  while (block < end) {
    const guint64 number = block / CHUNK_BLOCKS;
    const Chunk *chunk = g_hash_table_lookup (blocks->chunks, &number);
    guint64 last = MIN (end, (number + 1) * CHUNK_BLOCKS);
    for (; chunk != NULL && block < last; block++) {
      guint64 n = block % CHUNK_BLOCKS, word = chunk->bits[n / 64];
      if (word == 0)
        block |= 63; /* the next word */
      else if ((word >> n % 64 & 1) != 0)
        return TRUE;
    }
    block = last;
  }
  return FALSE;
}

/* The chunk of that number, which is made if need be. */
static Chunk *
get_chunk (SlBlocks *blocks, guint64 number)
{
  Chunk *chunk;

  if (blocks->last != NULL && blocks->last->number == number)
    return blocks->last;
  chunk = g_hash_table_lookup (blocks->chunks, &number);
  if (chunk == NULL) {
    chunk = g_new0 (Chunk, 1);
    chunk->number = number;
    g_hash_table_insert (blocks->chunks, &chunk->number, chunk);
  }
  blocks->last = chunk;
  return chunk;
}

static void
set (SlBlocks *blocks, guint64 block)
{
  Chunk *chunk = get_chunk (blocks, block / CHUNK_BLOCKS);
  guint64 n = block % CHUNK_BLOCKS;

  chunk->bits[n / 64] |= G_GUINT64_CONSTANT (1) << n % 64;
}

/* Ordinary data differ from zeros in their first bytes. */
static gboolean
is_zero (const guint8 *data, gsize length)
{
  return data[0] == 0 && memcmp (data, data + 1, length - 1) == 0;
}

void
sl_blocks_note (SlBlocks *blocks, guint64 offset, gconstpointer data, gsize length)
{
  const guint8 *at = data;

  while (length > 0) {
    gsize piece = (gsize)MIN (length, BLOCK - offset % BLOCK);
    if (!is_zero (at, piece))
      set (blocks, offset / BLOCK);
    at += piece;
    offset += piece;
    length -= piece;
  }
}

void
sl_blocks_note_ranges (SlBlocks *blocks, const SlRanges *ranges)
{
  for (guint i = 0; i < sl_ranges_count (ranges); i++) {
    const SlRange *range = sl_ranges_get (ranges, i);
    for (guint64 block = range->start / BLOCK; block * BLOCK < range->end; block++)
      set (blocks, block);
  }
}

/* Ignores a block that is only partly in the hole: its data may be in the other part. */
static SlRange
get_hole_blocks (const SlRange *hole, guint64 size)
{
  SlRange blocks = {(hole->start + BLOCK - 1) / BLOCK, hole->end / BLOCK};

  if (hole->end >= size)
    blocks.end = (hole->end + BLOCK - 1) / BLOCK;
  return blocks;
}

/* All blocks in which @written has a byte. */
static SlRange
get_written_blocks (const SlRange *written)
{
  return (SlRange){written->start / BLOCK, (written->end + BLOCK - 1) / BLOCK};
}

gboolean
sl_blocks_are_in (const SlBlocks *blocks,
                  const SlRanges *holes,
                  const SlRanges *written,
                  guint64 size)
{
  guint first = 0;

  for (guint i = 0; i < sl_ranges_count (holes); i++) {
    SlRange hole = get_hole_blocks (sl_ranges_get (holes, i), size);
    /* both sets rise: what ends before this hole begins is of no interest to the next one either */
    while (first < sl_ranges_count (written) &&
           get_written_blocks (sl_ranges_get (written, first)).end <= hole.start)
      first++;
    for (guint j = first; j < sl_ranges_count (written); j++) {
      SlRange range = get_written_blocks (sl_ranges_get (written, j));
      if (range.start >= hole.end)
        break;
      if (is_any_set (blocks, MAX (hole.start, range.start), MIN (hole.end, range.end)))
        return TRUE;
    }
  }
  return FALSE;
}

SlRanges *
sl_holes_find (int fd, guint64 size, guint64 *position)
{
  SlRanges *holes = sl_ranges_new ();
  guint64 at = *position;

  *position = 0;
  for (guint n = 0; at < size && size <= G_MAXINT64; n++) {
    off_t hole, data;
    if (n == HOLES_MAX) {
      *position = at;
      break;
    }
    hole = lseek (fd, (off_t)at, SEEK_HOLE);
    if (hole < 0 || (guint64)hole >= size)
      break;
    /* ENXIO: no data after the hole */
    data = lseek (fd, hole, SEEK_DATA);
    at = data < 0 ? size : MIN ((guint64)data, size);
    sl_ranges_add (holes, (guint64)hole, at);
  }
  return holes;
}
