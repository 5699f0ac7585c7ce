/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether nobody has touched keyboard and pointer for a while, as GNOME's compositor (org.gnome.Mutter.IdleMonitor)
 * says it on the session bus. It tells when the time is over and when somebody is back. Part of hints/idle.h.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlIdleMonitor SlIdleMonitor;

/* @seconds: how long nobody has to have done anything; more than 0 */
SlIdleMonitor *sl_idle_monitor_new (GDBusConnection *session,
                                    guint seconds,
                                    SlSourceChanged changed,
                                    gpointer user_data);
/* Whether it's known; then @idle says whether the user is. */
gboolean sl_idle_monitor_get (SlIdleMonitor *monitor, gboolean *idle);
void sl_idle_monitor_free (SlIdleMonitor *monitor);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlIdleMonitor, sl_idle_monitor_free)

G_END_DECLS
