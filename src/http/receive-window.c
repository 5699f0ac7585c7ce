/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits how far a server may send ahead of the reader, by the connection's receive buffer. The window alone
 * (TCP_WINDOW_CLAMP) would not suffice, because what was already offered stays offered.
 */
#include "http/receive-window.h"

#include <sys/socket.h>

/* A smaller buffer would slow the connection down without a gain. */
#define BUFFER_MIN ((gsize)16 * 1024)
/* A larger buffer is no useful limit. */
#define BUFFER_MAX ((gsize)2 * 1024 * 1024)
/* Linux 5.15: whether the kernel may set the size itself again; not in all headers yet. */
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif

/* Attached to the connection's stream, which stays the same from request to request. */
typedef struct {
  GSocket *socket; /* (owned) */
  gsize limit;     /* G_MAXSIZE: none */
  gint size;       /* size of the buffer before the limit */
} Window;

static void
window_free (gpointer data)
{
  Window *window = data;

  g_object_unref (window->socket);
  g_free (window);
}

static GQuark
window_quark (void)
{
  return g_quark_from_static_string ("sluice-receive-window");
}

/* (transfer full) (nullable): the connection below TLS, or the connection itself */
static GSocketConnection *
get_socket_connection (GIOStream *connection)
{
  GIOStream *base = NULL;

  if (G_IS_TLS_CONNECTION (connection))
    g_object_get (connection, "base-io-stream", &base, NULL);
  else
    base = g_object_ref (connection);
  if (G_IS_SOCKET_CONNECTION (base))
    return G_SOCKET_CONNECTION (base);
  g_clear_object (&base);
  return NULL;
}

void
sl_receive_window_prepare (GIOStream *connection)
{
  g_autoptr (GSocketConnection) base = get_socket_connection (connection);
  Window *window;

  if (base == NULL)
    return;
  window = g_new0 (Window, 1);
  window->socket = g_object_ref (g_socket_connection_get_socket (base));
  window->limit = G_MAXSIZE;
  g_object_set_qdata_full (G_OBJECT (g_io_stream_get_input_stream (connection)), window_quark (),
                           window, window_free);
}

/* Lets the kernel set the size again, starting with the size before the limit. */
static void
release_buffer (Window *window)
{
  g_socket_set_option (window->socket, SOL_SOCKET, SO_RCVBUF, window->size / 2, NULL);
  g_socket_set_option (window->socket, SOL_SOCKET, SO_BUF_LOCK, 0, NULL);
}

/* FALSE if the kernel grants less (net.core.rmem_max): on a long path the rate would stay below the intended one. */
static gboolean
limit_buffer (Window *window, gint bytes)
{
  gint size = 0;

  /* the kernel reports and sets it doubled, for its own use */
  return g_socket_set_option (window->socket, SOL_SOCKET, SO_RCVBUF, bytes, NULL) &&
         g_socket_get_option (window->socket, SOL_SOCKET, SO_RCVBUF, &size, NULL) &&
         size / 2 >= bytes;
}

/* Whether the buffer can be returned to the kernel later; notes its size then. */
static gboolean
can_limit (Window *window)
{
  gint lock = 0;

  return g_socket_get_option (window->socket, SOL_SOCKET, SO_BUF_LOCK, &lock, NULL) &&
         g_socket_get_option (window->socket, SOL_SOCKET, SO_RCVBUF, &window->size, NULL);
}

/*
 * The bytes in the buffer must fit: otherwise the kernel drops new ones until those are read, and the server waits
 * ever longer before it sends them again.
 */
static gsize
add_queued (Window *window, gsize bytes)
{
  gssize queued = g_socket_get_available_bytes (window->socket);

  return MAX (bytes, (gsize)MAX (queued, 0));
}

void
sl_receive_window_limit (GInputStream *stream, gsize bytes)
{
  Window *window = g_object_get_qdata (G_OBJECT (stream), window_quark ());
  gsize limit = G_MAXSIZE;

  if (window == NULL)
    return;
  if (bytes < BUFFER_MAX && (window->limit != G_MAXSIZE || can_limit (window)))
    limit = add_queued (window, MAX (bytes, BUFFER_MIN));
  if (limit == window->limit)
    return;
  if (limit == G_MAXSIZE || !limit_buffer (window, (gint)MIN (limit, G_MAXINT / 2))) {
    release_buffer (window);
    limit = G_MAXSIZE;
  }
  window->limit = limit;
}
