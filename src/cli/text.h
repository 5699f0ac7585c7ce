/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text for people: sizes, times, states, and foreign text made safe for a terminal. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* Whether a terminal would act on @c instead of showing it, or may show it in an unexpected way. */
gboolean text_acts (gunichar c);
/* (transfer full): @text with each character replaced for which text_acts () is true */
char *text_safe (const char *text);
char *text_size (guint64 bytes);
char *text_duration (guint64 seconds);
/* (transfer full): a time of the D-Bus interface, in Unix µs; a dash for 0, which means never */
char *text_time (gint64 microseconds);
char *text_reason (SluiceDownload *download);
const char *text_state (SluiceState state);
/* How many columns the longest state takes. */
int text_state_width (void);
/* How many columns @text takes on a terminal. */
int text_width (const char *text);
/* (transfer full): @text cut to @columns, with a mark where it was cut */
char *text_shorten (const char *text, int columns);
/* (transfer none) (nullable): the path of the file; NULL while only its directory is known */
const char *text_path (SluiceDownload *download);
/* (transfer full): a name for people: the path of the file, or the address while only its directory is known */
char *text_name (SluiceDownload *download);

G_END_DECLS
