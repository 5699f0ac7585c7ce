/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http: how fast many threads may read, alone and as transfers of a class. */
#include "unit.h"

#include "http/transfer-limit.h"

#include <atomic>
#include <thread>

namespace
{

constexpr guint64 kKiB = 1024, kMiB = 1024 * kKiB;

/* Seconds since its creation. */
class Stopwatch
{
public:
  double
  seconds () const
  {
    return (double)(g_get_monotonic_time () - start_) / G_USEC_PER_SEC;
  }

private:
  gint64 start_ = g_get_monotonic_time ();
};

/* A bucket, and threads that pay it as fast as it allows; they end with it. */
class Paid
{
public:
  explicit Paid (guint64 rate)
  {
    sl_token_bucket_set_rate (bucket, rate);
  }
  Paid (const Paid &) = delete;
  Paid &operator= (const Paid &) = delete;
  ~Paid ()
  {
    stop ();
    sl_token_bucket_unref (bucket);
    g_object_unref (cancellable);
  }
  /* Pays and counts until stopped. */
  void
  count (std::atomic<guint64> &counter)
  {
    threads.emplace_back ([this, &counter] {
      while (!g_cancellable_is_cancelled (cancellable)) {
        gsize n = sl_token_bucket_get_turn (bucket, 64 * kKiB);
        sl_token_bucket_pay (bucket, n, cancellable);
        counter += n;
      }
    });
  }
  void
  join ()
  {
    for (std::thread &thread : threads)
      thread.join ();
    threads.clear ();
  }
  void
  stop ()
  {
    g_cancellable_cancel (cancellable);
    join ();
  }

  SlTokenBucket *bucket = sl_token_bucket_new ();
  GCancellable *cancellable = g_cancellable_new ();
  std::vector<std::thread> threads;
};

/* A transfer with several connections, each of which reads and pays as fast as it may. */
class Transfer
{
public:
  Transfer (SlTokenBucket *shared, int connections) : limit (sl_transfer_limit_new (shared))
  {
    for (int i = 0; i < connections; i++)
      threads.emplace_back ([this] {
        while (!g_cancellable_is_cancelled (cancellable)) {
          gsize n = sl_transfer_limit_get_turn (limit, 64 * kKiB);
          sl_transfer_limit_pay (limit, n, cancellable);
          counter += n;
        }
      });
  }
  Transfer (const Transfer &) = delete;
  Transfer &operator= (const Transfer &) = delete;
  ~Transfer ()
  {
    stop ();
    sl_transfer_limit_unref (limit);
    g_object_unref (cancellable);
  }
  void
  stop ()
  {
    g_cancellable_cancel (cancellable);
    for (std::thread &thread : threads)
      thread.join ();
    threads.clear ();
  }

  SlTransferLimit *limit;
  GCancellable *cancellable = g_cancellable_new ();
  std::atomic<guint64> counter{0};
  std::vector<std::thread> threads;
};

template <typename Condition>
void
wait_for (Condition condition)
{
  while (!condition ())
    g_usleep (1000);
}

/*
 * Whether @holds is true at one of a few attempts. Other load on the machine may slow down some; a bucket that is too
 * slow fails all.
 */
template <typename Condition>
bool
holds_once (Condition holds)
{
  for (int i = 0; i < 5; i++)
    if (holds ())
      return true;
  return false;
}

/* The growth of @counter over a while, bytes a second. */
double
measure (const std::atomic<guint64> &counter, gulong microseconds)
{
  Stopwatch watch;
  guint64 before = counter;
  g_usleep (microseconds);
  return (double)(counter - before) / watch.seconds ();
}

} // namespace

TEST (TokenBucket, UnlimitedNeverWaits)
{
  g_autoptr (SlTokenBucket) bucket = sl_token_bucket_new ();
  Stopwatch watch;

  EXPECT_EQ (sl_token_bucket_get_rate (bucket), SL_RATE_UNLIMITED);
  EXPECT_EQ (sl_token_bucket_get_turn (bucket, 123456789), 123456789u);
  for (int i = 0; i < 100000; i++)
    sl_token_bucket_pay (bucket, G_MAXUINT32, nullptr);
  EXPECT_LT (watch.seconds (), 5);
}

