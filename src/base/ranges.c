/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of byte ranges. */
#include "base/ranges.h"

#include <string.h>

struct _SlRanges {
  gatomicrefcount ref_count;
  GArray *array; /* (owned) (element-type SlRange) sorted by start */
};

SlRanges *
sl_ranges_new (void)
{
  SlRanges *ranges = g_new (SlRanges, 1);

  g_atomic_ref_count_init (&ranges->ref_count);
  ranges->array = g_array_new (FALSE, FALSE, sizeof (SlRange));
  return ranges;
}

SlRanges *
sl_ranges_new_range (guint64 start, guint64 end)
{
  SlRanges *ranges = sl_ranges_new ();

  sl_ranges_add (ranges, start, end);
  return ranges;
}

SlRanges *
sl_ranges_copy (const SlRanges *ranges)
{
  SlRanges *copy = sl_ranges_new ();

  g_array_append_vals (copy->array, ranges->array->data, ranges->array->len);
  return copy;
}

const SlRanges *
sl_ranges_ref (const SlRanges *ranges)
{
  g_atomic_ref_count_inc (&((SlRanges *)ranges)->ref_count);
  return ranges;
}

void
sl_ranges_unref (const SlRanges *ranges)
{
  SlRanges *owned = (SlRanges *)ranges;

  if (!g_atomic_ref_count_dec (&owned->ref_count))
    return;
  g_array_unref (owned->array);
  g_free (owned);
}

void
sl_ranges_clear (SlRanges *ranges)
{
  g_array_set_size (ranges->array, 0);
}

static SlRange *
at (const SlRanges *ranges, guint n)
{
  return &g_array_index (ranges->array, SlRange, n);
}

/* The index of the first range that ends at or after @position. */
static guint
lower_bound (const SlRanges *ranges, guint64 position)
{
  guint low = 0, high = ranges->array->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (at (ranges, middle)->end < position)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

guint64
sl_ranges_add (SlRanges *ranges, guint64 start, guint64 end)
{
  SlRange merged = {start, end};
  guint first = lower_bound (ranges, start), last = first;
  guint64 before = 0;

  if (start >= end)
    return 0;
  for (; last < ranges->array->len && at (ranges, last)->start <= end; last++) {
    merged.start = MIN (merged.start, at (ranges, last)->start);
    merged.end = MAX (merged.end, at (ranges, last)->end);
    before += at (ranges, last)->end - at (ranges, last)->start;
  }
  if (last > first) {
    *at (ranges, first) = merged;
    if (last > first + 1)
      g_array_remove_range (ranges->array, first + 1, last - first - 1);
  } else {
    g_array_insert_val (ranges->array, first, merged);
  }
  return merged.end - merged.start - before;
}

void
sl_ranges_remove (SlRanges *ranges, guint64 start, guint64 end)
{
  guint n = lower_bound (ranges, start);

  while (start < end && n < ranges->array->len && at (ranges, n)->start < end) {
    SlRange old = *at (ranges, n);
    if (old.end <= start) {
      n++;
      continue;
    }
    g_array_remove_index (ranges->array, n);
    if (old.end > end) {
      SlRange right = {end, old.end};
      g_array_insert_val (ranges->array, n, right);
    }
    if (old.start < start) {
      SlRange left = {old.start, start};
      g_array_insert_val (ranges->array, n, left);
      n++;
    }
    if (old.end >= end)
      return;
  }
}

/* Appends a range after all others. */
static void
append (GArray *array, guint64 start, guint64 end)
{
  SlRange range = {start, end};
  SlRange *last = array->len > 0 ? &g_array_index (array, SlRange, array->len - 1) : NULL;

  if (start >= end)
    return;
  if (last != NULL && start <= last->end)
    last->end = MAX (last->end, end);
  else
    g_array_append_val (array, range);
}

static void
replace (SlRanges *ranges, GArray *array)
{
  g_array_unref (ranges->array);
  ranges->array = array;
}

/* Merges both in one pass: adding ranges one at a time would move the rest of the set each time. */
void
sl_ranges_add_all (SlRanges *ranges, const SlRanges *other)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (SlRange));
  guint i = 0, j = 0;

  while (i < ranges->array->len || j < other->array->len) {
    const SlRange *next;
    if (j >= other->array->len ||
        (i < ranges->array->len && at (ranges, i)->start < at (other, j)->start))
      next = at (ranges, i++);
    else
      next = at (other, j++);
    append (all, next->start, next->end);
  }
  replace (ranges, all);
}

void
sl_ranges_remove_all (SlRanges *ranges, const SlRanges *other)
{
  GArray *left = g_array_new (FALSE, FALSE, sizeof (SlRange));
  guint j = 0;

  for (guint i = 0; i < ranges->array->len; i++) {
    SlRange rest = *at (ranges, i);
    while (j < other->array->len && at (other, j)->end <= rest.start)
      j++;
    /* the last of these may extend into the next range, so it is not skipped yet */
    for (guint k = j; k < other->array->len && at (other, k)->start < rest.end; k++) {
      append (left, rest.start, MIN (at (other, k)->start, rest.end));
      rest.start = MAX (rest.start, at (other, k)->end);
      j = k;
    }
    append (left, rest.start, rest.end);
  }
  replace (ranges, left);
}

/* Where a search by rising positions has got to in a set. */
typedef struct {
  const SlRanges *ranges; /* (nullable) the empty set */
  guint n;                /* those before this one lie behind */
} Cursor;

