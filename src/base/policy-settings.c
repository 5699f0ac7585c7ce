/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings about when downloads may run: defaults, copy and free. */
#include "base/policy-settings.h"

static void
init_priority (SlPrioritySettings *settings, SlPriority priority)
{
  *settings = (SlPrioritySettings){
      .cost_policy = sl_class_of (priority) == SL_CLASS_FOREGROUND ? SL_COST_POLICY_ALWAYS
                                                                   : SL_COST_POLICY_STANDARD,
      .cost_limit = SL_COST_POLICY_ALWAYS,
      /* HIGH and FOREGROUND are urgent; the rest gives way to the machine's user */
      .hold_on_power_saver = priority >= SL_PRIORITY_NORMAL,
      .hold_in_game_mode = priority >= SL_PRIORITY_NORMAL,
      .hold_when_busy = priority == SL_PRIORITY_LOW,
  };
}

void
sl_policy_settings_init (SlPolicySettings *settings)
{
  *settings = (SlPolicySettings){
      .max_wait = 7 * 86400,
      .idle_time = 300,
      .minimum_battery = 20,
      .busy_share = 30,
      .trust_guess = TRUE,
      .monthly_cap = SL_CAP_NONE,
      .cap_day = 1,
      .over_cap = SL_OVER_CAP_CHARGED,
  };
  for (guint i = 0; i < SL_N_PRIORITIES; i++)
    init_priority (&settings->priorities[i], (SlPriority)i);
  for (guint i = 0; i < SL_N_PERIODS; i++) {
    for (guint j = 0; j < SL_N_CLASSES; j++) {
      settings->limits[i].rate[j] = SL_RATE_UNLIMITED;
      settings->limits[i].share[j] = 100;
    }
  }
}

static SlHours *
copy_hours (const SlHours *hours)
{
  return hours != NULL ? sl_hours_copy (hours) : NULL;
}

void
sl_policy_settings_copy (SlPolicySettings *to, const SlPolicySettings *from)
{
  *to = *from;
  to->window = copy_hours (from->window);
  for (guint i = 0; i < SL_N_PERIODS; i++)
    to->hours[i] = copy_hours (from->hours[i]);
}

void
sl_policy_settings_clear (SlPolicySettings *settings)
{
  g_clear_pointer (&settings->window, sl_hours_free);
  for (guint i = 0; i < SL_N_PERIODS; i++)
    g_clear_pointer (&settings->hours[i], sl_hours_free);
}

SlCostPolicy
sl_policy_settings_get_cost_policy (const SlPolicySettings *settings,
                                    SlPriority priority,
                                    SlCostPolicy wanted)
{
  return wanted != SL_COST_POLICY_UNSET ? wanted : settings->priorities[priority].cost_policy;
}
