/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HTTP client of one worker thread. */
#define G_LOG_DOMAIN "sluice-http"

#include "config.h"

#include "http/client.h"

#include "base/enums.h"
#include "base/error.h"
#include "base/text.h"
#include "http/http-error.h"
#include "http/read-ahead.h"

#define REDIRECTS_MAX 10
/* A redirect's body up to this size is read, so that the connection can be used again. */
#define SKIP_MAX 16384

/* Every set of SlSecurityFlags has a session of its own: an idle connection whose certificate was
 * overlooked for one download must not serve another that wants it checked. */
#define N_SESSIONS (SL_SECURITY_ALL + 1)

struct _SlClient {
  GMainContext *context; /* (owned) of the thread: libsoup's asynchronous part runs in it */
  SoupSession *sessions[N_SESSIONS]; /* (owned) (nullable) made when first needed */
};

void
sl_client_prepare_process (void)
{
  /* libsoup 3.2 takes quadratic time and unbounded memory for large bodies over HTTP/2, and has no
   * other way to turn it off. Read once, when the first session is made. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
}

SlClient *
sl_client_new (void)
{
  SlClient *client = g_new0 (SlClient, 1);

  client->context = g_main_context_new ();
  return client;
}

static SoupSession *
get_session (SlClient *client, const SlRequest *request)
{
  SoupSession **session = &client->sessions[request->security];

  if (*session == NULL) {
    *session = soup_session_new ();
    /* a file is stored as it was sent: nothing may decode it on the way, and nobody may log in unasked */
    soup_session_remove_feature_by_type (*session, SOUP_TYPE_CONTENT_DECODER);
    soup_session_remove_feature_by_type (*session, SOUP_TYPE_AUTH_MANAGER);
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

/* One request under way. */
typedef struct {
  GCancellable *cancellable; /* (owned) of this request alone */
  gboolean timed_out;
  gboolean finished;
  GInputStream *body; /* (owned) (nullable) */
  GError *error;      /* (owned) (nullable) */
} Sending;

static void
on_sent (GObject *source, GAsyncResult *result, gpointer data)
{
  Sending *sending = data;

  sending->body = soup_session_send_finish (SOUP_SESSION (source), result, &sending->error);
  sending->finished = TRUE;
}

static gboolean
on_timeout (gpointer data)
{
  Sending *sending = data;

  sending->timed_out = TRUE;
  g_cancellable_cancel (sending->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer context)
{
  g_main_context_wakeup (context);
}

/*
 * Sends and waits for the response's head. Asynchronous in the thread's own context, because only so GLib tries
 * a host's addresses side by side (RFC 8305), and because the whole wait can then have one limit.
 *
 * Only this thread cancels, and nothing that has finished: libsoup 3.2 crashes when the cancellation comes between a
 * response and its taker, as the body is then closed for whom nobody keeps the connection any more.
 */
static GInputStream *
send_and_wait (SlClient *client,
               SoupMessage *message,
               const SlRequest *request,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GSource) timer = g_timeout_source_new (request->first_byte_timeout);
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  Sending sending = {.cancellable = inner};
  gulong handler =
      g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), client->context, NULL);

  g_source_set_callback (timer, on_timeout, &sending, NULL);
  g_source_attach (timer, client->context);
  soup_session_send_async (get_session (client, request), message, G_PRIORITY_DEFAULT, inner,
                           on_sent, &sending);
  while (!sending.finished) {
    if (g_cancellable_is_cancelled (cancellable))
      g_cancellable_cancel (inner);
    g_main_context_iteration (client->context, TRUE);
  }
  g_source_destroy (timer);
  g_cancellable_disconnect (cancellable, handler);

  if (sending.error != NULL && sending.timed_out) {
    g_clear_error (&sending.error);
    g_set_error (&sending.error, SLUICE_ERROR, SLUICE_ERROR_TIMEOUT,
                 "%s did not answer within %u seconds",
                 g_uri_get_host (soup_message_get_uri (message)),
                 (request->first_byte_timeout + 999) / 1000);
  }
  if (sending.error != NULL) {
    g_autoptr (GError) cause = sending.error;
    GError *mapped =
        sl_http_error_new (cause, "Asking", g_uri_get_host (soup_message_get_uri (message)));
    g_propagate_error (error, mapped);
    return NULL;
  }
  return sending.body;
}

