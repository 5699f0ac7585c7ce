/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The HTTP client of one worker thread: a SoupSession of its own, so that connections are used again, and
 * blocking calls. Make, use and free it in the same thread.
 */
#pragma once

#include "http/response.h"

G_BEGIN_DECLS

typedef struct _SlClient SlClient;

/* To be called once, before the first thread starts: fixes HTTP/1.1 for this process. */
void sl_client_prepare_process (void);

SlClient *sl_client_new (void);
void sl_client_free (SlClient *client);

/* Around every use of open, read and close: makes the client's context the thread's, and gives it back. */
void sl_client_enter (SlClient *client);
void sl_client_leave (SlClient *client);

/*
 * Sends the request, follows redirects, and judges the response.
 * (transfer full) (nullable): NULL with @error when there is no response; and a response with @error
 * when its verdict is not RANGE or WHOLE.
 */
SlResponse *sl_client_open (SlClient *client,
                            const SlRequest *request,
                            GCancellable *cancellable,
                            GError **error);
/* Bytes read; 0 at the end of the body; -1 with @error. */
gssize sl_client_read (
    SlResponse *response, gpointer buffer, gsize length, GCancellable *cancellable, GError **error);
/* The same without waiting: -1 with G_IO_ERROR_WOULD_BLOCK when nothing is there yet. */
gssize sl_client_read_ready (SlResponse *response, gpointer buffer, gsize length, GError **error);
/* How far the server may send ahead of what is read, about; G_MAXSIZE: as far as the kernel thinks best. */
void sl_client_limit_ahead (SlResponse *response, gsize bytes);
/* Done with the body: read to its end, the connection is kept for the next request; else closed. */
void sl_client_close (SlClient *client, SlResponse *response);

G_END_DECLS
