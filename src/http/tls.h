/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS: allowed versions, no resumption of sessions, and a description of a certificate's faults.
 *
 * A resumed TLS session keeps the authentication of its first connection (RFC 8446, section 2.2), and glib-networking
 * shares tickets within the process, whoever the owner is. So none is resumed; otherwise the rule of http/access.h
 * would not hold.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Call it once, before the first thread starts and before GIO makes a TLS connection. */
void sl_tls_prepare_process (void);
/*
 * Call it before the handshake. After it, a connection that closes without notice counts as broken (RFC 9112, section
 * 9.8).
 */
void sl_tls_expect_orderly_end (GIOStream *connection);
/* (transfer full): a sentence about the faults of @certificate of @host: subject, issuer, dates */
char *sl_tls_describe_faults (GTlsCertificate *certificate,
                              GTlsCertificateFlags faults,
                              const char *host);

G_END_DECLS
