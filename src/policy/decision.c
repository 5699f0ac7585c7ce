/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The decision: may a download run now, and if not, why. */
#include "policy/decision.h"

SlPolicyKey
sl_policy_key_pack (const SlPolicyKeyParts *parts)
{
  guint packed = (guint)parts->priority | (guint)parts->cost_policy << 2;

  packed |= (guint)parts->disallow_on_cellular << 5 | (guint)parts->only_when_idle << 6 |
            (guint)parts->only_on_external_power << 7 | (guint)parts->comfort_counts << 8 |
            (guint)parts->ignore_conditions << 9;
  return (SlPolicyKey)packed;
}

SlPolicyKeyParts
sl_policy_key_unpack (SlPolicyKey key)
{
  return (SlPolicyKeyParts){
      .priority = (SlPriority)(key & 3),
      .cost_policy = (SlCostPolicy)(key >> 2 & 7),
      .disallow_on_cellular = key >> 5 & 1,
      .only_when_idle = key >> 6 & 1,
      .only_on_external_power = key >> 7 & 1,
      .comfort_counts = key >> 8 & 1,
      .ignore_conditions = key >> 9 & 1,
  };
}

static gboolean
is_within (const SlHours *hours, gint64 now, GTimeZone *zone)
{
  return hours != NULL && sl_hours_contain (hours, now, zone);
}

void
sl_policy_context_set_time (SlPolicyContext *context, gint64 now, GTimeZone *zone)
{
  const SlPolicySettings *settings = context->settings;

  context->in_window = settings->window == NULL || sl_hours_contain (settings->window, now, zone);
  context->period = SL_PERIOD_ALWAYS;
  if (is_within (settings->hours[SL_PERIOD_WORK], now, zone))
    context->period = SL_PERIOD_WORK;
  if (is_within (settings->hours[SL_PERIOD_MAINTENANCE], now, zone))
    context->period = SL_PERIOD_MAINTENANCE;
}

gint64
sl_policy_context_get_next_change (const SlPolicyContext *context, gint64 now, GTimeZone *zone)
{
  const SlHours *all[] = {
      context->settings->window,
      context->settings->hours[SL_PERIOD_WORK],
      context->settings->hours[SL_PERIOD_MAINTENANCE],
  };
  gint64 next = G_MAXINT64;

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    if (all[i] != NULL)
      next = MIN (next, sl_hours_next_change (all[i], now, zone));
  }
  return next;
}

guint64
sl_decide_rate (const SlPolicyContext *context, SlClass class_, guint64 capacity)
{
  const SlLimits *limits = &context->settings->limits[context->period];
  guint share = limits->share[class_];

  if (share == 0)
    return 0;
  if (share >= 100 || capacity == 0)
    return limits->rate[class_];
  return MIN (limits->rate[class_], MAX (capacity / 100 * share, 1));
}

/* Whether a network leads to the host. */
static SlReasons
decide_network (const SlPolicyContext *context, const SlPath *path)
{
  switch (context->conditions->connectivity) {
  case SL_CONNECTIVITY_NONE:
    return path->routed ? SL_REASON_NONE : SL_REASON_NO_NETWORK;
  case SL_CONNECTIVITY_PORTAL:
    /* the portal is on the primary link; other links don't pass it */
    return path->link == NULL || path->link->primary ? SL_REASON_CAPTIVE_PORTAL : SL_REASON_NONE;
  case SL_CONNECTIVITY_UNKNOWN:
  case SL_CONNECTIVITY_LIMITED:
  case SL_CONNECTIVITY_FULL:
    break;
  }
  return SL_REASON_NONE;
}

/* The reason that names why @state is too expensive for @policy. */
static SlReasons
get_cost_reason (SlCostState state, gboolean cellular, SlCostPolicy policy)
{
  switch (state) {
  case SL_COST_ROAMING:
    return policy == SL_COST_POLICY_NO_CELLULAR ? SL_REASON_CELLULAR : SL_REASON_ROAMING;
  case SL_COST_NEAR_CAP:
  case SL_COST_OVER_CAP_CHARGED:
  case SL_COST_OVER_CAP_THROTTLED:
    return policy == SL_COST_POLICY_NO_CELLULAR && cellular ? SL_REASON_CELLULAR
                                                            : SL_REASON_DATA_CAP;
  case SL_COST_UNRESTRICTED:
  case SL_COST_CAPPED_USAGE_UNKNOWN:
  case SL_COST_BELOW_CAP:
  case SL_COST_USAGE_BASED:
    break;
  }
  return policy == SL_COST_POLICY_NO_CELLULAR ? SL_REASON_CELLULAR : SL_REASON_METERED;
}

static SlReasons
decide_policy (const SlPolicyContext *context, const SlPath *path, SlCostPolicy policy)
{
  SlCostState state = sl_cost_get_state (path->link, path->account, context->settings);
  gboolean cellular = path->link != NULL && path->link->cellular;

  if (sl_cost_policy_allows (policy, state, cellular))
    return SL_REASON_NONE;
  return get_cost_reason (state, cellular, policy);
}

