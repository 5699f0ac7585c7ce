/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses points in time as people write them, and prints them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Parses a time in the future: "2026-11-22 06:00" in local time (also with seconds, or a time zone as in ISO 8601), the
 * next "06:00", "+8h", "+1d12h" or "in 8h" from now, Unix µs, or "none", which is 0. FALSE after an error, which names
 * @what, was printed.
 */
gboolean when_parse (const char *what, const char *text, gint64 *microseconds);

/* (transfer full): the time @microseconds (Unix µs), with how long ago that was, or how long until then */
char *when_ago (gint64 microseconds);
char *when_ahead (gint64 microseconds);

G_END_DECLS
