/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tariff of one connection: periods in which so many bytes may be downloaded, or none. It's told in the form that
 * Mogwai, a download scheduler, defined for NetworkManager's connections: a GVariant (sqv) as text, with a magic
 * string, a version (either byte order), and (sa(ttqut)) in version 1: a name, and of each period its begin and end
 * (Unix s), how it is repeated (never, or every so many hours, days, weeks, months, years), and its capacity in bytes.
 * Version 2, (sa(ttssqut)), adds the time zones in which begin and end are repeated.
 *
 * Repetitions follow the calendar of the time zone, from the first one: days, weeks, months and years keep the time by
 * the wall, hours are just hours. A day that a month doesn't have is that month's last. If begin and end become the
 * same by that, or as a change of daylight saving leaves both out, that repetition doesn't take place.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlTariff SlTariff;

typedef struct {
  gboolean forbidden; /* there is no capacity at all */
  guint64 capacity;   /* bytes in this period; G_MAXUINT64: no limit */
  gint64 begin;       /* Unix µs, of the period that contains the moment; 0 when none does */
  gint64 end; /* Unix µs, of the same; when none does, when the next one begins, or G_MAXINT64 */
  gint64 change; /* Unix µs: the next moment at which any begins or this one ends, or G_MAXINT64 */
} SlTariffMoment;

/* (transfer full): NULL with @error (SLUICE_ERROR_INVALID_ARGUMENT) if @text is no tariff that we understand */
SlTariff *sl_tariff_parse (const char *text, GError **error);
void sl_tariff_free (SlTariff *tariff);
/*
 * What is valid at @now (Unix µs): of several periods the shortest. FALSE if there is none: then nothing is forbidden.
 * @zone is for tariffs that don't say their own.
 */
gboolean
sl_tariff_lookup (const SlTariff *tariff, gint64 now, GTimeZone *zone, SlTariffMoment *moment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlTariff, sl_tariff_free)

G_END_DECLS
