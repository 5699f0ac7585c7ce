/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits how far a server may send ahead of the reader. The kernel lets it send megabytes at full speed into the
 * receive buffer of a connection that was fast before, so reading slower alone would not free the line for many
 * seconds.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Call it when @connection is made, and again after the TLS handshake: notes the socket of its stream. */
void sl_receive_window_prepare (GIOStream *connection);
/*
 * Limits how far the server may be ahead on the connection of @stream; G_MAXSIZE leaves that to the kernel again. A
 * value above the kernel's limit for programs is as good as no limit.
 */
void sl_receive_window_limit (GInputStream *stream, gsize bytes);

G_END_DECLS
