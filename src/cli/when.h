/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Points in time as people write and read them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A point in time from now on: "2026-11-22 06:00" by the wall clock here (also with seconds, or a zone as in ISO 8601),
 * "06:00" for the next time that it's that late, "+8h", "+1d12h" or "in 8h" from now, microseconds since 1970 as the
 * bus has them, or "none", which is 0. FALSE after an error, which names @what, was printed.
 */
gboolean when_parse (const char *what, const char *text, gint64 *microseconds);

/* (transfer full): a time of the bus, with how long ago that was, or how long until then */
char *when_ago (gint64 microseconds);
char *when_ahead (gint64 microseconds);

G_END_DECLS
