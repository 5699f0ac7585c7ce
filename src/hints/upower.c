/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hints on the battery, from UPower. */
#include "hints/upower.h"

#include "hints/watch.h"

#include <math.h>

/* UpDeviceKind and UpDeviceLevel of UPower */
enum { KIND_BATTERY = 2, KIND_UPS = 3 };
enum { LEVEL_CRITICAL = 4 }; /* above it is "action": the machine is about to switch off */

static const SlWatchObject daemon_object = {
    "org.freedesktop.UPower",
    "/org/freedesktop/UPower",
    "org.freedesktop.UPower",
    SL_WATCH_START,
};
/* All batteries as one, as desktops show it */
static const SlWatchObject display_object = {
    "org.freedesktop.UPower",
    "/org/freedesktop/UPower/devices/DisplayDevice",
    "org.freedesktop.UPower.Device",
    SL_WATCH_NONE,
};

struct _SlUPower {
  SlWatch *daemon;  /* (owned) */
  SlWatch *display; /* (owned) */
  gboolean known;   /* the state is known */
  gboolean on_battery;
  gboolean has_battery;
  double level; /* in whole percents, to report less often */
  gboolean critical;
  SlSourceChanged changed;
  gpointer user_data;
};

static void
on_daemon (GVariant *values, gpointer data)
{
  SlUPower *upower = data;
  gboolean on_battery = FALSE;
  gboolean known = values != NULL && g_variant_lookup (values, "OnBattery", "b", &on_battery);

  if (known == upower->known && on_battery == upower->on_battery)
    return;
  upower->known = known;
  upower->on_battery = on_battery;
  upower->changed (upower->user_data);
}

/* FALSE if there is no battery; otherwise sets @level and @critical. */
static gboolean
parse_display (GVariant *values, double *level, gboolean *critical)
{
  gboolean present;
  guint32 kind, warning;
  double percentage;

  if (!g_variant_lookup (values, "IsPresent", "b", &present) || !present ||
      !g_variant_lookup (values, "Type", "u", &kind) ||
      (kind != KIND_BATTERY && kind != KIND_UPS) ||
      !g_variant_lookup (values, "Percentage", "d", &percentage) || !isfinite (percentage))
    return FALSE;
  *level = floor (CLAMP (percentage, 0, 100));
  *critical = g_variant_lookup (values, "WarningLevel", "u", &warning) && warning >= LEVEL_CRITICAL;
  return TRUE;
}

static void
on_display (GVariant *values, gpointer data)
{
  SlUPower *upower = data;
  double level = 100;
  gboolean critical = FALSE;
  gboolean has_battery = values != NULL && parse_display (values, &level, &critical);

  if (has_battery == upower->has_battery && (gint)level == (gint)upower->level &&
      critical == upower->critical)
    return;
  upower->has_battery = has_battery;
  upower->level = level;
  upower->critical = critical;
  upower->changed (upower->user_data);
}

SlUPower *
sl_upower_new (GDBusConnection *system, SlSourceChanged changed, gpointer user_data)
{
  SlUPower *upower = g_new0 (SlUPower, 1);

  upower->level = 100;
  upower->changed = changed;
  upower->user_data = user_data;
  upower->daemon = sl_watch_new (system, &daemon_object, on_daemon, upower);
  upower->display = sl_watch_new (system, &display_object, on_display, upower);
  return upower;
}

void
sl_upower_fold (SlUPower *upower, SlConditions *conditions)
{
  if (upower->known) {
    conditions->on_battery = upower->on_battery;
    conditions->sources[SL_HINT_ON_BATTERY] = "UPower";
  }
  if (upower->has_battery) {
    conditions->battery_level = upower->level;
    conditions->battery_critical = upower->critical;
    conditions->sources[SL_HINT_BATTERY_LEVEL] = "UPower";
  }
}

void
sl_upower_free (SlUPower *upower)
{
  sl_watch_free (upower->daemon);
  sl_watch_free (upower->display);
  g_free (upower);
}
