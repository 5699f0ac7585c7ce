/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hint that the user is idle. In a session the desktop decides: GNOME's compositor, which measures the time
 * without input, and screen savers; the user is idle when any of these says so. Without a desktop, logind's IdleHint
 * decides: that of the user's sessions, or, for a service of the whole system, that of all seats. logind signals what
 * desktops set. The idleness of consoles it computes only when asked, so that arrives with the next signal.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlIdle SlIdle;

/*
 * @session: (nullable): the session bus; NULL for a service of the whole system
 *
 * @idle_seconds: without input, after which the user is idle, where GNOME's compositor measures it; 0: idle with the
 * screen saver
 */
SlIdle *sl_idle_new (GDBusConnection *session,
                     GDBusConnection *system,
                     guint idle_seconds,
                     SlSourceChanged changed,
                     gpointer user_data);
void sl_idle_fold (SlIdle *idle, SlConditions *conditions);
void sl_idle_free (SlIdle *idle);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlIdle, sl_idle_free)

G_END_DECLS
