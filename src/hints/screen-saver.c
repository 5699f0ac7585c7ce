/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a screen saver is on. A service that lacks methods of the interface counts as absent. */
#include "hints/screen-saver.h"

#include "hints/peer.h"

struct _SlScreenSaver {
  SlPeer *peer;   /* (owned) */
  char *name;     /* (owned) of the service and of its interface */
  char *paths[2]; /* (owned) of the object: by the service's name, and that of old desktops */
  guint path;     /* index of the path in use */
  gboolean known;
  gboolean active;
  SlSourceChanged changed;
  gpointer user_data;
};

static void ask (SlScreenSaver *saver);

static void
report (SlScreenSaver *saver, gboolean known, gboolean active)
{
  if (known == saver->known && active == saver->active)
    return;
  saver->known = known;
  saver->active = active;
  saver->changed (saver->user_data);
}

static void
on_answer (GVariant *reply, gpointer data)
{
  SlScreenSaver *saver = data;
  gboolean active;

  if (reply != NULL) {
    g_variant_get (reply, "(b)", &active);
    report (saver, TRUE, active);
  } else if (++saver->path < G_N_ELEMENTS (saver->paths)) {
    ask (saver);
  }
}

static void
ask (SlScreenSaver *saver)
{
  SlPeerMethod method = {saver->paths[saver->path], saver->name, "GetActive", "(b)"};

  sl_peer_call (saver->peer, &method, NULL, on_answer);
}

static void
on_active_changed (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *member,
                   GVariant *args,
                   gpointer data)
{
  gboolean active;

  if (!g_variant_is_of_type (args, G_VARIANT_TYPE ("(b)")))
    return;
  g_variant_get (args, "(b)", &active);
  report (data, TRUE, active);
}

static void
on_owner (const char *owner, gpointer data)
{
  SlScreenSaver *saver = data;

  saver->path = 0;
  if (owner == NULL) {
    report (saver, FALSE, FALSE);
    return;
  }
  /* any path: some services send it from other paths than they answer on */
  sl_peer_subscribe (saver->peer, NULL, saver->name, "ActiveChanged", on_active_changed);
  ask (saver);
}

SlScreenSaver *
sl_screen_saver_new (GDBusConnection *session,
                     const char *name,
                     SlSourceChanged changed,
                     gpointer user_data)
{
  SlScreenSaver *saver = g_new0 (SlScreenSaver, 1);

  saver->name = g_strdup (name);
  saver->paths[0] = g_strdelimit (g_strconcat ("/", name, NULL), ".", '/');
  saver->paths[1] = g_strdup ("/ScreenSaver");
  saver->changed = changed;
  saver->user_data = user_data;
  saver->peer = sl_peer_new (session, name, SL_PEER_NONE, on_owner, saver);
  return saver;
}

gboolean
sl_screen_saver_get (SlScreenSaver *saver, gboolean *active)
{
  *active = saver->active;
  return saver->known;
}

void
sl_screen_saver_free (SlScreenSaver *saver)
{
  sl_peer_free (saver->peer);
  g_free (saver->name);
  for (guint i = 0; i < G_N_ELEMENTS (saver->paths); i++)
    g_free (saver->paths[i]);
  g_free (saver);
}
