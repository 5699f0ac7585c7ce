/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a connection gets its wire. libsoup asks a connection for its input stream and offers no place to put one in
 * between, so that the two classes of connections that it uses (GTcpConnection and the TLS backend's) answer with the wire
 * where their socket was marked. Connections of others, as of D-Bus, are not touched.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Once, before the first thread starts: connections get a wire when they were marked. */
void sl_wire_attach_prepare_process (void);
/* Before anything is read: the connection over @socket speaks HTTP, or TLS with HTTP in it. */
void sl_wire_attach_mark (GSocket *socket);

G_END_DECLS