/* If @rest begins within the set, it begins anew where that range of the set ends; TRUE. Otherwise it ends where the next one begins. */
static gboolean
step_over (Cursor *cursor, SlRange *rest)
{
  const SlRanges *ranges = cursor->ranges;

  while (ranges != NULL && cursor->n < ranges->array->len &&
         at (ranges, cursor->n)->end <= rest->start)
    cursor->n++;
  if (ranges == NULL || cursor->n == ranges->array->len)
    return FALSE;
  if (at (ranges, cursor->n)->start <= rest->start) {
    rest->start = at (ranges, cursor->n)->end;
    return TRUE;
  }
  rest->end = MIN (rest->end, at (ranges, cursor->n)->start);
  return FALSE;
}

gboolean
sl_ranges_find_outside (
    const SlRanges *ranges, guint64 size, const SlRanges *one, const SlRanges *two, SlRange *found)
{
  const SlRange all = {0, size};
  Cursor first = {one, 0}, second = {two, 0};

  for (guint i = 0; i < (ranges != NULL ? ranges->array->len : 1); i++) {
    const SlRange *range = ranges != NULL ? at (ranges, i) : &all;
    found->start = range->start;
    do
      found->end = MIN (range->end, size);
    while (found->start < found->end && (step_over (&first, found) || step_over (&second, found)));
    if (found->start < found->end)
      return TRUE;
  }
  return FALSE;
}

static int
compare_starts (gconstpointer a, gconstpointer b)
{
  guint64 x = ((const SlRange *)a)->start, y = ((const SlRange *)b)->start;

  return x < y ? -1 : x > y;
}

SlRanges *
sl_ranges_new_sorted (GArray *array)
{
  g_autoptr (SlRanges) ranges = sl_ranges_new ();

  g_array_sort (array, compare_starts);
  for (guint i = 0; i < array->len; i++) {
    const SlRange *range = &g_array_index (array, SlRange, i);
    if (i > 0 && range->start < (range - 1)->end)
      return NULL;
    append (ranges->array, range->start, range->end);
  }
  return g_steal_pointer (&ranges);
}

guint
sl_ranges_count (const SlRanges *ranges)
{
  return ranges->array->len;
}

const SlRange *
sl_ranges_get (const SlRanges *ranges, guint n)
{
  return at (ranges, n);
}

guint64
sl_ranges_total (const SlRanges *ranges)
{
  guint64 total = 0;

  for (guint i = 0; i < ranges->array->len; i++)
    total += at (ranges, i)->end - at (ranges, i)->start;
  return total;
}

guint64
sl_ranges_total_within (const SlRanges *ranges, const SlRanges *within)
{
  guint64 total = 0;
  guint i = 0, j = 0;

  if (within == NULL)
    return sl_ranges_total (ranges);
  while (i < ranges->array->len && j < within->array->len) {
    const SlRange *a = at (ranges, i), *b = at (within, j);
    guint64 start = MAX (a->start, b->start), end = MIN (a->end, b->end);

    total += end > start ? end - start : 0;
    if (a->end < b->end)
      i++;
    else
      j++;
  }
  return total;
}

guint64
sl_ranges_end (const SlRanges *ranges)
{
  return ranges->array->len == 0 ? 0 : at (ranges, ranges->array->len - 1)->end;
}

gboolean
sl_ranges_contains (const SlRanges *ranges, guint64 start, guint64 end)
{
  guint n = lower_bound (ranges, end);

  if (start >= end)
    return TRUE;
  return n < ranges->array->len && at (ranges, n)->start <= start && at (ranges, n)->end >= end;
}

gboolean
sl_ranges_overlaps (const SlRanges *ranges, guint64 start, guint64 end)
{
  guint n = lower_bound (ranges, start);

  if (n < ranges->array->len && at (ranges, n)->end == start)
    n++;
  return start < end && n < ranges->array->len && at (ranges, n)->start < end;
}

gboolean
sl_ranges_equal (const SlRanges *a, const SlRanges *b)
{
  return a->array->len == b->array->len &&
         (a->array->len == 0 ||
          memcmp (a->array->data, b->array->data, a->array->len * sizeof (SlRange)) == 0);
}

char *
sl_ranges_to_string (const SlRanges *ranges)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < ranges->array->len; i++) {
    const SlRange *range = at (ranges, i);
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, i == 0 ? "" : ",",
                            range->start, range->end - 1);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* One "first-last" of the text form. */
static gboolean
parse_range (const char *text, SlRange *range)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);
  guint64 last;

  if (ends[0] == NULL || ends[1] == NULL ||
      !g_ascii_string_to_unsigned (ends[0], 10, 0, G_MAXUINT64 - 1, &range->start, NULL) ||
      !g_ascii_string_to_unsigned (ends[1], 10, range->start, G_MAXUINT64 - 1, &last, NULL))
    return FALSE;
  range->end = last + 1;
  return TRUE;
}

SlRanges *
sl_ranges_from_string (const char *text)
{
  g_autoptr (SlRanges) ranges = sl_ranges_new ();
  g_auto (GStrv) parts = NULL;

  if (*text == '\0')
    return g_steal_pointer (&ranges);
  parts = g_strsplit (text, ",", -1);
  for (char **part = parts; *part != NULL; part++) {
    SlRange range;
    if (!parse_range (*part, &range) ||
        (ranges->array->len > 0 && range.start <= sl_ranges_end (ranges)))
      return NULL;
    append (ranges->array, range.start, range.end);
  }
  return g_steal_pointer (&ranges);
}
