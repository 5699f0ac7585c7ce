/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As whom a server is asked, and what is overlooked of it: what two requests must have in common to use one connection.
 *
 * The rule: what was authenticated for one owner never serves another, and what was not verified strictly never serves
 * what wants it strictly. Whatever else a connection depends on one day (a proxy, a client's certificate, authorities,
 * credentials) belongs into this struct and into its two functions, and nowhere else.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 owner;  /* the user that it's done for */
  guint security; /* SlSecurityFlags; only those about certificates count for a connection */
} SlAccess;

/* For a GHashTable whose keys are (element-type SlAccess). */
guint sl_access_hash (gconstpointer access);
/* Whether requests of @a and of @b may use one connection. */
gboolean sl_access_equal (gconstpointer a, gconstpointer b);

G_END_DECLS
