/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses: parsing without rewriting, the check of the host, and which addresses are private. */
#include "base/address.h"

#include <string.h>

#define NAME_MAX_LENGTH  253
#define LABEL_MAX_LENGTH 63

/* As libsoup wants its addresses parsed (SOUP_HTTP_URI_FLAGS). */
#define HTTP_URI_FLAGS                                                                             \
  (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY |               \
   G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE)

/* The length of @text before the path: scheme and authority, or nothing (RFC 3986, section 3). */
static gsize
get_authority_end (const char *text)
{
  gsize scheme = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

  if (scheme > 0 && text[scheme] == ':')
    text += scheme++ + 1;
  else
    scheme = 0;
  if (!g_str_has_prefix (text, "//"))
    return 0;
  return scheme + 2 + strcspn (text + 2, "/?#");
}

/*
 * GUri resolves relative addresses for us, but changes escapes ("%7E" to "~", "%2f" to "%2F"). So behind the first
 * @plain bytes each "%" is itself escaped before, and unescaped afterwards. Characters that an address can't have are
 * escaped, too.
 */
static char *
protect (const char *text, gsize plain)
{
  GString *protected = g_string_sized_new (strlen (text) + 16);

  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '%' && (gsize)(c - text) >= plain)
      g_string_append (protected, "%25");
    else if (*c == ' ' || g_ascii_iscntrl (*c) || (guchar)*c >= 0x80)
      g_string_append_printf (protected, "%%%02X", (guchar)*c);
    else
      g_string_append_c (protected, *c);
  }
  return g_string_free (protected, FALSE);
}

static char *
unprotect (const char *text)
{
  GString *plain = g_string_new (text);

  g_string_replace (plain, "%25", "%", 0);
  return g_string_free (plain, FALSE);
}

static gboolean
is_ip_literal (const char *host)
{
  g_autofree char *address = g_strdup (host);
  char *zone = strchr (address, '%');

  /* a zone (RFC 6874) is the name of an interface */
  if (zone != NULL) {
    *zone++ = '\0';
    if (*zone == '\0')
      return FALSE;
    for (const char *c = zone; *c != '\0'; c++) {
      if (!g_ascii_isalnum (*c) && strchr ("-._", *c) == NULL)
        return FALSE;
    }
  }
  return g_hostname_is_ip_address (address);
}

/* Letters, digits, hyphens, and the underscore, which some hosts have in spite of the standard. */
static gboolean
is_host_name (const char *host)
{
  gsize label = 0;

  if (strlen (host) > NAME_MAX_LENGTH + (g_str_has_suffix (host, ".") ? 1 : 0))
    return FALSE;
  for (const char *c = host; *c != '\0'; c++) {
    if (*c == '.') {
      if (label == 0)
        return FALSE;
      label = 0;
    } else if ((!g_ascii_isalnum (*c) && *c != '-' && *c != '_') || ++label > LABEL_MAX_LENGTH) {
      return FALSE;
    }
  }
  return *host != '\0';
}

/* (nullable) static: why @uri can't be asked for */
static const char *
find_fault (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri), *host = g_uri_get_host (uri);

  if (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
    return "only http and https are possible";
  if (host == NULL || *host == '\0')
    return "it has no host";
  if (!is_ip_literal (host) && !is_host_name (host))
    return "its host is neither a host name nor an IP address";
  if (g_uri_get_port (uri) < 1 || g_uri_get_port (uri) > 65535)
    return "its port is not between 1 and 65535";
  return NULL;
}

/* (transfer full): @base, protected from the changes of GUri */
static GUri *
protect_uri (GUri *base)
{
  const char *query = g_uri_get_query (base);
  g_autofree char *protected_path = protect (g_uri_get_path (base), 0);
  g_autofree char *protected_query = query != NULL ? protect (query, 0) : NULL;

  return g_uri_build (HTTP_URI_FLAGS, g_uri_get_scheme (base), NULL, g_uri_get_host (base),
                      g_uri_get_port (base), protected_path, protected_query, NULL);
}

/* (transfer full): @uri unprotected, without user and fragment */
static GUri *
unprotect_uri (GUri *uri)
{
  const char *query = g_uri_get_query (uri);
  g_autofree char *plain_path = unprotect (g_uri_get_path (uri));
  g_autofree char *plain_query = query != NULL ? unprotect (query) : NULL;

  return g_uri_build (HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                      g_uri_get_port (uri), *plain_path != '\0' ? plain_path : "/", plain_query,
                      NULL);
}

static GUri *
parse (GUri *base, const char *text, const char **why)
{
  g_autofree char *protected_text = protect (text, get_authority_end (text));
  g_autoptr (GUri) protected_base = base != NULL ? protect_uri (base) : NULL;
  g_autoptr (GUri) uri =
      g_uri_parse_relative (protected_base, protected_text, HTTP_URI_FLAGS, NULL);

  *why = uri != NULL ? find_fault (uri) : "it is no address";
  return *why == NULL ? unprotect_uri (uri) : NULL;
}

GUri *
sl_address_parse (const char *text, const char **why)
{
  return parse (NULL, text, why);
}

GUri *
sl_address_resolve (GUri *base, const char *location, const char **why)
{
  return parse (base, location, why);
}

char *
sl_address_dup_server (const char *address)
{
  const char *start = strstr (address, "://");

  start = start != NULL ? start + 3 : address;
  return g_ascii_strdown (start, (gssize)strcspn (start, "/?#"));
}

gboolean
sl_address_same_origin (GUri *a, GUri *b)
{
  return g_strcmp0 (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 &&
         g_uri_get_port (a) == g_uri_get_port (b);
}

/* IPv4: of this machine or network, private, shared by a provider, link-local; 192.0.0.0/24, 198.18.0.0/15 */
static gboolean
is_private_v4 (const guint8 *a)
{
  return a[0] == 0 || a[0] == 10 || a[0] == 127 || (a[0] == 100 && (a[1] & 0xc0) == 64) ||
         (a[0] == 169 && a[1] == 254) || (a[0] == 172 && (a[1] & 0xf0) == 16) ||
         (a[0] == 192 && a[1] == 168) || (a[0] == 192 && a[1] == 0 && a[2] == 0) ||
         (a[0] == 198 && (a[1] & 0xfe) == 18);
}

gboolean
sl_address_is_private (GInetAddress *address)
{
  static const guint8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  static const guint8 compatible[12] = {0};
  static const guint8 nat64[12] = {0, 0x64, 0xff, 0x9b};
  const guint8 *a = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return is_private_v4 (a);
  if (memcmp (a, mapped, 12) == 0 || memcmp (a, nat64, 12) == 0 || memcmp (a, compatible, 12) == 0)
    return is_private_v4 (a + 12);
  if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
    return is_private_v4 (a + 2);
  /* unique local, link-local, site-local */
  return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0x80) == 0x80);
}

gboolean
sl_address_names_private (GUri *uri)
{
  g_autofree char *host = g_strdup (g_uri_get_host (uri));
  g_autoptr (GInetAddress) address = NULL;

  host[strcspn (host, "%")] = '\0';
  address = g_inet_address_new_from_string (host);
  if (address != NULL)
    return sl_address_is_private (address);
  if (g_str_has_suffix (host, "."))
    host[strlen (host) - 1] = '\0';
  return g_ascii_strcasecmp (host, "localhost") == 0 ||
         (strlen (host) > 10 && g_ascii_strcasecmp (host + strlen (host) - 10, ".localhost") == 0);
}
