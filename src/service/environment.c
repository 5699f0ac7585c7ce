/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Feeds the scheduler with conditions, time and routes. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/environment.h"

#include "hints/clock.h"
#include "hints/inhibit.h"
#include "hints/routes.h"
#include "policy/cost.h"
#include "policy/debounce.h"

#include <string.h>

/* How long the machine's services have to answer the first questions (ms). */
#define ANSWER_TIME 250

struct _SlEnvironment {
  SlScheduler *scheduler;
  const SlPolicySettings *policy;
  void (*changed) (gpointer user_data);
  gpointer user_data;

  SlHints *hints;       /* (owned) */
  SlDebounce *debounce; /* (owned) */
  SlClock *clock;       /* (owned) */
  SlRoutes *routes;     /* (owned) */
  SlInhibit *inhibit;   /* (owned) */
  guint debounce_id;    /* timer; 0 when no better news waits */
  guint begin_id;       /* timer; 0 when the first answers are not waited for */
  guint replan_id;      /* idle source; 0 when the alarm is right */
  gboolean resolves;    /* names are resolved to find their routes */
  gboolean has_bus;     /* the system bus, where services could answer */
};

/* A host whose route is being looked for. */
typedef struct {
  SlEnvironment *environment;
  char *host; /* (owned) as the scheduler wrote it, perhaps with a port */
} Search;

static void apply (SlEnvironment *environment);

/* Hints. */

static gboolean
on_debounced (gpointer data)
{
  SlEnvironment *environment = data;

  environment->debounce_id = 0;
  apply (environment);
  return G_SOURCE_REMOVE;
}

static void
apply (SlEnvironment *environment)
{
  gint64 now = g_get_monotonic_time (), next;
  g_autoptr (SlConditions) conditions =
      sl_debounce_apply (environment->debounce, sl_hints_get (environment->hints), now);

  g_clear_handle_id (&environment->debounce_id, g_source_remove);
  next = sl_debounce_get_next_change (environment->debounce);
  if (next != G_MAXINT64)
    environment->debounce_id =
        g_timeout_add ((guint)(MAX (next - now, 0) / 1000 + 1), on_debounced, environment);
  sl_scheduler_set_conditions (environment->scheduler, conditions);
}

/*
 * Whether names have to be resolved to find the links that transfers take. With one link all take that one, unless it leads
 * nowhere.
 */
static gboolean
needs_routes (const SlConditions *conditions)
{
  return conditions->links->len > 1 || conditions->connectivity == SL_CONNECTIVITY_NONE;
}

static void
on_hints_changed (gpointer data)
{
  SlEnvironment *environment = data;
  gboolean resolved = environment->resolves;

  environment->resolves = needs_routes (sl_hints_get (environment->hints));
  if (environment->resolves && !resolved)
    sl_scheduler_forget_routes (environment->scheduler);
  apply (environment);
  environment->changed (environment->user_data);
}

static void
on_network_changed (gpointer data)
{
  SlEnvironment *environment = data;

  sl_routes_forget_all (environment->routes);
  sl_scheduler_forget_routes (environment->scheduler);
  sl_scheduler_retry_all (environment->scheduler);
}

static const SlHintsEvents hints_events = {on_hints_changed, on_network_changed};

/* Time. */

static void
on_time (gpointer data)
{
  SlEnvironment *environment = data;

  sl_scheduler_refresh (environment->scheduler, sl_clock_get_zone (environment->clock));
  environment->changed (environment->user_data);
}

static gboolean
on_replan (gpointer data)
{
  SlEnvironment *environment = data;

  environment->replan_id = 0;
  sl_clock_set_alarm (environment->clock, sl_scheduler_get_next_change (environment->scheduler));
  return G_SOURCE_REMOVE;
}

/* Sets the alarm when the main loop is idle: a thousand changed downloads are one new plan. */
static void
on_replanned (gpointer data)
{
  SlEnvironment *environment = data;

  if (environment->replan_id == 0)
    environment->replan_id = g_idle_add (on_replan, environment);
}

/* Routes. */

/* (transfer full): @host without its port, and without the brackets of an IPv6 address */
static char *
get_name (const char *host)
{
  const char *end;

  if (*host == '[') {
    end = strchr (host, ']');
    return g_strndup (host + 1, end != NULL ? (gsize)(end - host - 1) : strlen (host + 1));
  }
  return g_strndup (host, strcspn (host, ":"));
}

