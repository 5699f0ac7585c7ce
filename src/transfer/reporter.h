/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reports one download to the observer: what changed, how far it is, and why it waits. Reports nothing that has not
 * changed.
 */
#pragma once

#include "transfer/life.h"

G_BEGIN_DECLS

/* The last report. */
typedef struct {
  gint64 reported_at; /* monotonic */
  guint64 reported_bytes;
  SlReasons reported_reasons;
} SlReporter;

/* Reports the facts that have changed since the last report, and @options, a set of SL_OPTION_BIT (). */
void sl_reporter_report_changed (const SlLife *life, guint64 options);
/* @transferred: bytes; @cause: why the download began again, or SL_NO_ERROR */
void sl_reporter_report_status (SlReporter *reporter,
                                const SlLife *life,
                                guint64 transferred,
                                int cause);
/* Reports the state, with the reasons and all changed facts. */
void sl_reporter_report_state (SlReporter *reporter, const SlLife *life, guint64 transferred);
/* Reports the reasons, if they differ from those in the last report. */
void sl_reporter_report_reasons (SlReporter *reporter, const SlLife *life);
/* Reports the wanted ranges, when the transfer is complete. */
void sl_reporter_report_ranges (const SlLife *life);
/* Reports the progress, if ProgressInterval or ProgressPercent asks for it now. */
void sl_reporter_report_progress (SlReporter *reporter,
                                  const SlLife *life,
                                  guint64 transferred,
                                  gint64 now);

G_END_DECLS
