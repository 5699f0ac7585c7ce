/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends one request and waits for the head of its response. */
#define G_LOG_DOMAIN "sluice-http"

#include "http/exchange.h"

#include "base/address.h"
#include "base/enums.h"
#include "base/error.h"
#include "http/http-error.h"
#include "http/receive-window.h"
#include "http/stale-connections.h"
#include "http/tls.h"
#include "http/wire-attach.h"
#include "http/wire.h"

/* The request in progress. */
typedef struct {
  const SlHop *hop;
  const char *host;
  GCancellable *cancellable; /* (owned) of this request alone */
  gboolean timed_out;
  gboolean leads_private; /* the host has a private address */
  gboolean handshaking;   /* the TLS handshake has begun, and not ended */
  char *certificate;      /* (owned) (nullable) its faults */
  gboolean finished;
  GInputStream *body; /* (owned) (nullable) */
  GError *error;      /* (owned) (nullable) */
} Sending;

void
sl_reply_clear (SlReply *reply)
{
  g_clear_object (&reply->message);
  g_clear_object (&reply->body);
}

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

static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags faults,
                       gpointer data)
{
  Sending *sending = data;
  guint security = sending->hop->request->access.security;
  guint overlooked = 0;

  if (security & SL_SECURITY_IGNORE_UNKNOWN_CA)
    overlooked |= G_TLS_CERTIFICATE_UNKNOWN_CA;
  if (security & SL_SECURITY_IGNORE_COMMON_NAME)
    overlooked |= G_TLS_CERTIFICATE_BAD_IDENTITY;
  if (security & SL_SECURITY_IGNORE_DATE)
    overlooked |= G_TLS_CERTIFICATE_NOT_ACTIVATED | G_TLS_CERTIFICATE_EXPIRED;
  if (((guint)faults & ~overlooked) == 0)
    return TRUE;
  g_free (sending->certificate);
  sending->certificate =
      sl_tls_describe_faults (certificate, (guint)faults & ~overlooked, sending->host);
  return FALSE;
}

/* (transfer full) (nullable): the address of the peer; NULL behind a proxy */
static GInetAddress *
dup_address (GSocketAddress *peer)
{
  if (!G_IS_INET_SOCKET_ADDRESS (peer) || G_IS_PROXY_ADDRESS (peer))
    return NULL;
  return g_object_ref (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (peer)));
}

/* Called before a connection is made: after a redirect from a public address it must not lead to a private one. */
static void
check_peer (Sending *sending, GIOStream *connection)
{
  g_autoptr (GSocketAddress) peer =
      G_IS_SOCKET_CONNECTION (connection)
          ? g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (connection), NULL)
          : NULL;
  g_autoptr (GInetAddress) address = peer != NULL ? dup_address (peer) : NULL;

  if (address == NULL || !sl_address_is_private (address))
    return;
  g_hash_table_add (sending->hop->private_hosts, g_ascii_strdown (sending->host, -1));
  if (!sending->hop->no_private)
    return;
  sending->leads_private = TRUE;
  g_cancellable_cancel (sending->cancellable);
}

/* Called for a new connection, before its stream is used. */
static void
prepare_connection (GIOStream *connection)
{
  GSocket *socket;

  if (!G_IS_SOCKET_CONNECTION (connection))
    return;
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection));
  sl_wire_attach_mark (socket);
  sl_stale_connections_watch (socket);
  sl_receive_window_prepare (connection);
}

static void
on_network_event (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  gpointer data)
{
  Sending *sending = data;
  SlWire *wire;

  switch (event) {
  case G_SOCKET_CLIENT_CONNECTING:
    check_peer (sending, connection);
    break;
  case G_SOCKET_CLIENT_CONNECTED:
    prepare_connection (connection);
    break;
  case G_SOCKET_CLIENT_PROXY_NEGOTIATED:
    wire = sl_wire_find (g_io_stream_get_input_stream (connection));
    if (wire != NULL)
      sl_wire_restart (wire);
    break;
  case G_SOCKET_CLIENT_TLS_HANDSHAKING:
    sl_tls_expect_orderly_end (connection);
    sending->handshaking = TRUE;
    break;
  case G_SOCKET_CLIENT_TLS_HANDSHAKED:
    sending->handshaking = FALSE;
    sl_receive_window_prepare (connection);
    break;
  default:
    break;
  }
}

