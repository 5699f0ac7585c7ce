/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors of the network. */
#include "http/http-error.h"

#include "base/error.h"

#include <libsoup/soup.h>

static SluiceError
map_tls (int code)
{
  switch (code) {
  case G_TLS_ERROR_BAD_CERTIFICATE:
  case G_TLS_ERROR_NOT_TLS:
  case G_TLS_ERROR_HANDSHAKE:
  case G_TLS_ERROR_CERTIFICATE_REQUIRED:
    return SLUICE_ERROR_TLS;
  default:
    return SLUICE_ERROR_CONNECT; /* the line was cut */
  }
}

static SluiceError
map_io (int code)
{
  switch (code) {
  case G_IO_ERROR_TIMED_OUT:
    return SLUICE_ERROR_TIMEOUT;
  case G_IO_ERROR_PROXY_FAILED:
  case G_IO_ERROR_PROXY_AUTH_FAILED:
  case G_IO_ERROR_PROXY_NEED_AUTH:
  case G_IO_ERROR_PROXY_NOT_ALLOWED:
    return SLUICE_ERROR_PROXY;
  case G_IO_ERROR_INVALID_DATA:
    return SLUICE_ERROR_INVALID_RESPONSE;
  default:
    return SLUICE_ERROR_CONNECT;
  }
}

static SluiceError
map_session (int code)
{
  switch (code) {
  case SOUP_SESSION_ERROR_PARSING:
  case SOUP_SESSION_ERROR_ENCODING:
    return SLUICE_ERROR_INVALID_RESPONSE;
  case SOUP_SESSION_ERROR_TOO_MANY_REDIRECTS:
  case SOUP_SESSION_ERROR_REDIRECT_NO_LOCATION:
  case SOUP_SESSION_ERROR_REDIRECT_BAD_URI:
    return SLUICE_ERROR_REDIRECT;
  default:
    return SLUICE_ERROR_CONNECT;
  }
}

/* libsoup 3.2 uses the code of a lost connection for this, too; only the text differs. */
static gboolean
is_head_too_big (const GError *cause)
{
  return g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) &&
         g_str_equal (cause->message, g_dgettext ("libsoup-3.0", "Header too big"));
}

static SluiceError
map (const GError *cause)
{
  if (is_head_too_big (cause))
    return SLUICE_ERROR_INVALID_RESPONSE;
  if (cause->domain == G_TLS_ERROR)
    return map_tls (cause->code);
  if (cause->domain == G_IO_ERROR)
    return map_io (cause->code);
  if (cause->domain == SOUP_SESSION_ERROR)
    return map_session (cause->code);
  if (cause->domain == G_RESOLVER_ERROR)
    return SLUICE_ERROR_NAME_RESOLUTION;
  return SLUICE_ERROR_CONNECT;
}

GError *
sl_http_error_new (const GError *cause, const char *phase, const char *host)
{
  if (cause->domain == SLUICE_ERROR || g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (cause);
  return g_error_new (SLUICE_ERROR, (int)map (cause), "%s %s: %s", phase, host, cause->message);
}

gboolean
sl_http_status_is_transient (guint status)
{
  return status == SOUP_STATUS_REQUEST_TIMEOUT || status == 425 || status == 429 ||
         (status >= 500 && status < 600);
}
