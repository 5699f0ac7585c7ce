/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of one download: its states, what each call does in each of them, retry, publishing. It lives
 * on the main loop, and knows neither who calls nor which other downloads there are.
 */
#pragma once

#include "transfer/command.h"
#include "transfer/life.h"

G_BEGIN_DECLS

/* (transfer full) @record (transfer none) @context, which outlives all downloads */
SlDownload *sl_download_new (SlRecord *record, const SlDownloadContext *context);
SlDownload *sl_download_ref (SlDownload *download);
void sl_download_unref (SlDownload *download);
/* (transfer none): to read; what a caller may write is written by sl_download_edit () */
const SlRecord *sl_download_get_record (SlDownload *download);
/* (nullable): what its host keeps of it; while there is none, nobody knows the download, and no observer hears of it */
void sl_download_set_entry (SlDownload *download, gpointer entry);
gpointer sl_download_get_entry (SlDownload *download);

/*
 * Once, when its record is known to be in the database: after loading, or after it was admitted. A state that can't have
 * survived becomes one that can, and the queue hears what it needs.
 */
void sl_download_resume (SlDownload *download);

/* FALSE with INVALID_STATE when its row can't be read: what is not known can't be written again. */
gboolean sl_download_check_readable (SlDownload *download, GError **error);
void sl_download_start (SlDownload *download, SlRanges *wanted, SlDone done, gpointer user_data);
void sl_download_pause (SlDownload *download, SlDone done, gpointer user_data);
void sl_download_abort (SlDownload *download, SlDone done, gpointer user_data);
void sl_download_finalize (SlDownload *download, SlDone done, gpointer user_data);
/*
 * Checks what is to be written, and writes it into @record; FALSE with why that may not be, with nothing written.
 * @options: to be set to those that read otherwise now
 */
typedef gboolean (*SlEdit) (SlRecord *record, gpointer user_data, guint64 *options, GError **error);
/* Has @edit write what a caller may, at once, and commits it. */
void sl_download_edit (
    SlDownload *download, SlEdit edit, gpointer edit_data, SlDone done, gpointer user_data);

/* By the queue: here is a slot; or the time of the retry has come, or the network changed. */
void sl_download_run (SlDownload *download);
void sl_download_retry (SlDownload *download);
/* Conditions, or a better claim, want its slot: it stops, and is queued again. */
void sl_download_yield (SlDownload *download);
/* Whether it's on its way out of its slot. */
gboolean sl_download_is_stopping (SlDownload *download);
/* Conditions have changed: says so if StateReasons are others than were told. */
void sl_download_report_reasons (SlDownload *download);
/* About ten times a second while it has a slot. */
void sl_download_tick (SlDownload *download, gint64 now);
/* At the end of the service: stops what runs, without changing what was asked for. */
void sl_download_suspend (SlDownload *download, SlDone done, gpointer user_data);

guint64 sl_download_get_transferred (SlDownload *download);
guint64 sl_download_get_total (SlDownload *download);
guint64 sl_download_get_rate (SlDownload *download);
guint64 sl_download_get_fetched (SlDownload *download);
SlReasons sl_download_get_reasons (SlDownload *download);
/* Unix µs; 0 when no condition holds it */
gint64 sl_download_get_held_since (SlDownload *download);
/* What counts: its own, or the default of its priority. */
SlCostPolicy sl_download_get_cost_policy (SlDownload *download);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDownload, sl_download_unref)

G_END_DECLS
