/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors of the network, in the words of the error table. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * (transfer full): what @cause, of GLib or libsoup, is in SLUICE_ERROR, told with @phase and @host.
 * A cancellation stays what it is.
 */
GError *sl_http_error_new (const GError *cause, const char *phase, const char *host);
/* whether a status code is one that another try may mend (RFC 9110, section 15; RFC 6585; RFC 8470) */
gboolean sl_http_status_is_transient (guint status);

G_END_DECLS
