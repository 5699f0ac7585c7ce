/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Finds where the responses on one connection begin and end. This strict reader of HTTP/1.1's framing is the only
 * code that decides whether a body's end is proven. It sees the bytes before libsoup, and gives libsoup heads and
 * chunks with only one meaning.
 *
 * The rule (RFC 9112, sections 6.3, 8 and 9.8): a body is complete by its length; by its last chunk and trailer; or,
 * if it announces neither, by an orderly end of the connection; and by nothing else. A head is complete by its empty
 * line. Contradictions are errors.
 */
#pragma once

#include "http/head.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SlFraming SlFraming;

SlFraming *sl_framing_new (void);
void sl_framing_free (SlFraming *framing);

/* Begins the next response. */
void sl_framing_begin (SlFraming *framing);
/* From now on the bytes are a tunnel, not HTTP. */
void sl_framing_pass (SlFraming *framing);

/* How many bytes of content follow, to be passed on unchanged; 0: give the next bytes to sl_framing_feed (). */
guint64 sl_framing_get_content (const SlFraming *framing);
/* @n bytes of content were passed on. */
void sl_framing_passed (SlFraming *framing, guint64 n);
/*
 * Takes bytes outside of content, up to the begin of content or the end of the response, and appends to @out what the
 * reader gets for them. @used: how many it took. FALSE with @error if they can't be part of a response.
 */
gboolean sl_framing_feed (SlFraming *framing,
                          const guint8 *data,
                          gsize length,
                          gsize *used,
                          GByteArray *out,
                          GError **error);
/* Call it when the connection ended in an orderly way. FALSE with @error if something is missing. */
gboolean sl_framing_end (SlFraming *framing, GError **error);

/* Whether no byte of the next response has arrived. */
gboolean sl_framing_is_fresh (const SlFraming *framing);
/* Whether the response is complete, with proof. */
gboolean sl_framing_is_complete (const SlFraming *framing);
/* Whether no other response may follow on this connection. */
gboolean sl_framing_closes (const SlFraming *framing);
SlBodyEnd sl_framing_get_body_end (const SlFraming *framing);
/*
 * (transfer full) (nullable): the value of the field @name of the last head as sent; several values are joined by ",
 * "
 */
char *sl_framing_dup_field (const SlFraming *framing, const char *name);
/* (transfer none) (nullable): the oddity of the last head, for people; the head can still be read */
const char *sl_framing_get_oddity (const SlFraming *framing);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlFraming, sl_framing_free)

G_END_DECLS
