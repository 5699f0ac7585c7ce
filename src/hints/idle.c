/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hint that the user is idle, from the desktop or from logind. */
#include "hints/idle.h"

#include "hints/idle-monitor.h"
#include "hints/screen-saver.h"
#include "hints/watch.h"

static const SlWatchObject user_object = {
    "org.freedesktop.login1", "/org/freedesktop/login1/user/self", "org.freedesktop.login1.User",
    SL_WATCH_ANY_PATH, /* the user's own path */
};
static const SlWatchObject manager_object = {
    "org.freedesktop.login1",
    "/org/freedesktop/login1",
    "org.freedesktop.login1.Manager",
    SL_WATCH_NONE,
};

struct _SlIdle {
  SlIdleMonitor *monitor;     /* (owned) (nullable) */
  SlScreenSaver *gnome;       /* (owned) */
  SlScreenSaver *freedesktop; /* (owned) */
  SlWatch *logind;            /* (owned) */
  const char *source;         /* (nullable) the service that reports; NULL: none */
  gboolean idle;
  SlSourceChanged changed;
  gpointer user_data;
};

/*
 * Takes one report of the desktop: if any says that the user is idle, the user is; otherwise the first report counts.
 */
static void
hear (const char **source, gboolean *idle, const char *name, gboolean said_idle)
{
  if (*source != NULL && (*idle || !said_idle))
    return;
  *source = name;
  *idle = said_idle;
}

/* (nullable): the service that reports; NULL: none */
static const char *
ask_all (SlIdle *idle, gboolean *is_idle)
{
  const char *source = NULL;
  GVariant *logind;
  gboolean said;

  if (idle->monitor != NULL && sl_idle_monitor_get (idle->monitor, &said))
    hear (&source, is_idle, "GNOME", said);
  if (sl_screen_saver_get (idle->gnome, &said))
    hear (&source, is_idle, "GNOME", said);
  if (sl_screen_saver_get (idle->freedesktop, &said))
    hear (&source, is_idle, "freedesktop screen saver", said);
  logind = sl_watch_get_values (idle->logind);
  if (source == NULL && logind != NULL && g_variant_lookup (logind, "IdleHint", "b", is_idle))
    source = "logind";
  return source;
}

static void
on_changed (gpointer data)
{
  SlIdle *idle = data;
  gboolean is_idle = TRUE;
  const char *source = ask_all (idle, &is_idle);

  if (source == idle->source && is_idle == idle->idle)
    return;
  idle->source = source;
  idle->idle = is_idle;
  idle->changed (idle->user_data);
}

static void
on_logind (GVariant *values, gpointer data)
{
  on_changed (data);
}

SlIdle *
sl_idle_new (GDBusConnection *session,
             GDBusConnection *system,
             guint idle_seconds,
             SlSourceChanged changed,
             gpointer user_data)
{
  SlIdle *idle = g_new0 (SlIdle, 1);

  idle->idle = TRUE;
  idle->changed = changed;
  idle->user_data = user_data;
  if (idle_seconds > 0)
    idle->monitor = sl_idle_monitor_new (session, idle_seconds, on_changed, idle);
  idle->gnome = sl_screen_saver_new (session, "org.gnome.ScreenSaver", on_changed, idle);
  idle->freedesktop =
      sl_screen_saver_new (session, "org.freedesktop.ScreenSaver", on_changed, idle);
  idle->logind =
      sl_watch_new (system, session != NULL ? &user_object : &manager_object, on_logind, idle);
  return idle;
}

void
sl_idle_fold (SlIdle *idle, SlConditions *conditions)
{
  if (idle->source == NULL)
    return;
  conditions->user_idle = idle->idle;
  conditions->sources[SL_HINT_USER_IDLE] = idle->source;
}

void
sl_idle_free (SlIdle *idle)
{
  g_clear_pointer (&idle->monitor, sl_idle_monitor_free);
  sl_screen_saver_free (idle->gnome);
  sl_screen_saver_free (idle->freedesktop);
  sl_watch_free (idle->logind);
  g_free (idle);
}
