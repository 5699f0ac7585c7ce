/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a link costs, and which cost policies allow it. */
#include "policy/cost.h"

/* The percentage from which a volume counts as nearly used up, as in BITS. */
#define NEAR_CAP 80

/*
 * In which states each policy allows downloads, as in BITS, except for "standard". Linux knows less about a metered
 * network than Windows does, often only that somebody marked it metered; "standard" avoids such networks.
 */
static const struct {
  guint states;
  gboolean cellular;
} policies[] = {
    [SL_COST_POLICY_UNSET] = {0, FALSE},
    [SL_COST_POLICY_ALWAYS] = {SL_COST_ANY, TRUE},
    [SL_COST_POLICY_UNRESTRICTED] = {SL_COST_UNRESTRICTED | SL_COST_OVER_CAP_THROTTLED, TRUE},
    [SL_COST_POLICY_STANDARD] = {SL_COST_UNRESTRICTED | SL_COST_BELOW_CAP |
                                     SL_COST_OVER_CAP_THROTTLED,
                                 TRUE},
    [SL_COST_POLICY_NO_ROAMING] = {SL_COST_ANY & ~SL_COST_ROAMING, TRUE},
    [SL_COST_POLICY_NO_SURCHARGE] = {SL_COST_ANY & ~(SL_COST_ROAMING | SL_COST_OVER_CAP_CHARGED),
                                     TRUE},
    [SL_COST_POLICY_NO_CELLULAR] = {SL_COST_ANY, FALSE},
};
G_STATIC_ASSERT (G_N_ELEMENTS (policies) == SL_N_COST_POLICIES);

static gboolean
is_metered (const SlLink *link, const SlPolicySettings *settings)
{
  if (settings->metered != SL_TRISTATE_AUTO)
    return settings->metered == SL_TRISTATE_YES;
  return link->metered == SL_METERED_YES ||
         (link->metered == SL_METERED_GUESS_YES && settings->trust_guess);
}

static SlCostState
compare_with_cap (guint64 used, guint64 cap, SlOverCap over_cap)
{
  if (used >= cap)
    return over_cap == SL_OVER_CAP_THROTTLED ? SL_COST_OVER_CAP_THROTTLED
                                             : SL_COST_OVER_CAP_CHARGED;
  return used >= cap / 100 * NEAR_CAP ? SL_COST_NEAR_CAP : SL_COST_BELOW_CAP;
}

SlCostState
sl_cost_get_state (const SlLink *link, const SlAccount *account, const SlPolicySettings *settings)
{
  guint64 used = account != NULL ? account->used : 0;

  if (link == NULL)
    return SL_COST_UNRESTRICTED;
  if (link->roaming)
    return SL_COST_ROAMING;
  if (account != NULL && account->forbidden)
    return SL_COST_OVER_CAP_CHARGED;
  /* a tariff says more than the mark "metered" */
  if (account != NULL && account->in_tariff) {
    if (account->tariff.forbidden)
      return SL_COST_OVER_CAP_CHARGED;
    if (account->tariff.capacity == SL_CAP_NONE)
      return SL_COST_UNRESTRICTED;
    return compare_with_cap (account->period_used, account->tariff.capacity, settings->over_cap);
  }
  if (!is_metered (link, settings) || (account != NULL && account->free))
    return SL_COST_UNRESTRICTED;
  if (settings->monthly_cap == SL_CAP_NONE)
    return SL_COST_CAPPED_USAGE_UNKNOWN;
  if (settings->monthly_cap == 0)
    return SL_COST_USAGE_BASED;
  return compare_with_cap (used, settings->monthly_cap, settings->over_cap);
}

gboolean
sl_cost_policy_allows (SlCostPolicy policy, SlCostState state, gboolean cellular)
{
  return (policies[policy].states & state) != 0 && (policies[policy].cellular || !cellular);
}

gboolean
sl_cost_policy_is_within (SlCostPolicy a, SlCostPolicy b)
{
  return (policies[a].states & ~policies[b].states) == 0 &&
         (!policies[a].cellular || policies[b].cellular);
}

const char *
sl_cost_state_to_string (SlCostState state)
{
  switch (state) {
  case SL_COST_UNRESTRICTED:
    return "unrestricted";
  case SL_COST_CAPPED_USAGE_UNKNOWN:
    return "capped-usage-unknown";
  case SL_COST_BELOW_CAP:
    return "below-cap";
  case SL_COST_NEAR_CAP:
    return "near-cap";
  case SL_COST_OVER_CAP_CHARGED:
    return "over-cap-charged";
  case SL_COST_OVER_CAP_THROTTLED:
    return "over-cap-throttled";
  case SL_COST_USAGE_BASED:
    return "usage-based";
  case SL_COST_ROAMING:
    return "roaming";
  }
  g_return_val_if_reached ("");
}
