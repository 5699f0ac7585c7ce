/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all segments of one attempt share. */
#include "transfer/attempt.h"

SlAttempt *
sl_attempt_new (const SlRecord *record, const SlSettings *settings, SlTransferLimit *limit)
{
  SlAttempt *attempt = g_new0 (SlAttempt, 1);

  g_atomic_ref_count_init (&attempt->ref_count);
  attempt->record = sl_record_copy (record);
  attempt->settings = *settings;
  attempt->limit = sl_transfer_limit_ref (limit);
  attempt->cancellable = g_cancellable_new ();
  return attempt;
}

SlAttempt *
sl_attempt_ref (SlAttempt *attempt)
{
  g_atomic_ref_count_inc (&attempt->ref_count);
  return attempt;
}

void
sl_attempt_unref (SlAttempt *attempt)
{
  if (!g_atomic_ref_count_dec (&attempt->ref_count))
    return;
  sl_record_free (attempt->record);
  sl_transfer_limit_unref (attempt->limit);
  g_object_unref (attempt->cancellable);
  g_free (attempt);
}
