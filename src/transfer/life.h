/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state of one download: the one place where it is written, and what goes with entering and leaving each state, for the
 * record and for the queue. Why a download waits follows from it, too.
 */
#pragma once

#include "store/record.h"
#include "transfer/download-context.h"

G_BEGIN_DECLS

/* How long (µs of SlAge) an ended download can still be asked about, and one that nobody asks for is kept. */
#define SL_DOWNLOAD_KEEP_ENDED G_TIME_SPAN_DAY
#define SL_DOWNLOAD_KEEP_IDLE  (90 * G_TIME_SPAN_DAY)

typedef struct {
  SlDownload *download; /* its download, by which the context knows it */
  gpointer entry;       /* (nullable) its host's; without one, nobody knows it */
  const SlDownloadContext *context;
  SlRecord *record;  /* (owned) */
  gint64 queued_at;  /* monotonic, when it was last queued */
  guint64 best_done; /* the most that was on disk at the end of a transfer since Start */
} SlLife;

void sl_life_set_state (SlLife *life, SlState state);
/* It has been started: queued, with nothing held against it that was before. */
void sl_life_start (SlLife *life);
/* Has failed for good. */
void sl_life_fail (SlLife *life, const GError *error);
/* Has failed, and may be tried again, not before @retry_after (s): waits for that, unless it has waited too long. */
void sl_life_retry (SlLife *life, const GError *error, guint32 retry_after);
/* What is there has to be fetched again, because of @error. */
void sl_life_begin_again (SlLife *life, const GError *error);
/* After loading, or after it was admitted: a state that can't have survived becomes one that can. */
void sl_life_resume (SlLife *life);

SlReasons sl_life_get_reasons (const SlLife *life);
/* Unix µs; 0 when no condition holds it */
gint64 sl_life_get_held_since (const SlLife *life);

G_END_DECLS
