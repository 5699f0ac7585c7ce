/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of one object of a service. */
#include "hints/watch.h"

#include "hints/peer.h"

#define PROPERTIES "org.freedesktop.DBus.Properties"

struct _SlWatch {
  SlPeer *peer;    /* (owned) */
  char *path;      /* (owned) */
  char *interface; /* (owned) */
  gboolean any_path;
  GVariant *values; /* (owned) (nullable) a{sv}; NULL: unknown */
  gboolean reading; /* a call is pending */
  gboolean again;   /* something changed after the call was sent: call again */
  SlWatchChanged changed;
  gpointer user_data;
};

static void read_all (SlWatch *watch);

/* @values: (nullable) */
static void
report (SlWatch *watch, GVariant *values)
{
  if (values == NULL && watch->values == NULL)
    return;
  g_clear_pointer (&watch->values, g_variant_unref);
  watch->values = values != NULL ? g_variant_ref_sink (values) : NULL;
  watch->changed (watch->values, watch->user_data);
}

static void
on_read (GVariant *reply, gpointer data)
{
  SlWatch *watch = data;
  g_autoptr (GVariant) values = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;

  watch->reading = FALSE;
  if (watch->again)
    read_all (watch);
  report (watch, values);
}

static void
read_all (SlWatch *watch)
{
  SlPeerMethod method = {watch->path, PROPERTIES, "GetAll", "(a{sv})"};

  watch->again = watch->reading;
  if (watch->reading)
    return;
  watch->reading = TRUE;
  sl_peer_call (watch->peer, &method, g_variant_new ("(s)", watch->interface), on_read);
}

/* (transfer full): @values, updated with @changes */
static GVariant *
merge (GVariant *values, GVariant *changes)
{
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (values);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, changes);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    g_variant_dict_insert_value (&dict, name, value);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
on_changed (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *member,
            GVariant *args,
            gpointer data)
{
  SlWatch *watch = data;
  g_autoptr (GVariant) changes = NULL;
  g_autoptr (GVariant) values = NULL;
  g_autofree const char **invalidated = NULL;
  const char *of;

  if (!g_variant_is_of_type (args, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (args, "(&s@a{sv}^a&s)", &of, &changes, &invalidated);
  if (!g_str_equal (of, watch->interface))
    return;
  if (watch->values == NULL || watch->any_path || invalidated[0] != NULL) {
    read_all (watch);
    return;
  }
  values = merge (watch->values, changes);
  report (watch, values);
}

static void
on_owner (const char *owner, gpointer data)
{
  SlWatch *watch = data;

  watch->reading = FALSE;
  watch->again = FALSE;
  if (owner == NULL) {
    report (watch, NULL);
    return;
  }
  sl_peer_subscribe (watch->peer, watch->any_path ? NULL : watch->path, PROPERTIES,
                     "PropertiesChanged", on_changed);
  read_all (watch);
}

SlWatch *
sl_watch_new (GDBusConnection *bus,
              const SlWatchObject *object,
              SlWatchChanged changed,
              gpointer user_data)
{
  SlWatch *watch = g_new0 (SlWatch, 1);

  watch->path = g_strdup (object->path);
  watch->interface = g_strdup (object->interface);
  watch->any_path = (object->flags & SL_WATCH_ANY_PATH) != 0;
  watch->changed = changed;
  watch->user_data = user_data;
  watch->peer = sl_peer_new (bus, object->name,
                             (object->flags & SL_WATCH_START) != 0 ? SL_PEER_START : SL_PEER_NONE,
                             on_owner, watch);
  return watch;
}

GVariant *
sl_watch_get_values (SlWatch *watch)
{
  return watch->values;
}

void
sl_watch_free (SlWatch *watch)
{
  sl_peer_free (watch->peer);
  g_clear_pointer (&watch->values, g_variant_unref);
  g_free (watch->path);
  g_free (watch->interface);
  g_free (watch);
}
