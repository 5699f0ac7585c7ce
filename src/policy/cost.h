/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a link costs, in the eight states that BITS has for it (BITS_COST_STATE_*), and which of them each cost
 * policy runs in. The tables are those of sluice.conf(5).
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
  SlTariffMoment tariff; /* with in_tariff: what the connection's tariff says of now */
  gboolean forbidden;    /* the connection's settings allow no downloads */
  gboolean free;         /* they allow them although it's metered */
} SlAccount;

/* In which state a transfer over @link (nullable: nothing is known) is; @account nullable. */
SlCostState
sl_cost_get_state (const SlLink *link, const SlAccount *account, const SlPolicySettings *settings);
/* Whether @policy, which is not UNSET, runs in @state, on a @cellular network or another. */
gboolean sl_cost_policy_allows (SlCostPolicy policy, SlCostState state, gboolean cellular);
/* Whether @a runs nowhere where @b does not. */
gboolean sl_cost_policy_is_within (SlCostPolicy a, SlCostPolicy b);
/* Such as "near-cap". */
const char *sl_cost_state_to_string (SlCostState state);

G_END_DECLS
