/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The signals of downloads. Changed properties are gathered for a moment, and sent for a limited number of downloads at a time.
 */
#pragma once

#include "queue/queue.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlDownloadSignals SlDownloadSignals;

/* (transfer full): observes the downloads of @queue, which outlives it */
SlDownloadSignals *sl_download_signals_new (GDBusConnection *connection, SlQueue *queue);
void sl_download_signals_free (SlDownloadSignals *signals);

/* Sends what is gathered of @download now, because it is about to go. */
void sl_download_signals_flush (SlDownloadSignals *signals, SlDownload *download);
void sl_download_signals_flush_all (SlDownloadSignals *signals);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDownloadSignals, sl_download_signals_free)

G_END_DECLS
