/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between the machine and the queue. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/surroundings.h"

#include "hints/clock.h"
#include "hints/inhibit.h"
#include "hints/routes.h"
#include "policy/cost.h"
#include "policy/steady.h"

#include <string.h>

/* So long the services of the machine are given to answer the first questions (ms). */
#define ANSWER_TIME 250

struct _SlSurround {
  SlQueue *queue;
  const SlPolicySettings *policy;
  void (*changed) (gpointer user_data);
  gpointer user_data;

  SlHints *hints;     /* (owned) */
  SlSteady *steady;   /* (owned) */
  SlClock *clock;     /* (owned) */
  SlRoutes *routes;   /* (owned) */
  SlInhibit *inhibit; /* (owned) */
  guint steady_id;    /* 0 when no better news has to last any more */
  guint begin_id;     /* while the first answers are waited for */
  gboolean has_bus;   /* on which somebody could answer */
};

/* One host whose route is looked for. */
typedef struct {
  SlSurround *surround;
  char *host; /* (owned) as the queue calls it */
} Search;

static void apply (SlSurround *surround);

/* Hints. */

static gboolean
on_steady (gpointer data)
{
  SlSurround *surround = data;

  surround->steady_id = 0;
  apply (surround);
  return G_SOURCE_REMOVE;
}

static void
apply (SlSurround *surround)
{
  gint64 now = g_get_monotonic_time (), next;
  g_autoptr (SlConditions) conditions =
      sl_steady_apply (surround->steady, sl_hints_get (surround->hints), now);

  g_clear_handle_id (&surround->steady_id, g_source_remove);
  next = sl_steady_get_next_change (surround->steady);
  if (next != G_MAXINT64)
    surround->steady_id =
        g_timeout_add ((guint)(MAX (next - now, 0) / 1000 + 1), on_steady, surround);
  sl_queue_set_conditions (surround->queue, conditions);
}

static void
on_hints_changed (gpointer data)
{
  SlSurround *surround = data;

  apply (surround);
  surround->changed (surround->user_data);
}

static void
on_network_changed (gpointer data)
{
  SlSurround *surround = data;
  gboolean available = sl_hints_get (surround->hints)->connectivity != SL_CONNECTIVITY_NONE;

  sl_routes_forget_all (surround->routes);
  sl_queue_forget_routes (surround->queue);
  sl_queue_set_network (surround->queue, available);
  sl_queue_retry_all (surround->queue);
}

static const SlHintsEvents hints_events = {on_hints_changed, on_network_changed};

/* Time. */

static void
on_time (gpointer data)
{
  SlSurround *surround = data;

  sl_queue_refresh (surround->queue, sl_clock_get_zone (surround->clock));
  surround->changed (surround->user_data);
}

void
sl_surround_replan (SlSurround *surround)
{
  sl_clock_set_alarm (surround->clock, sl_queue_get_next_change (surround->queue));
}

/* Routes. */

/* (transfer full): without the port, and the brackets of an address */
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

  sl_queue_set_route (search->surround->queue, search->host, index);
  g_free (search->host);
  g_free (search);
}

void
sl_surround_find_route (SlSurround *surround, const char *host)
{
  g_autofree char *name = get_name (host);
  Search *search = g_new (Search, 1);

  search->surround = surround;
  search->host = g_strdup (host);
  sl_routes_find (surround->routes, name, on_route_found, search);
}

/* Activity. */

void
sl_surround_moved (SlSurround *surround, guint route, guint64 bytes)
{
  sl_hints_add_own_traffic (surround->hints, route, bytes);
}

void
sl_surround_set_activity (SlSurround *surround, gboolean transferring, gboolean urgent)
{
  sl_hints_set_watching_traffic (surround->hints, transferring);
  sl_inhibit_set (surround->inhibit, urgent);
}

/* Life. */

static SlHintsSettings
get_hints_settings (SlSurround *surround)
{
  return (SlHintsSettings){surround->policy->idle_time, surround->policy->busy_share};
}

SlSurround *
sl_surround_new (SlQueue *queue,
                 const SlPolicySettings *policy,
                 const SlBuses *buses,
                 void (*changed) (gpointer user_data),
                 gpointer user_data)
{
  SlSurround *surround = g_new0 (SlSurround, 1);
  SlHintsSettings settings;

  surround->queue = queue;
  surround->policy = policy;
  surround->changed = changed;
  surround->user_data = user_data;
  surround->has_bus = buses->system != NULL;
  settings = get_hints_settings (surround);
  surround->steady = sl_steady_new ();
  surround->clock = sl_clock_new (on_time, surround);
  surround->routes = sl_routes_new ();
  surround->inhibit = sl_inhibit_new (buses->system);
  surround->hints = sl_hints_new (buses, &settings, &hints_events, surround);
  return surround;
}

