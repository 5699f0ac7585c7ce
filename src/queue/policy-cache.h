/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The policy cache: what is decided at the moment for each policy key over each link. Decisions are kept until something
 * that they follow from changes, so asking is cheap however many wait.
 */
#pragma once

#include "policy/decision.h"

G_BEGIN_DECLS

typedef struct _SlPolicyCache SlPolicyCache;

/* (transfer none) @settings, which may change in place; sl_policy_cache_refresh () then. */
SlPolicyCache *sl_policy_cache_new (const SlPolicySettings *settings);
void sl_policy_cache_free (SlPolicyCache *cache);

/* Each takes effect with the next sl_policy_cache_refresh (). */
void sl_policy_cache_set_conditions (SlPolicyCache *cache, const SlConditions *conditions);
void sl_policy_cache_set_suspended (SlPolicyCache *cache, gboolean suspended);
/* (transfer none) @zone */
void sl_policy_cache_set_zone (SlPolicyCache *cache, GTimeZone *zone);
/* How many bytes have come over the connection @uuid in this month, and in the present period of its tariff. */
void
sl_policy_cache_set_used (SlPolicyCache *cache, const char *uuid, guint64 month, guint64 period);
/* When the present period of the tariff of @link began (Unix µs); 0: it has none. */
gint64 sl_policy_cache_get_period (SlPolicyCache *cache, const SlLink *link);
/* Decides anew; TRUE if anything has changed. @now: Unix µs */
gboolean sl_policy_cache_refresh (SlPolicyCache *cache, gint64 now);

/* Why what goes to a host behind the interface @route (0: not known) with @key is held; NONE: it may run. */
SlReasons sl_policy_cache_decide (SlPolicyCache *cache, guint route, SlPolicyKey key);
/* Since when (Unix µs); 0 when it is not held. */
gint64 sl_policy_cache_get_held_since (SlPolicyCache *cache, guint route, SlPolicyKey key);

/* Whether anything that was asked for is held by @reason alone. */
gboolean sl_policy_cache_holds_only_for (SlPolicyCache *cache, SlReasons reason);
SlCostState sl_policy_cache_get_cost (SlPolicyCache *cache, const SlLink *link);
const SlPolicyContext *sl_policy_cache_get_context (SlPolicyCache *cache);
/* When the decisions will change by themselves (Unix µs); G_MAXINT64 for never. */
gint64 sl_policy_cache_get_next_change (SlPolicyCache *cache);
/* When the hours in which the background may run begin or end next, likewise. */
gint64 sl_policy_cache_get_window_change (SlPolicyCache *cache);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPolicyCache, sl_policy_cache_free)

G_END_DECLS
