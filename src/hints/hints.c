/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has all sources of hints, and folds them in order. */
#define G_LOG_DOMAIN "sluice-hints"

#include "hints/hints.h"

#include "hints/game-mode.h"
#include "hints/idle.h"
#include "hints/modem.h"
#include "hints/network-manager.h"
#include "hints/power-profile.h"
#include "hints/traffic.h"
#include "hints/upower.h"

struct _SlHints {
  SlBuses buses; /* (owned) */
  SlHintsSettings settings;
  const SlHintsEvents *events;
  gpointer user_data;

  SlNetwork *network;            /* (owned) */
  SlNetworkManager *manager;     /* (owned) */
  SlModem *modem;                /* (owned) */
  SlTraffic *traffic;            /* (owned) */
  SlUPower *upower;              /* (owned) */
  SlPowerProfile *power_profile; /* (owned) */
  SlIdle *idle;                  /* (owned) */
  SlGameMode *game_mode;         /* (owned) */

  SlConditions *conditions; /* (owned) the last result of fold () */
  guint fold_id;            /* idle source; 0 when nothing has changed */
};

static const char *const names[] = {
    [SL_HINT_CONNECTIVITY] = "Connectivity",
    [SL_HINT_METERED] = "Metered",
    [SL_HINT_ROAMING] = "Roaming",
    [SL_HINT_CELLULAR] = "Cellular",
    [SL_HINT_VPN] = "Vpn",
    [SL_HINT_ON_BATTERY] = "OnBattery",
    [SL_HINT_BATTERY_LEVEL] = "BatteryLevel",
    [SL_HINT_POWER_SAVER] = "PowerSaver",
    [SL_HINT_USER_IDLE] = "UserIdle",
    [SL_HINT_GAME_MODE] = "GameMode",
    [SL_HINT_LINK_BUSY] = "LinkBusy",
};
G_STATIC_ASSERT (G_N_ELEMENTS (names) == SL_N_HINTS);

/* The order matters: first the sources that make links, then those that add to them. */
static SlConditions *
fold (SlHints *hints)
{
  SlConditions *conditions = sl_conditions_new ();

  sl_network_fold (hints->network, conditions);
  sl_network_manager_fold (hints->manager, conditions);
  sl_modem_fold (hints->modem, conditions);
  sl_traffic_fold (hints->traffic, conditions);
  sl_upower_fold (hints->upower, conditions);
  sl_power_profile_fold (hints->power_profile, conditions);
  sl_idle_fold (hints->idle, conditions);
  sl_game_mode_fold (hints->game_mode, conditions);
  return conditions;
}

static gboolean
on_fold (gpointer data)
{
  SlHints *hints = data;
  SlConditions *folded = fold (hints);
  gboolean same = sl_conditions_equal (folded, hints->conditions);

  hints->fold_id = 0;
  sl_conditions_free (hints->conditions);
  hints->conditions = folded;
  if (!same)
    hints->events->changed (hints->user_data);
  return G_SOURCE_REMOVE;
}

/* Folds in an idle callback, so that changes of several sources at once are reported once. */
static void
on_source_changed (gpointer data)
{
  SlHints *hints = data;

  if (hints->fold_id == 0)
    hints->fold_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_fold, hints, NULL);
}

static void
on_network_settled (gpointer data)
{
  SlHints *hints = data;

  hints->events->network_changed (hints->user_data);
}

static SlIdle *
make_idle (SlHints *hints)
{
  return sl_idle_new (hints->buses.session, hints->buses.system, hints->settings.idle_seconds,
                      on_source_changed, hints);
}

SlHints *
sl_hints_new (const SlBuses *buses,
              const SlHintsSettings *settings,
              const SlHintsEvents *events,
              gpointer user_data)
{
  SlHints *hints = g_new0 (SlHints, 1);
  GDBusConnection *session = buses->session, *system = buses->system;

  hints->buses.session = session != NULL ? g_object_ref (session) : NULL;
  hints->buses.system = system != NULL ? g_object_ref (system) : NULL;
  hints->settings = *settings;
  hints->events = events;
  hints->user_data = user_data;
  hints->network = sl_network_new (on_network_settled, on_source_changed, hints);
  hints->manager = sl_network_manager_new (system, on_source_changed, hints);
  hints->modem = sl_modem_new (system, on_source_changed, hints);
  hints->traffic = sl_traffic_new (settings->busy_share, on_source_changed, hints);
  hints->upower = sl_upower_new (system, on_source_changed, hints);
  hints->power_profile = sl_power_profile_new (session, system, on_source_changed, hints);
  hints->idle = make_idle (hints);
  hints->game_mode = sl_game_mode_new (session, on_source_changed, hints);
  hints->conditions = fold (hints);
  return hints;
}

void
sl_hints_free (SlHints *hints)
{
  g_clear_handle_id (&hints->fold_id, g_source_remove);
  sl_game_mode_free (hints->game_mode);
  sl_idle_free (hints->idle);
  sl_power_profile_free (hints->power_profile);
  sl_upower_free (hints->upower);
  sl_traffic_free (hints->traffic);
  sl_modem_free (hints->modem);
  sl_network_manager_free (hints->manager);
  sl_network_free (hints->network);
  sl_conditions_free (hints->conditions);
  g_clear_object (&hints->buses.session);
  g_clear_object (&hints->buses.system);
  g_free (hints);
}

void
sl_hints_set_settings (SlHints *hints, const SlHintsSettings *settings)
{
  gboolean other_idle = settings->idle_seconds != hints->settings.idle_seconds;

  hints->settings = *settings;
  sl_traffic_set_share (hints->traffic, settings->busy_share);
  if (!other_idle)
    return;
  sl_idle_free (hints->idle);
  hints->idle = make_idle (hints);
  on_source_changed (hints);
}

const SlConditions *
sl_hints_get (SlHints *hints)
{
  return hints->conditions;
}

void
sl_hints_set_watching_traffic (SlHints *hints, gboolean active)
{
  sl_traffic_set_active (hints->traffic, active);
}

void
sl_hints_add_own_traffic (SlHints *hints, guint index, guint64 bytes)
{
  sl_traffic_add_own (hints->traffic, index, bytes);
}

const char *
sl_hint_to_string (SlHint hint)
{
  return names[hint];
}
