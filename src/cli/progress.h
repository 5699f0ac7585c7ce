/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines that show the progress of downloads. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

typedef struct {
  guint64 last_bytes;
  gint64 last_time;
  double rate;
} Rate;

/* Updates the rate: @bytes have been transferred by now. */
void rate_update (Rate *rate, guint64 bytes);
/* (transfer full): one line, safe for the terminal */
char *progress_line (SluiceDownload *download, const Rate *rate);
/* Draws the lines over the last @drawn_before lines, cut to the width of the terminal. */
void progress_draw (GPtrArray *lines, guint drawn_before);

G_END_DECLS
