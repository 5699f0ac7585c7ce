/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts bytes against the volumes of connections. */
#include "queue/accounting.h"

struct _SlAccounting {
  SlPolicyCache *cache;
  const SlPolicySettings *settings;
  SlUsage *usage;  /* (owned) */
  GTimeZone *zone; /* (owned) */
};

SlAccounting *
sl_accounting_new (SlStore *store, SlPolicyCache *cache, const SlPolicySettings *settings)
{
  SlAccounting *accounting = g_new0 (SlAccounting, 1);

  accounting->cache = cache;
  accounting->settings = settings;
  accounting->usage = sl_usage_new (store);
  accounting->zone = g_time_zone_new_local ();
  sl_usage_set_time (accounting->usage, g_get_real_time (), accounting->zone, settings->cap_day);
  return accounting;
}

void
sl_accounting_free (SlAccounting *accounting)
{
  sl_usage_free (accounting->usage);
  g_time_zone_unref (accounting->zone);
  g_free (accounting);
}

void
sl_accounting_set_zone (SlAccounting *accounting, GTimeZone *zone)
{
  g_time_zone_ref (zone);
  g_time_zone_unref (accounting->zone);
  accounting->zone = zone;
}

static const SlConditions *
get_conditions (SlAccounting *accounting)
{
  return sl_policy_cache_get_context (accounting->cache)->conditions;
}

void
sl_accounting_refresh (SlAccounting *accounting, gint64 now)
{
  const GPtrArray *links = get_conditions (accounting)->links;
  SlUsage *usage = accounting->usage;

  sl_usage_set_time (usage, now, accounting->zone, accounting->settings->cap_day);
  for (guint i = 0; i < links->len; i++) {
    const SlLink *link = links->pdata[i];
    gint64 period = sl_policy_cache_get_period (accounting->cache, link);
    sl_policy_cache_set_used (accounting->cache, link->uuid, sl_usage_get_month (usage, link->uuid),
                              period != 0 ? sl_usage_get_period (usage, link->uuid, period) : 0);
  }
}

void
sl_accounting_add (SlAccounting *accounting, guint route, guint64 bytes)
{
  const SlLink *link = sl_conditions_find_link (get_conditions (accounting), route);

  if (link != NULL)
    sl_usage_add (accounting->usage, link->uuid,
                  sl_policy_cache_get_period (accounting->cache, link), bytes);
}

gboolean
sl_accounting_matters (SlAccounting *accounting)
{
  const GPtrArray *links = get_conditions (accounting)->links;
  gboolean matters = accounting->settings->monthly_cap != SL_CAP_NONE;

  for (guint i = 0; i < links->len; i++)
    matters |= ((const SlLink *)links->pdata[i])->user_data != NULL;
  return matters;
}

guint64
sl_accounting_get_used (SlAccounting *accounting, const SlLink *link)
{
  return sl_usage_get_month (accounting->usage, link->uuid);
}

gint64
sl_accounting_get_end (SlAccounting *accounting)
{
  return sl_usage_get_end (accounting->usage);
}

void
sl_accounting_flush (SlAccounting *accounting)
{
  sl_usage_flush (accounting->usage);
}
