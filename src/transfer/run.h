/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A download's run: its transfer, from getting a slot until the transfer's end, and what is told and limited meanwhile. */
#pragma once

#include "transfer/reporter.h"

G_BEGIN_DECLS

typedef struct _SlRun SlRun;

/* The transfer is over; the run is freed afterwards. */
typedef void (*SlRunEnded) (const SlTransferEnd *end, SlDownload *download);

/* Starts a transfer of the kind of the context. @life and @reporter are the download's. */
SlRun *sl_run_start (SlLife *life, SlReporter *reporter, SlRunEnded ended);
/* ended () follows soon. */
void sl_run_stop (SlRun *run);
/* What its owner wrote decides how fast it may be. */
void sl_run_update (SlRun *run);
/* About ten times a second: measures, tells the progress, and looks at the limits of time. */
void sl_run_tick (SlRun *run, gint64 now);

/* Bytes of what was wanted that are there, whether or not it runs; all that were read for it; and bytes a second. */
guint64 sl_run_get_transferred (const SlRun *run);
guint64 sl_run_get_fetched (const SlRun *run);
guint64 sl_run_get_rate (const SlRun *run);

G_END_DECLS
