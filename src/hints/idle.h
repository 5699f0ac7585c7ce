/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hint that the user is idle. In a session the desktop's word comes first: GNOME's compositor, which knows for how
 * long nobody has done anything, and screen savers, any of which being on means idle. Where no desktop tells, it's what
 * logind was told (IdleHint): of the user's sessions, or, for a service of the whole system, of all seats. logind tells
 * of changes of what desktops set; of consoles, whose idleness it only looks up when asked, it tells with the next one.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlIdle SlIdle;

/*
 * @session: (nullable): the session bus; NULL for a service of the whole system
 * @idle_seconds: how long nobody has to have done anything, where somebody counts; 0: until the screen saver comes
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
