/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of one download, and when: what changed, how far it is, why it waits. Nothing is told twice for nothing. */
#pragma once

#include "transfer/life.h"

G_BEGIN_DECLS

/* What was told last. */
typedef struct {
  gint64 reported_at; /* monotonic */
  guint64 reported_bytes;
  SlReasons reported_reasons;
} SlReporter;

/* The facts that changed since the last time, and @options: a set of SL_OPTION_BIT () */
void sl_reporter_report_changed (const SlLife *life, guint64 options);
/* @transferred: bytes; @cause: why it began again, or SL_NO_ERROR */
void sl_reporter_report_status (SlReporter *reporter,
                                const SlLife *life,
                                guint64 transferred,
                                int cause);
/* The state, and all that goes with it. */
void sl_reporter_report_state (SlReporter *reporter, const SlLife *life, guint64 transferred);
/* The reasons, if they are others than were told. */
void sl_reporter_report_reasons (SlReporter *reporter, const SlLife *life);
/* The ranges that were asked for and are there. */
void sl_reporter_report_ranges (const SlLife *life);
/* The progress, if it's time to. */
void sl_reporter_report_progress (SlReporter *reporter,
                                  const SlLife *life,
                                  guint64 transferred,
                                  gint64 now);

G_END_DECLS
