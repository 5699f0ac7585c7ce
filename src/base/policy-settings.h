/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What administrator and user configured about when downloads may run, and how fast: see sluice.conf(5). */
#pragma once

#include "base/enums.h"
#include "base/hours.h"
#include "base/settings.h"

G_BEGIN_DECLS

#define SL_CAP_NONE G_MAXUINT64

/*
 * For the downloads of one priority. A rule that is TRUE is imposed on them; one that is FALSE they may set
 * themselves.
 */
typedef struct {
  SlCostPolicy cost_policy; /* of downloads that set none */
  SlCostPolicy cost_limit;  /* no download runs where this policy would not */
  gboolean disallow_on_cellular;
  gboolean only_when_idle;
  gboolean only_on_external_power;
  gboolean hold_on_power_saver;
  gboolean hold_in_game_mode;
  gboolean hold_when_busy;
  gboolean hold_on_vpn;
} SlPrioritySettings;

/* Limits by class. */
typedef struct {
  guint64 rate[SL_N_CLASSES]; /* bytes a second; SL_RATE_UNLIMITED; 0 lets nothing run */
  guint share[SL_N_CLASSES];  /* percent of the link's capacity; 100: no limit */
} SlLimits;

/* When each set of limits holds; of several the last in this order wins. */
typedef enum { SL_PERIOD_ALWAYS, SL_PERIOD_WORK, SL_PERIOD_MAINTENANCE } SlPeriod;
#define SL_N_PERIODS (SL_PERIOD_MAINTENANCE + 1)

typedef enum { SL_TRISTATE_AUTO, SL_TRISTATE_YES, SL_TRISTATE_NO } SlTristate;

/* What happens beyond the month's volume. */
typedef enum { SL_OVER_CAP_CHARGED, SL_OVER_CAP_THROTTLED } SlOverCap;

typedef struct {
  SlPrioritySettings priorities[SL_N_PRIORITIES];
  SlLimits limits[SL_N_PERIODS];
  SlHours *hours[SL_N_PERIODS]; /* (owned) (nullable) for work and maintenance; NULL: never */
  SlHours *window;       /* (owned) (nullable) the background is held outside it; NULL: none */
  guint max_wait;        /* longest time that comfort may hold a download (s); 0: for ever */
  guint idle_time;       /* time without input after which the user is idle (s) */
  guint minimum_battery; /* percent; below it the background is held; 0: none */
  guint busy_share;      /* percent of a link's capacity; above it others keep the link busy */
  SlTristate metered;    /* AUTO: as the system says */
  gboolean trust_guess;  /* believe a guess that a network is metered */
  guint64 monthly_cap;   /* bytes, on a metered connection; 0: every byte is charged; SL_CAP_NONE */
  guint cap_day;         /* day of the month on which counting starts anew; 1 to 28 */
  SlOverCap over_cap;
} SlPolicySettings;

/* Fills in the documented defaults. */
void sl_policy_settings_init (SlPolicySettings *settings);
void sl_policy_settings_copy (SlPolicySettings *to, const SlPolicySettings *from);
void sl_policy_settings_clear (SlPolicySettings *settings);
/* The effective cost policy of a download that asks for @wanted. */
SlCostPolicy sl_policy_settings_get_cost_policy (const SlPolicySettings *settings,
                                                 SlPriority priority,
                                                 SlCostPolicy wanted);

G_END_DECLS
