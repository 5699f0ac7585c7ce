/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many files and sockets this process may have open. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Raises the soft limit to the hard one; call it once, before there are threads. The soft limit of 1024 exists for
 * programs that use select (), which this one does not.
 */
void sl_descriptors_raise (void);
/* The limit after that. */
guint64 sl_descriptors_get_limit (void);

G_END_DECLS
