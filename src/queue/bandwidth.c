/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How fast the two classes of transfers may be. */
#include "queue/bandwidth.h"

/* What the background is left at least, so that its connections stay alive: bytes a second, and a share of all. */
#define TRICKLE       16384.0
#define TRICKLE_SHARE 50
/* The foreground is left so much more than it takes: room to become faster. */
#define HEADROOM 1.25
/* The foreground has become slower when it falls below so much of what it took. */
#define SQUEEZED 0.8
/* So long the foreground is alone, until its rate, which is an average over three seconds, can be believed (µs). */
#define SETTLE_TIME ((gint64)5 * G_USEC_PER_SEC)
/* In so long what is seen is believed: rates begin with a leap, as what is queued somewhere comes at once (µs). */
#define LEARN_TIME ((double)2 * G_USEC_PER_SEC)
/* In so long what was seen once is forgotten (µs). */
#define FORGET_TIME ((double)60 * G_USEC_PER_SEC)

struct _SlBandwidth {
  SlTokenBucket *pacers[SL_N_CLASSES]; /* (owned) */
  guint64 background_limit;
  guint64 share; /* of the background beside the foreground */
  SlBandwidthPlan plan;
};

/* @value, come so much nearer to @seen as goes with @elapsed. */
static double
approach (double value, double seen, gint64 elapsed, double time)
{
  return value + (seen - value) * (double)elapsed / time;
}

static double
get_trickle (const SlBandwidthPlan *plan)
{
  return MAX (TRICKLE, plan->capacity / TRICKLE_SHARE);
}

/* Another foreground than before: what it takes has to be found out again. */
static void
begin_foreground (SlBandwidthPlan *plan, const SlBandwidthSeen *seen)
{
  plan->demand = (double)seen->foreground;
  plan->doubted = 0;
  if (seen->n_foreground < plan->n_foreground)
    return;
  plan->hold_until = seen->now + SETTLE_TIME;
  plan->share = get_trickle (plan);
}

/*
 * Since the background takes its share, the foreground has become slower: so the line seems to give less than was
 * thought, and the background goes low. If that doesn't help, it was the foreground's own doing.
 */
static void
watch_foreground (SlBandwidthPlan *plan, const SlBandwidthSeen *seen)
{
  double foreground = (double)seen->foreground;

  if (seen->now < plan->hold_until || foreground >= plan->demand * SQUEEZED) {
    if (seen->now >= plan->hold_until)
      plan->doubted = 0;
    return;
  }
  if (plan->doubted > 0) {
    plan->capacity = MAX (plan->capacity, plan->doubted);
    plan->demand = foreground;
    plan->doubted = 0;
  } else if (plan->share > get_trickle (plan)) {
    plan->doubted = plan->capacity;
    plan->capacity = foreground + (double)seen->background;
    plan->hold_until = seen->now + 2 * SETTLE_TIME;
  }
}

/* What the line gives shows while the background is free, and no less than what both take once that is settled. */
static void
learn_capacity (SlBandwidthPlan *plan, const SlBandwidthSeen *seen, gint64 elapsed)
{
  double total = (double)seen->foreground + (double)seen->background;

  gboolean settled = seen->n_foreground == plan->n_foreground && seen->now >= plan->hold_until;

  if (total > plan->capacity && (seen->n_foreground == 0 || settled))
    plan->capacity = approach (plan->capacity, total, elapsed, LEARN_TIME);
  else if (seen->n_foreground == 0 && seen->background > 0)
    plan->capacity = approach (plan->capacity, total, elapsed, FORGET_TIME);
}

/* What the foreground takes shows while it's alone, and no less than what it takes beside the background. */
static void
learn_demand (SlBandwidthPlan *plan, const SlBandwidthSeen *seen, gint64 elapsed)
{
  double foreground = (double)seen->foreground;

  if (seen->now < plan->hold_until && plan->doubted == 0)
    plan->demand = foreground;
  else
    plan->demand = approach (plan->demand, foreground, elapsed,
                             foreground > plan->demand ? LEARN_TIME : FORGET_TIME);
}

