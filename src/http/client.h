/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The HTTP client of one worker thread: blocking calls, and the sessions that keep connections for reuse. Create, use
 * and free it in the same thread.
 */
#pragma once

#include "http/body-reader.h"
#include "http/request.h"
#include "http/response.h"

G_BEGIN_DECLS

typedef struct _SlClient SlClient;

/* Fixes HTTP/1.1 for this process; call it once, before the first thread starts. */
void sl_client_prepare_process (void);

SlClient *sl_client_new (void);
/* Call it when all bodies are closed. */
void sl_client_free (SlClient *client);

/*
 * Enclose every use of a client and of its bodies: enter () makes the client's context the thread's default, leave ()
 * restores the previous one.
 */
void sl_client_enter (SlClient *client);
void sl_client_leave (SlClient *client);

/*
 * Sends @request and follows redirects. (transfer full) (nullable): the facts of the response; @body (transfer full)
 * reads its body. NULL with @error if there is no response.
 */
SlResponse *sl_client_open (SlClient *client,
                            const SlRequest *request,
                            SlBodyReader **body,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
