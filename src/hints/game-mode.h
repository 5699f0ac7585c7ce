/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hint that a game is running, from Feral's GameMode on the session bus, at which games register. */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlGameMode SlGameMode;

SlGameMode *
sl_game_mode_new (GDBusConnection *session, SlSourceChanged changed, gpointer user_data);
void sl_game_mode_fold (SlGameMode *mode, SlConditions *conditions);
void sl_game_mode_free (SlGameMode *mode);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlGameMode, sl_game_mode_free)

G_END_DECLS
