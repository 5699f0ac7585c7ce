/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The next try: how long a download waits for it, and for what reasons. */
#include "transfer/retry.h"

#include "base/error.h"
#include "transfer/backoff.h"
#include "transfer/restarts.h"
#include "transfer/time-limits.h"

static gint64
choose_delay (const SlRecord *record,
              const SlSettings *settings,
              const SlFailure *failure,
              guint32 failures)
{
  gint64 delay;

  /* the server is not to blame for a full disk, so the wait does not grow to spare it */
  if (record->error == SLUICE_ERROR_NO_SPACE)
    return (gint64)settings->disk_full_retry * 1000;
  delay =
      sl_backoff (failures, settings->retry_delay_min, settings->retry_delay_max, failure->jitter);
  delay = MAX (delay, (gint64)record->asked.minimum_retry_delay * G_USEC_PER_SEC);
  return MAX (delay, (gint64)failure->retry_after * G_USEC_PER_SEC);
}

gboolean
sl_retry_plan (const SlRecord *record,
               const SlSettings *settings,
               const SlFailure *failure,
               SlRetry *retry,
               GError **error)
{
  /* NoProgressTimeout is for servers that send nothing, not for a full disk */
  if (record->error != SLUICE_ERROR_NO_SPACE &&
      sl_time_limits_no_progress (record, failure->now, error))
    return FALSE;
  retry->failures = (failure->progressed ? 0 : record->content->failures) + 1;
  retry->delay = choose_delay (record, settings, failure, retry->failures);
  return TRUE;
}

SlReasons
sl_retry_get_reasons (const SlRecord *record, gboolean offline)
{
  if (record->disk_full)
    return SL_REASON_DISK_FULL;
  if (sl_restarts_are_many (record))
    return SL_REASON_STARTING_OVER | SL_REASON_BACKOFF;
  if (offline &&
      (record->error == SLUICE_ERROR_CONNECT || record->error == SLUICE_ERROR_NAME_RESOLUTION ||
       record->error == SLUICE_ERROR_TIMEOUT))
    return SL_REASON_NO_NETWORK | SL_REASON_BACKOFF;
  return SL_REASON_BACKOFF;
}
