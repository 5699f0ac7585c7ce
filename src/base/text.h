/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Foreign text, made fit for the bus, a terminal, a log: by whoever lets it in. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What can act on a reader's screen instead of being read: controls, direction, invisible characters, line ends. */
gboolean sl_text_is_unsafe (gunichar c);
/*
 * (transfer full): @text as valid UTF-8, with U+FFFD for what is invalid or unsafe, of at most @max bytes; "…" stands at
 * the end when something was cut. "" for NULL.
 */
char *sl_text_clean (const char *text, gsize max);
/* Whether sl_text_clean () would change nothing. */
gboolean sl_text_is_clean (const char *text, gsize max);
/*
 * (transfer full): an address for a log or a message: without user, query and fragment, which may be secrets, clean, and
 * of at most 256 bytes; "" for NULL
 */
char *sl_text_address (const char *address);
/* (transfer full): a path or name for a log: as C escapes it, but with UTF-8 that is harmless as it is */
char *sl_text_path (const char *path);

G_END_DECLS
