/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: how the background gives way to the foreground, on simulated lines. */
#include "unit.h"

#include "queue/bandwidth.h"

namespace
{

constexpr double kMiB = 1024 * 1024;
constexpr guint64 kTrickle = 16384;

/* A line, and the wishes of both classes. Rates are averaged over 3 s, as the queue sees them. */
class Line
{
public:
  double capacity = 10 * kMiB;   /* capacity of the line */
  double foreground_wish = 0;    /* the most that its server sends */
  double background_wish = 1e12; /* the same */
  guint n_foreground = 0;
  guint64 allowed = SL_RATE_UNLIMITED; /* rate of the background */

  /* Lets @seconds pass, in ticks of 100 ms. */
  void
  run (double seconds)
  {
    for (int i = 0; i < (int)(seconds * 10 + 0.5); i++)
      tick ();
  }
  /* Updates at once, as when a foreground transfer begins or ends. */
  void
  update (guint n)
  {
    if (n_foreground == 0 || n == 0)
      foreground_seen_ = 0;
    n_foreground = n;
    look ();
  }
  double
  foreground () const
  {
    return foreground_;
  }
  double
  background () const
  {
    return background_;
  }

private:
  void
  look ()
  {
    SlBandwidthSample sample = {now_, n_foreground, (guint64)foreground_seen_,
                                (guint64)background_seen_};
    allowed = sl_bandwidth_plan (&plan_, &sample);
  }
  /* Two classes that want more than the line gives share it equally. */
  void
  tick ()
  {
    double foreground = n_foreground > 0 ? foreground_wish : 0;
    double background = std::min (background_wish, (double)allowed);
    double half = capacity / 2;
    background_ = std::min (background, std::max (half, capacity - foreground));
    foreground_ = std::min (foreground, capacity - background_);
    now_ += G_USEC_PER_SEC / 10;
    foreground_seen_ = average (foreground_seen_, foreground_);
    background_seen_ = average (background_seen_, background_);
    look ();
  }
  static double
  average (double old, double sample)
  {
    return old == 0 ? sample : old + (sample - old) / 30;
  }

  SlBandwidthPlan plan_ = {};
  gint64 now_ = 1000000;
  double foreground_ = 0, background_ = 0, foreground_seen_ = 0, background_seen_ = 0;
};

/* The plan after the background has been alone on such a line for long. */
SlBandwidthPlan
plan_of (double capacity)
{
  SlBandwidthPlan plan = {};
  SlBandwidthSample sample = {0, 0, 0, (guint64)capacity};

  for (int i = 0; i < 100; i++) {
    sample.now += G_USEC_PER_SEC;
    sl_bandwidth_plan (&plan, &sample);
  }
  return plan;
}

} // namespace

TEST (Bandwidth, TheBackgroundAloneIsFree)
{
  Line line;

  line.run (100);
  EXPECT_EQ (line.allowed, SL_RATE_UNLIMITED);
  EXPECT_EQ (line.background (), line.capacity);
}

TEST (Bandwidth, AForegroundCutsItToATrickleAtOnce)
{
  for (double capacity : {0.0, 1000.0, 100 * kMiB}) {
    SlBandwidthPlan plan = plan_of (capacity);
    SlBandwidthSample sample = {100000001, 1, 0, (guint64)capacity};
    EXPECT_NEAR ((double)sl_bandwidth_plan (&plan, &sample), std::max (16384.0, capacity / 50), 10);
  }
}

TEST (Bandwidth, WithoutAForegroundItIsFreeAtOnce)
{
  Line line;

  line.run (60);
  line.update (1);
  line.run (60);
  EXPECT_LT (line.allowed, SL_RATE_UNLIMITED);
  line.update (0);
  EXPECT_EQ (line.allowed, SL_RATE_UNLIMITED);
}

/* A foreground that takes the whole line keeps it as long as it wants. */
TEST (Bandwidth, AGreedyForegroundKeepsTheLine)
{
  Line line;

  line.foreground_wish = 1e12;
  line.run (60);
  line.update (1);
  for (int i = 0; i < 3600; i++) {
    line.run (1);
    ASSERT_GE (line.foreground (), 0.9 * line.capacity) << "after " << i << " s";
  }
}

/* The background gets the rest of a slow foreground's line within seconds, and keeps it. */
TEST (Bandwidth, ASlowForegroundLeavesTheRest)
{
  Line line;

  line.foreground_wish = 2 * kMiB;
  line.run (60);
  line.update (1);
  line.run (4);
  EXPECT_LT (line.background (), line.capacity / 10);
  line.run (11);
  for (int i = 0; i < 3600; i++) {
    line.run (1);
    ASSERT_GE (line.foreground (), 0.99 * 2 * kMiB) << "after " << i << " s";
    ASSERT_GE (line.background (), 7 * kMiB) << "after " << i << " s";
    ASSERT_LE (line.background (), 8 * kMiB) << "after " << i << " s";
  }
}

/* The capacity learnt from a faster line is corrected. */
TEST (Bandwidth, ALineThatBecameSlower)
{
  double squeezed = 0;
  Line line;

  line.foreground_wish = 1e12;
  line.run (60);
  line.capacity = 6 * kMiB;
  line.update (1);
  for (int i = 0; i < 3600; i++) {
    line.run (1);
    squeezed += line.foreground () < 0.8 * line.capacity;
  }
  EXPECT_LE (squeezed, 20);
  EXPECT_GE (line.foreground (), 0.9 * line.capacity);
}

