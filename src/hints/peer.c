/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A service by its well-known name, whose owner may change. */
#include "hints/peer.h"

struct _SlPeer {
  GDBusConnection *bus; /* (owned) (nullable) */
  guint watch_id;       /* of the name; 0 without a bus */
  char *owner;          /* (owned) (nullable) */
  GCancellable *calls;  /* (owned) cancelled and replaced when the owner leaves */
  GArray *signals;      /* (owned) (element-type guint) subscriptions to the owner's signals */
  SlPeerChanged changed;
  gpointer user_data;
};

/* A pending call. */
typedef struct {
  SlPeerReply reply;
  gpointer user_data;
} Call;

/* Ends the calls and subscriptions of the previous owner. */
static void
forget_owner (SlPeer *peer)
{
  g_cancellable_cancel (peer->calls);
  g_object_unref (peer->calls);
  peer->calls = g_cancellable_new ();
  for (guint i = 0; i < peer->signals->len; i++)
    g_dbus_connection_signal_unsubscribe (peer->bus, g_array_index (peer->signals, guint, i));
  g_array_set_size (peer->signals, 0);
  g_clear_pointer (&peer->owner, g_free);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  SlPeer *peer = data;

  forget_owner (peer);
  peer->owner = g_strdup (owner);
  peer->changed (peer->owner, peer->user_data);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  SlPeer *peer = data;

  if (peer->owner == NULL)
    return;
  forget_owner (peer);
  peer->changed (NULL, peer->user_data);
}

SlPeer *
sl_peer_new (GDBusConnection *bus,
             const char *name,
             SlPeerFlags flags,
             SlPeerChanged changed,
             gpointer user_data)
{
  SlPeer *peer = g_new0 (SlPeer, 1);

  peer->calls = g_cancellable_new ();
  peer->signals = g_array_new (FALSE, FALSE, sizeof (guint));
  peer->changed = changed;
  peer->user_data = user_data;
  if (bus == NULL)
    return peer;
  peer->bus = g_object_ref (bus);
  peer->watch_id = g_bus_watch_name_on_connection (bus, name,
                                                   (flags & SL_PEER_START) != 0
                                                       ? G_BUS_NAME_WATCHER_FLAGS_AUTO_START
                                                       : G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                   on_appeared, on_vanished, peer, NULL);
  return peer;
}

GDBusConnection *
sl_peer_get_bus (SlPeer *peer)
{
  return peer->bus;
}

const char *
sl_peer_get_owner (SlPeer *peer)
{
  return peer->owner;
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autofree Call *call = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* the peer may have been freed */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    g_debug ("A hint is not available: %s", error->message);
  call->reply (reply, call->user_data);
}

void
sl_peer_call (SlPeer *peer, const SlPeerMethod *method, GVariant *args, SlPeerReply reply)
{
  g_autoptr (GVariantType) type = g_variant_type_new (method->reply);
  Call *call = NULL;

  if (reply == NULL) {
    g_dbus_connection_call (peer->bus, peer->owner, method->path, method->interface, method->name,
                            args, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, SL_PEER_TIMEOUT, NULL,
                            NULL, NULL);
    return;
  }
  call = g_new (Call, 1);
  call->reply = reply;
  call->user_data = peer->user_data;
  g_dbus_connection_call (peer->bus, peer->owner, method->path, method->interface, method->name,
                          args, type, G_DBUS_CALL_FLAGS_NO_AUTO_START, SL_PEER_TIMEOUT, peer->calls,
                          on_reply, call);
}

void
sl_peer_subscribe (SlPeer *peer,
                   const char *path,
                   const char *interface,
                   const char *member,
                   GDBusSignalCallback callback)
{
  guint id = g_dbus_connection_signal_subscribe (peer->bus, peer->owner, interface, member, path,
                                                 NULL, G_DBUS_SIGNAL_FLAGS_NONE, callback,
                                                 peer->user_data, NULL);

  g_array_append_val (peer->signals, id);
}

void
sl_peer_free (SlPeer *peer)
{
  g_clear_handle_id (&peer->watch_id, g_bus_unwatch_name);
  forget_owner (peer);
  g_object_unref (peer->calls);
  g_array_unref (peer->signals);
  g_clear_object (&peer->bus);
  g_free (peer);
}
