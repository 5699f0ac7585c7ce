/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The input of one connection as libsoup gets it: above TLS, below libsoup's buffers, and with its framing checked
 * (http/framing.h). It never passes on a byte after the end of a response, so no byte of one response is taken for
 * the next. It also ends every read of a cancelled thread, whatever libsoup does at that time.
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define SL_TYPE_WIRE (sl_wire_get_type ())
G_DECLARE_FINAL_TYPE (SlWire, sl_wire, SL, WIRE, GFilterInputStream)

/* (transfer full): a wire above @stream of a connection; see http/wire-attach.h */
SlWire *sl_wire_new (GInputStream *stream);
/* (transfer none) (nullable): the wire of the connection from which @stream (of libsoup) reads */
SlWire *sl_wire_find (GInputStream *stream);
/* From now on the bytes are not HTTP but TLS, which has a wire of its own above it. */
void sl_wire_pass (SlWire *wire);
/* Starts anew: the bytes so far were between us and a proxy. */
void sl_wire_restart (SlWire *wire);

/* Whether the present response is complete, with proof. */
gboolean sl_wire_is_complete (SlWire *wire);
/* Whether the rest of the body is at most @max bytes, so that it is worth reading to keep the connection. */
gboolean sl_wire_has_short_rest (SlWire *wire, guint64 max);
/* (transfer full) (nullable): a field of the last head as sent */
char *sl_wire_dup_field (SlWire *wire, const char *name);
/* (transfer none) (nullable): the oddity of the last head, for people */
const char *sl_wire_get_oddity (SlWire *wire);

/* Reads of the calling thread end when @cancellable (nullable) is cancelled. */
void sl_wire_set_cancellable (GCancellable *cancellable);

G_END_DECLS
