/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text from outside, made safe for the bus, terminals and logs. The code that receives it does that. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Whether @c can act on a screen instead of being shown: controls, text direction, invisible characters, line ends.
 */
gboolean sl_text_is_unsafe (gunichar c);
/*
 * (transfer full): @text as valid UTF-8 of at most @max bytes, with U+FFFD for invalid or unsafe characters, and "…"
 * at the end if it was cut; "" for NULL
 */
char *sl_text_clean (const char *text, gsize max);
/* Whether sl_text_clean () would change nothing. */
gboolean sl_text_is_clean (const char *text, gsize max);
/*
 * (transfer full): an address for logs and messages: clean, at most 256 bytes, without user, query and fragment,
 * which may be secrets; "" for NULL
 */
char *sl_text_address (const char *address);
/* (transfer full): a path or name for logs: escaped as in C, but with harmless UTF-8 left as it is */
char *sl_text_path (const char *path);

G_END_DECLS
