/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy cache: the decisions of the moment, kept until something changes. */
#include "queue/policy-cache.h"

#include "policy/connection-policy.h"

#include <string.h>

/* A cached decision. */
typedef struct {
  guint route;
  SlPolicyKey key;
  SlReasons reasons;
  gint64 since; /* since when it is held (Unix µs); 0: not held */
} Verdict;

/* A connection (of NetworkManager). */
typedef struct {
  guint64 used;              /* this month */
  guint64 period_used;       /* in the present period of the tariff */
  SlConnectionPolicy policy; /* (owned) read from its settings */
  GVariant *user_data;       /* (owned) (nullable) the settings from which the policy was read */
} Connection;

struct _SlPolicyCache {
  SlPolicyContext context;
  SlConditions *conditions; /* (owned) */
  GTimeZone *zone;          /* (owned) */
  gint64 now;               /* time of the last refresh */
  GHashTable *verdicts;     /* (owned) route and key → Verdict (owned) */
  GHashTable *connections;  /* (owned) uuid (owned) → Connection (owned) */
};

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  sl_connection_policy_clear (&connection->policy);
  g_clear_pointer (&connection->user_data, g_variant_unref);
  g_free (connection);
}

static guint
verdict_hash (gconstpointer key)
{
  const Verdict *verdict = key;

  return verdict->route * SL_N_POLICY_KEYS + verdict->key;
}

static gboolean
verdict_equal (gconstpointer a, gconstpointer b)
{
  const Verdict *first = a, *second = b;

  return first->route == second->route && first->key == second->key;
}

SlPolicyCache *
sl_policy_cache_new (const SlPolicySettings *settings)
{
  SlPolicyCache *cache = g_new0 (SlPolicyCache, 1);

  cache->conditions = sl_conditions_new ();
  cache->zone = g_time_zone_new_local ();
  cache->context = (SlPolicyContext){.conditions = cache->conditions, .settings = settings};
  cache->verdicts = g_hash_table_new_full (verdict_hash, verdict_equal, NULL, g_free);
  cache->connections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, connection_free);
  cache->now = g_get_real_time ();
  sl_policy_context_set_time (&cache->context, cache->now, cache->zone);
  return cache;
}

void
sl_policy_cache_free (SlPolicyCache *cache)
{
  g_hash_table_unref (cache->verdicts);
  g_hash_table_unref (cache->connections);
  g_time_zone_unref (cache->zone);
  sl_conditions_free (cache->conditions);
  g_free (cache);
}

static Connection *
find_connection (SlPolicyCache *cache, const char *uuid)
{
  Connection *connection = g_hash_table_lookup (cache->connections, uuid);

  if (connection == NULL) {
    connection = g_new0 (Connection, 1);
    g_hash_table_insert (cache->connections, g_strdup (uuid), connection);
  }
  return connection;
}

static gboolean
same_user_data (GVariant *a, GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}

/* Reads the policies of the links' connections whose settings changed. */
static void
read_policies (SlPolicyCache *cache)
{
  for (guint i = 0; i < cache->conditions->links->len; i++) {
    const SlLink *link = cache->conditions->links->pdata[i];
    Connection *connection = find_connection (cache, link->uuid);
    if (same_user_data (connection->user_data, link->user_data))
      continue;
    sl_connection_policy_clear (&connection->policy);
    g_clear_pointer (&connection->user_data, g_variant_unref);
    if (link->user_data != NULL)
      connection->user_data = g_variant_ref (link->user_data);
    sl_connection_policy_init (&connection->policy, link->user_data);
  }
}

void
sl_policy_cache_set_conditions (SlPolicyCache *cache, const SlConditions *conditions)
{
  sl_conditions_free (cache->conditions);
  cache->conditions = sl_conditions_copy (conditions);
  cache->context.conditions = cache->conditions;
  read_policies (cache);
}

void
sl_policy_cache_set_suspended (SlPolicyCache *cache, gboolean suspended)
{
  cache->context.suspended = suspended;
}

void
sl_policy_cache_set_zone (SlPolicyCache *cache, GTimeZone *zone)
{
  g_time_zone_ref (zone);
  g_time_zone_unref (cache->zone);
  cache->zone = zone;
}

void
sl_policy_cache_set_used (SlPolicyCache *cache, const char *uuid, guint64 month, guint64 period)
{
  Connection *connection = find_connection (cache, uuid);

  connection->used = month;
  connection->period_used = period;
}

