/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Maps errors of the network to the error table. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * (transfer full): the error in SLUICE_ERROR for @cause, of GLib or libsoup; its message names @phase and @host. A
 * cancellation stays what it is.
 */
GError *sl_http_error_new (const GError *cause, const char *phase, const char *host);
/* Whether another attempt may succeed after this status code (RFC 9110, section 15; RFC 6585; RFC 8470). */
gboolean sl_http_status_is_transient (guint status);

G_END_DECLS
