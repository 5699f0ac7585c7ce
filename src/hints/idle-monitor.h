/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the user has not touched keyboard or pointer for a while, from GNOME's compositor
 * (org.gnome.Mutter.IdleMonitor) on the session bus. It signals when the time is over and when the user is back. Part
 * of hints/idle.h.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlIdleMonitor SlIdleMonitor;

/* @seconds: without input, after which the user is idle; more than 0 */
SlIdleMonitor *sl_idle_monitor_new (GDBusConnection *session,
                                    guint seconds,
                                    SlSourceChanged changed,
                                    gpointer user_data);
/* FALSE when unknown; otherwise @idle is set. */
gboolean sl_idle_monitor_get (SlIdleMonitor *monitor, gboolean *idle);
void sl_idle_monitor_free (SlIdleMonitor *monitor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlIdleMonitor, sl_idle_monitor_free)

G_END_DECLS