static SlAccount
get_account (SlPolicyCache *cache, const SlLink *link)
{
  Connection *connection = find_connection (cache, link->uuid);
  const SlConnectionPolicy *policy = &connection->policy;
  SlAccount account = {.used = connection->used, .period_used = connection->period_used};

  account.forbidden = policy->downloads_forbidden;
  account.free = policy->when_metered;
  account.in_tariff = policy->tariff != NULL &&
                      sl_tariff_lookup (policy->tariff, cache->now, cache->zone, &account.tariff);
  return account;
}

gint64
sl_policy_cache_get_period (SlPolicyCache *cache, const SlLink *link)
{
  SlAccount account = get_account (cache, link);

  return account.in_tariff ? account.tariff.begin : 0;
}

static SlReasons
decide (SlPolicyCache *cache, guint route, SlPolicyKey key)
{
  const SlLink *link = sl_conditions_find_link (cache->conditions, route);
  SlAccount account = link != NULL ? get_account (cache, link) : (SlAccount){0};
  SlPath path = {link, link != NULL ? &account : NULL, route != 0};

  return sl_decide (&cache->context, &path, key);
}

gboolean
sl_policy_cache_refresh (SlPolicyCache *cache, gint64 now)
{
  GHashTableIter iter;
  gpointer value;
  gboolean changed = FALSE;

  cache->now = now;
  sl_policy_context_set_time (&cache->context, now, cache->zone);
  g_hash_table_iter_init (&iter, cache->verdicts);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Verdict *verdict = value;
    SlReasons reasons = decide (cache, verdict->route, verdict->key);
    if (reasons == verdict->reasons)
      continue;
    changed = TRUE;
    if (reasons == SL_REASON_NONE)
      verdict->since = 0;
    else if (verdict->reasons == SL_REASON_NONE)
      verdict->since = now;
    verdict->reasons = reasons;
  }
  return changed;
}

static const Verdict *
find_verdict (SlPolicyCache *cache, guint route, SlPolicyKey key)
{
  Verdict wanted = {.route = route, .key = key};
  Verdict *verdict = g_hash_table_lookup (cache->verdicts, &wanted);

  if (verdict == NULL) {
    verdict = g_memdup2 (&wanted, sizeof wanted);
    verdict->reasons = decide (cache, route, key);
    verdict->since = verdict->reasons != SL_REASON_NONE ? g_get_real_time () : 0;
    g_hash_table_add (cache->verdicts, verdict);
  }
  return verdict;
}

SlReasons
sl_policy_cache_decide (SlPolicyCache *cache, guint route, SlPolicyKey key)
{
  return find_verdict (cache, route, key)->reasons;
}

gint64
sl_policy_cache_get_held_since (SlPolicyCache *cache, guint route, SlPolicyKey key)
{
  return find_verdict (cache, route, key)->since;
}

gboolean
sl_policy_cache_holds_only_for (SlPolicyCache *cache, SlReasons reason)
{
  GHashTableIter iter;
  gpointer verdict;

  g_hash_table_iter_init (&iter, cache->verdicts);
  while (g_hash_table_iter_next (&iter, NULL, &verdict)) {
    if (((const Verdict *)verdict)->reasons == reason)
      return TRUE;
  }
  return FALSE;
}

SlCostState
sl_policy_cache_get_cost (SlPolicyCache *cache, const SlLink *link)
{
  SlAccount account = get_account (cache, link);

  return sl_cost_get_state (link, &account, cache->context.settings);
}

const SlPolicyContext *
sl_policy_cache_get_context (SlPolicyCache *cache)
{
  return &cache->context;
}

gint64
sl_policy_cache_get_window_change (SlPolicyCache *cache)
{
  const SlHours *window = cache->context.settings->window;

  return window != NULL ? sl_hours_next_change (window, cache->now, cache->zone) : G_MAXINT64;
}

gint64
sl_policy_cache_get_next_change (SlPolicyCache *cache)
{
  gint64 next = sl_policy_context_get_next_change (&cache->context, cache->now, cache->zone);

  for (guint i = 0; i < cache->conditions->links->len; i++) {
    const SlLink *link = cache->conditions->links->pdata[i];
    const SlConnectionPolicy *policy = &find_connection (cache, link->uuid)->policy;
    SlTariffMoment tariff;
    if (policy->tariff == NULL)
      continue;
    sl_tariff_lookup (policy->tariff, cache->now, cache->zone, &tariff);
    next = MIN (next, tariff.change);
  }
  return next;
}