/* (transfer full) */
static SoupMessage *
make_message (const SlHop *hop, Sending *sending)
{
  SoupMessage *message =
      sl_request_make_message (hop->request, hop->uri, hop->foreign, hop->cookies);

  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), sending);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (on_accept_certificate), sending);
  return message;
}

/* The error; where we know more than libsoup, in our words. */
static GError *
make_error (Sending *sending)
{
  const SlRequest *request = sending->hop->request;

  if (sending->timed_out)
    return g_error_new (SLUICE_ERROR, SLUICE_ERROR_TIMEOUT, "%s did not answer within %u seconds",
                        sending->host, (request->first_byte_timeout + 999) / 1000);
  if (sending->leads_private)
    return g_error_new (
        SLUICE_ERROR, SLUICE_ERROR_REDIRECT,
        "A redirect from a public address leads to %s, which has a private one; set "
        "“allow-private-redirect” in SecurityFlags to follow it",
        sending->host);
  if (sending->certificate != NULL && sending->error->domain == G_TLS_ERROR)
    return g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_TLS, sending->certificate);
  /* an alert, for example about the version: another attempt would fail the same way */
  if (sending->handshaking && g_error_matches (sending->error, G_TLS_ERROR, G_TLS_ERROR_MISC))
    return g_error_new (SLUICE_ERROR, SLUICE_ERROR_TLS, "TLS with %s failed: %s", sending->host,
                        sending->error->message);
  return sl_http_error_new (sending->error, "Asking", sending->host);
}

/*
 * Sends the request and waits for the response's head. Asynchronous, in the thread's own context: only then GLib
 * tries a host's addresses in parallel (RFC 8305), and one time limit covers everything.
 *
 * Only this thread cancels, and never a finished request: libsoup 3.2 crashes if the message is cancelled after the
 * response arrived but before soup_session_send_finish (), because it closes the body after releasing the connection.
 * While libsoup reads without returning to the context, the wire ends its read (sl_wire_set_cancellable ()).
 */
static void
send_and_wait (Sending *sending, SoupMessage *message, GCancellable *cancellable)
{
  const SlHop *hop = sending->hop;
  g_autoptr (GSource) timer = g_timeout_source_new (hop->request->first_byte_timeout);
  gulong handler =
      g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), hop->context, NULL);

  g_source_set_callback (timer, on_timeout, sending, NULL);
  g_source_attach (timer, hop->context);
  soup_session_send_async (hop->session, message, G_PRIORITY_DEFAULT, sending->cancellable, on_sent,
                           sending);
  while (!sending->finished) {
    if (g_cancellable_is_cancelled (cancellable))
      g_cancellable_cancel (sending->cancellable);
    g_main_context_iteration (hop->context, TRUE);
  }
  g_source_destroy (timer);
  g_cancellable_disconnect (cancellable, handler);
}

/* Logs an oddity, once for each head. It is not an error, because the file may be correct. */
static void
log_oddity (const Sending *sending)
{
  SlWire *wire = sl_wire_find (sending->body);
  const char *oddity = wire != NULL ? sl_wire_get_oddity (wire) : NULL;

  if (oddity != NULL)
    g_message ("A response of %s is odd: %s; its connection is not used again", sending->host,
               oddity);
}

static gboolean
is_public (SoupMessage *message)
{
  GSocketAddress *peer = soup_message_get_remote_address (message);
  g_autoptr (GInetAddress) address = peer != NULL ? dup_address (peer) : NULL;

  if (address != NULL)
    return !sl_address_is_private (address);
  return !sl_address_names_private (soup_message_get_uri (message));
}

gboolean
sl_exchange (const SlHop *hop, SlReply *reply, GCancellable *cancellable, GError **error)
{
  Sending sending = {.hop = hop, .host = g_uri_get_host (hop->uri)};
  g_autoptr (GCancellable) own = g_cancellable_new ();
  g_autoptr (SoupMessage) message = make_message (hop, &sending);
  gint64 sent_at = g_get_monotonic_time ();

  sending.cancellable = own;
  send_and_wait (&sending, message, cancellable);
  g_signal_handlers_disconnect_by_data (message, &sending);
  if (sending.error != NULL) {
    g_propagate_error (error, make_error (&sending));
  } else {
    reply->latency = g_get_monotonic_time () - sent_at;
    reply->is_public = is_public (message);
    log_oddity (&sending);
    reply->body = g_steal_pointer (&sending.body);
    reply->message = g_steal_pointer (&message);
  }
  g_clear_error (&sending.error);
  g_free (sending.certificate);
  return reply->body != NULL;
}
