/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The interface over which the kernel would send to an address. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The index of "lo" in every network namespace; its traffic stays on the machine. */
#define SL_ROUTE_LOOPBACK 1

/* Returns the index; 0: no route. The kernel answers at once, and sends nothing. */
guint sl_route_lookup (GInetAddress *address);

G_END_DECLS
