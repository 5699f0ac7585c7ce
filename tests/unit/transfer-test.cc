/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* transfer: the planner, the backoff, and the promises of the workers. */
#include "unit.h"

#include "content/part.h"
#include "transfer/backoff.h"
#include "transfer/buffer.h"
#include "transfer/planner.h"
#include "transfer/worker.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>
#include <sys/mman.h>
#include <thread>

static const guint64 KIB = 1024, MIB = 1024 * KIB;

/* Segments of all sizes and speeds. */
TEST (Planner, EverySplitIsInsideAndWorthIt)
{
  std::mt19937_64 random (20261120);
  int splits = 0;

  for (int round = 0; round < 20000; round++) {
    std::vector<SlPlanned> segments (random () % 8);
    gint64 latency = (gint64)(random () % 2000000);
    guint which = 99;
    guint64 at = 0;

    for (SlPlanned &segment : segments) {
      segment.position = random () % (guint64 (1) << (random () % 45));
      segment.end = segment.position + random () % (guint64 (1) << (random () % 40));
      segment.rate = random () % 4 == 0 ? 0 : (double)(random () % (guint64 (1) << 30));
    }
    if (!sl_plan_split (segments.data (), (guint)segments.size (), latency, &which, &at))
      continue;
    splits++;
    ASSERT_LT (which, segments.size ());
    ASSERT_GE (at, segments[which].position + 256 * KIB);
    ASSERT_LE (at, segments[which].end - 256 * KIB);
    if (segments[which].rate > 0) {
      double seconds =
          (double)(segments[which].end - segments[which].position) / segments[which].rate;
      ASSERT_GE (seconds, 0.3);
      ASSERT_GE (seconds * 1e6, 4.0 * (double)latency);
    }
  }
  EXPECT_GT (splits, 1000);
}

static bool
splits (const std::vector<SlPlanned> &segments, gint64 latency, guint *which, guint64 *at)
{
  return sl_plan_split (segments.data (), (guint)segments.size (), latency, which, at);
}

TEST (Planner, NothingToSplit)
{
  guint which;
  guint64 at;

  EXPECT_FALSE (splits ({}, 0, &which, &at));
  EXPECT_FALSE (splits ({{100, 100, 0}}, 0, &which, &at));
  /* at least 2 × 256 KiB, however slow */
  EXPECT_FALSE (splits ({{0, 512 * KIB - 1, 1}}, 0, &which, &at));
  EXPECT_TRUE (splits ({{0, 512 * KIB, 1}}, 0, &which, &at));
  EXPECT_EQ (at, 256 * KIB);
}

TEST (Planner, WhatEndsSoonIsLeftAlone)
{
  guint which;
  guint64 at;

  /* 100 ms and 500 ms remain */
  EXPECT_FALSE (splits ({{0, 10 * MIB, 100.0 * MIB}}, 0, &which, &at));
  EXPECT_TRUE (splits ({{0, 50 * MIB, 100.0 * MIB}}, 0, &which, &at));
  EXPECT_FALSE (splits ({{0, 50 * MIB, 100.0 * MIB}}, 200000, &which, &at));
}

TEST (Planner, LargeOnesAreSplitBeforeARateIsKnown)
{
  guint which;
  guint64 at;

  EXPECT_FALSE (splits ({{0, 16 * MIB - 1, 0}}, 0, &which, &at));
  ASSERT_TRUE (splits ({{4 * MIB, 20 * MIB, 0}}, 0, &which, &at));
  EXPECT_EQ (at, 12 * MIB);
  /* the larger one, and unknown rates before known ones */
  ASSERT_TRUE (splits ({{0, 20 * MIB, 0}, {100 * MIB, 200 * MIB, 0}}, 0, &which, &at));
  EXPECT_EQ (which, 1u);
  ASSERT_TRUE (splits ({{0, 900 * MIB, 10.0 * MIB}, {900 * MIB, 920 * MIB, 0}}, 0, &which, &at));
  EXPECT_EQ (which, 1u);
}

/* A new connection is not taken for a slow one because others are known to be fast. */
TEST (Planner, WhatIsNotKnownIsSplitInTheMiddle)
{
  guint which;
  guint64 at;

  ASSERT_TRUE (splits ({{0, 10 * MIB, 1000.0 * MIB}, {100 * MIB, 200 * MIB, 0}}, 0, &which, &at));
  EXPECT_EQ (which, 1u);
  EXPECT_EQ (at, 150 * MIB);
}

TEST (Planner, TheSlowestIsHelpedAndGivesMostToAFastNewcomer)
{
  guint which;
  guint64 at;

  ASSERT_TRUE (
      splits ({{0, 90 * MIB, 90.0 * MIB}, {100 * MIB, 200 * MIB, 10.0 * MIB}}, 0, &which, &at));
  EXPECT_EQ (which, 1u);
  /* ten to ninety */
  EXPECT_NEAR ((double)at, 110.0 * MIB, 1.0 * MIB);
}