/* Both kinds of reasons together. If only the administrator's limits hold the download, ADMIN_POLICY says so. */
static SlReasons
combine (SlReasons own, SlReasons imposed)
{
  return own != SL_REASON_NONE || imposed == SL_REASON_NONE ? own | imposed
                                                            : imposed | SL_REASON_ADMIN_POLICY;
}

/* Money: holds downloads until they cost less, however long that takes. */
static SlReasons
decide_money (const SlPolicyContext *context, const SlPath *path, const SlPolicyKeyParts *key)
{
  const SlPrioritySettings *settings = &context->settings->priorities[key->priority];
  gboolean cellular = path->link != NULL && path->link->cellular;
  SlReasons own, imposed;

  own = decide_policy (context, path,
                       sl_policy_settings_get_cost_policy (context->settings, key->priority,
                                                           key->cost_policy));
  imposed = decide_policy (context, path, settings->cost_limit);
  if (cellular && key->disallow_on_cellular)
    own |= SL_REASON_CELLULAR;
  if (cellular && settings->disallow_on_cellular)
    imposed |= SL_REASON_CELLULAR;
  return combine (own, imposed);
}

/* The battery: when it is critical, only the foreground runs. */
static SlReasons
decide_critical (const SlConditions *conditions, SlPriority priority)
{
  return conditions->on_battery && conditions->battery_critical &&
                 sl_class_of (priority) == SL_CLASS_BACKGROUND
             ? SL_REASON_BATTERY
             : SL_REASON_NONE;
}

/* What the download asks for itself; it doesn't count after the comfort deadline. */
static SlReasons
decide_wishes (const SlConditions *conditions, gboolean when_idle, gboolean on_external_power)
{
  SlReasons reasons = SL_REASON_NONE;

  if (when_idle && !conditions->user_idle)
    reasons |= SL_REASON_USER_ACTIVE;
  if (on_external_power && conditions->on_battery)
    reasons |= SL_REASON_BATTERY;
  return reasons;
}

/* Holds downloads for the comfort of the machine's user. */
static SlReasons
decide_comfort (const SlPolicyContext *context, const SlPath *path, SlPriority priority)
{
  const SlConditions *conditions = context->conditions;
  const SlPrioritySettings *settings = &context->settings->priorities[priority];
  gboolean background = sl_class_of (priority) == SL_CLASS_BACKGROUND;
  SlReasons reasons = SL_REASON_NONE;

  if (settings->hold_on_power_saver && conditions->power_saver)
    reasons |= SL_REASON_POWER_SAVER;
  if (settings->hold_in_game_mode && conditions->game_mode)
    reasons |= SL_REASON_GAME_MODE;
  if (settings->hold_when_busy && path->link != NULL && path->link->busy)
    reasons |= SL_REASON_LINK_BUSY;
  if (settings->hold_on_vpn && conditions->vpn)
    reasons |= SL_REASON_VPN;
  if (background && conditions->on_battery &&
      conditions->battery_level < context->settings->minimum_battery)
    reasons |= SL_REASON_BATTERY;
  if (background && !context->in_window)
    reasons |= SL_REASON_OUTSIDE_WINDOW;
  return reasons;
}

static SlReasons
decide_comfort_and_wishes (const SlPolicyContext *context,
                           const SlPath *path,
                           const SlPolicyKeyParts *key)
{
  const SlPrioritySettings *settings = &context->settings->priorities[key->priority];
  SlReasons own =
      decide_wishes (context->conditions, key->only_when_idle, key->only_on_external_power);
  SlReasons imposed = decide_wishes (context->conditions, settings->only_when_idle,
                                     settings->only_on_external_power);

  own |= decide_comfort (context, path, key->priority);
  return combine (own, imposed);
}

static SlReasons
decide_conditions (const SlPolicyContext *context, const SlPath *path, const SlPolicyKeyParts *key)
{
  SlReasons reasons = decide_critical (context->conditions, key->priority);

  reasons |= decide_money (context, path, key);
  if (sl_decide_rate (context, sl_class_of (key->priority), 0) == 0)
    reasons |= SL_REASON_RATE_ZERO;
  if (key->comfort_counts)
    reasons |= decide_comfort_and_wishes (context, path, key);
  return reasons;
}

SlReasons
sl_decide (const SlPolicyContext *context, const SlPath *path, SlPolicyKey key)
{
  SlPolicyKeyParts parts = sl_policy_key_unpack (key);
  SlReasons reasons = SL_REASON_NONE;

  if (context->suspended)
    reasons |= SL_REASON_SUSPENDED;
  reasons |= decide_network (context, path);
  if (!parts.ignore_conditions)
    reasons |= decide_conditions (context, path, &parts);
  return reasons;
}
