/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Hours of the week in local time, such as "Mon-Fri 08:00-18:00; Sat,Sun 22:00-06:00": whether a moment is among
 * them, and when that changes next. The caller's GTimeZone decides about time zone and daylight saving.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlHours SlHours;

/*
 * (transfer full) (nullable): windows separated by ";". Each has days ("Mon", "Mon,Wed", "Mon-Fri", "Fri-Mon"; none
 * means every day) and one span "HH:MM-HH:MM". A span whose end is not after its begin goes over midnight, and
 * belongs to the day on which it begins. "00:00-24:00" is the whole day; a span without length is an error. An empty
 * text has no hours at all. NULL with @error (SLUICE_ERROR_INVALID_ARGUMENT), whose message quotes the fault.
 */
SlHours *sl_hours_parse (const char *text, GError **error);
/* (transfer full): sorted, in the form that sl_hours_parse () reads; the same hours give the same text */
char *sl_hours_to_string (const SlHours *hours);
/* (transfer full): the hours that are in both. NULL means always; of two NULLs the result is the whole week */
SlHours *sl_hours_intersect (const SlHours *a, const SlHours *b);
SlHours *sl_hours_copy (const SlHours *hours);
gboolean sl_hours_equal (const SlHours *a, const SlHours *b);
void sl_hours_free (SlHours *hours);

/* Whether @time (Unix µs) is among them. Local times that a change of daylight saving skips don't occur. */
gboolean sl_hours_contain (const SlHours *hours, gint64 time, GTimeZone *zone);
/* The first moment (Unix µs) after @time at which sl_hours_contain () changes; G_MAXINT64 if it never does. */
gint64 sl_hours_next_change (const SlHours *hours, gint64 time, GTimeZone *zone);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlHours, sl_hours_free)

G_END_DECLS
