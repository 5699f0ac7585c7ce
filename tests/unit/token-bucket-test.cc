/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* http: how fast many threads are let go on, one by one and as transfers of a class. */
#include "unit.h"

#include "http/transfer-limit.h"

#include <atomic>
#include <thread>

namespace
{

constexpr guint64 kKiB = 1024, kMiB = 1024 * kKiB;

/* Seconds since it was made. */
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

/* A bucket, and threads that pay it as fast as it lets them; they end with it. */
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
  /* Pays for all of @total, together with the others that do. */
  void
  take (std::atomic<gint64> &total)
  {
    threads.emplace_back ([this, &total] {
      for (;;) {
        gsize n = sl_token_bucket_get_turn (bucket, kMiB);
        if (total.fetch_sub ((gint64)n) <= 0)
          return;
        sl_token_bucket_pay (bucket, n, cancellable);
      }
    });
  }
  /* Pays until it's stopped, and counts. */
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

/* A transfer of so many connections, each of which reads and pays as fast as it may. */
class Transfer
{
public:
  Transfer (SlTokenBucket *shared, int connections) : flow (sl_transfer_limit_new (shared))
  {
    for (int i = 0; i < connections; i++)
      threads.emplace_back ([this] {
        while (!g_cancellable_is_cancelled (cancellable)) {
          gsize n = sl_transfer_limit_get_turn (flow, 64 * kKiB);
          sl_transfer_limit_pay (flow, n, cancellable);
          counter += n;
        }
      });
  }
  Transfer (const Transfer &) = delete;
  Transfer &operator= (const Transfer &) = delete;
  ~Transfer ()
  {
    stop ();
    sl_transfer_limit_unref (flow);
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

  SlTransferLimit *flow;
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
 * Whether @holds at one of a few attempts. For speed that a machine busy with other things takes away now and then; a
 * bucket that is too slow is so in all of them.
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

/* Bytes a second that @counter grows by, over a while. */
double
measure (const std::atomic<guint64> &counter, gulong microseconds)
{
  Stopwatch watch;
  guint64 before = counter;
  g_usleep (microseconds);
  return (double)(counter - before) / watch.seconds ();
}

/* How long payers of @rate take for what is @seconds' worth. */
double
measure_paying (guint64 rate, int threads, double seconds)
{
  Stopwatch watch;
  Paid paid (rate);
  gint64 bytes = (gint64)(seconds * (double)rate);
  std::atomic<gint64> total{bytes};

  for (int i = 0; i < threads; i++)
    paid.take (total);
  paid.join ();
  return watch.seconds ();
}

/* Payers of @rate are never done too soon, and hardly later. */
void
expect_accurate (guint64 rate, int threads)
{
  const double seconds = 2;

  EXPECT_TRUE (holds_once ([=] {
    double took = measure_paying (rate, threads, seconds);
    EXPECT_GE (took, seconds) << rate;
    /* each has begun a turn before it saw that all was taken, at most */
    return took <= seconds * 1.03 + 0.15;
  })) << rate;
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

TEST (TokenBucket, TurnsFitTheRate)
{
  g_autoptr (SlTokenBucket) bucket = sl_token_bucket_new ();
  const struct {
    guint64 rate;
    gsize wanted, turn;
  } rows[] = {
      {1, kMiB, 1},
      {1000, kMiB, 1000},
      {32 * kKiB, kMiB, 4096},
      {kMiB, kMiB, kMiB / 20},
      {kMiB, 10, 10},
      {100 * kMiB, 5 * kMiB, kMiB},
      {G_MAXUINT64 - 1, 5 * kMiB, kMiB},
  };

  for (const auto &row : rows) {
    sl_token_bucket_set_rate (bucket, row.rate);
    EXPECT_EQ (sl_token_bucket_get_rate (bucket), row.rate);
    EXPECT_EQ (sl_token_bucket_get_turn (bucket, row.wanted), row.turn) << row.rate;
  }
}

TEST (TokenBucket, AccurateAtManyRates)
{
  std::vector<std::thread> each;

  for (int threads : {1, 6})
    for (guint64 rate : {32 * kKiB, kMiB, 20 * kMiB, 100 * kMiB})
      each.emplace_back (expect_accurate, rate, threads);
  for (std::thread &thread : each)
    thread.join ();
}

/* What was not used is not made up for later, but for a tenth of a second. */
TEST (TokenBucket, IdleTimeIsNotSavedUp)
{
  Paid paid (kMiB);

  g_usleep (600000);
  Stopwatch watch;
  for (int i = 0; i < 10; i++)
    sl_token_bucket_pay (paid.bucket, kMiB / 20, nullptr);
  EXPECT_GE (watch.seconds (), 0.39);
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
  /* what was still owed is paid at the new rate */
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

/* A lower rate is for what is read from then on. */
TEST (TokenBucket, LowerRateLeavesTicketsAsTheyAre)
{
  Paid paid (kMiB);
  std::atomic<bool> asked{false};
  Stopwatch watch;

  paid.threads.emplace_back ([&] {
    asked = true;
    sl_token_bucket_pay (paid.bucket, kMiB / 2, nullptr);
  });
  wait_for ([&] { return asked && watch.seconds () > 0.1; });
  sl_token_bucket_set_rate (paid.bucket, 1000);
  paid.join ();
  EXPECT_GE (watch.seconds (), 0.4);
  EXPECT_LT (watch.seconds (), 5);
  sl_token_bucket_pay (paid.bucket, 300, nullptr);
  EXPECT_GE (watch.seconds (), 0.65);
}

TEST (TokenBucket, ChangedInFlight)
{
  std::atomic<guint64> counter{0};
  Paid paid (kMiB);

  paid.count (counter);
  paid.count (counter);
  EXPECT_LE (measure (counter, 500000), 1.4 * kMiB);
  EXPECT_TRUE (holds_once ([&] {
    sl_token_bucket_set_rate (paid.bucket, 10 * kMiB);
    double rate = measure (counter, 600000);
    EXPECT_LT (rate, 12 * kMiB);
    return rate > 7 * kMiB;
  }));
  sl_token_bucket_set_rate (paid.bucket, 64 * kKiB);
  EXPECT_TRUE (holds_once ([&] { return measure (counter, 1000000) < 80 * kKiB; }));
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

/* Cancellations that come just when a wait begins or ends anyway. */
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

TEST (TokenBucket, TurnsAreFair)
{
  std::vector<std::atomic<guint64>> counters (4);
  Paid paid (2 * kMiB);

  for (auto &counter : counters)
    paid.count (counter);
  EXPECT_TRUE (holds_once ([&] {
    std::vector<guint64> before (counters.begin (), counters.end ());
    const double expected = 1.5 * 2 * kMiB / 4;
    g_usleep (1500000);
    bool fair = true;
    for (std::size_t i = 0; i < counters.size (); i++) {
      double taken = (double)(counters[i] - before[i]);
      fair = fair && taken > 0.7 * expected && taken < 1.3 * expected;
    }
    return fair;
  }));
}

TEST (TransferLimit, WithoutLimitsNothingIsPaid)
{
  g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
  g_autoptr (SlTransferLimit) alone = sl_transfer_limit_new (nullptr);
  g_autoptr (SlTransferLimit) together = sl_transfer_limit_new (shared);
  Stopwatch watch;

  for (SlTransferLimit *flow : {(SlTransferLimit *)alone, (SlTransferLimit *)together}) {
    EXPECT_EQ (sl_transfer_limit_get_turn (flow, 99999999), 99999999u);
    for (int i = 0; i < 1000; i++)
      sl_transfer_limit_pay (flow, G_MAXUINT32, nullptr);
  }
  EXPECT_LT (watch.seconds (), 5);
}

TEST (TransferLimit, TheLowerLimitHolds)
{
  for (bool own : {true, false}) {
    g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
    Transfer transfer (shared, 3);
    sl_transfer_limit_set_rate (transfer.flow, own ? kMiB : 50 * kMiB);
    sl_token_bucket_set_rate (shared, own ? 50 * kMiB : kMiB);
    EXPECT_TRUE (holds_once ([&] {
      double rate = measure (transfer.counter, 1000000);
      return rate > 0.85 * kMiB && rate < 1.15 * kMiB;
    })) << own;
  }
}

/* One with four connections gets no more of the class than one with one. */
TEST (TransferLimit, FairAmongTransfers)
{
  g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
  sl_token_bucket_set_rate (shared, 2 * kMiB);
  Transfer one (shared, 1), four (shared, 4);

  EXPECT_TRUE (holds_once ([&] {
    guint64 before_one = one.counter, before_four = four.counter;
    g_usleep (2000000);
    double ratio = (double)(four.counter - before_four) / (double)(one.counter - before_one);
    return ratio > 0.75 && ratio < 1.3;
  }));
}

/* Connections that read at a higher rate, and have not got to paying yet, owe a turn of the lower one each. */
TEST (TransferLimit, LowerRateForgivesWhatWasReadBefore)
{
  for (bool own : {true, false}) {
    g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
    g_autoptr (SlTransferLimit) flow = sl_transfer_limit_new (shared);
    std::vector<std::thread> threads;
    Stopwatch watch;
    sl_transfer_limit_set_rate (flow, own ? 32 * kKiB : SL_RATE_UNLIMITED);
    sl_token_bucket_set_rate (shared, own ? SL_RATE_UNLIMITED : 32 * kKiB);
    for (int i = 0; i < 8; i++)
      threads.emplace_back ([&] { sl_transfer_limit_pay (flow, 256 * kKiB, nullptr); });
    for (std::thread &thread : threads)
      thread.join ();
    EXPECT_GE (watch.seconds (), 0.9) << own;
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
  sl_transfer_limit_set_class (transfer.flow, fast);
  wait_for ([&] { return transfer.counter > 10 * kMiB; });
  sl_transfer_limit_set_class (transfer.flow, slow);
  sl_transfer_limit_set_class (transfer.flow, nullptr);
  guint64 before = transfer.counter;
  wait_for ([&] { return transfer.counter > before + 10 * kMiB; });
  EXPECT_LT (watch.seconds (), 10);
}

TEST (TransferLimit, StopsAtOnceWhereverItWaits)
{
  for (bool own : {true, false}) {
    g_autoptr (SlTokenBucket) shared = sl_token_bucket_new ();
    Transfer transfer (shared, 4);
    sl_transfer_limit_set_rate (transfer.flow, own ? 1 : SL_RATE_UNLIMITED);
    sl_token_bucket_set_rate (shared, own ? SL_RATE_UNLIMITED : 1);
    g_usleep (50000);
    Stopwatch watch;
    transfer.stop ();
    EXPECT_LT (watch.seconds (), 5) << own;
  }
}

/* Limits, classes and the end, all at any moment. */
TEST (TransferLimit, ChangedAtAnyMoment)
{
  g_autoptr (SlTokenBucket) a = sl_token_bucket_new ();
  g_autoptr (SlTokenBucket) b = sl_token_bucket_new ();

  for (int i = 0; i < 100; i++) {
    Transfer transfer (a, 3);
    for (int j = 0; j < 10; j++) {
      sl_token_bucket_set_rate (j % 2 ? a : b, j % 3 ? kMiB : SL_RATE_UNLIMITED);
      sl_transfer_limit_set_class (transfer.flow, j % 4 == 0 ? nullptr : j % 4 == 1 ? a : b);
      sl_transfer_limit_set_rate (transfer.flow, j % 5 ? (guint64)j * kMiB : SL_RATE_UNLIMITED);
      g_usleep ((gulong)(i % 10) * 20);
    }
  }
}
