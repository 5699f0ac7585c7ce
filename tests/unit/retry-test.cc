/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transfer: whether and when a download is tried again, how long it may take, and which ranges are asked for. */
#include "unit.h"

#include "base/error.h"
#include "transfer/restarts.h"
#include "transfer/retry.h"
#include "transfer/time-limits.h"
#include "transfer/wanted.h"

static const gint64 SECOND = G_USEC_PER_SEC;

namespace
{

/* A record of a download that has just failed, and the failure. */
struct Failed {
  std::unique_ptr<SlRecord, decltype (&sl_record_free)> record{sl_record_new (), sl_record_free};
  SlSettings settings = SL_SETTINGS_DEFAULT;
  SlFailure failure = {1000 * SECOND, FALSE, 0, 0};
  SlRetry retry = {};
  Error error;

  explicit Failed (int code = SLUICE_ERROR_CONNECT)
  {
    sl_record_set_error (record.get (), code, "why");
    record->asked.priority = SL_PRIORITY_NORMAL;
    record->moved_at = failure.now - SECOND;
    settings.retry_delay_min = 1000;
    settings.retry_delay_max = 64000;
    settings.disk_full_retry = 5000;
  }
  bool
  plan ()
  {
    retry = {};
    return sl_retry_plan (record.get (), &settings, &failure, &retry, error.out ());
  }
  gint64
  delay ()
  {
    EXPECT_TRUE (plan ()) << error.text ();
    return retry.delay;
  }
};

} // namespace

TEST (Retry, WaitsTwiceAsLongAfterEachFailure)
{
  Failed failed;
  gint64 expected[] = {1, 2, 4, 8, 16, 32, 64, 64, 64};

  for (gint64 seconds : expected) {
    EXPECT_EQ (failed.delay (), seconds * SECOND);
    EXPECT_EQ (failed.retry.failures, failed.record->content->failures + 1);
    sl_record_edit_content (failed.record.get ())->failures = failed.retry.failures;
  }
}

TEST (Retry, BytesMakeItTheFirstFailureAgain)
{
  Failed failed;

  sl_record_edit_content (failed.record.get ())->failures = 7;
  failed.failure.progressed = TRUE;
  EXPECT_EQ (failed.delay (), SECOND);
  EXPECT_EQ (failed.retry.failures, 1u);
}

/* The longest delay of settings, caller and server counts; none of these counts for a lack of space. */
TEST (Retry, TheLongestWaitCounts)
{
  const guint32 waits[] = {0, 1, 3, 9, 1000};

  for (int code : {SLUICE_ERROR_CONNECT, SLUICE_ERROR_HTTP_STATUS, SLUICE_ERROR_NO_SPACE}) {
    for (guint32 minimum : waits) {
      for (guint32 retry_after : waits) {
        for (guint failures = 0; failures < 12; failures++) {
          for (double jitter : {0.0, 0.5, 1.0}) {
            Failed failed (code);
            gint64 own = (gint64)((double)(MIN (1 << failures, 64) * SECOND) * (1 - jitter / 4));
            failed.record->asked.minimum_retry_delay = minimum;
            sl_record_edit_content (failed.record.get ())->failures = failures;
            failed.failure.retry_after = retry_after;
            failed.failure.jitter = jitter;
            ASSERT_EQ (failed.delay (), code == SLUICE_ERROR_NO_SPACE
                                            ? 5 * SECOND
                                            : MAX (own, MAX (minimum, retry_after) * SECOND));
            ASSERT_EQ (failed.retry.failures, failures + 1);
          }
        }
      }
    }
  }
}

TEST (Retry, NoneAfterTooLongWithoutAByte)
{
  for (int code = 0; code < SLUICE_N_ERRORS; code++) {
    Failed failed (code);
    failed.record->asked.no_progress_timeout = 60;
    failed.record->moved_at = failed.failure.now - 60 * SECOND + 1;
    EXPECT_TRUE (failed.plan ()) << code;
    failed.record->moved_at -= 1;
    /* waiting for space does not count as the server's silence */
    EXPECT_EQ (failed.plan (), code == SLUICE_ERROR_NO_SPACE) << code;
    if (code != SLUICE_ERROR_NO_SPACE) {
      EXPECT_TRUE (failed.error.is (SLUICE_ERROR, SLUICE_ERROR_NO_PROGRESS));
      EXPECT_NE (failed.error.text ().find ("why"), std::string::npos) << failed.error.text ();
    }
  }
}

TEST (Retry, ReasonsForEachErrorOnlineAndOffline)
{
  for (int code = 0; code < SLUICE_N_ERRORS; code++) {
    Failed failed (code);
    bool network = code == SLUICE_ERROR_CONNECT || code == SLUICE_ERROR_NAME_RESOLUTION ||
                   code == SLUICE_ERROR_TIMEOUT;
    EXPECT_EQ (sl_retry_get_reasons (failed.record.get (), FALSE), SL_REASON_BACKOFF);
    EXPECT_EQ (sl_retry_get_reasons (failed.record.get (), TRUE),
               network ? SL_REASON_NO_NETWORK | SL_REASON_BACKOFF : SL_REASON_BACKOFF);
    sl_record_edit_content (failed.record.get ())->vain_restarts = SL_RESTARTS_MANY;
    EXPECT_EQ (sl_retry_get_reasons (failed.record.get (), TRUE),
               SL_REASON_STARTING_OVER | SL_REASON_BACKOFF);
    failed.record->disk_full = TRUE;
    EXPECT_EQ (sl_retry_get_reasons (failed.record.get (), TRUE), SL_REASON_DISK_FULL);
  }
}

