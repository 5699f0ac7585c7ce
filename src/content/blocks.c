/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks that hold something else than zeros, and holes. */
#include "content/blocks.h"

#include <string.h>
#include <unistd.h>

/* The smallest hole of nearly all file systems. */
#define BLOCK 4096
/* So many blocks a chunk of the bitmap: 128 MiB of file in 4 KiB, taken only where something is written. */
#define CHUNK_BLOCKS 32768
/* A call of lseek () or two each. */
#define HOLES_MAX 256

struct _SlBlocks {
  GHashTable *chunks; /* (owned) (element-type guint64 (owned) Chunk (owned)) by number */
};

typedef struct {
  guint64 number;
  guint64 bits[CHUNK_BLOCKS / 64];
} Chunk;

SlBlocks *
sl_blocks_new (void)
{
  SlBlocks *blocks = g_new0 (SlBlocks, 1);

  /* the key lies in the value */
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
}

/* Whether one of the blocks from @block up to @end is set. */
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

static void
set (SlBlocks *blocks, guint64 block)
{
  const guint64 number = block / CHUNK_BLOCKS;
  Chunk *chunk = g_hash_table_lookup (blocks->chunks, &number);
  guint64 n = block % CHUNK_BLOCKS;

  if (chunk == NULL) {
    chunk = g_new0 (Chunk, 1);
    chunk->number = number;
    g_hash_table_insert (blocks->chunks, &chunk->number, chunk);
  }
  chunk->bits[n / 64] |= G_GUINT64_CONSTANT (1) << n % 64;
}

/* Ordinary data are told from zeros by their first bytes. */
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

/* Of a block that lies in the hole only in part, nobody knows in which part the something is. */
static gboolean
are_in_hole (const SlBlocks *blocks, const SlRange *hole, const SlRange *written, guint64 size)
{
  guint64 start = (hole->start + BLOCK - 1) / BLOCK;
  guint64 end = hole->end < size ? hole->end / BLOCK : (hole->end + BLOCK - 1) / BLOCK;

  return is_any_set (blocks, MAX (start, written->start / BLOCK),
                     MIN (end, (written->end + BLOCK - 1) / BLOCK));
}

gboolean
sl_blocks_are_in (const SlBlocks *blocks,
                  const SlRanges *holes,
                  const SlRanges *written,
                  guint64 size)
{
  for (guint i = 0; i < sl_ranges_count (holes); i++) {
    for (guint j = 0; j < sl_ranges_count (written); j++) {
      if (are_in_hole (blocks, sl_ranges_get (holes, i), sl_ranges_get (written, j), size))
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
    /* ENXIO: no data behind the hole */
    data = lseek (fd, hole, SEEK_DATA);
    at = data < 0 ? size : MIN ((guint64)data, size);
    sl_ranges_add (holes, (guint64)hole, at);
  }
  return holes;
}
