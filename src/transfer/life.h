/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of one download: the only place where it is written, and what each change of the state means for the record
 * and for the queue. It also says why a download waits.
 */
#pragma once

#include "store/record.h"
#include "transfer/download-context.h"

G_BEGIN_DECLS

/* How long (µs of SlAge) a download is kept after it ended, and one that has not ended after it was last changed. */
#define SL_DOWNLOAD_KEEP_ENDED G_TIME_SPAN_DAY
#define SL_DOWNLOAD_KEEP_IDLE  (90 * G_TIME_SPAN_DAY)

typedef struct {
  SlDownload *download; /* the download, for callbacks of the context */
  gpointer entry; /* (nullable) what the host keeps about it; without one it is not admitted */
  const SlDownloadContext *context;
  SlRecord *record;  /* (owned) */
  gint64 queued_at;  /* when it was last queued; monotonic */
  guint64 best_done; /* most bytes on disk at the end of a transfer since the last Start */
} SlLife;

void sl_life_set_state (SlLife *life, SlState state);
/* Start was called: queues it, and forgets earlier errors and failures. */
void sl_life_start (SlLife *life);
/* It has failed for good. */
void sl_life_fail (SlLife *life, const GError *error);
/*
 * It has failed, and may be tried again after at least @retry_after seconds. Fails for good if it has waited too long.
 */
void sl_life_retry (SlLife *life, const GError *error, guint32 retry_after);
/* All of it has to be fetched again, because of @error: queues it, or fails it if that has happened too often. */
void sl_life_begin_again (SlLife *life, const GError *error);
/* After loading, or after admission: a state that can't outlast the service becomes queued. */
void sl_life_resume (SlLife *life);

SlReasons sl_life_get_reasons (const SlLife *life);
/* Unix µs; 0 when no condition holds it */
gint64 sl_life_get_held_since (const SlLife *life);

G_END_DECLS
