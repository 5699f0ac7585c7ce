/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The policy cache: the present decision for each policy key over each link. A decision is kept until something
 * changes that it depends on, so asking is cheap however many downloads wait.
 */
#pragma once

#include "policy/decision.h"

G_BEGIN_DECLS

typedef struct _SlPolicyCache SlPolicyCache;

/* @settings: (transfer none); they may change in place; call sl_policy_cache_refresh () then */
SlPolicyCache *sl_policy_cache_new (const SlPolicySettings *settings);
void sl_policy_cache_free (SlPolicyCache *cache);

/* These take effect with the next sl_policy_cache_refresh (). */
void sl_policy_cache_set_conditions (SlPolicyCache *cache, const SlConditions *conditions);
void sl_policy_cache_set_suspended (SlPolicyCache *cache, gboolean suspended);
/* (transfer none) @zone */
void sl_policy_cache_set_zone (SlPolicyCache *cache, GTimeZone *zone);
/* How many bytes arrived over the connection @uuid in this month, and in the present period of its tariff. */
void
sl_policy_cache_set_used (SlPolicyCache *cache, const char *uuid, guint64 month, guint64 period);
/* When the present tariff period of @link began (Unix µs); 0: no tariff. */
gint64 sl_policy_cache_get_period (SlPolicyCache *cache, const SlLink *link);
/* Decides anew; TRUE if any decision changed. @now: Unix µs */
gboolean sl_policy_cache_refresh (SlPolicyCache *cache, gint64 now);

/* Why a download with @key is held if the interface @route (0: unknown) leads to its host; NONE: it may run. */
SlReasons sl_policy_cache_decide (SlPolicyCache *cache, guint route, SlPolicyKey key);
/* Since when it is held (Unix µs); 0: not held. */
gint64 sl_policy_cache_get_held_since (SlPolicyCache *cache, guint route, SlPolicyKey key);

/* Whether any cached decision holds for @reason alone. */
gboolean sl_policy_cache_holds_only_for (SlPolicyCache *cache, SlReasons reason);
SlCostState sl_policy_cache_get_cost (SlPolicyCache *cache, const SlLink *link);
const SlPolicyContext *sl_policy_cache_get_context (SlPolicyCache *cache);
/* When decisions change next because of the time (Unix µs); G_MAXINT64 for never. */
gint64 sl_policy_cache_get_next_change (SlPolicyCache *cache);
/* When the hours in which the background may run begin or end next (Unix µs); G_MAXINT64 for never. */
gint64 sl_policy_cache_get_window_change (SlPolicyCache *cache);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPolicyCache, sl_policy_cache_free)

G_END_DECLS
