/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hours of the week by the wall clock, such as "Mon-Fri 08:00-18:00; Sat,Sun 22:00-06:00": whether a moment is
 * among them, and when that next changes. Time zone and daylight saving are the GTimeZone's that is asked with.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlHours SlHours;

/*
 * (transfer full) (nullable): windows divided by ";". Each has days ("Mon", "Mon,Wed", "Mon-Fri", "Fri-Mon"; none is
 * every day) and one span "HH:MM-HH:MM". A span whose end is not after its begin goes over midnight and belongs to the
 * day on which it begins; "00:00-24:00" is the whole day; a span of no length is an error. NULL with @error
 * (SLUICE_ERROR_INVALID_ARGUMENT), whose message quotes what can't be understood. An empty text is no hours at all.
 */
SlHours *sl_hours_parse (const char *text, GError **error);
/* (transfer full): in the form that sl_hours_parse () takes, put in order; the same text for the same hours */
char *sl_hours_to_string (const SlHours *hours);
/* (transfer full): when both are; either may be NULL, for always, and of two NULLs comes the whole week */
SlHours *sl_hours_intersect (const SlHours *a, const SlHours *b);
SlHours *sl_hours_copy (const SlHours *hours);
gboolean sl_hours_equal (const SlHours *a, const SlHours *b);
void sl_hours_free (SlHours *hours);

/* Whether @time (Unix µs) is among them. A local time that a change of daylight saving leaves out doesn't come. */
gboolean sl_hours_contain (const SlHours *hours, gint64 time, GTimeZone *zone);
/* The first moment (Unix µs) after @time at which sl_hours_contain () changes; G_MAXINT64 if it never does. */
gint64 sl_hours_next_change (const SlHours *hours, gint64 time, GTimeZone *zone);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlHours, sl_hours_free)

G_END_DECLS
