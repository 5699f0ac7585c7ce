/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Follows the redirects of one request. */
#include "http/redirects.h"

#include "base/address.h"
#include "base/enums.h"
#include "base/error.h"
#include "base/text.h"
#include "http/wire.h"

gboolean
sl_redirects_begin (SlRedirects *redirects, GError **error)
{
  const char *address = redirects->request->address, *why = NULL;
  g_autofree char *shown = NULL;

  redirects->uri = sl_address_parse (address, &why);
  if (redirects->uri != NULL) {
    redirects->origin = g_uri_ref (redirects->uri);
    return TRUE;
  }
  shown = sl_text_address (address);
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI, "“%s” can’t be used: %s", shown, why);
  return FALSE;
}

void
sl_redirects_clear (SlRedirects *redirects)
{
  g_clear_pointer (&redirects->origin, g_uri_unref);
  g_clear_pointer (&redirects->uri, g_uri_unref);
  g_clear_object (&redirects->jar);
}

gboolean
sl_redirects_is_one (const SlReply *reply)
{
  guint status = soup_message_get_status (reply->message);

  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

gboolean
sl_redirects_forbid_private (const SlRedirects *redirects)
{
  return redirects->from_public &&
         !(redirects->request->access.security & SL_SECURITY_ALLOW_PRIVATE_REDIRECT);
}

char *
sl_redirects_dup_cookies (const SlRedirects *redirects)
{
  if (redirects->jar == NULL)
    return NULL;
  return soup_cookie_jar_get_cookies (redirects->jar, redirects->uri, TRUE);
}

/* @location (nullable) */
static gboolean
refuse_redirect (const SlRedirects *redirects,
                 const char *location,
                 const char *why,
                 GError **error)
{
  g_autofree char *shown = sl_text_address (location != NULL ? location : "");

  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT, "%s redirects to “%s”: %s",
               g_uri_get_host (redirects->uri), shown, why);
  return FALSE;
}

/* (transfer full): Location as it was sent; libsoup would have made it UTF-8 */
static char *
dup_location (const SlReply *reply)
{
  SlWire *wire = sl_wire_find (reply->body);

  return wire != NULL ? sl_wire_dup_field (wire, "Location") : NULL;
}

static gboolean
may_go_to (const SlRedirects *redirects, const char *location, GUri *to, GError **error)
{
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (to), -1);

  if (g_str_equal (g_uri_get_scheme (redirects->uri), "https") &&
      g_str_equal (g_uri_get_scheme (to), "http") && !redirects->request->insecure_redirect)
    return refuse_redirect (redirects, location,
                            "that is from https to http; set AllowInsecureRedirect to follow it",
                            error);
  /* the addresses of unknown hosts are checked when connecting */
  if (sl_redirects_forbid_private (redirects) &&
      (sl_address_names_private (to) || g_hash_table_contains (redirects->private_hosts, host)))
    return refuse_redirect (redirects, location,
                            "that is from a public address to a private one; set "
                            "“allow-private-redirect” in SecurityFlags to follow it",
                            error);
  return TRUE;
}

static gboolean
take_redirect (SlRedirects *redirects, const SlReply *reply, GError **error)
{
  g_autofree char *location = dup_location (reply);
  g_autoptr (GUri) to = NULL;
  const char *why = NULL;

  redirects->from_public = reply->is_public;
  if (redirects->request->redirect_policy == SL_REDIRECT_REFUSE)
    return refuse_redirect (redirects, location, "RedirectPolicy is “refuse”", error);
  if (location == NULL)
    return refuse_redirect (redirects, NULL, "it has no Location", error);
  to = sl_address_resolve (redirects->uri, location, &why);
  if (to == NULL)
    return refuse_redirect (redirects, location, why, error);
  if (!may_go_to (redirects, location, to, error))
    return FALSE;
  g_uri_unref (redirects->uri);
  redirects->uri = g_steal_pointer (&to);
  return TRUE;
}

/* A server may set a cookie with a redirect, and expect it at the next address (RFC 6265, section 5.3). */
static void
take_cookies (SlRedirects *redirects, const SlReply *reply)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (reply->message);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    if (g_ascii_strcasecmp (name, "Set-Cookie") != 0)
      continue;
    if (redirects->jar == NULL)
      redirects->jar = soup_cookie_jar_new ();
    soup_cookie_jar_set_cookie (redirects->jar, redirects->uri, value);
  }
}

gboolean
sl_redirects_follow (SlRedirects *redirects, const SlReply *reply, GError **error)
{
  take_cookies (redirects, reply);
  return take_redirect (redirects, reply, error);
}
