/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* content: unrecorded bytes stay within the limit, and no writer waits needlessly. */
#include "unit.h"

#include "content/budget.h"

#include <atomic>
#include <random>
#include <thread>

namespace
{

/* A hundred bytes may be written without being recorded; a sync is due after thirty. */
class SmallBudget : public testing::Test
{
protected:
  SlBudget budget;
  GCancellable *cancellable = g_cancellable_new ();
  std::atomic<bool> entered{false};

  SmallBudget ()
  {
    sl_budget_init (&budget, 100, 30);
  }
  ~SmallBudget () override
  {
    sl_budget_clear (&budget);
    g_object_unref (cancellable);
  }
  void
  write (gsize length)
  {
    sl_budget_enter (&budget, length, cancellable);
    sl_budget_leave (&budget, length, length);
  }
  /* A thread that wants to write @length bytes, for which there is no room. */
  std::thread
  waiter (gsize length)
  {
    std::thread thread ([this, length] {
      sl_budget_enter (&budget, length, cancellable);
      entered = true;
    });
    g_usleep (20000);
    EXPECT_FALSE (entered);
    return thread;
  }
  void
  expect_entered (std::thread &thread)
  {
    thread.join ();
    EXPECT_TRUE (entered);
  }
};

} // namespace

TEST_F (SmallBudget, IsFullAtItsMaximum)
{
  write (60);
  write (40);
  std::thread thread = waiter (1);
  sl_budget_recorded (&budget, 1);
  expect_entered (thread);
}

TEST_F (SmallBudget, ASyncAloneMakesNoRoom)
{
  write (100);
  std::thread thread = waiter (1);
  sl_budget_synced (&budget, 100);
  g_usleep (20000);
  EXPECT_FALSE (entered);
  sl_budget_recorded (&budget, 100);
  expect_entered (thread);
}

TEST_F (SmallBudget, WhoIsAboutToWriteCounts)
{
  sl_budget_enter (&budget, 100, cancellable);
  std::thread thread = waiter (1);
  sl_budget_leave (&budget, 100, 100);
  g_usleep (20000);
  EXPECT_FALSE (entered);
  sl_budget_recorded (&budget, 100);
  expect_entered (thread);
}

TEST_F (SmallBudget, AWriteThatFailedMakesRoom)
{
  sl_budget_enter (&budget, 100, cancellable);
  std::thread thread = waiter (100);
  sl_budget_leave (&budget, 100, 0);
  expect_entered (thread);
}

TEST_F (SmallBudget, BytesThatWereThereMakeRoom)
{
  sl_budget_enter (&budget, 100, cancellable);
  std::thread thread = waiter (10);
  sl_budget_leave (&budget, 100, 90);
  expect_entered (thread);
}

TEST_F (SmallBudget, ARecordThatIsToldLateTakesNoRoomBack)
{
  write (100);
  sl_budget_recorded (&budget, 80);
  sl_budget_recorded (&budget, 40);
  write (80);
  EXPECT_EQ (budget.written, 180u);
}

TEST_F (SmallBudget, CancellationLetsIn)
{
  write (100);
  std::thread thread = waiter (50);
  g_cancellable_cancel (cancellable);
  expect_entered (thread);
  sl_budget_leave (&budget, 50, 50);
  EXPECT_EQ (budget.written, 150u);
}

TEST_F (SmallBudget, ResetMakesRoom)
{
  write (100);
  std::thread thread = waiter (100);
  sl_budget_reset (&budget, 0);
  expect_entered (thread);
}

TEST_F (SmallBudget, SyncIsWantedAfterTheIntervalByOne)
{
  write (29);
  EXPECT_FALSE (sl_budget_wants_sync (&budget));
  write (1);
  EXPECT_TRUE (sl_budget_wants_sync (&budget));
  EXPECT_FALSE (sl_budget_wants_sync (&budget));
  sl_budget_synced (&budget, 30);
  EXPECT_FALSE (sl_budget_wants_sync (&budget));
}

TEST_F (SmallBudget, SyncIsWantedAfterASecondOfAnythingNew)
{
  budget.synced_at -= G_TIME_SPAN_SECOND;
  EXPECT_FALSE (sl_budget_wants_sync (&budget));
  write (1);
  EXPECT_TRUE (sl_budget_wants_sync (&budget));
}

TEST_F (SmallBudget, AfterASyncThatFailedItIsWantedAgain)
{
  write (30);
  ASSERT_TRUE (sl_budget_wants_sync (&budget));
  sl_budget_synced (&budget, 0);
  EXPECT_TRUE (sl_budget_wants_sync (&budget));
}

/* Eight writers of pieces of all sizes; each syncs when it is due, and records what was written by then. */
TEST_F (SmallBudget, HoldsForManyThreads)
{
  std::vector<std::thread> threads;
  std::atomic<guint64> most{0};

  for (unsigned seed = 0; seed < 8; seed++)
    threads.emplace_back ([&, seed] {
      std::minstd_rand random (seed + 1);
      for (int i = 0; i < 2000; i++) {
        gsize length = random () % 8 + 1;
        guint64 at_risk, written;
        sl_budget_enter (&budget, length, cancellable);
        g_mutex_lock (&budget.mutex);
        at_risk = budget.written + budget.writing - budget.recorded;
        g_mutex_unlock (&budget.mutex);
        for (guint64 known = most; at_risk > known && !most.compare_exchange_weak (known, at_risk);)
          ;
        sl_budget_leave (&budget, length, length);
        if (!sl_budget_wants_sync (&budget))
          continue;
        g_mutex_lock (&budget.mutex);
        written = budget.written;
        g_mutex_unlock (&budget.mutex);
        sl_budget_synced (&budget, written);
        sl_budget_recorded (&budget, written);
      }
    });
  for (std::thread &thread : threads)
    thread.join ();
  EXPECT_LE (most, 100u);
  EXPECT_GE (most, 30u);
  EXPECT_EQ (budget.writing, 0u);
}
