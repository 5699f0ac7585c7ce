/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HTTP client of one worker thread. */
#define G_LOG_DOMAIN "sluice-http"

#include "config.h"

#include "http/client.h"

#include "base/enums.h"
#include "base/error.h"
#include "base/text.h"
#include "http/address.h"
#include "http/exchange.h"
#include "http/http-error.h"
#include "http/read-ahead.h"
#include "http/tls.h"
#include "http/wire.h"

#define REDIRECTS_MAX 10
/* A redirect's body up to this size is read, so that the connection can be used again. */
#define SKIP_MAX 16384

/* Every set of faults of certificates that are overlooked has a session of its own; see http/tls.h for the rule. */
#define N_SESSIONS (SL_SECURITY_CERTIFICATE + 1)

struct _SlClient {
  GMainContext *context; /* (owned) of the thread: libsoup's asynchronous part runs in it */
  SoupSession *sessions[N_SESSIONS]; /* (owned) (nullable) made when first needed */
  GHashTable *private_hosts; /* (owned) (element-type utf8) hosts seen to have private addresses */
};

void
sl_client_prepare_process (void)
{
  /* libsoup 3.2 takes quadratic time and unbounded memory for large bodies over HTTP/2, and has no
   * other way to turn it off. Read once, when the first session is made. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  sl_tls_prepare_process ();
  sl_wire_prepare_process ();
}

SlClient *
sl_client_new (void)
{
  SlClient *client = g_new0 (SlClient, 1);

  client->context = g_main_context_new ();
  client->private_hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return client;
}

static SoupSession *
get_session (SlClient *client, const SlRequest *request)
{
  SoupSession **session = &client->sessions[request->access.security & SL_SECURITY_CERTIFICATE];

  if (*session == NULL) {
    *session = soup_session_new ();
    /* a file is stored as it was sent: nothing may decode it on the way */
    soup_session_remove_feature_by_type (*session, SOUP_TYPE_CONTENT_DECODER);
  }
  if (soup_session_get_timeout (*session) != request->stall_timeout)
    soup_session_set_timeout (*session, request->stall_timeout);
  return *session;
}

void
sl_client_free (SlClient *client)
{
  sl_client_enter (client);
  for (guint i = 0; i < N_SESSIONS; i++) {
    if (client->sessions[i] != NULL)
      soup_session_abort (client->sessions[i]);
    g_clear_object (&client->sessions[i]);
  }
  while (g_main_context_iteration (client->context, FALSE))
    ;
  sl_client_leave (client);
  g_main_context_unref (client->context);
  g_hash_table_unref (client->private_hosts);
  g_free (client);
}

void
sl_client_enter (SlClient *client)
{
  g_main_context_push_thread_default (client->context);
}

void
sl_client_leave (SlClient *client)
{
  g_main_context_pop_thread_default (client->context);
}

/* A request and where its redirects have led so far. */
typedef struct {
  SlClient *client;
  const SlRequest *request;
  GUri *origin; /* (owned) */
  GUri *uri;    /* (owned) of the next request */
  SoupCookieJar
      *jar; /* (owned) (nullable) what redirects have set; forgotten with the request (RFC 6265) */
  gboolean from_public;
} Trip;

static void
trip_clear (Trip *trip)
{
  g_clear_pointer (&trip->origin, g_uri_unref);
  g_clear_pointer (&trip->uri, g_uri_unref);
  g_clear_object (&trip->jar);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trip, trip_clear)

/* @location (nullable) */
static gboolean
refuse_redirect (const Trip *trip, const char *location, const char *why, GError **error)
{
  g_autofree char *shown = sl_text_address (location != NULL ? location : "");

  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT, "%s redirects to “%s”: %s",
               g_uri_get_host (trip->uri), shown, why);
  return FALSE;
}

/* (transfer full): Location as it was sent; libsoup would have made it UTF-8 */
static char *
dup_location (const SlAnswer *answer)
{
  SlWire *wire = sl_wire_find (answer->body);

  return wire != NULL ? sl_wire_dup_field (wire, "Location") : NULL;
}

