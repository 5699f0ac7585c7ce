/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the user has not touched keyboard or pointer for a while. The compositor has two kinds of watches. One for
 * idleness stays and fires each time that the user becomes idle, at once if the user already is. One for activity
 * fires once; we have one only while the user is idle, because it would fire with the first key.
 */
#include "hints/idle-monitor.h"

#include "hints/peer.h"

#define PATH      "/org/gnome/Mutter/IdleMonitor/Core"
#define INTERFACE "org.gnome.Mutter.IdleMonitor"

struct _SlIdleMonitor {
  SlPeer *peer; /* (owned) */
  guint seconds;
  guint32 idle_watch; /* 0: none; ids begin with 1 */
  guint32 active_watch;
  gboolean known;
  gboolean idle;
  SlSourceChanged changed;
  gpointer user_data;
};

static const SlPeerMethod add_idle = {PATH, INTERFACE, "AddIdleWatch", "(u)"};
static const SlPeerMethod add_active = {PATH, INTERFACE, "AddUserActiveWatch", "(u)"};
static const SlPeerMethod remove_watch = {PATH, INTERFACE, "RemoveWatch", "()"};

static void
report (SlIdleMonitor *monitor, gboolean known, gboolean idle)
{
  if (known == monitor->known && idle == monitor->idle)
    return;
  monitor->known = known;
  monitor->idle = idle;
  monitor->changed (monitor->user_data);
}

static void
on_idle_added (GVariant *reply, gpointer data)
{
  SlIdleMonitor *monitor = data;

  if (reply == NULL)
    return;
  g_variant_get (reply, "(u)", &monitor->idle_watch);
  report (monitor, TRUE, FALSE);
}

/* Without this watch nothing would report that the user is back, so idleness counts as unknown. */
static void
on_active_added (GVariant *reply, gpointer data)
{
  SlIdleMonitor *monitor = data;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &monitor->active_watch);
  else
    report (monitor, FALSE, FALSE);
}

static void
on_fired (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *interface,
          const char *member,
          GVariant *args,
          gpointer data)
{
  SlIdleMonitor *monitor = data;
  guint32 id;

  if (!g_variant_is_of_type (args, G_VARIANT_TYPE ("(u)")))
    return;
  g_variant_get (args, "(u)", &id);
  if (id == 0)
    return;
  if (id == monitor->active_watch) {
    monitor->active_watch = 0;
    report (monitor, TRUE, FALSE);
  } else if (id == monitor->idle_watch && !monitor->idle) {
    sl_peer_call (monitor->peer, &add_active, NULL, on_active_added);
    report (monitor, TRUE, TRUE);
  }
}

static void
on_owner (const char *owner, gpointer data)
{
  SlIdleMonitor *monitor = data;

  monitor->idle_watch = 0;
  monitor->active_watch = 0;
  if (owner == NULL) {
    report (monitor, FALSE, FALSE);
    return;
  }
  sl_peer_subscribe (monitor->peer, PATH, INTERFACE, "WatchFired", on_fired);
  sl_peer_call (monitor->peer, &add_idle, g_variant_new ("(t)", (guint64)monitor->seconds * 1000),
                on_idle_added);
}

SlIdleMonitor *
sl_idle_monitor_new (GDBusConnection *session,
                     guint seconds,
                     SlSourceChanged changed,
                     gpointer user_data)
{
  SlIdleMonitor *monitor = g_new0 (SlIdleMonitor, 1);

  monitor->seconds = seconds;
  monitor->changed = changed;
  monitor->user_data = user_data;
  monitor->peer =
      sl_peer_new (session, "org.gnome.Mutter.IdleMonitor", SL_PEER_NONE, on_owner, monitor);
  return monitor;
}

gboolean
sl_idle_monitor_get (SlIdleMonitor *monitor, gboolean *idle)
{
  *idle = monitor->idle;
  return monitor->known;
}

void
sl_idle_monitor_free (SlIdleMonitor *monitor)
{
  const guint32 watches[] = {monitor->idle_watch, monitor->active_watch};

  /* the compositor would keep them until we leave the bus */
  for (guint i = 0; i < G_N_ELEMENTS (watches); i++) {
    if (watches[i] != 0)
      sl_peer_call (monitor->peer, &remove_watch, g_variant_new ("(u)", watches[i]), NULL);
  }
  sl_peer_free (monitor->peer);
  g_free (monitor);
}
