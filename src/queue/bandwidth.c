/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shares bandwidth between the two classes of transfers. */
#include "queue/bandwidth.h"

/*
 * The least that the background gets, so that its connections stay alive: bytes a second, and 1/TRICKLE_SHARE of the
 * capacity.
 */
#define TRICKLE       16384.0
#define TRICKLE_SHARE 50
/* The foreground is left this multiple of what it takes, so that it can become faster. */
#define HEADROOM 1.25
/* The foreground has become slower when it takes less than this share of its demand. */
#define SQUEEZED 0.8
/*
 * How long a new foreground runs alone, until its rate can be trusted, which is an average over three seconds (µs).
 */
#define SETTLE_TIME ((gint64)5 * G_USEC_PER_SEC)
/*
 * Time constant (µs) of learning higher rates. Rates start with a leap, because what a network has buffered arrives
 * at once.
 */
#define LEARN_TIME ((double)2 * G_USEC_PER_SEC)
/* Time constant (µs) of forgetting higher rates. */
#define FORGET_TIME ((double)60 * G_USEC_PER_SEC)

struct _SlBandwidth {
  SlTokenBucket *buckets[SL_N_CLASSES]; /* (owned) */
  guint64 background_limit;
  guint64 share; /* the background's rate beside the foreground */
  SlBandwidthPlan plan;
};

/* Moves @value towards @seen in proportion to @elapsed. */
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

/* The foreground changed: its demand must be measured again. */
static void
begin_foreground (SlBandwidthPlan *plan, const SlBandwidthSample *sample)
{
  plan->demand = (double)sample->foreground;
  plan->doubted = 0;
  if (sample->n_foreground < plan->n_foreground)
    return;
  plan->hold_until = sample->now + SETTLE_TIME;
  plan->share = get_trickle (plan);
}

/*
 * If the foreground becomes slower after the background got its share, the line probably has less capacity than we
 * thought, and the background goes down. If that does not help, the foreground slowed down by itself.
 */
static void
watch_foreground (SlBandwidthPlan *plan, const SlBandwidthSample *sample)
{
  double foreground = (double)sample->foreground;

  if (sample->now < plan->hold_until || foreground >= plan->demand * SQUEEZED) {
    if (sample->now >= plan->hold_until)
      plan->doubted = 0;
    return;
  }
  if (plan->doubted > 0) {
    plan->capacity = MAX (plan->capacity, plan->doubted);
    plan->demand = foreground;
    plan->doubted = 0;
  } else if (plan->share > get_trickle (plan)) {
    plan->doubted = plan->capacity;
    plan->capacity = foreground + (double)sample->background;
    plan->hold_until = sample->now + 2 * SETTLE_TIME;
  }
}

/* Learns the line's capacity: what the background takes alone, and at least what both take once that is stable. */
static void
learn_capacity (SlBandwidthPlan *plan, const SlBandwidthSample *sample, gint64 elapsed)
{
  double total = (double)sample->foreground + (double)sample->background;

  gboolean settled = sample->n_foreground == plan->n_foreground && sample->now >= plan->hold_until;

  if (total > plan->capacity && (sample->n_foreground == 0 || settled))
    plan->capacity = approach (plan->capacity, total, elapsed, LEARN_TIME);
  else if (sample->n_foreground == 0 && sample->background > 0)
    plan->capacity = approach (plan->capacity, total, elapsed, FORGET_TIME);
}

/* Learns the foreground's demand: what it takes alone, and at least what it takes beside the background. */
static void
learn_demand (SlBandwidthPlan *plan, const SlBandwidthSample *sample, gint64 elapsed)
{
  double foreground = (double)sample->foreground;

  if (sample->now < plan->hold_until && plan->doubted == 0)
    plan->demand = foreground;
  else
    plan->demand = approach (plan->demand, foreground, elapsed,
                             foreground > plan->demand ? LEARN_TIME : FORGET_TIME);
}

guint64
sl_bandwidth_plan (SlBandwidthPlan *plan, const SlBandwidthSample *sample)
{
  /* ignores time in which nothing ran */
  gint64 elapsed = CLAMP (sample->now - plan->sampled_at, 0, G_USEC_PER_SEC);
  double left;

  plan->sampled_at = sample->now;
  learn_capacity (plan, sample, elapsed);
  if (sample->n_foreground != plan->n_foreground)
    begin_foreground (plan, sample);
  plan->n_foreground = sample->n_foreground;
  if (sample->n_foreground == 0)
    return SL_RATE_UNLIMITED;

  learn_demand (plan, sample, elapsed);
  watch_foreground (plan, sample);
  left = sample->now < plan->hold_until ? 0 : plan->capacity - HEADROOM * plan->demand;
  /* at most doubles in a second, so that the effect on the foreground can be seen */
  plan->share *= 1 + (double)elapsed / G_USEC_PER_SEC;
  plan->share = MAX (get_trickle (plan), MIN (plan->share, left));
  return (guint64)plan->share;
}

SlBandwidth *
sl_bandwidth_new (void)
{
  SlBandwidth *bandwidth = g_new0 (SlBandwidth, 1);

  for (guint i = 0; i < SL_N_CLASSES; i++)
    bandwidth->buckets[i] = sl_token_bucket_new ();
  bandwidth->background_limit = SL_RATE_UNLIMITED;
  bandwidth->share = SL_RATE_UNLIMITED;
  return bandwidth;
}

void
sl_bandwidth_free (SlBandwidth *bandwidth)
{
  /* lets waiting threads go on */
  for (guint i = 0; i < SL_N_CLASSES; i++) {
    sl_token_bucket_set_rate (bandwidth->buckets[i], SL_RATE_UNLIMITED);
    sl_token_bucket_unref (bandwidth->buckets[i]);
  }
  g_free (bandwidth);
}

SlTokenBucket *
sl_bandwidth_get_bucket (SlBandwidth *bandwidth, SlClass class_)
{
  return bandwidth->buckets[class_];
}

static void
set_rate (SlTokenBucket *bucket, guint64 rate)
{
  if (sl_token_bucket_get_rate (bucket) != rate)
    sl_token_bucket_set_rate (bucket, rate);
}

void
sl_bandwidth_set_limits (SlBandwidth *bandwidth, guint64 foreground_rate, guint64 background_rate)
{
  bandwidth->background_limit = background_rate;
  set_rate (bandwidth->buckets[SL_CLASS_FOREGROUND], foreground_rate);
  set_rate (bandwidth->buckets[SL_CLASS_BACKGROUND],
            MIN (bandwidth->background_limit, bandwidth->share));
}

/* With a rate of 0 only downloads that ignore the conditions run, and they ignore this condition, too. */
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
sl_bandwidth_update (SlBandwidth *bandwidth, const SlBandwidthSample *sample)
{
  bandwidth->share = sl_bandwidth_plan (&bandwidth->plan, sample);
  set_rate (bandwidth->buckets[SL_CLASS_BACKGROUND],
            MIN (bandwidth->background_limit, bandwidth->share));
}
