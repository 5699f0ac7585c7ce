/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gate: the decisions of the moment, kept until something changes. */
#include "queue/gate.h"

#include "policy/connection-policy.h"

#include <string.h>

/* A decision that was asked for. */
typedef struct {
  guint route;
  SlPolicyKey key;
  SlReasons reasons;
  gint64 since; /* Unix µs; 0 when it's not held */
} Verdict;

/* What is known of one connection. */
typedef struct {
  guint64 used;              /* this month */
  guint64 period_used;       /* in the present period of the tariff */
  SlConnectionPolicy policy; /* (owned) of its settings */
  GVariant *user_data;       /* (owned) (nullable) from which the policy was read */
} Connection;

struct _SlGate {
  SlPolicyContext context;
  SlConditions *conditions; /* (owned) */
  GTimeZone *zone;          /* (owned) */
  gint64 now;               /* of the last refresh */
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

SlGate *
sl_gate_new (const SlPolicySettings *settings)
{
  SlGate *gate = g_new0 (SlGate, 1);

  gate->conditions = sl_conditions_new ();
  gate->zone = g_time_zone_new_local ();
  gate->context = (SlPolicyContext){.conditions = gate->conditions, .settings = settings};
  gate->verdicts = g_hash_table_new_full (verdict_hash, verdict_equal, NULL, g_free);
  gate->connections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, connection_free);
  gate->now = g_get_real_time ();
  sl_policy_context_set_time (&gate->context, gate->now, gate->zone);
  return gate;
}

void
sl_gate_free (SlGate *gate)
{
  g_hash_table_unref (gate->verdicts);
  g_hash_table_unref (gate->connections);
  g_time_zone_unref (gate->zone);
  sl_conditions_free (gate->conditions);
  g_free (gate);
}

static Connection *
find_connection (SlGate *gate, const char *uuid)
{
  Connection *connection = g_hash_table_lookup (gate->connections, uuid);

  if (connection == NULL) {
    connection = g_new0 (Connection, 1);
    g_hash_table_insert (gate->connections, g_strdup (uuid), connection);
  }
  return connection;
}

static gboolean
same_user_data (GVariant *a, GVariant *b)
{
  return a == b || (a != NULL && b != NULL && g_variant_equal (a, b));
}

/* What the settings of the links' connections say is read once. */
static void
read_policies (SlGate *gate)
{
  for (guint i = 0; i < gate->conditions->links->len; i++) {
    const SlLink *link = gate->conditions->links->pdata[i];
    Connection *connection = find_connection (gate, link->uuid);
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
sl_gate_set_conditions (SlGate *gate, const SlConditions *conditions)
{
  sl_conditions_free (gate->conditions);
  gate->conditions = sl_conditions_copy (conditions);
  gate->context.conditions = gate->conditions;
  read_policies (gate);
}

void
sl_gate_set_suspended (SlGate *gate, gboolean suspended)
{
  gate->context.suspended = suspended;
}

void
sl_gate_set_zone (SlGate *gate, GTimeZone *zone)
{
  g_time_zone_ref (zone);
  g_time_zone_unref (gate->zone);
  gate->zone = zone;
}

void
sl_gate_set_used (SlGate *gate, const char *uuid, guint64 month, guint64 period)
{
  Connection *connection = find_connection (gate, uuid);

  connection->used = month;
  connection->period_used = period;
}

static SlAccount
get_account (SlGate *gate, const SlLink *link)
{
  Connection *connection = find_connection (gate, link->uuid);
  const SlConnectionPolicy *policy = &connection->policy;
  SlAccount account = {.used = connection->used, .period_used = connection->period_used};

  account.forbidden = policy->downloads_forbidden;
  account.free = policy->when_metered;
  account.in_tariff = policy->tariff != NULL &&
                      sl_tariff_lookup (policy->tariff, gate->now, gate->zone, &account.tariff);
  return account;
}

gint64
sl_gate_get_period (SlGate *gate, const SlLink *link)
{
  SlAccount account = get_account (gate, link);

  return account.in_tariff ? account.tariff.begin : 0;
}

static SlReasons
decide (SlGate *gate, guint route, SlPolicyKey key)
{
  const SlLink *link = sl_conditions_find_link (gate->conditions, route);
  SlAccount account = link != NULL ? get_account (gate, link) : (SlAccount){0};
  SlPath path = {link, link != NULL ? &account : NULL, route != 0};

  return sl_decide (&gate->context, &path, key);
}

gboolean
sl_gate_refresh (SlGate *gate, gint64 now)
{
  GHashTableIter iter;
  gpointer value;
  gboolean changed = FALSE;

  gate->now = now;
  sl_policy_context_set_time (&gate->context, now, gate->zone);
  g_hash_table_iter_init (&iter, gate->verdicts);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Verdict *verdict = value;
    SlReasons reasons = decide (gate, verdict->route, verdict->key);
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
find_verdict (SlGate *gate, guint route, SlPolicyKey key)
{
  Verdict wanted = {.route = route, .key = key};
  Verdict *verdict = g_hash_table_lookup (gate->verdicts, &wanted);

  if (verdict == NULL) {
    verdict = g_memdup2 (&wanted, sizeof wanted);
    verdict->reasons = decide (gate, route, key);
    verdict->since = verdict->reasons != SL_REASON_NONE ? g_get_real_time () : 0;
    g_hash_table_add (gate->verdicts, verdict);
  }
  return verdict;
}

SlReasons
sl_gate_decide (SlGate *gate, guint route, SlPolicyKey key)
{
  return find_verdict (gate, route, key)->reasons;
}

gint64
sl_gate_get_held_since (SlGate *gate, guint route, SlPolicyKey key)
{
  return find_verdict (gate, route, key)->since;
}

gboolean
sl_gate_holds_only_for (SlGate *gate, SlReasons reason)
{
  GHashTableIter iter;
  gpointer verdict;

  g_hash_table_iter_init (&iter, gate->verdicts);
  while (g_hash_table_iter_next (&iter, NULL, &verdict)) {
    if (((const Verdict *)verdict)->reasons == reason)
      return TRUE;
  }
  return FALSE;
}

SlCostState
sl_gate_get_cost (SlGate *gate, const SlLink *link)
{
  SlAccount account = get_account (gate, link);

  return sl_cost_get_state (link, &account, gate->context.settings);
}

const SlPolicyContext *
sl_gate_get_context (SlGate *gate)
{
  return &gate->context;
}

gint64
sl_gate_get_window_change (SlGate *gate)
{
  const SlHours *window = gate->context.settings->window;

  return window != NULL ? sl_hours_next_change (window, gate->now, gate->zone) : G_MAXINT64;
}

gint64
sl_gate_get_next_change (SlGate *gate)
{
  gint64 next = sl_policy_context_get_next_change (&gate->context, gate->now, gate->zone);

  for (guint i = 0; i < gate->conditions->links->len; i++) {
    const SlLink *link = gate->conditions->links->pdata[i];
    const SlConnectionPolicy *policy = &find_connection (gate, link->uuid)->policy;
    SlTariffMoment tariff;
    if (policy->tariff == NULL)
      continue;
    sl_tariff_lookup (policy->tariff, gate->now, gate->zone, &tariff);
    next = MIN (next, tariff.change);
  }
  return next;
}
