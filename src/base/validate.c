/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Checks what callers pass. */
#include "base/validate.h"

#include "base/address.h"
#include "base/error.h"

#include <string.h>

#define URI_LENGTH_MAX   8192
#define NAME_LENGTH_MAX  255
#define PATH_LENGTH_MAX  4095
#define HEADERS_MAX      64
#define HEADERS_SIZE_MAX 16384

/* Headers that the service decides about; a caller's value would break a transfer. */
static const char *const own_headers[] = {
    "Host",       "Range",          "If-Range",          "Accept-Encoding",
    "Connection", "Content-Length", "Transfer-Encoding", "TE",
    "Upgrade",    "Expect",
};

static char *
invalid_uri (GError **error, const char *text, const char *why)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI, "“%s” can’t be used: %s", text, why);
  return NULL;
}

/* The authority has an "@" (RFC 3986, section 3.2.1). */
static gboolean
has_userinfo (const char *text)
{
  const char *authority = strstr (text, "//");
  const char *at = authority != NULL ? strchr (authority, '@') : NULL;

  return at != NULL && at < authority + 2 + strcspn (authority + 2, "/?#");
}

char *
sl_uri_normalize (const char *text, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  const char *why = NULL;

  if (strlen (text) > URI_LENGTH_MAX) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI,
                 "The address has more than %d bytes", URI_LENGTH_MAX);
    return NULL;
  }
  for (const char *c = text; *c != '\0'; c++) {
    if (g_ascii_iscntrl (*c) || *c == ' ')
      return invalid_uri (error, text, "it contains a space or a control character");
  }
  if (has_userinfo (text)) {
    /* without the secret, which would reach logs and screens */
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI,
                         "An address with a user name or a password in it can’t be used");
    return NULL;
  }
  uri = sl_address_parse (text, &why);
  return uri != NULL ? g_uri_to_string (uri) : invalid_uri (error, text, why);
}

static gboolean
check_parts (const char *path, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (path + 1, "/", -1);

  for (char **part = parts; *part != NULL; part++) {
    if (g_str_equal (*part, "..")) {
      g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                   "LocalPath “%s” has “..” in it; give the path that is meant", path);
      return FALSE;
    }
    if (strlen (*part) > NAME_LENGTH_MAX) {
      g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                   "A name in LocalPath has more than %d bytes", NAME_LENGTH_MAX);
      return FALSE;
    }
  }
  return TRUE;
}

char *
sl_path_normalize (const char *path, GError **error)
{
  g_autofree char *canonical = NULL;

  if (*path != '/') {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                 "LocalPath “%s” is not absolute", path);
    return NULL;
  }
  if (strlen (path) > PATH_LENGTH_MAX) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                 "LocalPath has more than %d bytes", PATH_LENGTH_MAX);
    return NULL;
  }
  if (!check_parts (path, error))
    return NULL;
  /* POSIX allows two slashes at the beginning to be special, and GLib keeps them; on Linux they mean the root */
  canonical = g_canonicalize_filename (path + strspn (path, "/") - 1, "/");
  if (g_str_has_suffix (path, "/") && !g_str_equal (canonical, "/"))
    return g_strconcat (canonical, "/", NULL);
  return g_steal_pointer (&canonical);
}

/* token of RFC 9110, section 5.6.2 */
static gboolean
is_token (const char *text)
{
  if (*text == '\0')
    return FALSE;
  for (; *text != '\0'; text++) {
    if (!g_ascii_isalnum (*text) && strchr ("!#$%&'*+-.^_`|~", *text) == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_own (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (own_headers); i++) {
    if (g_ascii_strcasecmp (own_headers[i], name) == 0)
      return TRUE;
  }
  return FALSE;
}

gboolean
sl_headers_check (GVariant *headers, GError **error)
{
  GVariantIter iter;
  const char *name, *value;
  gsize size = 0;

  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value)) {
    size += strlen (name) + strlen (value);
    if (!is_token (name) || strpbrk (value, "\r\n") != NULL) {
      g_set_error_literal (
          error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
          "HttpHeaders has a name that is not a token, or a value of several lines");
      return FALSE;
    }
    if (is_own (name)) {
      g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                   "HttpHeaders can’t have “%s”: the service sets it", name);
      return FALSE;
    }
  }
  if (g_variant_n_children (headers) > HEADERS_MAX || size > HEADERS_SIZE_MAX) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                 "HttpHeaders has more than %d fields or %d bytes", HEADERS_MAX, HEADERS_SIZE_MAX);
    return FALSE;
  }
  return TRUE;
}
