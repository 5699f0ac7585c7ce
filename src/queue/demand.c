/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a download demands of the conditions at a moment. */
#include "queue/demand.h"

gint64
sl_demand_get_patience_end (const SlRecord *record, const SlPolicySettings *settings)
{
  gint64 end = record->asked.deadline != 0 ? record->asked.deadline : G_MAXINT64;
  gint64 max_wait = (gint64)settings->max_wait * G_USEC_PER_SEC;

  return max_wait != 0 && record->started != 0 ? MIN (end, record->started + max_wait) : end;
}

SlDemand
sl_demand_of (const SlRecord *record, const SlPolicySettings *settings, gint64 now)
{
  SlDemandParts parts = {
      .priority = record->asked.priority,
      .cost_policy = record->asked.cost_policy,
      .disallow_on_cellular = record->asked.disallow_on_cellular,
      .only_when_idle = record->asked.only_when_idle,
      .only_on_external_power = record->asked.only_on_external_power,
      .patient = sl_demand_get_patience_end (record, settings) > now,
      .forced = record->asked.ignore_conditions,
  };

  return sl_demand_pack (&parts);
}

gboolean
sl_demand_is_urgent (SlDemand demand)
{
  SlDemandParts parts = sl_demand_unpack (demand);

  return sl_class_of (parts.priority) == SL_CLASS_FOREGROUND || !parts.patient;
}
