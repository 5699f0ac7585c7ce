/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hint that the machine saves power. */
#include "hints/power-profile.h"

#include "hints/watch.h"

/* The services that report it, the best first. */
enum { NEW_NAME, OLD_NAME, PORTAL, N_SERVICES };

static const SlWatchObject objects[N_SERVICES] = {
    [NEW_NAME] = {"org.freedesktop.UPower.PowerProfiles", "/org/freedesktop/UPower/PowerProfiles",
                  "org.freedesktop.UPower.PowerProfiles", SL_WATCH_START},
    [OLD_NAME] = {"net.hadess.PowerProfiles", "/net/hadess/PowerProfiles",
                  "net.hadess.PowerProfiles", SL_WATCH_START},
    [PORTAL] = {"org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                "org.freedesktop.portal.PowerProfileMonitor", SL_WATCH_START},
};
static const char *const names[N_SERVICES] = {
    [NEW_NAME] = "power-profiles-daemon",
    [OLD_NAME] = "power-profiles-daemon",
    [PORTAL] = "desktop portal",
};

struct _SlPowerProfile {
  SlWatch *watches[N_SERVICES]; /* (owned) */
  const char *source;           /* (nullable) the service that reports; NULL: none */
  gboolean saver;
  SlSourceChanged changed;
  gpointer user_data;
};

/* FALSE if @values don't have it. */
static gboolean
parse (guint service, GVariant *values, gboolean *saver)
{
  const char *active;

  if (values == NULL)
    return FALSE;
  if (service == PORTAL)
    return g_variant_lookup (values, "power-saver-enabled", "b", saver);
  if (!g_variant_lookup (values, "ActiveProfile", "&s", &active))
    return FALSE;
  *saver = g_str_equal (active, "power-saver");
  return TRUE;
}

static void
on_changed (GVariant *values, gpointer data)
{
  SlPowerProfile *profile = data;
  const char *source = NULL;
  gboolean saver = FALSE;

  for (guint i = 0; i < N_SERVICES && source == NULL; i++) {
    if (parse (i, sl_watch_get_values (profile->watches[i]), &saver))
      source = names[i];
  }
  if (source == profile->source && saver == profile->saver)
    return;
  profile->source = source;
  profile->saver = saver;
  profile->changed (profile->user_data);
}

SlPowerProfile *
sl_power_profile_new (GDBusConnection *session,
                      GDBusConnection *system,
                      SlSourceChanged changed,
                      gpointer user_data)
{
  SlPowerProfile *profile = g_new0 (SlPowerProfile, 1);

  profile->changed = changed;
  profile->user_data = user_data;
  for (guint i = 0; i < N_SERVICES; i++) {
    GDBusConnection *bus = i != PORTAL ? system : system == NULL ? session : NULL;
    profile->watches[i] = sl_watch_new (bus, &objects[i], on_changed, profile);
  }
  return profile;
}

void
sl_power_profile_fold (SlPowerProfile *profile, SlConditions *conditions)
{
  if (profile->source == NULL)
    return;
  conditions->power_saver = profile->saver;
  conditions->sources[SL_HINT_POWER_SAVER] = profile->source;
}

void
sl_power_profile_free (SlPowerProfile *profile)
{
  for (guint i = 0; i < N_SERVICES; i++)
    sl_watch_free (profile->watches[i]);
  g_free (profile);
}
