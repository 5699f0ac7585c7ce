/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which interface the kernel would send to an address over. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The index of "lo", in every network namespace: what is sent over it doesn't leave the machine. */
#define SL_ROUTE_LOOPBACK 1

/* 0: there is no way there. The kernel answers at once; nothing is sent. */
guint sl_route_lookup (GInetAddress *address);

G_END_DECLS
