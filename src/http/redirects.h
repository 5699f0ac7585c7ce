/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows the redirects of one request, and refuses those that policy forbids (RFC 9110, section 15.4). */
#pragma once

#include "http/exchange.h"

G_BEGIN_DECLS

typedef struct {
  const SlRequest *request;
  GHashTable *private_hosts; /* (element-type utf8) hosts known to have private addresses */
  GUri *origin;              /* (owned) the first address */
  GUri *uri;                 /* (owned) the next address */
  SoupCookieJar *jar;        /* (owned) (nullable) cookies that redirects set for this request */
  gboolean from_public;      /* the last redirect came from a public address */
} SlRedirects;

/* FALSE with @error if the request's address can't be used. */
gboolean sl_redirects_begin (SlRedirects *redirects, GError **error);
void sl_redirects_clear (SlRedirects *redirects);

gboolean sl_redirects_is_one (const SlReply *reply);
/* Makes the target of @reply, a redirect, the next address; FALSE with @error if the redirect is refused. */
gboolean sl_redirects_follow (SlRedirects *redirects, const SlReply *reply, GError **error);
/* Whether the next connection must not lead to a private address. */
gboolean sl_redirects_forbid_private (const SlRedirects *redirects);
/* (transfer full) (nullable): the cookies of the redirects for the next address, as a value of Cookie */
char *sl_redirects_dup_cookies (const SlRedirects *redirects);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlRedirects, sl_redirects_clear)

G_END_DECLS