static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags faults,
                       gpointer data)
{
  guint security = GPOINTER_TO_UINT (data);
  guint overlooked = 0;

  if (security & SL_SECURITY_IGNORE_UNKNOWN_CA)
    overlooked |= G_TLS_CERTIFICATE_UNKNOWN_CA;
  if (security & SL_SECURITY_IGNORE_COMMON_NAME)
    overlooked |= G_TLS_CERTIFICATE_BAD_IDENTITY;
  if (security & SL_SECURITY_IGNORE_DATE)
    overlooked |= G_TLS_CERTIFICATE_NOT_ACTIVATED | G_TLS_CERTIFICATE_EXPIRED;
  return ((guint)faults & ~overlooked) == 0;
}

static gboolean
same_origin (GUri *a, GUri *b)
{
  return g_strcmp0 (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 &&
         g_uri_get_port (a) == g_uri_get_port (b);
}

static void
add_own_headers (SoupMessageHeaders *headers, const SlRequest *request, gboolean foreign)
{
  GVariantIter iter;
  const char *name, *value;

  if (request->headers == NULL)
    return;
  g_variant_iter_init (&iter, request->headers);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value)) {
    if (foreign && (g_ascii_strcasecmp (name, "Authorization") == 0 ||
                    g_ascii_strcasecmp (name, "Cookie") == 0))
      continue;
    soup_message_headers_replace (headers, name, value);
  }
}

static void
add_range (SoupMessageHeaders *headers, const SlRequest *request)
{
  g_autofree char *range = NULL;
  const char *condition;

  if (!request->ranged)
    return;
  if (request->end == SL_SIZE_UNKNOWN)
    range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-", request->start);
  else
    range = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, request->start,
                             request->end - 1);
  soup_message_headers_replace (headers, "Range", range);
  condition = request->known != NULL ? sl_validator_get_if_range (request->known) : NULL;
  if (condition != NULL)
    soup_message_headers_replace (headers, "If-Range", condition);
}

static SoupMessage *
make_message (GUri *uri, const SlRequest *request, gboolean foreign)
{
  SoupMessage *message = soup_message_new_from_uri ("GET", uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_replace (headers, "User-Agent", "Sluice/" SLUICE_VERSION);
  add_own_headers (headers, request, foreign);
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  add_range (headers, request);
  sl_read_ahead_watch (message);
  if (request->security != SL_SECURITY_FULL)
    g_signal_connect (message, "accept-certificate", G_CALLBACK (on_accept_certificate),
                      GUINT_TO_POINTER (request->security));
  return message;
}

/* (transfer full) (nullable): where @message redirects to; NULL with @error when we don't go there */
static GUri *
get_redirect (SoupMessage *message, const SlRequest *request, GError **error)
{
  GUri *from = soup_message_get_uri (message);
  const char *location =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  /* it may be signed, or have a password */
  g_autofree char *shown = sl_text_address (location);
  g_autoptr (GUri) to = NULL;

  if (request->redirect_policy == SL_REDIRECT_REFUSE) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT,
                 "%s redirects to “%s”, and RedirectPolicy is “refuse”", g_uri_get_host (from),
                 shown);
    return NULL;
  }
  if (location != NULL)
    to = g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL);
  if (to == NULL || g_uri_get_host (to) == NULL || *g_uri_get_host (to) == '\0' ||
      (!g_str_equal (g_uri_get_scheme (to), "http") &&
       !g_str_equal (g_uri_get_scheme (to), "https"))) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT,
                 "%s redirects to “%s”, which is no address of a file", g_uri_get_host (from),
                 shown);
    return NULL;
  }
  if (g_str_equal (g_uri_get_scheme (from), "https") &&
      g_str_equal (g_uri_get_scheme (to), "http") && !request->insecure_redirect) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT,
                 "%s redirects from https to http; set AllowInsecureRedirect to follow it",
                 g_uri_get_host (from));
    return NULL;
  }
  return g_steal_pointer (&to);
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

