/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Shares bandwidth between the two classes of transfers: each has a limit, and the background gives way to the
 * foreground. The limits are independent; together both classes may reach the sum of the two.
 */
#pragma once

#include "http/token-bucket.h"
#include "policy/decision.h"

G_BEGIN_DECLS

typedef struct _SlBandwidth SlBandwidth;

/* Starts without limits. */
SlBandwidth *sl_bandwidth_new (void);
void sl_bandwidth_free (SlBandwidth *bandwidth);

/*
 * (transfer none): the bucket of a class, which limits its transfers; lives as long as @bandwidth, or longer with a
 * reference
 */
SlTokenBucket *sl_bandwidth_get_bucket (SlBandwidth *bandwidth, SlClass class_);
/* The limits of the classes, bytes a second, or SL_RATE_UNLIMITED; they take effect at once. */
void
sl_bandwidth_set_limits (SlBandwidth *bandwidth, guint64 foreground_rate, guint64 background_rate);
/* Sets the limits that @context decides: those of the hour, and shares of the primary link's capacity. */
void sl_bandwidth_follow (SlBandwidth *bandwidth, const SlPolicyContext *context);

/* The load at one moment. */
typedef struct {
  gint64 now;         /* monotonic */
  guint n_foreground; /* running foreground transfers */
  guint64 foreground; /* their rate together (bytes a second), averaged over a few seconds */
  guint64 background; /* the same of all others */
} SlBandwidthSample;

/* Call it about ten times a second while transfers run, and when a foreground transfer begins or ends. */
void sl_bandwidth_update (SlBandwidth *bandwidth, const SlBandwidthSample *sample);

/* What sl_bandwidth_plan () has learnt. Starts with all zero. */
typedef struct {
  gint64 sampled_at;
  guint n_foreground;
  double capacity;   /* the line's capacity: the highest recent rate of both classes together */
  double demand;     /* what the foreground takes unhindered, lately */
  double share;      /* the background's rate */
  gint64 hold_until; /* until then the background stays low, to measure the demand */
  double doubted;    /* the capacity before it was lowered on suspicion; 0: none */
} SlBandwidthPlan;

/* Learns from @sample, and returns the rate for the background. Pure. */
guint64 sl_bandwidth_plan (SlBandwidthPlan *plan, const SlBandwidthSample *sample);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBandwidth, sl_bandwidth_free)

G_END_DECLS
