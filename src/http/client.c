/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The HTTP client of one worker thread. */
#include "http/client.h"

#include "base/address.h"
#include "base/error.h"
#include "http/exchange.h"
#include "http/redirects.h"
#include "http/session-pool.h"
#include "http/tls.h"
#include "http/wire-attach.h"
#include "http/wire.h"

#define REDIRECTS_MAX 10
/* The body of a redirect is read up to this size, so that its connection can be reused. */
#define SKIP_MAX 16384

struct _SlClient {
  GMainContext *context;     /* (owned) the thread's, in which libsoup's asynchronous part runs */
  SlSessionPool *pool;       /* (owned) */
  GHashTable *private_hosts; /* (owned) (element-type utf8) hosts seen to have private addresses */
};

void
sl_client_prepare_process (void)
{
  /*
   * libsoup 3.2 takes quadratic time and unbounded memory for large bodies over HTTP/2; only this variable turns that
   * off. It is read once, when the first session is made.
   */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  sl_tls_prepare_process ();
  sl_wire_attach_prepare_process ();
}

SlClient *
sl_client_new (void)
{
  SlClient *client = g_new0 (SlClient, 1);

  client->context = g_main_context_new ();
  client->pool = sl_session_pool_new ();
  client->private_hosts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return client;
}

void
sl_client_free (SlClient *client)
{
  sl_client_enter (client);
  sl_session_pool_free (client->pool);
  sl_session_pool_settle ();
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

/*
 * Drops the useless body of a redirect. If a short one has arrived completely, it is read, so that the connection can
 * be reused. We wait for nothing; an incomplete body costs the connection.
 */
static void
drop_body (GInputStream *body)
{
  SlWire *wire = sl_wire_find (body);
  guint8 buffer[4096];

  while (wire != NULL && sl_wire_has_short_rest (wire, SKIP_MAX) &&
         G_IS_POLLABLE_INPUT_STREAM (body) &&
         g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (body), buffer,
                                                   sizeof buffer, NULL, NULL) > 0)
    ;
  g_input_stream_close (body, NULL, NULL);
  sl_session_pool_settle ();
}

/* Sends one request to the present address. */
static gboolean
ask (SlClient *client,
     SoupSession *session,
     const SlRedirects *redirects,
     SlReply *reply,
     GCancellable *cancellable,
     GError **error)
{
  g_autofree char *cookies = sl_redirects_dup_cookies (redirects);
  SlHop hop = {
      .session = session,
      .context = client->context,
      .request = redirects->request,
      .uri = redirects->uri,
      .foreign = !sl_address_same_origin (redirects->origin, redirects->uri),
      .no_private = sl_redirects_forbid_private (redirects),
      .cookies = cookies,
      .private_hosts = client->private_hosts,
  };

  return sl_exchange (&hop, reply, cancellable, error);
}

/* Follows redirects until a response is not one; FALSE with @error if that fails. */
static gboolean
follow_all (SlClient *client,
            SoupSession *session,
            SlRedirects *redirects,
            SlReply *reply,
            GCancellable *cancellable,
            GError **error)
{
  for (guint n = 0; n <= REDIRECTS_MAX; n++) {
    gboolean ok;

    if (!ask (client, session, redirects, reply, cancellable, error))
      return FALSE;
    if (!sl_redirects_is_one (reply))
      return TRUE;
    ok = sl_redirects_follow (redirects, reply, error);
    drop_body (reply->body);
    sl_reply_clear (reply);
    if (!ok)
      return FALSE;
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_REDIRECT, "%s redirects more than %d times",
               g_uri_get_host (redirects->origin), REDIRECTS_MAX);
  return FALSE;
}

SlResponse *
sl_client_open (SlClient *client,
                const SlRequest *request,
                SlBodyReader **body,
                GCancellable *cancellable,
                GError **error)
{
  g_auto (SlRedirects) redirects = {.request = request, .private_hosts = client->private_hosts};
  g_auto (SlReply) reply = {0};
  SoupSession *session;
  gboolean ok;

  if (!sl_redirects_begin (&redirects, error))
    return NULL;
  session = sl_session_pool_acquire (client->pool, &request->access);
  if (soup_session_get_timeout (session) != request->stall_timeout)
    soup_session_set_timeout (session, request->stall_timeout);
  sl_wire_set_cancellable (cancellable);
  ok = follow_all (client, session, &redirects, &reply, cancellable, error);
  sl_wire_set_cancellable (NULL);
  if (!ok) {
    sl_session_pool_release (client->pool, session);
    return NULL;
  }
  *body = sl_body_reader_new (reply.message, reply.body, client->pool, session);
  return sl_response_new (reply.message, sl_wire_find (reply.body), reply.latency);
}
