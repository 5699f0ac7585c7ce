/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where the responses on one connection begin and end: a strict reader of the framing of HTTP/1.1, the only place that
 * says whether a body's end is proven. It sees the bytes before libsoup does, and gives it heads and chunks in a form
 * that can be read in one way only.
 *
 * The rule (RFC 9112, sections 6.3, 8 and 9.8): a body is whole by its length, by its last chunk with what belongs behind
 * it, or, where neither was announced, by an orderly end of the connection; and by nothing else. A head is whole by its
 * empty line. What contradicts itself is an error.
 */
#pragma once

#include "http/head.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlFraming SlFraming;

SlFraming *sl_framing_new (void);
void sl_framing_free (SlFraming *framing);

/* The next response begins. */
void sl_framing_begin (SlFraming *framing);
/* From now on the bytes are no HTTP any more: a tunnel. */
void sl_framing_pass (SlFraming *framing);

/* How many bytes of content come next, to be passed on as they are; 0: what comes is for sl_framing_feed (). */
guint64 sl_framing_get_content (const SlFraming *framing);
/* @n bytes of content were passed on. */
void sl_framing_passed (SlFraming *framing, guint64 n);
/*
 * Takes bytes that are no content, up to where content begins or the response ends, and appends to @out what the reader
 * above is to get for them. @used: how many it took. FALSE with @error when they can't be part of a response.
 */
gboolean sl_framing_feed (SlFraming *framing,
                          const guint8 *data,
                          gsize length,
                          gsize *used,
                          GByteArray *out,
                          GError **error);
/* The connection ended in an orderly way. FALSE with @error when something is missing. */
gboolean sl_framing_end (SlFraming *framing, GError **error);

/* Nothing of the next response has come. */
gboolean sl_framing_is_fresh (const SlFraming *framing);
/* The response is whole, and that's proven. */
gboolean sl_framing_is_complete (const SlFraming *framing);
/* No other response may follow on this connection. */
gboolean sl_framing_closes (const SlFraming *framing);
SlBodyEnd sl_framing_get_body_end (const SlFraming *framing);
/* (transfer full) (nullable): of the last head the value of the field @name as it was sent, several joined by ", " */
char *sl_framing_dup_field (const SlFraming *framing, const char *name);
/* (transfer none) (nullable): what is odd in the last head, though it can be read; for a person */
const char *sl_framing_get_oddity (const SlFraming *framing);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlFraming, sl_framing_free)

G_END_DECLS