static gboolean
on_begin (gpointer data)
{
  SlSurround *surround = data;

  surround->begin_id = 0;
  /* at the start there was no other state that better news would have to outlast */
  sl_steady_free (surround->steady);
  surround->steady = sl_steady_new ();
  apply (surround);
  sl_queue_let_run (surround->queue);
  return G_SOURCE_REMOVE;
}

void
sl_surround_begin (SlSurround *surround)
{
  on_network_changed (surround);
  sl_queue_refresh (surround->queue, sl_clock_get_zone (surround->clock));
  surround->begin_id = g_timeout_add (surround->has_bus ? ANSWER_TIME : 0, on_begin, surround);
}

void
sl_surround_free (SlSurround *surround)
{
  g_clear_handle_id (&surround->steady_id, g_source_remove);
  g_clear_handle_id (&surround->begin_id, g_source_remove);
  sl_hints_free (surround->hints);
  sl_inhibit_free (surround->inhibit);
  sl_routes_free (surround->routes);
  sl_clock_free (surround->clock);
  sl_steady_free (surround->steady);
  g_free (surround);
}

void
sl_surround_reconfigure (SlSurround *surround)
{
  SlHintsSettings settings = get_hints_settings (surround);

  sl_hints_set_settings (surround->hints, &settings);
  on_time (surround);
}

/* Telling. */

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

/* (transfer floating): aa{sv}: every link, the primary first */
static GVariant *
describe_links (SlSurround *surround, const SlConditions *conditions)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (guint i = 0; i < conditions->links->len; i++) {
    const SlLink *link = conditions->links->pdata[i];
    GVariantBuilder one = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));
    SlCostState cost = sl_queue_get_cost (surround->queue, link);
    g_variant_builder_add (&one, "{sv}", "Interface", g_variant_new_string (link->interface));
    g_variant_builder_add (&one, "{sv}", "Connection", g_variant_new_string (link->name));
    g_variant_builder_add (&one, "{sv}", "Operator", g_variant_new_string (link->operator_));
    g_variant_builder_add (&one, "{sv}", "Primary", g_variant_new_boolean (link->primary));
    g_variant_builder_add (&one, "{sv}", "Vpn", g_variant_new_boolean (link->vpn));
    g_variant_builder_add (&one, "{sv}", "Capacity", g_variant_new_uint64 (link->capacity));
    g_variant_builder_add (&one, "{sv}", "Used",
                           g_variant_new_uint64 (sl_queue_get_used (surround->queue, link)));
    g_variant_builder_add (&one, "{sv}", "Cost",
                           g_variant_new_string (sl_cost_state_to_string (cost)));
    describe_link (link, &one);
    g_variant_builder_add_value (&builder, g_variant_builder_end (&one));
  }
  return g_variant_builder_end (&builder);
}

GVariant *
sl_surround_describe (SlSurround *surround)
{
  const SlConditions *conditions = sl_hints_get (surround->hints);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  g_variant_builder_add (&builder, "{sv}", "Connectivity",
                         g_variant_new_string (connectivity_to_string (conditions->connectivity)));
  describe_link (sl_conditions_find_link (conditions, 0), &builder);
  g_variant_builder_add (&builder, "{sv}", "Vpn", g_variant_new_boolean (conditions->vpn));
  g_variant_builder_add (&builder, "{sv}", "OnBattery",
                         g_variant_new_boolean (conditions->on_battery));
  g_variant_builder_add (&builder, "{sv}", "BatteryLevel",
                         g_variant_new_double (conditions->battery_level));
  g_variant_builder_add (&builder, "{sv}", "PowerSaver",
                         g_variant_new_boolean (conditions->power_saver));
  g_variant_builder_add (&builder, "{sv}", "UserIdle",
                         g_variant_new_boolean (conditions->user_idle));
  g_variant_builder_add (&builder, "{sv}", "GameMode",
                         g_variant_new_boolean (conditions->game_mode));
  g_variant_builder_add (&builder, "{sv}", "InWindow",
                         g_variant_new_boolean (sl_queue_is_in_window (surround->queue)));
  g_variant_builder_add (&builder, "{sv}", "Links", describe_links (surround, conditions));
  g_variant_builder_add (&builder, "{sv}", "Sources", describe_sources (conditions));
  return g_variant_builder_end (&builder);
}
