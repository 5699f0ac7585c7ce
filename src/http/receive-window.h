/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How far a server may send ahead of what is read. The kernel lets it send megabytes into the receive buffer of a
 * connection that was fast before, at full speed: to read slower alone would not free the line for many seconds.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Once @connection is made, and again once TLS is agreed on: takes note of the socket below its stream. */
void sl_receive_window_prepare (GIOStream *connection);
/*
 * Limits how far the server may be ahead on the connection that has @stream, or with G_MAXSIZE leaves it to the kernel
 * again. More than the kernel lets a program ask for is as good as no limit.
 */
void sl_receive_window_limit (GInputStream *stream, gsize bytes);

G_END_DECLS