static void
on_route_found (guint index, gpointer data)
{
  Search *search = data;

  sl_scheduler_set_route (search->environment->scheduler, search->host, index);
  g_free (search->host);
  g_free (search);
}

static void
on_route_wanted (const char *host, gpointer data)
{
  SlEnvironment *environment = data;
  g_autofree char *name = get_name (host);
  Search *search;

  if (!environment->resolves && !g_hostname_is_ip_address (name))
    return;
  search = g_new (Search, 1);
  search->environment = environment;
  search->host = g_strdup (host);
  sl_routes_find (environment->routes, name, on_route_found, search);
}

/* Activity. */

static void
on_moved (guint route, guint64 bytes, gpointer data)
{
  SlEnvironment *environment = data;

  sl_hints_add_own_traffic (environment->hints, route, bytes);
}

static void
on_activity (gboolean transferring, gboolean urgent, gpointer data)
{
  SlEnvironment *environment = data;

  sl_hints_set_watching_traffic (environment->hints, transferring);
  sl_inhibit_set (environment->inhibit, urgent);
}

static const SlSchedulerEvents scheduler_events = {
    .replanned = on_replanned,
    .route_wanted = on_route_wanted,
    .moved = on_moved,
    .activity = on_activity,
};

/* Life. */

static SlHintsSettings
get_hints_settings (SlEnvironment *environment)
{
  return (SlHintsSettings){environment->policy->idle_time, environment->policy->busy_share};
}

SlEnvironment *
sl_environment_new (SlScheduler *scheduler,
                    const SlPolicySettings *policy,
                    const SlBuses *buses,
                    void (*changed) (gpointer user_data),
                    gpointer user_data)
{
  SlEnvironment *environment = g_new0 (SlEnvironment, 1);
  SlHintsSettings settings;

  environment->scheduler = scheduler;
  environment->policy = policy;
  environment->changed = changed;
  environment->user_data = user_data;
  environment->has_bus = buses->system != NULL;
  settings = get_hints_settings (environment);
  environment->debounce = sl_debounce_new ();
  environment->clock = sl_clock_new (on_time, environment);
  environment->routes = sl_routes_new ();
  environment->inhibit = sl_inhibit_new (buses->system);
  environment->hints = sl_hints_new (buses, &settings, &hints_events, environment);
  sl_scheduler_set_events (scheduler, &scheduler_events, environment);
  return environment;
}

static gboolean
on_begin (gpointer data)
{
  SlEnvironment *environment = data;

  environment->begin_id = 0;
  /* before the start there was no worse state that better news would have to outlast */
  sl_debounce_free (environment->debounce);
  environment->debounce = sl_debounce_new ();
  apply (environment);
  sl_scheduler_let_run (environment->scheduler);
  return G_SOURCE_REMOVE;
}

void
sl_environment_begin (SlEnvironment *environment)
{
  environment->resolves = needs_routes (sl_hints_get (environment->hints));
  on_network_changed (environment);
  sl_scheduler_refresh (environment->scheduler, sl_clock_get_zone (environment->clock));
  environment->begin_id =
      g_timeout_add (environment->has_bus ? ANSWER_TIME : 0, on_begin, environment);
}

void
sl_environment_free (SlEnvironment *environment)
{
  sl_scheduler_set_events (environment->scheduler, NULL, NULL);
  g_clear_handle_id (&environment->debounce_id, g_source_remove);
  g_clear_handle_id (&environment->begin_id, g_source_remove);
  g_clear_handle_id (&environment->replan_id, g_source_remove);
  sl_hints_free (environment->hints);
  sl_inhibit_free (environment->inhibit);
  sl_routes_free (environment->routes);
  sl_clock_free (environment->clock);
  sl_debounce_free (environment->debounce);
  g_free (environment);
}

void
sl_environment_reconfigure (SlEnvironment *environment)
{
  SlHintsSettings settings = get_hints_settings (environment);

  sl_hints_set_settings (environment->hints, &settings);
  on_time (environment);
}

/* The property Conditions. */

static const char *
connectivity_to_string (SlConnectivity connectivity)
{
  static const char *const names[] = {"unknown", "none", "portal", "limited", "full"};

  return names[connectivity];
}

