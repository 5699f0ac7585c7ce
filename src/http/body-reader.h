/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading the body of one response. The only place where a body is taken for whole: when its framing says that it's
 * proven (http/framing.h), whatever libsoup makes of it. Used and freed in the thread of its client, while that is entered.
 */
#pragma once

#include "http/session-pool.h"

G_BEGIN_DECLS

typedef struct _SlBodyReader SlBodyReader;

/* (transfer full): of the body @stream of @message. Releases @session, which is in use, in @pool when it's freed. */
SlBodyReader *sl_body_reader_new (SoupMessage *message,
                                  GInputStream *stream,
                                  SlSessionPool *pool,
                                  SoupSession *session);
/* Done: read to its end, the connection can be used again; else it's closed. */
void sl_body_reader_free (SlBodyReader *reader);

/* Bytes read; 0 at the end of the body; -1 with @error. */
gssize sl_body_reader_read (
    SlBodyReader *reader, gpointer buffer, gsize length, GCancellable *cancellable, GError **error);
/* The same without waiting: -1 with G_IO_ERROR_WOULD_BLOCK when nothing is there yet. */
gssize
sl_body_reader_read_ready (SlBodyReader *reader, gpointer buffer, gsize length, GError **error);
/* How far the server may send ahead of what is read, about; G_MAXSIZE: as far as the kernel thinks best. */
void sl_body_reader_limit_ahead (SlBodyReader *reader, gsize bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlBodyReader, sl_body_reader_free)

G_END_DECLS
