/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gives a connection its wire. */
#include "http/wire-attach.h"

#include "http/wire.h"

typedef GInputStream *(*GetStream) (GIOStream *connection);

static GetStream get_tcp_stream, get_tls_stream; /* the original functions of the classes */

static GQuark
mark_quark (void)
{
  return g_quark_from_static_string ("sluice-wire-mark");
}

static GQuark
wire_quark (void)
{
  return g_quark_from_static_string ("sluice-wire");
}

void
sl_wire_attach_mark (GSocket *socket)
{
  g_object_set_qdata (G_OBJECT (socket), mark_quark (), socket);
}

static gboolean
is_marked (GIOStream *connection)
{
  return G_IS_SOCKET_CONNECTION (connection) &&
         g_object_get_qdata (G_OBJECT (
                                 g_socket_connection_get_socket (G_SOCKET_CONNECTION (connection))),
                             mark_quark ()) != NULL;
}

/* (transfer none): the wire of @connection, above @stream */
static GInputStream *
get_wire (GIOStream *connection, GInputStream *stream)
{
  GInputStream *wire = g_object_get_qdata (G_OBJECT (connection), wire_quark ());

  if (wire == NULL) {
    wire = G_INPUT_STREAM (sl_wire_new (stream));
    g_object_set_qdata_full (G_OBJECT (connection), wire_quark (), wire, g_object_unref);
  }
  return wire;
}

static GInputStream *
get_tcp_wire (GIOStream *connection)
{
  GInputStream *stream = get_tcp_stream (connection);

  return is_marked (connection) ? get_wire (connection, stream) : stream;
}

/* From now on, the connection below reads TLS. */
static GInputStream *
get_tls_wire (GIOStream *connection)
{
  GInputStream *stream = get_tls_stream (connection);
  g_autoptr (GIOStream) base = NULL;
  SlWire *below;

  g_object_get (connection, "base-io-stream", &base, NULL);
  if (base == NULL || !is_marked (base))
    return stream;
  below = sl_wire_find (g_io_stream_get_input_stream (base));
  if (below != NULL)
    sl_wire_pass (below);
  return get_wire (connection, stream);
}

void
sl_wire_attach_prepare_process (void)
{
  GType tls = g_tls_backend_get_client_connection_type (g_tls_backend_get_default ());
  GIOStreamClass *tcp_class, *tls_class;

  if (get_tcp_stream != NULL)
    return;
  /* the classes are never unloaded */
  tcp_class = g_type_class_ref (G_TYPE_TCP_CONNECTION);
  tls_class = g_type_class_ref (tls);
  get_tcp_stream = tcp_class->get_input_stream;
  get_tls_stream = tls_class->get_input_stream;
  tcp_class->get_input_stream = get_tcp_wire;
  tls_class->get_input_stream = get_tls_wire;
}