static void
describe_link (const SlLink *link, GVariantBuilder *builder)
{
  gboolean yes = link != NULL && (link->metered == SL_METERED_YES);
  gboolean guess = link != NULL && link->metered == SL_METERED_GUESS_YES;

  g_variant_builder_add (builder, "{sv}", "Metered", g_variant_new_boolean (yes || guess));
  g_variant_builder_add (builder, "{sv}", "MeteredGuess",
                         g_variant_new_boolean (
                             guess || (link != NULL && link->metered == SL_METERED_GUESS_NO)));
  g_variant_builder_add (builder, "{sv}", "Roaming",
                         g_variant_new_boolean (link != NULL && link->roaming));
  g_variant_builder_add (builder, "{sv}", "Cellular",
                         g_variant_new_boolean (link != NULL && link->cellular));
  g_variant_builder_add (builder, "{sv}", "LinkBusy",
                         g_variant_new_boolean (link != NULL && link->busy));
}

/* (transfer floating): a{ss} */
static GVariant *
describe_sources (const SlConditions *conditions)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));

  for (guint i = 0; i < SL_N_HINTS; i++) {
    const char *source = conditions->sources[i];
    g_variant_builder_add (&builder, "{ss}", sl_hint_to_string ((SlHint)i),
                           source != NULL ? source : "unavailable");
  }
  g_variant_builder_add (&builder, "{ss}", "InWindow", "configuration");
  return g_variant_builder_end (&builder);
}

/* (transfer floating): aa{sv}: all links, the primary one first */
static GVariant *
describe_links (SlEnvironment *environment, const SlConditions *conditions)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < conditions->links->len; i++) {
    const SlLink *link = conditions->links->pdata[i];
    GVariantBuilder one = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));
    SlCostState cost = sl_scheduler_get_cost (environment->scheduler, link);
    g_variant_builder_add (&one, "{sv}", "Interface", g_variant_new_string (link->interface));
    g_variant_builder_add (&one, "{sv}", "Connection", g_variant_new_string (link->name));
    g_variant_builder_add (&one, "{sv}", "Operator", g_variant_new_string (link->operator_));
    g_variant_builder_add (&one, "{sv}", "Primary", g_variant_new_boolean (link->primary));
    g_variant_builder_add (&one, "{sv}", "Vpn", g_variant_new_boolean (link->vpn));
    g_variant_builder_add (&one, "{sv}", "Capacity", g_variant_new_uint64 (link->capacity));
    g_variant_builder_add (&one, "{sv}", "Used",
                           g_variant_new_uint64 (
                               sl_scheduler_get_used (environment->scheduler, link)));
    g_variant_builder_add (&one, "{sv}", "Cost",
                           g_variant_new_string (sl_cost_state_to_string (cost)));
    describe_link (link, &one);
    g_variant_builder_add_value (&builder, g_variant_builder_end (&one));
  }
  return g_variant_builder_end (&builder);
}

GVariant *
sl_environment_describe (SlEnvironment *environment)
{
  const SlConditions *conditions = sl_hints_get (environment->hints);
  gint64 window_change = sl_scheduler_get_window_change (environment->scheduler);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_variant_builder_add (&builder, "{sv}", "Connectivity",
                         g_variant_new_string (connectivity_to_string (conditions->connectivity)));
  describe_link (sl_conditions_find_link (conditions, 0), &builder);
  g_variant_builder_add (&builder, "{sv}", "Vpn", g_variant_new_boolean (conditions->vpn));
  g_variant_builder_add (&builder, "{sv}", "OnBattery",
                         g_variant_new_boolean (conditions->on_battery));
  g_variant_builder_add (&builder, "{sv}", "BatteryLevel",
                         g_variant_new_double (conditions->battery_level));
  g_variant_builder_add (&builder, "{sv}", "BatteryCritical",
                         g_variant_new_boolean (conditions->battery_critical));
  g_variant_builder_add (&builder, "{sv}", "PowerSaver",
                         g_variant_new_boolean (conditions->power_saver));
  g_variant_builder_add (&builder, "{sv}", "UserIdle",
                         g_variant_new_boolean (conditions->user_idle));
  g_variant_builder_add (&builder, "{sv}", "GameMode",
                         g_variant_new_boolean (conditions->game_mode));
  g_variant_builder_add (&builder, "{sv}", "InWindow",
                         g_variant_new_boolean (
                             sl_scheduler_is_in_window (environment->scheduler)));
  g_variant_builder_add (&builder, "{sv}", "WindowChange",
                         g_variant_new_int64 (window_change < G_MAXINT64 ? window_change : 0));
  g_variant_builder_add (&builder, "{sv}", "Links", describe_links (environment, conditions));
  g_variant_builder_add (&builder, "{sv}", "Sources", describe_sources (conditions));
  return g_variant_builder_end (&builder);
}
