/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the interface that a transfer from a host uses: resolves the name, asks for the route, and remembers it. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlRoutes SlRoutes;

/* @index: the interface (see route.h); 0: unknown host, or no route */
typedef void (*SlRouteFound) (guint index, gpointer user_data);

SlRoutes *sl_routes_new (void);
/*
 * @host: a name or an address, as in a URI. Calls @found once, on the main loop: before it returns if no resolver is
 * needed, otherwise later. A few hosts are looked up at a time; others wait.
 */
void sl_routes_find (SlRoutes *routes, const char *host, SlRouteFound found, gpointer user_data);
/* Removes the waiters with this @user_data. */
void sl_routes_cancel (SlRoutes *routes, gpointer user_data);
/* The network changed: forgets what was remembered. */
void sl_routes_forget_all (SlRoutes *routes);
/* Cancels all look-ups without calling back. */
void sl_routes_free (SlRoutes *routes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRoutes, sl_routes_free)

G_END_DECLS
