/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of byte ranges: sorted, not overlapping, never adjacent. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SL_SIZE_UNKNOWN G_MAXUINT64

/* From @start up to, but not including, @end. */
typedef struct {
  guint64 start;
  guint64 end;
} SlRange;

/* Counted references; whoever shares one with others doesn't change it. */
typedef struct _SlRanges SlRanges;

/* (transfer full) */
SlRanges *sl_ranges_new (void);
/* (transfer full): a set of the one range */
SlRanges *sl_ranges_new_range (guint64 start, guint64 end);
/* (transfer full) */
SlRanges *sl_ranges_copy (const SlRanges *ranges);
/* (transfer full) (nullable): a set of @array (element-type SlRange), in any order; sorts it. NULL if two overlap */
SlRanges *sl_ranges_new_sorted (GArray *array);
const SlRanges *sl_ranges_ref (const SlRanges *ranges);
void sl_ranges_unref (const SlRanges *ranges);

void sl_ranges_clear (SlRanges *ranges);
/* Returns how many of these bytes were not in the set. */
guint64 sl_ranges_add (SlRanges *ranges, guint64 start, guint64 end);
void sl_ranges_remove (SlRanges *ranges, guint64 start, guint64 end);
void sl_ranges_add_all (SlRanges *ranges, const SlRanges *other);
void sl_ranges_remove_all (SlRanges *ranges, const SlRanges *other);

guint sl_ranges_count (const SlRanges *ranges);
/* (transfer none): the n-th, sorted by start */
const SlRange *sl_ranges_get (const SlRanges *ranges, guint n);
guint64 sl_ranges_total (const SlRanges *ranges);
/* How much of @ranges lies in @within; NULL: everything. */
guint64 sl_ranges_total_within (const SlRanges *ranges, const SlRanges *within);
/* The end of the last range; 0 if the set is empty. */
guint64 sl_ranges_end (const SlRanges *ranges);
gboolean sl_ranges_contains (const SlRanges *ranges, guint64 start, guint64 end);
gboolean sl_ranges_overlaps (const SlRanges *ranges, guint64 start, guint64 end);
/*
 * The first stretch of @ranges (nullable: all) below @size that lies in neither @one nor @two (nullable: empty). FALSE when
 * there is none. Nothing is copied.
 */
gboolean sl_ranges_find_outside (
    const SlRanges *ranges, guint64 size, const SlRanges *one, const SlRanges *two, SlRange *found);
gboolean sl_ranges_equal (const SlRanges *a, const SlRanges *b);

/* (transfer full): "0-99,200-299", with the last byte; "" for the empty set */
char *sl_ranges_to_string (const SlRanges *ranges);
/* (transfer full) (nullable): NULL unless @text has the form of sl_ranges_to_string () */
SlRanges *sl_ranges_from_string (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRanges, sl_ranges_unref)

G_END_DECLS
