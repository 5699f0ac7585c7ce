/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One request sent, and the head of its response awaited; redirects are not followed here. */
#pragma once

#include "http/request.h"

G_BEGIN_DECLS

/* One hop: what is sent to one server, of those to which redirects lead. */
typedef struct {
  SoupSession *session;  /* of request->access */
  GMainContext *context; /* the thread's: the exchange runs in it */
  const SlRequest *request;
  GUri *uri;
  gboolean foreign;          /* @uri has another origin than what was asked for at first */
  gboolean no_private;       /* the connection must not lead to a private address */
  const char *cookies;       /* (nullable) value of Cookie, of the redirects before */
  GHashTable *private_hosts; /* hosts seen to have private addresses; added to */
} SlHop;

/* A head that has arrived, and the body behind it. */
typedef struct {
  SoupMessage *message; /* (owned) */
  GInputStream *body;   /* (owned) */
  gint64 latency;       /* µs */
  gboolean is_public;   /* not of a private address, as far as a proxy lets that be seen */
} SlReply;

void sl_reply_clear (SlReply *reply);

/* FALSE with @error when there is no response. */
gboolean sl_exchange (const SlHop *hop, SlReply *reply, GCancellable *cancellable, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlReply, sl_reply_clear)

G_END_DECLS