static gboolean
may_go_to (const Trip *trip, const char *location, GUri *to, GError **error)
{
  const SlRequest *request = trip->request;
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (to), -1);

  if (g_str_equal (g_uri_get_scheme (trip->uri), "https") &&
      g_str_equal (g_uri_get_scheme (to), "http") && !request->insecure_redirect)
    return refuse_redirect (trip, location,
                            "that is from https to http; set AllowInsecureRedirect to follow it",
                            error);
  /* hosts that are not known yet are looked at when they are connected to */
  if (trip->from_public && !(request->access.security & SL_SECURITY_ALLOW_PRIVATE_REDIRECT) &&
      (sl_address_names_private (to) || g_hash_table_contains (trip->client->private_hosts, host)))
    return refuse_redirect (trip, location,
                            "that is from a public address to a private one; set "
                            "“allow-private-redirect” in SecurityFlags to follow it",
                            error);
  return TRUE;
}

/* Makes the redirect's target the next address; FALSE with @error when we don't go there. */
static gboolean
take_redirect (Trip *trip, const SlAnswer *answer, GError **error)
{
  g_autofree char *location = dup_location (answer);
  g_autoptr (GUri) to = NULL;
  const char *why = NULL;

  trip->from_public = answer->is_public;
  if (trip->request->redirect_policy == SL_REDIRECT_REFUSE)
    return refuse_redirect (trip, location, "RedirectPolicy is “refuse”", error);
  if (location == NULL)
    return refuse_redirect (trip, NULL, "it does not say where to", error);
  to = sl_address_resolve (trip->uri, location, &why);
  if (to == NULL)
    return refuse_redirect (trip, location, why, error);
  if (!may_go_to (trip, location, to, error))
    return FALSE;
  g_uri_unref (trip->uri);
  trip->uri = g_steal_pointer (&to);
  return TRUE;
}

/* A redirect that sets a cookie may want to see it at the next hop (RFC 6265, section 5.3). */
static void
take_cookies (Trip *trip, const SlAnswer *answer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (answer->message);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    if (g_ascii_strcasecmp (name, "Set-Cookie") != 0)
      continue;
    if (trip->jar == NULL)
      trip->jar = soup_cookie_jar_new ();
    soup_cookie_jar_set_cookie (trip->jar, trip->uri, value);
  }
}

static gboolean
is_redirect (guint status)
{
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static void
finish_body (SlClient *client, GInputStream *body)
{
  g_input_stream_close (body, NULL, NULL);
  /* lets libsoup put the connection back among the idle ones */
  while (g_main_context_iteration (client->context, FALSE))
    ;
}

/*
 * The body of a redirect is of no use. What of a short one is there already is read, so that the connection can be used
 * again; nothing is waited for, and one that is not whole then takes its connection with it.
 */
static void
drop_body (SlClient *client, SlAnswer *answer)
{
  SlWire *wire = sl_wire_find (answer->body);
  guint8 buffer[4096];

  while (wire != NULL && sl_wire_has_short_rest (wire, SKIP_MAX) &&
         G_IS_POLLABLE_INPUT_STREAM (answer->body) &&
         g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (answer->body), buffer,
                                                   sizeof buffer, NULL, NULL) > 0)
    ;
  finish_body (client, answer->body);
}

static SlResponse *
take_response (SlAnswer *answer, const SlRequest *request, GError **error)
{
  SlResponse *response =
      sl_response_judge (answer->message, sl_wire_find (answer->body), request, error);

  response->latency = answer->latency;
  response->message = g_steal_pointer (&answer->message);
  response->body = g_steal_pointer (&answer->body);
  return response;
}

static gboolean
ask (Trip *trip, SlAnswer *answer, GCancellable *cancellable, GError **error)
{
  const SlRequest *request = trip->request;
  SlAsk ask = {
      .session = get_session (trip->client, request),
      .context = trip->client->context,
      .request = request,
      .uri = trip->uri,
      .foreign = !sl_address_same_origin (trip->origin, trip->uri),
      .no_private =
          trip->from_public && !(request->access.security & SL_SECURITY_ALLOW_PRIVATE_REDIRECT),
      .private_hosts = trip->client->private_hosts,
  };
  g_autofree char *cookies =
      trip->jar != NULL ? soup_cookie_jar_get_cookies (trip->jar, trip->uri, TRUE) : NULL;

  ask.cookies = cookies;
  return sl_exchange (&ask, answer, cancellable, error);
}

static SlResponse *
travel (Trip *trip, GCancellable *cancellable, GError **error)
{
  for (guint n = 0; n <= REDIRECTS_MAX; n++) {
    g_auto (SlAnswer) answer = {0};

    if (!ask (trip, &answer, cancellable, error))
      return NULL;
    if (!is_redirect (soup_message_get_status (answer.message)))
      return take_response (&answer, trip->request, error);
    take_cookies (trip, &answer);
    if (!take_redirect (trip, &answer, error)) {
      finish_body (trip->client, answer.body);
      return NULL;
    }
    drop_body (trip->client, &answer);
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT, "%s redirects more than %d times",
               g_uri_get_host (trip->origin), REDIRECTS_MAX);
  return NULL;
}

