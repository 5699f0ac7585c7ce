/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the redirects of one request lead, and which of them are followed (RFC 9110, section 15.4). */
#pragma once

#include "http/exchange.h"

G_BEGIN_DECLS

typedef struct {
  const SlRequest *request;
  GHashTable *private_hosts; /* (element-type utf8) hosts seen to have private addresses */
  GUri *origin;              /* (owned) what was asked for at first */
  GUri *uri;                 /* (owned) what is to be asked for next */
  SoupCookieJar *jar;   /* (owned) (nullable) what redirects have set; forgotten with the request */
  gboolean from_public; /* the last redirect came from a public address */
} SlRedirects;

/* FALSE with @error when the request's address can't be used. */
gboolean sl_redirects_begin (SlRedirects *redirects, GError **error);
void sl_redirects_clear (SlRedirects *redirects);

gboolean sl_redirects_is_one (const SlReply *reply);
/* Makes the target of @reply, which is a redirect, the next address; FALSE with @error when we don't go there. */
gboolean sl_redirects_follow (SlRedirects *redirects, const SlReply *reply, GError **error);
/* The next connection must not lead to a private address. */
gboolean sl_redirects_forbid_private (const SlRedirects *redirects);
/* (transfer full) (nullable): what of the redirects' cookies the next address gets, as a value of Cookie */
char *sl_redirects_dup_cookies (const SlRedirects *redirects);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlRedirects, sl_redirects_clear)

G_END_DECLS
