/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A service by its well-known name, which comes, goes and is replaced as it likes. Calls and signals go by the owner's
 * unique name and end with it: nothing that a former owner said comes through, and a call never starts a service.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlPeer SlPeer;

typedef enum {
  SL_PEER_NONE = 0,
  SL_PEER_START = 1 << 0, /* D-Bus may start the service, once, at the beginning */
} SlPeerFlags;

/* The name has another owner: @owner is its unique name; NULL when it has none now. Called on the main loop. */
typedef void (*SlPeerChanged) (const char *owner, gpointer user_data);
/* @reply is NULL when the answer was an error, had another type, or didn't come in time; not called after the owner has
 * gone, nor after sl_peer_free (). */
typedef void (*SlPeerReply) (GVariant *reply, gpointer user_data);

typedef struct {
  const char *path;
  const char *interface;
  const char *name;
  const char *reply; /* type string of the answer, a tuple */
} SlPeerMethod;

/* @bus is NULL where there is none: then nobody comes. All callbacks get @user_data. */
SlPeer *sl_peer_new (GDBusConnection *bus,
                     const char *name,
                     SlPeerFlags flags,
                     SlPeerChanged changed,
                     gpointer user_data);
/* (transfer none) (nullable) */
GDBusConnection *sl_peer_get_bus (SlPeer *peer);
/* (transfer none) (nullable) */
const char *sl_peer_get_owner (SlPeer *peer);
/* To be called while there is an owner; @args is floating, or NULL. @reply is NULL when nobody waits for the answer;
 * such a call is sent even if the peer is freed at once. */
void sl_peer_call (SlPeer *peer, const SlPeerMethod *method, GVariant *args, SlPeerReply reply);
/* To be called while there is an owner, which the subscription ends with; NULL is any path, any member. */
void sl_peer_subscribe (SlPeer *peer,
                        const char *path,
                        const char *interface,
                        const char *member,
                        GDBusSignalCallback callback);
void sl_peer_free (SlPeer *peer);

/* How long an answer may take (ms); a service that takes longer is as good as absent. */
#define SL_PEER_TIMEOUT 5000

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPeer, sl_peer_free)

G_END_DECLS
