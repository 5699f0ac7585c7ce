/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which interface a transfer from a host uses: its name resolved, the route to it looked up, and remembered. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlRoutes SlRoutes;

/* @index: of the interface (see route.h); 0 when the host isn't known or there is no way there */
typedef void (*SlRouteFound) (guint index, gpointer user_data);

SlRoutes *sl_routes_new (void);
/*
 * @host: a name or an address, as in a URI. Calls @found once, on the main loop: before it returns where no resolver is needed,
 * and otherwise later. A few hosts are looked up at a time, the others wait.
 */
void sl_routes_find (SlRoutes *routes, const char *host, SlRouteFound found, gpointer user_data);
/* Doesn't call for @user_data any more. */
void sl_routes_cancel (SlRoutes *routes, gpointer user_data);
/* The network is another one: what was remembered doesn't hold any more. */
void sl_routes_forget_all (SlRoutes *routes);
/* Calls nobody any more. */
void sl_routes_free (SlRoutes *routes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRoutes, sl_routes_free)

G_END_DECLS
