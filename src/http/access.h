/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose request it is, and which faults of the server are accepted. Requests must have this in common to share a
 * connection.
 *
 * The rule: what was authenticated for one owner never serves another, and a connection whose certificate was not
 * verified strictly never serves a request that wants that. Whatever a connection will depend on later (a proxy, a
 * client's certificate, authorities, credentials) belongs into this struct and its two functions, and nowhere else.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint32 owner;  /* user id for whom the request is made */
  guint security; /* SlSecurityFlags; a connection depends only on those about certificates */
} SlAccess;

/* For a GHashTable whose keys are (element-type SlAccess). */
guint sl_access_hash (gconstpointer access);
/* Whether requests of @a and of @b may use one connection. */
gboolean sl_access_equal (gconstpointer a, gconstpointer b);

G_END_DECLS
