/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Gives a connection its wire. libsoup asks a connection for its input stream, and has no place to insert another
 * one. So the two classes of connections that it uses (GTcpConnection and the TLS backend's) are changed to return
 * the wire for marked sockets. Other connections, such as D-Bus's, are not affected.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Call it once, before the first thread starts: from then on, marked connections get a wire. */
void sl_wire_attach_prepare_process (void);
/* Call it before anything is read: the connection over @socket is HTTP, or TLS with HTTP inside. */
void sl_wire_attach_mark (GSocket *socket);

G_END_DECLS