TEST (Buffer, AsLargeAsThereIsUseFor)
{
  const std::vector<std::pair<guint64, gsize>> sizes = {
      {1, 4097},       {100000, 104096},          {MIB, 512 * KIB}, {SL_SIZE_UNKNOWN, 512 * KIB},
      {16 * MIB, MIB}, {SL_SIZE_UNKNOWN - 1, MIB}};

  for (auto [expected, size] : sizes) {
    g_auto (SlBuffer) buffer = {};
    sl_buffer_init (&buffer, expected);
    EXPECT_EQ (buffer.size, size) << expected;
    EXPECT_EQ ((guintptr)buffer.data % SL_PART_ALIGN, 0u);
    std::fill (buffer.data, buffer.data + buffer.size, 7);
  }
}

/* Two share a huge page, which is given back with the second of them. */
TEST (Buffer, LargeOnesLieInHugePagesByTwos)
{
  std::vector<SlBuffer> buffers (4);
  std::set<guint8 *> halves;
  std::set<guintptr> pages;

  for (SlBuffer &buffer : buffers) {
    sl_buffer_init (&buffer, 100 * MIB);
    std::fill (buffer.data, buffer.data + buffer.size, 7);
    halves.insert (buffer.data);
    pages.insert ((guintptr)buffer.data / (2 * MIB));
  }
  EXPECT_EQ (halves.size (), 4u);
  EXPECT_EQ (pages.size (), 2u);
  guint8 *freed = buffers[0].data;
  sl_buffer_clear (&buffers[0]);
  sl_buffer_init (&buffers[0], 100 * MIB);
  EXPECT_EQ ((guintptr)freed / (2 * MIB), (guintptr)buffers[0].data / (2 * MIB));
  for (SlBuffer &buffer : buffers)
    sl_buffer_clear (&buffer);
  for (guintptr page : pages)
    EXPECT_EQ (madvise ((void *)(page * 2 * MIB), 2 * MIB, MADV_NORMAL), -1) << "is still there";
}

TEST (Buffer, FromManyThreads)
{
  std::vector<std::thread> threads;
  std::atomic<int> spoilt{0};

  for (guint8 mark = 1; mark <= 8; mark++)
    threads.emplace_back ([&, mark] {
      for (int i = 0; i < 50; i++) {
        g_auto (SlBuffer) buffer = {};
        sl_buffer_init (&buffer, mark % 2 ? 16 * MIB : 10000);
        std::fill (buffer.data, buffer.data + 5000, mark);
        std::this_thread::yield ();
        spoilt += (int)(5000 - std::count (buffer.data, buffer.data + 5000, mark));
      }
    });
  for (std::thread &thread : threads)
    thread.join ();
  EXPECT_EQ (spoilt, 0);
}

TEST (Backoff, DoublesUpToTheGreatest)
{
  EXPECT_EQ (sl_backoff (0, 1000, 600000, 0), 1000000);
  EXPECT_EQ (sl_backoff (1, 1000, 600000, 0), 1000000);
  EXPECT_EQ (sl_backoff (2, 1000, 600000, 0), 2000000);
  EXPECT_EQ (sl_backoff (5, 1000, 600000, 0), 16000000);
  EXPECT_EQ (sl_backoff (11, 1000, 600000, 0), 600000000);
  EXPECT_EQ (sl_backoff (1000000, 1000, 600000, 0), 600000000);
}

TEST (Backoff, JitterTakesAtMostAQuarter)
{
  EXPECT_EQ (sl_backoff (1, 1000, 600000, 1), 750000);
  EXPECT_EQ (sl_backoff (1, 1000, 600000, 0.5), 875000);
}

TEST (Backoff, StaysWithinItsBounds)
{
  std::mt19937 random (3);

  for (int round = 0; round < 10000; round++) {
    guint min = random () >> (random () % 32), max = random () >> (random () % 32);
    guint failures = random () >> (random () % 32);
    double jitter = (double)random () / (double)std::mt19937::max ();
    gint64 delay = sl_backoff (failures, min, max, jitter);
    ASSERT_GE (delay, (gint64)min * 750 - 1);
    ASSERT_LE (delay, (gint64)MAX (min, max) * 1000);
    ASSERT_GE (sl_backoff (failures + 1, min, max, jitter), delay);
  }
}

namespace
{

/* The reports of a hundred jobs. */
struct Reports {
  std::atomic<int> running{0};
  std::vector<int> last = std::vector<int> (100, -1);
  int count = 0, disordered = 0;
  GThread *main = g_thread_self ();
};

struct Job {
  Reports *reports;
  int number;
};

struct Report {
  Reports *reports;
  int job, step;
};

gboolean
on_report (gpointer data)
{
  std::unique_ptr<Report> report ((Report *)data);

  report->reports->count++;
  report->reports->disordered += report->reports->last[(gsize)report->job] != report->step - 1 ||
                                 g_thread_self () != report->reports->main;
  report->reports->last[(gsize)report->job] = report->step;
  return G_SOURCE_REMOVE;
}

void
run_job (gpointer data)
{
  std::unique_ptr<Job> job ((Job *)data);

  job->reports->running++;
  EXPECT_EQ (sl_worker_get_client (), sl_worker_get_client ());
  for (int step = 0; step < 10; step++)
    sl_worker_post (on_report, new Report{job->reports, job->number, step});
  job->reports->running--;
}

} // namespace

