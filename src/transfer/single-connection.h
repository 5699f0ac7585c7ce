/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What transfers have learned of hosts, for transfers that come after them: that further connections to one were of no
 * use, as it refused them or did not prove that they send the same file. Kept for an hour, while the service runs. On the
 * main loop.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @uri: of a file on the host */
void sl_single_connection_add (const char *uri);
gboolean sl_single_connection_has (const char *uri);

G_END_DECLS