static SlResponse *
take_response (SoupMessage *message,
               GInputStream *body,
               const SlRequest *request,
               gint64 sent_at,
               GError **error)
{
  SlResponse *response = sl_response_judge (message, request, error);

  response->message = g_object_ref (message);
  response->latency = g_get_monotonic_time () - sent_at;
  response->body = body;
  return response;
}

SlResponse *
sl_client_open (SlClient *client,
                const SlRequest *request,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (GUri) origin = g_uri_parse (request->uri, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) uri = origin != NULL ? g_uri_ref (origin) : NULL;

  if (uri == NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_URI, "Uri is no address");
    return NULL;
  }

  for (guint n = 0; n <= REDIRECTS_MAX; n++) {
    g_autoptr (SoupMessage) message = make_message (uri, request, !same_origin (origin, uri));
    gint64 sent_at = g_get_monotonic_time ();
    g_autoptr (GInputStream) body = send_and_wait (client, message, request, cancellable, error);
    GUri *next;

    if (body == NULL)
      return NULL;
    if (!is_redirect (soup_message_get_status (message)))
      return take_response (message, g_steal_pointer (&body), request, sent_at, error);
    next = get_redirect (message, request, error);
    if (next == NULL)
      return NULL;
    g_input_stream_skip (body, SKIP_MAX, cancellable, NULL);
    finish_body (client, body);
    g_uri_unref (uri);
    uri = next;
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT, "%s redirects more than %d times",
               g_uri_get_host (origin), REDIRECTS_MAX);
  return NULL;
}

/* Below libsoup's filters: the connection's own stream. */
static GInputStream *
get_raw_stream (GInputStream *stream)
{
  while (G_IS_FILTER_INPUT_STREAM (stream))
    stream = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
  return stream;
}

/* How long a chunked body's end is looked at (µs): the end of the connection may come a moment after it. */
static gint64
get_end_time (const SlResponse *response)
{
  return CLAMP (response->latency / 2, 10 * G_TIME_SPAN_MILLISECOND, 100 * G_TIME_SPAN_MILLISECOND);
}

/* Whether the connection is open and nothing comes any more. */
static gboolean
is_quiet (GPollableInputStream *raw, gint64 until)
{
  for (;;) {
    g_autoptr (GError) why = NULL;
    guint8 byte;
    g_pollable_input_stream_read_nonblocking (raw, &byte, 1, NULL, &why);
    if (!g_error_matches (why, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return FALSE;
    if (g_get_monotonic_time () >= until)
      return TRUE;
    g_usleep (1000);
  }
}

/*
 * libsoup 3.2 takes a connection that ends between two chunks, and a chunk whose size is no number, for the end of the
 * body. A server that announced to keep the connection has it open after the last chunk, and says nothing (RFC 9112,
 * sections 7.1 and 9.6); if it's closed, or more comes, the body was cut.
 */
static gboolean
check_chunked_end (SlResponse *response, GError **error)
{
  GInputStream *raw = get_raw_stream (response->body);

  if (soup_message_headers_get_encoding (soup_message_get_response_headers (response->message)) !=
          SOUP_ENCODING_CHUNKED ||
      !soup_message_is_keepalive (response->message) || !G_IS_POLLABLE_INPUT_STREAM (raw))
    return TRUE;
  if (is_quiet (G_POLLABLE_INPUT_STREAM (raw), g_get_monotonic_time () + get_end_time (response)))
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
  if (n == 0 && length > 0 && !check_chunked_end (response, error))
    return -1;
  return n;
}

gssize
sl_client_read (
    SlResponse *response, gpointer buffer, gsize length, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) cause = NULL;
  gssize n = g_input_stream_read (response->body, buffer, length, cancellable, &cause);

  return finish_read (response, n, length, cause, error);
}

gssize
sl_client_read_ready (SlResponse *response, gpointer buffer, gsize length, GError **error)
{
  g_autoptr (GError) cause = NULL;
  gssize n;

  if (!G_IS_POLLABLE_INPUT_STREAM (response->body) ||
      !g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (response->body))) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "not pollable");
    return -1;
  }
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
  sl_read_ahead_limit (get_raw_stream (response->body), bytes);
}

void
sl_client_close (SlClient *client, SlResponse *response)
{
  if (response->body != NULL)
    finish_body (client, response->body);
  g_clear_object (&response->body);
}
