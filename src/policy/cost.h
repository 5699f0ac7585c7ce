/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a link costs, as one of the eight states of BITS (BITS_COST_STATE_*), and in which of them each cost policy
 * allows downloads. sluice.conf(5) has the same tables.
 */
#pragma once

#include "base/policy-settings.h"
#include "hints/conditions.h"
#include "policy/tariff.h"

G_BEGIN_DECLS

/* The bits are those of BITS_COST_STATE_*. */
typedef enum {
  SL_COST_UNRESTRICTED = 0x01,         /* no cost, or none known */
  SL_COST_CAPPED_USAGE_UNKNOWN = 0x02, /* limited or charged, and nothing more is known */
  SL_COST_BELOW_CAP = 0x04,            /* less than 80 % of the volume is used */
  SL_COST_NEAR_CAP = 0x08,             /* 80 to 100 % */
  SL_COST_OVER_CAP_CHARGED = 0x10,     /* all is used, more is charged */
  SL_COST_OVER_CAP_THROTTLED = 0x20,   /* all is used, more is slow, but not charged */
  SL_COST_USAGE_BASED = 0x40,          /* every byte is charged */
  SL_COST_ROAMING = 0x80,
} SlCostState;
#define SL_COST_ANY 0xff

/* What is known of a link besides its hints. */
typedef struct {
  guint64 used;        /* bytes of the month's volume */
  guint64 period_used; /* bytes in the tariff's present period */
  gboolean in_tariff;
  SlTariffMoment tariff; /* valid when in_tariff: the connection's tariff at this moment */
  gboolean forbidden;    /* the connection's settings forbid downloads */
  gboolean free;         /* the settings allow downloads although it is metered */
} SlAccount;

/* The state of a transfer over @link (nullable: unknown); @account: (nullable) */
SlCostState
sl_cost_get_state (const SlLink *link, const SlAccount *account, const SlPolicySettings *settings);
/* Whether @policy (not UNSET) allows downloads in @state; @cellular: whether the network is. */
gboolean sl_cost_policy_allows (SlCostPolicy policy, SlCostState state, gboolean cellular);
/* Whether @b allows everything that @a allows. */
gboolean sl_cost_policy_is_within (SlCostPolicy a, SlCostPolicy b);
/* Such as "near-cap". */
const char *sl_cost_state_to_string (SlCostState state);

G_END_DECLS
