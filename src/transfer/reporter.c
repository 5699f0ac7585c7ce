/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reports one download to the observer. */
#include "transfer/reporter.h"

#include "transfer/wanted.h"

/* The shortest time between two reports for ProgressPercent (µs). */
#define PERCENT_INTERVAL (G_USEC_PER_SEC / 10)

/* A download that is not admitted yet may still be refused, and is not on the bus. */
static gboolean
is_observed (const SlLife *life)
{
  return life->entry != NULL && life->context->observer != NULL;
}

void
sl_reporter_report_changed (const SlLife *life, guint64 options)
{
  SlChanges changes = {options, life->record->untold};

  life->record->untold = 0;
  if (is_observed (life) && (changes.options != 0 || changes.facts != 0))
    life->context->observer->changed (life->download, changes, life->context->observer_data);
}

void
sl_reporter_report_status (SlReporter *reporter, const SlLife *life, guint64 transferred, int cause)
{
  reporter->reported_bytes = transferred;
  reporter->reported_at = g_get_monotonic_time ();
  if (is_observed (life))
    life->context->observer->status (life->download, cause, life->context->observer_data);
}

/* Notes the reasons; TRUE if they differ from those in the last report. */
static gboolean
note_reasons (SlReporter *reporter, const SlLife *life)
{
  SlReasons reasons = sl_life_get_reasons (life);

  if (reasons == reporter->reported_reasons)
    return FALSE;
  reporter->reported_reasons = reasons;
  life->record->untold |= SL_FACT_REASONS;
  return TRUE;
}

void
sl_reporter_report_state (SlReporter *reporter, const SlLife *life, guint64 transferred)
{
  note_reasons (reporter, life);
  sl_reporter_report_changed (life, 0);
  sl_reporter_report_status (reporter, life, transferred, SL_NO_ERROR);
}

void
sl_reporter_report_reasons (SlReporter *reporter, const SlLife *life)
{
  if (note_reasons (reporter, life))
    sl_reporter_report_changed (life, 0);
}

static void
report_range (const SlLife *life, guint64 offset, guint64 length)
{
  if (is_observed (life))
    life->context->observer->range (life->download, offset, length, life->context->observer_data);
}

void
sl_reporter_report_ranges (const SlLife *life)
{
  const SlRecord *record = life->record;

  if (record->wanted == NULL) {
    report_range (life, 0, record->content->version.size);
    return;
  }
  for (guint i = 0; i < sl_ranges_count (record->wanted); i++) {
    const SlRange *range = sl_ranges_get (record->wanted, i);
    guint64 end = MIN (range->end, record->content->version.size);
    if (end > range->start)
      report_range (life, range->start, end - range->start);
  }
}

static gboolean
is_progress_due (const SlReporter *reporter,
                 const SlRecord *record,
                 guint64 transferred,
                 gint64 now)
{
  gint64 since = now - reporter->reported_at;
  guint64 total = sl_wanted_get_total (record);

  if (transferred == reporter->reported_bytes)
    return FALSE;
  if (record->asked.progress_interval > 0 &&
      since >= (gint64)record->asked.progress_interval * G_USEC_PER_SEC)
    return TRUE;
  return record->asked.progress_percent > 0 && total != SL_SIZE_UNKNOWN && total > 0 &&
         since >= PERCENT_INTERVAL &&
         (transferred - MIN (transferred, reporter->reported_bytes)) * 100 / total >=
             record->asked.progress_percent;
}

void
sl_reporter_report_progress (SlReporter *reporter,
                             const SlLife *life,
                             guint64 transferred,
                             gint64 now)
{
  if (is_progress_due (reporter, life->record, transferred, now))
    sl_reporter_report_status (reporter, life, transferred, SL_NO_ERROR);
}
