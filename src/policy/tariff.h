/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tariff of one connection: periods in which a number of bytes, or none, may be downloaded. Its form is the one
 * that Mogwai, a download scheduler, defined for NetworkManager's connections: a GVariant (sqv) as text, with a magic
 * string, a version (either byte order), and the content. In version 1 that is (sa(ttqut)): a name, and for each
 * period its begin and end (Unix s), its unit of repetition (none, hours, days, weeks, months, years), the number of
 * units between two repetitions, and its capacity in bytes. Version 2, (sa(ttssqut)), adds the time zones in which
 * begin and end are repeated.
 *
 * Repetitions are counted from the first one. Days, weeks, months and years follow the calendar of the time zone and
 * keep the local time; hours are just hours. If a month lacks the day, its last day counts. If begin and end become
 * equal by that, or because a change of daylight saving skips both, that repetition doesn't take place.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlTariff SlTariff;

typedef struct {
  gboolean forbidden; /* the capacity is 0 */
  guint64 capacity;   /* bytes in this period; G_MAXUINT64: no limit */
  gint64 begin;       /* Unix µs, of the period that contains the moment; 0 if none does */
  gint64
      end; /* Unix µs, of the same period; if none does, the begin of the next one, or G_MAXINT64 */
  gint64 change; /* Unix µs: when any period begins or this one ends next, or G_MAXINT64 */
} SlTariffMoment;

/* (transfer full): NULL with @error (SLUICE_ERROR_INVALID_ARGUMENT) if @text is not a known form of tariff */
SlTariff *sl_tariff_parse (const char *text, GError **error);
void sl_tariff_free (SlTariff *tariff);
/*
 * Finds the period that is valid at @now (Unix µs); of several the shortest. FALSE if there is none: then nothing is
 * forbidden. @zone: for tariffs without a zone of their own
 */
gboolean
sl_tariff_lookup (const SlTariff *tariff, gint64 now, GTimeZone *zone, SlTariffMoment *moment);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlTariff, sl_tariff_free)

G_END_DECLS
