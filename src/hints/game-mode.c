/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hint that a game is running, from GameMode. */
#include "hints/game-mode.h"

#include "hints/watch.h"

static const SlWatchObject object = {
    "com.feralinteractive.GameMode",
    "/com/feralinteractive/GameMode",
    "com.feralinteractive.GameMode",
    SL_WATCH_NONE,
};

struct _SlGameMode {
  SlWatch *watch; /* (owned) */
  gboolean known;
  gboolean on;
  SlSourceChanged changed;
  gpointer user_data;
};

static void
on_changed (GVariant *values, gpointer data)
{
  SlGameMode *mode = data;
  gint32 clients = 0;
  gboolean known = values != NULL && g_variant_lookup (values, "ClientCount", "i", &clients);
  gboolean on = known && clients > 0;

  if (known == mode->known && on == mode->on)
    return;
  mode->known = known;
  mode->on = on;
  mode->changed (mode->user_data);
}

SlGameMode *
sl_game_mode_new (GDBusConnection *session, SlSourceChanged changed, gpointer user_data)
{
  SlGameMode *mode = g_new0 (SlGameMode, 1);

  mode->changed = changed;
  mode->user_data = user_data;
  mode->watch = sl_watch_new (session, &object, on_changed, mode);
  return mode;
}

void
sl_game_mode_fold (SlGameMode *mode, SlConditions *conditions)
{
  if (!mode->known)
    return;
  conditions->game_mode = mode->on;
  conditions->sources[SL_HINT_GAME_MODE] = "GameMode";
}

void
sl_game_mode_free (SlGameMode *mode)
{
  sl_watch_free (mode->watch);
  g_free (mode);
}