TEST (TokenBucket, WaitsUntilBytesAreDue)
{
  Paid paid (kMiB);
  Stopwatch watch;

  for (int i = 0; i < 2; i++)
    paid.threads.emplace_back (
        [&] { sl_token_bucket_pay (paid.bucket, kMiB / 10, paid.cancellable); });
  paid.join ();
  EXPECT_GE (watch.seconds (), 0.199);
  EXPECT_LT (watch.seconds (), 5);
}

TEST (TokenBucket, HigherRateEndsLongWaits)
{
  Paid paid (100);
  Stopwatch watch;

  paid.threads.emplace_back ([&] { sl_token_bucket_pay (paid.bucket, kMiB, nullptr); });
  wait_for ([&] { return watch.seconds () > 0.05; });
  sl_token_bucket_set_rate (paid.bucket, 10 * kMiB);
  paid.join ();
  EXPECT_LT (watch.seconds (), 5);
  /* the rest is paid at the new rate */
  EXPECT_GE (watch.seconds (), 0.14);
}

TEST (TokenBucket, NoLimitEndsAllWaits)
{
  Paid paid (1);
  std::atomic<int> n{0};
  Stopwatch watch;

  for (int i = 0; i < 4; i++)
    paid.threads.emplace_back ([&] {
      n++;
      sl_token_bucket_pay (paid.bucket, kMiB, nullptr);
    });
  wait_for ([&] { return n == 4; });
  sl_token_bucket_set_rate (paid.bucket, SL_RATE_UNLIMITED);
  paid.join ();
  EXPECT_LT (watch.seconds (), 5);
}

TEST (TokenBucket, CancelledWaitsEndAtOnce)
{
  Paid paid (1);
  std::atomic<int> n{0};
  Stopwatch watch;

  for (int i = 0; i < 4; i++)
    paid.threads.emplace_back ([&] {
      n++;
      sl_token_bucket_pay (paid.bucket, kMiB, paid.cancellable);
    });
  wait_for ([&] { return n == 4; });
  g_usleep (10000);
  paid.stop ();
  sl_token_bucket_pay (paid.bucket, kMiB, paid.cancellable); /* too late to wait at all */
  EXPECT_LT (watch.seconds (), 5);
}

/* Cancels just when a wait begins or ends. */
TEST (TokenBucket, CancelledAtAnyMoment)
{
  for (int i = 0; i < 300; i++) {
    std::atomic<guint64> counter{0};
    Paid paid (kMiB);
    paid.count (counter);
    paid.count (counter);
    for (int j = 0; j < i % 7; j++)
      sl_token_bucket_set_rate (paid.bucket, (guint64)(j + 1) * kMiB);
    g_usleep ((gulong)(i % 10) * 50);
    paid.stop ();
  }
}

TEST (TransferLimit, WithoutLimitsNothingIsPaid)
{
  g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
  g_autoptr (SlTransferLimit) alone = sl_transfer_limit_new (nullptr);
  g_autoptr (SlTransferLimit) together = sl_transfer_limit_new (shared);
  Stopwatch watch;

  for (SlTransferLimit *limit : {(SlTransferLimit *)alone, (SlTransferLimit *)together}) {
    EXPECT_EQ (sl_transfer_limit_get_turn (limit, 99999999), 99999999u);
    for (int i = 0; i < 1000; i++)
      sl_transfer_limit_pay (limit, G_MAXUINT32, nullptr);
  }
  EXPECT_LT (watch.seconds (), 5);
}

TEST (TransferLimit, TheLowerLimitHolds)
{
  for (bool own : {true, false}) {
    g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
    Transfer transfer (shared, 3);
    sl_transfer_limit_set_rate (transfer.limit, own ? 10 * kMiB : 500 * kMiB);
    sl_token_bucket_set_rate (shared, own ? 500 * kMiB : 10 * kMiB);
    EXPECT_TRUE (holds_once ([&] {
      double rate = measure (transfer.counter, 200000);
      return rate > 8 * kMiB && rate < 12 * kMiB;
    })) << own;
  }
}

