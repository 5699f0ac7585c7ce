/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One download: its states, its calls, its transfer, and its publication. It lives on the main loop, and knows neither
 * the callers nor the other downloads.
 */
#pragma once

#include "transfer/command.h"
#include "transfer/life.h"

G_BEGIN_DECLS

/* (transfer full) @record (transfer none) @context, which outlives all downloads */
SlDownload *sl_download_new (SlRecord *record, const SlDownloadContext *context);
SlDownload *sl_download_ref (SlDownload *download);
void sl_download_unref (SlDownload *download);
/* (transfer none): for reading only; sl_download_edit () changes what a caller may change */
const SlRecord *sl_download_get_record (SlDownload *download);
/*
 * @entry: (nullable): what its host keeps about it. Without one the download is not admitted, and no observer hears
 * about it.
 */
void sl_download_set_entry (SlDownload *download, gpointer entry);
gpointer sl_download_get_entry (SlDownload *download);

/*
 * Call it once, when the record is in the database: after loading, or after admission. A state that can't outlast the
 * service becomes queued, and the host hears about the download.
 */
void sl_download_resume (SlDownload *download);

/* FALSE with INVALID_STATE if its row can't be read: then it can't be written again either. */
gboolean sl_download_check_readable (SlDownload *download, GError **error);
void sl_download_start (SlDownload *download, SlRanges *wanted, SlDone done, gpointer user_data);
void sl_download_pause (SlDownload *download, SlDone done, gpointer user_data);
void sl_download_abort (SlDownload *download, SlDone done, gpointer user_data);
void sl_download_finalize (SlDownload *download, SlDone done, gpointer user_data);
/*
 * Checks the new values, and writes them into @record. FALSE with @error if a value is not allowed; nothing is written
 * then. @options: receives the options whose values changed
 */
typedef gboolean (*SlEdit) (SlRecord *record, gpointer user_data, guint64 *options, GError **error);
/* Calls @edit at once, and commits the record. */
void sl_download_edit (
    SlDownload *download, SlEdit edit, gpointer edit_data, SlDone done, gpointer user_data);

/* Called by the queue. The download has a slot: starts its transfer. */
void sl_download_run (SlDownload *download);
/* The time of the retry has come, or the network has changed: queues it again. */
void sl_download_retry (SlDownload *download);
/* Conditions, or a more important download, take its slot: stops it, and queues it again. */
void sl_download_yield (SlDownload *download);
/* Whether it is being stopped, and will return its slot. */
gboolean sl_download_is_stopping (SlDownload *download);
/* Conditions have changed: reports StateReasons if they differ from those that were reported last. */
void sl_download_report_reasons (SlDownload *download);
/* About ten times a second while it has a slot. */
void sl_download_tick (SlDownload *download, gint64 now);
/* At the end of the service: stops the transfer, so that the next run of the service goes on with it. */
void sl_download_suspend (SlDownload *download, SlDone done, gpointer user_data);

guint64 sl_download_get_transferred (SlDownload *download);
guint64 sl_download_get_total (SlDownload *download);
guint64 sl_download_get_rate (SlDownload *download);
guint64 sl_download_get_fetched (SlDownload *download);
SlReasons sl_download_get_reasons (SlDownload *download);
/* Unix µs; 0 when no condition holds it */
gint64 sl_download_get_held_since (SlDownload *download);
/* The policy in force: its own, or the default for its priority. */
SlCostPolicy sl_download_get_cost_policy (SlDownload *download);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDownload, sl_download_unref)

G_END_DECLS
