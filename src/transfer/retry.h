/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether, and when, a download is tried again after a failure that may pass. Pure functions. */
#pragma once

#include "base/settings.h"
#include "store/record.h"

G_BEGIN_DECLS

/* A failure, beside its error, which is in the record. */
typedef struct {
  gint64 now;          /* monotonic, µs */
  gboolean progressed; /* more is on disk than ever since the last Start */
  guint32 retry_after; /* s; how long the server wants to be left alone; 0: it says nothing */
  double jitter;       /* 0 to 1: see sl_backoff () */
} SlFailure;

typedef struct {
  guint32 failures; /* in a row, this one too */
  gint64 delay;     /* µs */
} SlRetry;

/* FALSE with @error, which is fatal, when the download has waited too long for a byte. */
gboolean sl_retry_plan (const SlRecord *record,
                        const SlSettings *settings,
                        const SlFailure *failure,
                        SlRetry *retry,
                        GError **error);

/* Why a download waits for its next try; @offline: there is no network */
SlReasons sl_retry_get_reasons (const SlRecord *record, gboolean offline);

G_END_DECLS
