/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Remembers hosts to which further connections were useless, because the host refused them or did not prove that they
 * send the same file. Later downloads from such a host have one connection. Kept for an hour, in memory. On the main
 * loop.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @uri: of a file on the host */
void sl_single_connection_add (const char *uri);
gboolean sl_single_connection_has (const char *uri);

G_END_DECLS
