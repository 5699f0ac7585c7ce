/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Digests of content: "sha256:<hex>" as text, and a computation by GnuTLS that takes the bytes in order and knows its
 * position.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A computation in progress. One thread at a time may feed it; any thread may ask for its position. If several
 * threads write a file, the one that writes at the digest's position can feed it without a lock, because no other can
 * be at the same position.
 */
typedef struct _SlDigest SlDigest;

/* (transfer full) (nullable): @text in its normal form (lower case); NULL with @error if it is not a digest */
char *sl_digest_normalize (const char *text, GError **error);

/* (transfer full): begins a computation with the algorithm of @expected (in normal form) */
SlDigest *sl_digest_new (const char *expected);
/* (transfer full): begins anew with the same algorithm */
SlDigest *sl_digest_renew (const SlDigest *digest);
void sl_digest_free (SlDigest *digest);
/* Feeds the next bytes. */
void sl_digest_update (SlDigest *digest, const void *data, gsize length);
/*
 * Feeds the next bytes from the file @fd, up to @end or the end of the file; sl_digest_get_position () says how far
 * it came. FALSE with errno set.
 */
gboolean sl_digest_read (SlDigest *digest, int fd, guint64 end);
/* How many bytes it was fed: the offset of the next one. */
guint64 sl_digest_get_position (SlDigest *digest);
/* (transfer full): the digest of all bytes; ends the computation, so call it once */
char *sl_digest_finish (SlDigest *digest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDigest, sl_digest_free)

G_END_DECLS