/* A transfer with four connections gets no more of the class than one with a single connection. */
TEST (TransferLimit, FairAmongTransfers)
{
  g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
  sl_token_bucket_set_rate (shared, 20 * kMiB);
  Transfer one (shared, 1), four (shared, 4);

  EXPECT_TRUE (holds_once ([&] {
    guint64 before_one = one.counter, before_four = four.counter;
    wait_for ([&] { return one.counter + four.counter > before_one + before_four + 4 * kMiB; });
    double ratio = (double)(four.counter - before_four) / (double)(one.counter - before_one);
    return ratio > 0.75 && ratio < 1.3;
  }));
}

/* Connections that have read at a higher rate but not paid yet owe only one turn of the lower rate each. */
TEST (TransferLimit, LowerRateForgivesWhatWasReadBefore)
{
  for (bool own : {true, false}) {
    g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
    g_autoptr (SlTransferLimit) limit = sl_transfer_limit_new (shared);
    std::vector<std::thread> threads;
    Stopwatch watch;
    sl_transfer_limit_set_rate (limit, own ? 256 * kKiB : SL_RATE_UNLIMITED);
    sl_token_bucket_set_rate (shared, own ? SL_RATE_UNLIMITED : 256 * kKiB);
    for (int i = 0; i < 8; i++)
      threads.emplace_back ([&] { sl_transfer_limit_pay (limit, 2 * kMiB, nullptr); });
    for (std::thread &thread : threads)
      thread.join ();
    EXPECT_GE (watch.seconds (), 0.29) << own;
    EXPECT_LE (watch.seconds (), 5) << own;
  }
}

TEST (TransferLimit, LeavesASlowClassAtOnce)
{
  g_autoptr (SlTokenBucket) slow = sl_token_bucket_new ();
  g_autoptr (SlTokenBucket) fast = sl_token_bucket_new ();
  sl_token_bucket_set_rate (slow, 1);
  Transfer transfer (slow, 3);
  Stopwatch watch;

  g_usleep (50000);
  EXPECT_LE (transfer.counter, 3u);
  sl_transfer_limit_set_class (transfer.limit, fast);
  wait_for ([&] { return transfer.counter > 10 * kMiB; });
  sl_transfer_limit_set_class (transfer.limit, slow);
  sl_transfer_limit_set_class (transfer.limit, nullptr);
  guint64 before = transfer.counter;
  wait_for ([&] { return transfer.counter > before + 10 * kMiB; });
  EXPECT_LT (watch.seconds (), 10);
}

TEST (TransferLimit, StopsAtOnceWhereverItWaits)
{
  for (bool own : {true, false}) {
    g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
    Transfer transfer (shared, 4);
    sl_transfer_limit_set_rate (transfer.limit, own ? 1 : SL_RATE_UNLIMITED);
    sl_token_bucket_set_rate (shared, own ? SL_RATE_UNLIMITED : 1);
    g_usleep (50000);
    Stopwatch watch;
    transfer.stop ();
    EXPECT_LT (watch.seconds (), 5) << own;
  }
}

/* Changes of limits and classes, and the end, at any moment. */
TEST (TransferLimit, ChangedAtAnyMoment)
{
  g_autoptr (SlTokenBucket) a = sl_token_bucket_new ();
  g_autoptr (SlTokenBucket) b = sl_token_bucket_new ();

  for (int i = 0; i < 100; i++) {
    Transfer transfer (a, 3);
    for (int j = 0; j < 10; j++) {
      sl_token_bucket_set_rate (j % 2 ? a : b, j % 3 ? kMiB : SL_RATE_UNLIMITED);
      sl_transfer_limit_set_class (transfer.limit, j % 4 == 0 ? nullptr : j % 4 == 1 ? a : b);
      sl_transfer_limit_set_rate (transfer.limit, j % 5 ? (guint64)j * kMiB : SL_RATE_UNLIMITED);
      g_usleep ((gulong)(i % 10) * 20);
    }
  }
}
