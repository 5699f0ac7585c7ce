/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS: which versions are spoken, that no session is resumed, and what is wrong with a certificate.
 *
 * A TLS session that is resumed has the authentication of its first connection (RFC 8446, section 2.2), and glib-networking
 * keeps tickets for the whole process, whoever asked: so none is resumed, or the rule of http/access.h would not hold.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Once, before the first thread starts and before GIO has made a TLS connection. */
void sl_tls_prepare_process (void);
/* Before the handshake: an end of the connection without notice is not taken for an orderly one (RFC 9112, section 9.8). */
void sl_tls_expect_orderly_end (GIOStream *connection);
/* (transfer full): what is wrong with @certificate of @host, in a sentence: whose it is, who vouches, its dates */
char *sl_tls_describe_faults (GTlsCertificate *certificate,
                              GTlsCertificateFlags faults,
                              const char *host);

G_END_DECLS
