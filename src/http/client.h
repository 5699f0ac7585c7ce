/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The HTTP client of one worker thread: its sessions, so that connections are used again, and blocking calls. Make, use
 * and free it in the same thread.
 */
#pragma once

#include "http/body-reader.h"
#include "http/request.h"
#include "http/response.h"

G_BEGIN_DECLS

typedef struct _SlClient SlClient;

/* To be called once, before the first thread starts: fixes HTTP/1.1 for this process. */
void sl_client_prepare_process (void);

SlClient *sl_client_new (void);
/* All bodies have been closed. */
void sl_client_free (SlClient *client);

/* Around every use of a client and of its bodies: makes the client's context the thread's, and gives it back. */
void sl_client_enter (SlClient *client);
void sl_client_leave (SlClient *client);

/*
 * Sends @request and follows redirects. (transfer full) (nullable): the facts of the response, with its @body (transfer
 * full) to be read; NULL with @error when there is no response.
 */
SlResponse *sl_client_open (SlClient *client,
                            const SlRequest *request,
                            SlBodyReader **body,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
