/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Remembers what was written of a file. */
#include "content/written.h"

void
sl_written_init (SlWritten *written)
{
  g_mutex_init (&written->mutex);
  written->ranges = sl_ranges_new ();
  written->blocks = sl_blocks_new ();
  written->total = 0;
}

void
sl_written_clear (SlWritten *written)
{
  g_clear_pointer (&written->ranges, sl_ranges_unref);
  g_clear_pointer (&written->blocks, sl_blocks_free);
  g_mutex_clear (&written->mutex);
}

void
sl_written_reset (SlWritten *written)
{
  g_mutex_lock (&written->mutex);
  sl_ranges_clear (written->ranges);
  sl_blocks_clear (written->blocks);
  written->total = 0;
  g_mutex_unlock (&written->mutex);
}

void
sl_written_take (SlWritten *written, SlRanges *ranges, const SlRanges *holes)
{
  g_autoptr (SlRanges) data = sl_ranges_copy (ranges);

  sl_ranges_remove_all (data, holes);
  g_mutex_lock (&written->mutex);
  sl_ranges_unref (written->ranges);
  written->ranges = ranges;
  written->total = sl_ranges_total (ranges);
  sl_blocks_note_ranges (written->blocks, data);
  g_mutex_unlock (&written->mutex);
}

guint64
sl_written_add (SlWritten *written, guint64 offset, gconstpointer data, gsize length)
{
  guint64 added;

  g_mutex_lock (&written->mutex);
  added = sl_ranges_add (written->ranges, offset, offset + length);
  written->total += added;
  sl_blocks_note (written->blocks, offset, data, length);
  g_mutex_unlock (&written->mutex);
  return added;
}

guint64
sl_written_get_total (SlWritten *written)
{
  guint64 total;

  g_mutex_lock (&written->mutex);
  total = written->total;
  g_mutex_unlock (&written->mutex);
  return total;
}

SlRanges *
sl_written_dup (SlWritten *written)
{
  SlRanges *copy;

  g_mutex_lock (&written->mutex);
  copy = sl_ranges_copy (written->ranges);
  g_mutex_unlock (&written->mutex);
  return copy;
}

gboolean
sl_written_find_missing (SlWritten *written,
                         const SlRanges *wanted,
                         guint64 size,
                         const SlRanges *taken,
                         SlRange *missing)
{
  gboolean found;

  g_mutex_lock (&written->mutex);
  found = sl_ranges_find_outside (wanted, size, written->ranges, taken, missing);
  g_mutex_unlock (&written->mutex);
  return found;
}

void
sl_written_remove_from (SlWritten *written, SlRanges *ranges)
{
  g_mutex_lock (&written->mutex);
  sl_ranges_remove_all (ranges, written->ranges);
  g_mutex_unlock (&written->mutex);
}

gboolean
sl_written_is_in (SlWritten *written, const SlRanges *holes, const SlRanges *ranges, guint64 size)
{
  gboolean is;

  g_mutex_lock (&written->mutex);
  is = sl_blocks_are_in (written->blocks, holes, ranges, size);
  g_mutex_unlock (&written->mutex);
  return is;
}
