/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers in header fields: 1*DIGIT, without sign, space or anything else.
 *
 * Not by g_ascii_string_to_unsigned (): that looks at errno, which waiting for another thread's first use of the C locale
 * sets, so that now and then the first of several responses at once had "10240" for no number.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the digits at @text, at least one, and advances it behind them. FALSE when there is none, or for more than @max. */
gboolean sl_digits_take (const char **text, guint64 max, guint64 *number);

G_END_DECLS
