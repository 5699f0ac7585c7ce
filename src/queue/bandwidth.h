/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast the two classes of transfers may be, foreground and background: each has a limit, and the background gives
 * way to the foreground. The limits are apart; both together may be as fast as the sum of the two.
 */
#pragma once

#include "http/token-bucket.h"
#include "policy/decision.h"

G_BEGIN_DECLS

typedef struct _SlBandwidth SlBandwidth;

/* Without limits. */
SlBandwidth *sl_bandwidth_new (void);
void sl_bandwidth_free (SlBandwidth *bandwidth);

/* (transfer none): what the transfers of a class pay to; lives as long as @bandwidth, and longer with a reference */
SlTokenBucket *sl_bandwidth_get_pacer (SlBandwidth *bandwidth, SlClass class_);
/* The most bytes a second that each class may take, or SL_RATE_UNLIMITED; takes effect at once. */
void
sl_bandwidth_set_limits (SlBandwidth *bandwidth, guint64 foreground_rate, guint64 background_rate);
/* The same by what is decided in @context: the limits of the hour, and shares of what the primary link can do. */
void sl_bandwidth_follow (SlBandwidth *bandwidth, const SlPolicyContext *context);

/* What is going on at one moment. */
typedef struct {
  gint64 now;         /* monotonic */
  guint n_foreground; /* transfers that run in the foreground */
  guint64 foreground; /* the rate of these together, averaged over a few seconds */
  guint64 background; /* of all others */
} SlBandwidthSeen;

/* To be called about ten times a second while something runs, and when a foreground transfer begins or ends. */
void sl_bandwidth_update (SlBandwidth *bandwidth, const SlBandwidthSeen *seen);

/* The arithmetic of it alone: what has been learnt. Begins with all zero. */
typedef struct {
  gint64 seen_at;
  guint n_foreground;
  double capacity;   /* what the line gives, as far as seen: the highest rate of both lately */
  double demand;     /* what the foreground takes when it's let, lately */
  double share;      /* of the background */
  gint64 hold_until; /* while the foreground's rate is being found out, the background stays low */
  double doubted;    /* the capacity that was given up when the foreground became slower; 0: none */
} SlBandwidthPlan;

/* Learns from @seen; the rate that the background may have. */
guint64 sl_bandwidth_plan (SlBandwidthPlan *plan, const SlBandwidthSeen *seen);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBandwidth, sl_bandwidth_free)

G_END_DECLS
