/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A download's run: its transfer while it has a slot, with its reports, its rate and its time limits. */
#pragma once

#include "transfer/reporter.h"

G_BEGIN_DECLS

typedef struct _SlRun SlRun;

/* The transfer is over; then the run frees itself. */
typedef void (*SlRunEnded) (const SlTransferEnd *end, SlDownload *download);

/* Starts a transfer of the kind of the context. @life and @reporter are the download's. */
SlRun *sl_run_start (SlLife *life, SlReporter *reporter, SlRunEnded ended);
/* ended () follows soon. */
void sl_run_stop (SlRun *run);
/* An option has changed: sets the rate and the class again. */
void sl_run_update (SlRun *run);
/* Call it about ten times a second: measures rates, reports the progress, and checks the time limits. */
void sl_run_tick (SlRun *run, gint64 now);

/* How many wanted bytes have been written. */
guint64 sl_run_get_transferred (const SlRun *run);
/* Body bytes read from the network, in all transfers of the download. */
guint64 sl_run_get_fetched (const SlRun *run);
/* Bytes a second. */
guint64 sl_run_get_rate (const SlRun *run);

G_END_DECLS
