/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy key of a download at a moment. */
#include "queue/policy-key.h"

gint64
sl_policy_key_get_comfort_deadline (const SlRecord *record, const SlPolicySettings *settings)
{
  gint64 end = record->asked.deadline != 0 ? record->asked.deadline : G_MAXINT64;
  gint64 max_wait = (gint64)settings->max_wait * G_USEC_PER_SEC;

  return max_wait != 0 && record->started != 0 ? MIN (end, record->started + max_wait) : end;
}

SlPolicyKey
sl_policy_key_of (const SlRecord *record, const SlPolicySettings *settings, gint64 now)
{
  SlPolicyKeyParts parts = {
      .priority = record->asked.priority,
      .cost_policy = record->asked.cost_policy,
      .disallow_on_cellular = record->asked.disallow_on_cellular,
      .only_when_idle = record->asked.only_when_idle,
      .only_on_external_power = record->asked.only_on_external_power,
      .comfort_counts = sl_policy_key_get_comfort_deadline (record, settings) > now,
      .ignore_conditions = record->asked.ignore_conditions,
  };

  return sl_policy_key_pack (&parts);
}

gboolean
sl_policy_key_is_urgent (SlPolicyKey key)
{
  SlPolicyKeyParts parts = sl_policy_key_unpack (key);

  return sl_class_of (parts.priority) == SL_CLASS_FOREGROUND || !parts.comfort_counts;
}
