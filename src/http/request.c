/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes messages of requests. */
#include "config.h"

#include "http/request.h"

/* A caller's fields that reveal nothing, and are sent to any origin to which redirects lead. */
static const char *const harmless_fields[] = {"Accept", "Accept-Language", "Cache-Control",
                                              "Pragma", "User-Agent"};

static gboolean
may_go_along (const char *name, gboolean foreign)
{
  for (gsize i = 0; i < G_N_ELEMENTS (harmless_fields); i++) {
    if (g_ascii_strcasecmp (harmless_fields[i], name) == 0)
      return TRUE;
  }
  return !foreign;
}

static void
add_own_fields (SoupMessageHeaders *headers, GVariant *fields, gboolean foreign)
{
  GVariantIter iter;
  const char *name, *value;

  if (fields == NULL)
    return;
  g_variant_iter_init (&iter, fields);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value)) {
    if (may_go_along (name, foreign))
      soup_message_headers_replace (headers, name, value);
  }
}

/* Adds cookies to those of the caller. */
static void
add_cookies (SoupMessageHeaders *headers, const char *cookies)
{
  const char *own = soup_message_headers_get_one (headers, "Cookie");
  g_autofree char *all = NULL;

  if (cookies == NULL)
    return;
  all = own != NULL ? g_strconcat (own, "; ", cookies, NULL) : g_strdup (cookies);
  soup_message_headers_replace (headers, "Cookie", all);
}

static void
add_range (SoupMessageHeaders *headers, const SlRangeAsked *asked)
{
  g_autofree char *range = NULL;
  const char *condition;

  if (!asked->ranged)
    return;
  if (asked->end == SL_SIZE_UNKNOWN)
    range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", asked->start);
  else
    range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, asked->start,
                             asked->end - 1);
  soup_message_headers_replace (headers, "Range", range);
  condition = asked->known != NULL ? sl_validator_get_if_range (asked->known) : NULL;
  if (condition != NULL)
    soup_message_headers_replace (headers, "If-Range", condition);
}

SoupMessage *
sl_request_make_message (const SlRequest *request, GUri *uri, gboolean foreign, const char *cookies)
{
  SoupMessage *message = soup_message_new_from_uri (request->method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  /*
   * Never authenticate unasked. The session keeps the feature: without it libsoup reads the body of a 401 into
   * memory, of whatever length, before it returns the response.
   */
  soup_message_disable_feature (message, SOUP_TYPE_AUTH_MANAGER);
  soup_message_headers_replace (headers, "User-Agent", "Sluice/" SLUICE_VERSION);
  add_own_fields (headers, request->headers, foreign);
  add_cookies (headers, cookies);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  add_range (headers, &request->range);
  return message;
}