TEST (Worker, ReportsComeInOrderOnTheMainLoop)
{
  Reports reports;

  sl_client_prepare_process ();
  for (int i = 0; i < 100; i++)
    sl_worker_run (0, run_job, new Job{&reports, i});
  sl_worker_shutdown ();
  EXPECT_EQ (reports.running, 0);
  /* everything was posted before */
  while (g_main_context_iteration (nullptr, FALSE))
    ;
  EXPECT_EQ (reports.count, 1000);
  EXPECT_EQ (reports.disordered, 0);
}

namespace
{

/* Jobs that run until released, and the order in which they began. */
class Gate
{
public:
  void
  run (guint32 owner, int name)
  {
    sl_worker_run (owner, job, new Entry{this, name});
  }
  void
  run_requests (int name)
  {
    sl_worker_run_requests (job, new Entry{this, name});
  }
  /* Waits until @n have begun in total; false if they don't. */
  bool
  wait_begun (size_t n)
  {
    std::unique_lock<std::mutex> lock (mutex);
    return changed.wait_for (lock, std::chrono::seconds (20), [&] { return begun.size () >= n; });
  }
  /* Releases @n more. */
  void
  release (size_t n)
  {
    std::lock_guard<std::mutex> lock (mutex);
    released += n;
    changed.notify_all ();
  }
  std::vector<int>
  get_begun ()
  {
    std::lock_guard<std::mutex> lock (mutex);
    return begun;
  }
  size_t
  get_most ()
  {
    std::lock_guard<std::mutex> lock (mutex);
    return most;
  }

private:
  struct Entry {
    Gate *gate;
    int name;
  };
  static void
  job (gpointer data)
  {
    std::unique_ptr<Entry> entry ((Entry *)data);
    Gate *gate = entry->gate;
    std::unique_lock<std::mutex> lock (gate->mutex);

    gate->begun.push_back (entry->name);
    gate->most = std::max (gate->most, ++gate->running);
    gate->changed.notify_all ();
    gate->changed.wait (lock, [&] { return gate->released > 0; });
    gate->released--;
    gate->running--;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<int> begun;
  size_t running = 0, most = 0, released = 0;
};

} // namespace

TEST (Worker, JobsWithoutRequestsAreBoundedAndAllRun)
{
  const size_t n = 10 * SL_WORKER_JOBS_MAX;
  Gate gate;

  for (size_t i = 0; i < n; i++)
    gate.run (1000, (int)i);
  ASSERT_TRUE (gate.wait_begun (SL_WORKER_JOBS_MAX));
  gate.release (n);
  sl_worker_shutdown ();
  EXPECT_EQ (gate.get_begun ().size (), n);
  EXPECT_EQ (gate.get_most (), (size_t)SL_WORKER_JOBS_MAX);
}

TEST (Worker, RequestsDoNotWaitForJobs)
{
  Gate jobs, requests;

  sl_client_prepare_process ();
  for (int i = 0; i < 2 * SL_WORKER_JOBS_MAX; i++)
    jobs.run (1000, i);
  for (int i = 0; i < 50; i++)
    requests.run_requests (i);
  EXPECT_TRUE (requests.wait_begun (50));
  /* a thread may be slow to begin */
  EXPECT_TRUE (jobs.wait_begun (SL_WORKER_JOBS_MAX));
  requests.release (50);
  jobs.release (2 * SL_WORKER_JOBS_MAX);
  sl_worker_shutdown ();
  EXPECT_EQ (jobs.get_most (), (size_t)SL_WORKER_JOBS_MAX);
}

/* A user with a thousand files to publish does not delay the others until the end. */
TEST (Worker, UsersTakeTurns)
{
  Gate first, gate;

  for (int i = 0; i < SL_WORKER_JOBS_MAX; i++)
    first.run (1000, i);
  ASSERT_TRUE (first.wait_begun (SL_WORKER_JOBS_MAX));
  for (int i = 0; i < 100; i++)
    gate.run (1000, i);
  gate.run (1001, 1000);
  gate.run (1002, 2000);
  gate.run (1001, 1001);
  /* one thread does all of them, because the others are still busy */
  first.release (1);
  gate.release (103);
  ASSERT_TRUE (gate.wait_begun (103));
  first.release (SL_WORKER_JOBS_MAX - 1);
  sl_worker_shutdown ();
  std::vector<int> begun = gate.get_begun ();
  EXPECT_EQ (std::vector<int> (begun.begin (), begun.begin () + 7),
             std::vector<int> ({0, 1000, 2000, 1, 1001, 2, 3}));
  EXPECT_EQ (begun.back (), 99);
}
