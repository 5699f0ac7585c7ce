/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a screen saver is on, from the desktop on the session bus. Part of hints/idle.h. */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlScreenSaver SlScreenSaver;

/* @name: of the service, and of its interface; "org.gnome.ScreenSaver" or "org.freedesktop.ScreenSaver" */
SlScreenSaver *sl_screen_saver_new (GDBusConnection *session,
                                    const char *name,
                                    SlSourceChanged changed,
                                    gpointer user_data);
/* FALSE when unknown; otherwise @active is set. */
gboolean sl_screen_saver_get (SlScreenSaver *saver, gboolean *active);
void sl_screen_saver_free (SlScreenSaver *saver);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlScreenSaver, sl_screen_saver_free)

G_END_DECLS
