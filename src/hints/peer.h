/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A service by its well-known name, which may start, stop and be replaced. Calls and signals use the owner's unique
 * name and end with that owner, so nothing from a former owner gets through, and a call never starts a service.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlPeer SlPeer;

typedef enum {
  SL_PEER_NONE = 0,
  SL_PEER_START = 1 << 0, /* D-Bus may start the service, once, at the beginning */
} SlPeerFlags;

/* The owner of the name changed. @owner: its unique name; NULL: none. Called on the main loop. */
typedef void (*SlPeerChanged) (const char *owner, gpointer user_data);
/*
 * @reply: NULL if the reply was an error, had the wrong type, or came too late. Not called after the owner has left,
 * nor after sl_peer_free ().
 */
typedef void (*SlPeerReply) (GVariant *reply, gpointer user_data);

typedef struct {
  const char *path;
  const char *interface;
  const char *name;
  const char *reply; /* type string of the reply, a tuple */
} SlPeerMethod;

/* @bus: NULL: the service is never there. All callbacks get @user_data. */
SlPeer *sl_peer_new (GDBusConnection *bus,
                     const char *name,
                     SlPeerFlags flags,
                     SlPeerChanged changed,
                     gpointer user_data);
/* (transfer none) (nullable) */
GDBusConnection *sl_peer_get_bus (SlPeer *peer);
/* (transfer none) (nullable) */
const char *sl_peer_get_owner (SlPeer *peer);
/*
 * Call it only while there is an owner. @args: floating, or NULL. @reply: NULL if the reply does not matter; then the
 * call is sent even if the peer is freed at once.
 */
void sl_peer_call (SlPeer *peer, const SlPeerMethod *method, GVariant *args, SlPeerReply reply);
/* Call it only while there is an owner; the subscription ends with that owner. NULL: any path, any member. */
void sl_peer_subscribe (SlPeer *peer,
                        const char *path,
                        const char *interface,
                        const char *member,
                        GDBusSignalCallback callback);
void sl_peer_free (SlPeer *peer);

/* How long a reply may take (ms); a service that takes longer counts as absent. */
#define SL_PEER_TIMEOUT 5000

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPeer, sl_peer_free)

G_END_DECLS
