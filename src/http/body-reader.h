/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads the body of one response. This is the only code that takes a body for complete: if its framing is proven
 * (http/framing.h), whatever libsoup says. Use and free it in the thread of its client, within sl_client_enter ().
 */
#pragma once

#include "http/session-pool.h"

G_BEGIN_DECLS

typedef struct _SlBodyReader SlBodyReader;

/*
 * (transfer full): a reader of the body @stream of @message. When it is freed, it releases @session, which is in use,
 * to @pool.
 */
SlBodyReader *sl_body_reader_new (SoupMessage *message,
                                  GInputStream *stream,
                                  SlSessionPool *pool,
                                  SoupSession *session);
/* If the body was read to its end, the connection can be reused; otherwise it is closed. */
void sl_body_reader_free (SlBodyReader *reader);

/* Bytes read; 0 at the end of the body; -1 with @error. */
gssize sl_body_reader_read (
    SlBodyReader *reader, gpointer buffer, gsize length, GCancellable *cancellable, GError **error);
/* The same without waiting: -1 with G_IO_ERROR_WOULD_BLOCK if no byte has arrived. */
gssize
sl_body_reader_read_ready (SlBodyReader *reader, gpointer buffer, gsize length, GError **error);
/* Roughly how far the server may send ahead of the reader; G_MAXSIZE: the kernel decides. */
void sl_body_reader_limit_ahead (SlBodyReader *reader, gsize bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBodyReader, sl_body_reader_free)

G_END_DECLS
