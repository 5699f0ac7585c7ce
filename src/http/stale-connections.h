/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Breaks connections whose local address is gone, as after a change of networks. Packets on them get lost, and no
 * error reports that: a reader would wait until the server counts as dead. From any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Watches @socket while it lives. */
void sl_stale_connections_watch (GSocket *socket);
/* Breaks the connections whose local address no interface has any more; their readers get an error at once. */
void sl_stale_connections_break (void);

G_END_DECLS
