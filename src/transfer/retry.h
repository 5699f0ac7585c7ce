/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Decides whether and when a download is tried again after a failure that may pass. Pure functions. */
#pragma once

#include "base/settings.h"
#include "store/record.h"

G_BEGIN_DECLS

/* A failure; its error is in the record. */
typedef struct {
  gint64 now;          /* monotonic, µs */
  gboolean progressed; /* more bytes are on disk than ever since the last Start */
  guint32 retry_after; /* Retry-After of the server, in seconds; 0: none */
  double jitter;       /* 0 to 1: see sl_backoff () */
} SlFailure;

typedef struct {
  guint32 failures; /* in a row, with this one */
  gint64 delay;     /* µs */
} SlRetry;

/* FALSE with @error if the download has been without progress for too long: it fails for good. */
gboolean sl_retry_plan (const SlRecord *record,
                        const SlSettings *settings,
                        const SlFailure *failure,
                        SlRetry *retry,
                        GError **error);

/* Why a download waits for its next try; @offline: there is no network */
SlReasons sl_retry_get_reasons (const SlRecord *record, gboolean offline);

G_END_DECLS