guint64
sl_bandwidth_plan (SlBandwidthPlan *plan, const SlBandwidthSeen *seen)
{
  /* time in which nothing ran teaches nothing */
  gint64 elapsed = CLAMP (seen->now - plan->seen_at, 0, G_USEC_PER_SEC);
  double left;

  plan->seen_at = seen->now;
  learn_capacity (plan, seen, elapsed);
  if (seen->n_foreground != plan->n_foreground)
    begin_foreground (plan, seen);
  plan->n_foreground = seen->n_foreground;
  if (seen->n_foreground == 0)
    return SL_RATE_UNLIMITED;

  learn_demand (plan, seen, elapsed);
  watch_foreground (plan, seen);
  left = seen->now < plan->hold_until ? 0 : plan->capacity - HEADROOM * plan->demand;
  /* at most twice as fast in a second, so that the foreground can be watched meanwhile */
  plan->share *= 1 + (double)elapsed / G_USEC_PER_SEC;
  plan->share = MAX (get_trickle (plan), MIN (plan->share, left));
  return (guint64)plan->share;
}

SlBandwidth *
sl_bandwidth_new (void)
{
  SlBandwidth *bandwidth = g_new0 (SlBandwidth, 1);

  for (guint i = 0; i < SL_N_CLASSES; i++)
    bandwidth->pacers[i] = sl_token_bucket_new ();
  bandwidth->background_limit = SL_RATE_UNLIMITED;
  bandwidth->share = SL_RATE_UNLIMITED;
  return bandwidth;
}

void
sl_bandwidth_free (SlBandwidth *bandwidth)
{
  /* those who still wait need not */
  for (guint i = 0; i < SL_N_CLASSES; i++) {
    sl_token_bucket_set_rate (bandwidth->pacers[i], SL_RATE_UNLIMITED);
    sl_token_bucket_unref (bandwidth->pacers[i]);
  }
  g_free (bandwidth);
}

SlTokenBucket *
sl_bandwidth_get_pacer (SlBandwidth *bandwidth, SlClass class_)
{
  return bandwidth->pacers[class_];
}

static void
set_rate (SlTokenBucket *pacer, guint64 rate)
{
  if (sl_token_bucket_get_rate (pacer) != rate)
    sl_token_bucket_set_rate (pacer, rate);
}

void
sl_bandwidth_set_limits (SlBandwidth *bandwidth, guint64 foreground_rate, guint64 background_rate)
{
  bandwidth->background_limit = background_rate;
  set_rate (bandwidth->pacers[SL_CLASS_FOREGROUND], foreground_rate);
  set_rate (bandwidth->pacers[SL_CLASS_BACKGROUND],
            MIN (bandwidth->background_limit, bandwidth->share));
}

/* At a rate of 0 runs only who ignores the conditions, and so that one too. */
static guint64
get_limit (const SlPolicyContext *context, SlClass class_, guint64 capacity)
{
  guint64 rate = sl_decide_rate (context, class_, capacity);

  return rate != 0 ? rate : SL_RATE_UNLIMITED;
}

void
sl_bandwidth_follow (SlBandwidth *bandwidth, const SlPolicyContext *context)
{
  const SlLink *link = sl_conditions_find_link (context->conditions, 0);
  guint64 capacity = link != NULL ? link->capacity : 0;

  sl_bandwidth_set_limits (bandwidth, get_limit (context, SL_CLASS_FOREGROUND, capacity),
                           get_limit (context, SL_CLASS_BACKGROUND, capacity));
}

void
sl_bandwidth_update (SlBandwidth *bandwidth, const SlBandwidthSeen *seen)
{
  bandwidth->share = sl_bandwidth_plan (&bandwidth->plan, seen);
  set_rate (bandwidth->pacers[SL_CLASS_BACKGROUND],
            MIN (bandwidth->background_limit, bandwidth->share));
}