TEST (TimeLimits, SilenceIsCountedFromTheLastByte)
{
  Failed failed;
  SlRecord *record = failed.record.get ();
  const struct {
    SlPriority priority;
    guint32 timeout;
    gint64 seconds;
  } rows[] = {
      {SL_PRIORITY_FOREGROUND, 0, 300}, {SL_PRIORITY_NORMAL, 0, 86400},
      {SL_PRIORITY_HIGH, 0, 86400},     {SL_PRIORITY_FOREGROUND, 7, 7},
      {SL_PRIORITY_NORMAL, 7, 7},
  };

  for (const auto &row : rows) {
    record->asked.priority = row.priority;
    record->asked.no_progress_timeout = row.timeout;
    record->moved_at = 5;
    EXPECT_FALSE (sl_time_limits_no_progress (record, 4 + row.seconds * SECOND, nullptr));
    EXPECT_TRUE (sl_time_limits_no_progress (record, 5 + row.seconds * SECOND, nullptr));
    /* never started */
    record->moved_at = 0;
    EXPECT_FALSE (sl_time_limits_no_progress (record, G_MAXINT64, nullptr));
  }
}

TEST (TimeLimits, TransferringMayTakeThatLongAndNoLonger)
{
  Failed failed;
  SlRecord *record = failed.record.get ();
  gint64 days = 90 * 86400 * SECOND;

  record->asked.maximum_time = 0;
  EXPECT_FALSE (sl_time_limits_too_long (record, days, nullptr));
  EXPECT_TRUE (sl_time_limits_too_long (record, days + 1, failed.error.out ()));
  EXPECT_TRUE (failed.error.is (SLUICE_ERROR, SLUICE_ERROR_MAXIMUM_TIME));
  record->asked.maximum_time = 10;
  EXPECT_FALSE (sl_time_limits_too_long (record, 10 * SECOND, nullptr));
  EXPECT_TRUE (sl_time_limits_too_long (record, 10 * SECOND + 1, nullptr));
}

TEST (Wanted, TotalOfRangesIsWhatTheFileHasOfThem)
{
  Failed failed;
  SlRecord *record = failed.record.get ();

  sl_record_set_size (record, SL_SIZE_UNKNOWN);
  EXPECT_EQ (sl_wanted_get_total (record), SL_SIZE_UNKNOWN);
  sl_record_set_size (record, 100);
  EXPECT_EQ (sl_wanted_get_total (record), 100u);
  record->wanted = sl_ranges_from_string ("10-19,90-199");
  EXPECT_EQ (sl_wanted_get_total (record), 20u);
  sl_record_set_size (record, SL_SIZE_UNKNOWN);
  EXPECT_EQ (sl_wanted_get_total (record), 120u);
  sl_ranges_add (record->wanted, 300, SL_SIZE_UNKNOWN);
  EXPECT_EQ (sl_wanted_get_total (record), SL_SIZE_UNKNOWN);
}

TEST (Wanted, ReplacesWhatWasBeforeAndIsAddedOnceTransferred)
{
  Failed failed;
  SlRecord *record = failed.record.get ();
  g_autoptr (SlRanges) first = sl_ranges_from_string ("0-9");
  g_autoptr (SlRanges) second = sl_ranges_from_string ("20-29");
  g_autoptr (SlRanges) both = sl_ranges_from_string ("0-9,20-29");

  EXPECT_TRUE (sl_wanted_is_same (record, nullptr));
  EXPECT_FALSE (sl_wanted_is_same (record, first));
  ASSERT_TRUE (sl_wanted_add (record, first, nullptr));
  EXPECT_TRUE (sl_wanted_is_same (record, first));
  EXPECT_FALSE (sl_wanted_is_same (record, nullptr));
  ASSERT_TRUE (sl_wanted_add (record, nullptr, nullptr));
  EXPECT_TRUE (sl_wanted_is_same (record, first));
  ASSERT_TRUE (sl_wanted_add (record, second, nullptr));
  EXPECT_TRUE (sl_wanted_is_same (record, second));
  record->state = SL_STATE_TRANSFERRED;
  ASSERT_TRUE (sl_wanted_add (record, first, nullptr));
  EXPECT_TRUE (sl_wanted_is_same (record, both));
  /* the whole file is complete already */
  g_clear_pointer (&record->wanted, sl_ranges_unref);
  ASSERT_TRUE (sl_wanted_add (record, first, nullptr));
  EXPECT_TRUE (sl_wanted_is_same (record, nullptr));
}

TEST (Wanted, NotMoreThanTwentyThousandRanges)
{
  Failed failed;
  SlRecord *record = failed.record.get ();
  g_autoptr (SlRanges) many = sl_ranges_new ();

  for (guint64 i = 0; i < 20000; i++)
    sl_ranges_add (many, 2 * i, 2 * i + 1);
  ASSERT_TRUE (sl_wanted_add (record, many, nullptr));
  record->state = SL_STATE_TRANSFERRED;
  sl_ranges_remove (many, 0, G_MAXUINT64);
  sl_ranges_add (many, 50001, 50002);
  EXPECT_FALSE (sl_wanted_add (record, many, failed.error.out ()));
  EXPECT_TRUE (failed.error.is (SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED));
  EXPECT_EQ (sl_ranges_count (record->wanted), 20000u);
}
