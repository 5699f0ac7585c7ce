/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times and sizes as people write them: 500ms, 30s, 5min, 2h, 7d; 500K, 2M, unlimited. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A number of seconds, or one with a unit: ms, s, min, h or d. FALSE leaves @milliseconds as it is. */
gboolean sl_units_parse_duration (const char *text, guint64 *milliseconds);
/* (transfer full): in the largest unit that divides it */
char *sl_units_format_duration (guint64 milliseconds);
/* A number of bytes, or one with a unit: K, M, G or T (powers of 1024). "unlimited" is G_MAXUINT64. */
gboolean sl_units_parse_bytes (const char *text, guint64 *bytes);
/* (transfer full) */
char *sl_units_format_bytes (guint64 bytes);

G_END_DECLS
