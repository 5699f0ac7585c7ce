/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The input of one connection as libsoup gets it: above TLS and below libsoup's own buffers, with its framing checked
 * (http/framing.h). It never hands over a byte behind the end of a response, so that nothing of one is taken for the
 * next, and it ends every read of a thread that was told to stop, whatever libsoup does at the time.
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define SL_TYPE_WIRE (sl_wire_get_type ())
G_DECLARE_FINAL_TYPE (SlWire, sl_wire, SL, WIRE, GFilterInputStream)

/* (transfer full): above @stream, of a connection; see http/wire-attach.h */
SlWire *sl_wire_new (GInputStream *stream);
/* (transfer none) (nullable): of the connection that @stream, a stream of libsoup's, reads from */
SlWire *sl_wire_find (GInputStream *stream);
/* What comes from now on is no HTTP, but TLS with a wire of its own above it. */
void sl_wire_pass (SlWire *wire);
/* All before was between us and a proxy; what comes now is not. */
void sl_wire_restart (SlWire *wire);

/* The current response is whole, and that's proven. */
gboolean sl_wire_is_complete (SlWire *wire);
/* What would come at once, or not at all: TRUE when the rest of the body is small enough to be read for its connection. */
gboolean sl_wire_has_short_rest (SlWire *wire, guint64 max);
/* (transfer full) (nullable): a field of the last head as it was sent */
char *sl_wire_dup_field (SlWire *wire, const char *name);
/* (transfer none) (nullable): what is odd in the last head, for a person */
const char *sl_wire_get_oddity (SlWire *wire);

/* What the calling thread reads ends when @cancellable (nullable) is cancelled. */
void sl_wire_set_cancellable (GCancellable *cancellable);

G_END_DECLS