/* A foreground that becomes slower by itself costs the background only the time to notice that. */
TEST (Bandwidth, AForegroundThatBecameSlower)
{
  Line line;

  line.foreground_wish = 4 * kMiB;
  line.run (60);
  line.update (1);
  line.run (60);
  EXPECT_NEAR (line.background (), 5 * kMiB, 0.1 * kMiB);
  line.foreground_wish = kMiB;
  line.run (40);
  EXPECT_GE (line.background (), 8 * kMiB);
  EXPECT_EQ (line.foreground (), kMiB);
}

/* When one more begins, the background gives way again; when one ends, only its share is freed. */
TEST (Bandwidth, TheForegroundGrowsAndShrinks)
{
  Line line;

  line.foreground_wish = 2 * kMiB;
  line.run (60);
  line.update (1);
  line.run (30);
  EXPECT_GE (line.background (), 7 * kMiB);
  line.update (2);
  line.foreground_wish = 4 * kMiB;
  EXPECT_LE (line.allowed, line.capacity / 49);
  line.run (30);
  EXPECT_NEAR (line.background (), 5 * kMiB, 0.1 * kMiB);
  line.update (1);
  EXPECT_GE (line.allowed, 4 * kMiB);
  line.run (10);
  EXPECT_EQ (line.foreground (), 4 * kMiB);
}

/* The share grows no faster than it can be taken back. */
TEST (Bandwidth, TheShareGrowsSlowly)
{
  Line line;
  double last;

  line.run (60);
  line.update (1);
  line.foreground_wish = 1000;
  line.run (4.9);
  last = (double)line.allowed;
  for (int i = 0; i < 100; i++) {
    line.run (0.1);
    ASSERT_LE ((double)line.allowed, last * 1.11 + 1);
    last = (double)line.allowed;
  }
  EXPECT_GE (last, 9 * kMiB);
}

/* A short leap of the rate is not taken for the line's capacity. */
TEST (Bandwidth, AShortLeapIsNotBelieved)
{
  SlBandwidthPlan plan = plan_of (kMiB);
  SlBandwidthSample sample = {100000000, 0, 0, (guint64)(30 * kMiB)};

  for (int i = 0; i < 3; i++) {
    sample.now += 100000;
    sl_bandwidth_plan (&plan, &sample);
  }
  EXPECT_LT (plan.capacity, 6 * kMiB);
}

/* Nothing is forgotten while nothing runs; a slower line is learnt while the background is alone. */
TEST (Bandwidth, WhatIsRememberedOfTheLine)
{
  SlBandwidthPlan plan = plan_of (10 * kMiB);
  SlBandwidthSample sample = {G_GINT64_CONSTANT (3600000000), 0, 0, 0};

  sl_bandwidth_plan (&plan, &sample);
  EXPECT_NEAR (plan.capacity, 10 * kMiB, 10);
  sample.background = (guint64)kMiB;
  for (int i = 0; i < 6000; i++) {
    sample.now += 100000;
    sl_bandwidth_plan (&plan, &sample);
  }
  EXPECT_NEAR (plan.capacity, kMiB, 0.01 * kMiB);
}

TEST (Bandwidth, LimitsAndGivingWay)
{
  g_autoptr (SlBandwidth) bandwidth = sl_bandwidth_new ();
  SlTokenBucket *background = sl_bandwidth_get_bucket (bandwidth, SL_CLASS_BACKGROUND);
  SlTokenBucket *foreground = sl_bandwidth_get_bucket (bandwidth, SL_CLASS_FOREGROUND);
  SlBandwidthSample sample = {1000000, 1, 0, 0};

  ASSERT_NE (background, foreground);
  EXPECT_EQ (sl_token_bucket_get_rate (background), SL_RATE_UNLIMITED);
  EXPECT_EQ (sl_token_bucket_get_rate (foreground), SL_RATE_UNLIMITED);
  sl_bandwidth_set_limits (bandwidth, 5000000, 1000000);
  EXPECT_EQ (sl_token_bucket_get_rate (background), 1000000u);
  EXPECT_EQ (sl_token_bucket_get_rate (foreground), 5000000u);
  sl_bandwidth_update (bandwidth, &sample);
  EXPECT_EQ (sl_token_bucket_get_rate (background), kTrickle);
  EXPECT_EQ (sl_token_bucket_get_rate (foreground), 5000000u);
  /* whichever is lower holds */
  sl_bandwidth_set_limits (bandwidth, SL_RATE_UNLIMITED, 1000);
  EXPECT_EQ (sl_token_bucket_get_rate (background), 1000u);
  EXPECT_EQ (sl_token_bucket_get_rate (foreground), SL_RATE_UNLIMITED);
  sl_bandwidth_set_limits (bandwidth, SL_RATE_UNLIMITED, SL_RATE_UNLIMITED);
  EXPECT_EQ (sl_token_bucket_get_rate (background), kTrickle);
  sample.now++;
  sample.n_foreground = 0;
  sl_bandwidth_update (bandwidth, &sample);
  EXPECT_EQ (sl_token_bucket_get_rate (background), SL_RATE_UNLIMITED);
}
