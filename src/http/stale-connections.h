/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Connections whose own address is gone, as after a change of networks. What is sent to that gets nowhere, and no error
 * says so: who reads would wait until it takes the server for dead. From any thread.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* For as long as @socket lives. */
void sl_stale_connections_watch (GSocket *socket);
/* Breaks those whose address no interface has any more; who reads them gets an error at once. */
void sl_stale_connections_break (void);

G_END_DECLS
