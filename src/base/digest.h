/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Digests of content: "sha256:<hex>" as text, and a running computation by GnuTLS. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A computation under way. */
typedef struct _SlDigest SlDigest;

/* (transfer full) (nullable): @text in its normal form (lower case), NULL with @error if it's no digest */
char *sl_digest_normalize (const char *text, GError **error);

/* (transfer full): begins to compute what @expected (in normal form) was made with */
SlDigest *sl_digest_new (const char *expected);
/* (transfer full): begins anew with the same algorithm */
SlDigest *sl_digest_renew (const SlDigest *digest);
void sl_digest_free (SlDigest *digest);
void sl_digest_update (SlDigest *digest, const void *data, gsize length);
/* (transfer full): of all that was given; ends the computation, call it once */
char *sl_digest_finish (SlDigest *digest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDigest, sl_digest_free)

G_END_DECLS
