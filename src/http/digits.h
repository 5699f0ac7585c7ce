/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers in header fields: 1*DIGIT, without sign, space or anything else.
 *
 * We don't use g_ascii_string_to_unsigned (): it checks errno, which can be set while it waits for another thread's
 * first use of the C locale. Then the first of several simultaneous responses sometimes had "10240" refused as a
 * number.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the digits at @text, and moves @text behind them. FALSE if there is none, or the number exceeds @max. */
gboolean sl_digits_take (const char **text, guint64 max, guint64 *number);

G_END_DECLS
