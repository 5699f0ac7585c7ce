/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Digests of content: "sha256:<hex>" as text, and a computation by GnuTLS, which takes the bytes in their order and knows
 * how far it has come.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A computation under way. One thread at a time may feed it; how far it has come may be asked by any. So of several that
 * write a file, the one that is where the digest ends can feed it without a lock, as no other can be there.
 */
typedef struct _SlDigest SlDigest;

/* (transfer full) (nullable): @text in its normal form (lower case), NULL with @error if it's no digest */
char *sl_digest_normalize (const char *text, GError **error);

/* (transfer full): begins to compute what @expected (in normal form) was made with */
SlDigest *sl_digest_new (const char *expected);
/* (transfer full): begins anew with the same algorithm */
SlDigest *sl_digest_renew (const SlDigest *digest);
void sl_digest_free (SlDigest *digest);
/* @data is what comes next. */
void sl_digest_update (SlDigest *digest, const void *data, gsize length);
/*
 * Reads what comes next from the file @fd, up to @end or the end of the file, where sl_digest_get_position () then is.
 * FALSE with errno set.
 */
gboolean sl_digest_read (SlDigest *digest, int fd, guint64 end);
/* How many bytes it has been given: the offset of the next one. */
guint64 sl_digest_get_position (SlDigest *digest);
/* (transfer full): of all that was given; ends the computation, call it once */
char *sl_digest_finish (SlDigest *digest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDigest, sl_digest_free)

G_END_DECLS