SlResponse *
sl_client_open (SlClient *client,
                const SlRequest *request,
                GCancellable *cancellable,
                GError **error)
{
  g_auto (Trip) trip = {.client = client, .request = request};
  SlResponse *response;
  const char *why = NULL;

  trip.uri = sl_address_parse (request->address, &why);
  if (trip.uri == NULL) {
    g_autofree char *shown = sl_text_address (request->address);
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI, "“%s” can’t be used: %s", shown,
                 why);
    return NULL;
  }
  trip.origin = g_uri_ref (trip.uri);
  sl_wire_obey (cancellable);
  response = travel (&trip, cancellable, error);
  sl_wire_obey (NULL);
  return response;
}

/*
 * The one place where a body is taken for whole: when its framing says that it's proven, whatever libsoup makes of it
 * (3.2.3 takes a connection that ends between two chunks, and a size line without digits, for the end).
 */
static gboolean
check_end (SlResponse *response, GError **error)
{
  SlWire *wire = sl_wire_find (response->body);

  if (wire != NULL && sl_wire_is_complete (wire))
    return TRUE;
  g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_CONNECT,
                       "The connection ended before the last part of the file");
  return FALSE;
}

/* The end of the body is looked at, and an error told in our words. */
static gssize
finish_read (SlResponse *response, gssize n, gsize length, GError *cause, GError **error)
{
  if (n < 0) {
    g_autoptr (GUri) uri = g_uri_parse (response->effective_uri, SOUP_HTTP_URI_FLAGS, NULL);
    g_propagate_error (error, sl_http_error_new (cause, "Reading from", g_uri_get_host (uri)));
  }
  if (n == 0 && length > 0 && !check_end (response, error))
    return -1;
  return n;
}

/* A byte that was read before; FALSE when there is none. */
static gboolean
take_held (SlResponse *response, guint8 *buffer)
{
  if (!response->has_held)
    return FALSE;
  *buffer = response->held;
  response->has_held = FALSE;
  return TRUE;
}

/* libsoup 3.2 can't read the end of a chunked body into a buffer of one byte; so it gets two, and one of them is held. */
static gssize
keep_second (SlResponse *response, const guint8 *two, gssize n, guint8 *buffer)
{
  if (n <= 0)
    return n;
  *buffer = two[0];
  response->has_held = n == 2;
  response->held = two[1];
  return 1;
}

gssize
sl_client_read (
    SlResponse *response, gpointer buffer, gsize length, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  guint8 two[2];
  gssize n;

  if (length > 0 && take_held (response, buffer))
    return 1;
  sl_wire_obey (cancellable);
  if (length == 1)
    n = keep_second (response, two,
                     g_input_stream_read (response->body, two, 2, cancellable, &cause), buffer);
  else
    n = g_input_stream_read (response->body, buffer, length, cancellable, &cause);
  sl_wire_obey (NULL);
  return finish_read (response, n, length, cause, error);
}

gssize
sl_client_read_ready (SlResponse *response, gpointer buffer, gsize length, GError **error)
{
  g_autoptr (GError) cause = NULL;
  guint8 two[2];
  gssize n;

  if (!G_IS_POLLABLE_INPUT_STREAM (response->body) ||
      !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (response->body))) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "not pollable");
    return -1;
  }
  if (length > 0 && take_held (response, buffer))
    return 1;
  if (length == 1)
    n = keep_second (response, two,
                     g_pollable_input_stream_read_nonblocking (
                         G_POLLABLE_INPUT_STREAM (response->body), two, 2, NULL, &cause),
                     buffer);
  else
    n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (response->body), buffer,
                                                  length, NULL, &cause);
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    g_propagate_error (error, g_steal_pointer (&cause));
    return -1;
  }
  return finish_read (response, n, length, cause, error);
}

void
sl_client_limit_ahead (SlResponse *response, gsize bytes)
{
  SlWire *wire = sl_wire_find (response->body);

  if (wire != NULL)
    sl_read_ahead_limit (G_INPUT_STREAM (wire), bytes);
}

void
sl_client_close (SlClient *client, SlResponse *response)
{
  if (response->body != NULL)
    finish_body (client, response->body);
  g_clear_object (&response->body);
}
