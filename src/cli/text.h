/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text for people: sizes, times, states, and foreign text made safe for a terminal. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* What a terminal would act on instead of showing it, or that can't be told how it is shown. */
gboolean text_acts (gunichar c);
/* (transfer full): @text with everything that a terminal would act on replaced */
char *text_safe (const char *text);
char *text_size (guint64 bytes);
char *text_duration (guint64 seconds);
/* A time of the bus, in microseconds; a dash for 0, which is never. */
char *text_time (gint64 microseconds);
char *text_reason (SluiceDownload *download);
const char *text_state (SluiceState state);
/* The columns of the longest state */
int text_state_width (void);
/* Columns that @text takes on a terminal */
int text_width (const char *text);
/* (transfer full): what of @text goes into so many columns, with a mark where more was */
char *text_shorten (const char *text, int columns);
/* (transfer none) (nullable): its path; NULL while that is only a directory */
const char *text_path (SluiceDownload *download);
/* (transfer full): what to call it: its path, or its address while that is only a directory */
char *text_name (SluiceDownload *download);

G_END_DECLS
