/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends one request and waits for the head of its response; does not follow redirects. */
#pragma once

#include "http/request.h"

G_BEGIN_DECLS

/* One hop: the request to one server, on the way along the redirects. */
typedef struct {
  SoupSession *session;  /* of request->access */
  GMainContext *context; /* the thread's, in which the exchange runs */
  const SlRequest *request;
  GUri *uri;
  gboolean foreign;          /* the origin of @uri differs from the first one */
  gboolean no_private;       /* the connection must not lead to a private address */
  const char *cookies;       /* (nullable) value of Cookie, from the redirects so far */
  GHashTable *private_hosts; /* hosts known to have private addresses; extended */
} SlHop;

/* A head that has arrived, and the body after it. */
typedef struct {
  SoupMessage *message; /* (owned) */
  GInputStream *body;   /* (owned) */
  gint64 latency;       /* µs */
  gboolean is_public;   /* the server's address is not private, as far as known behind a proxy */
} SlReply;

void sl_reply_clear (SlReply *reply);

/* FALSE with @error if there is no response. */
gboolean sl_exchange (const SlHop *hop, SlReply *reply, GCancellable *cancellable, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlReply, sl_reply_clear)

G_END_DECLS
