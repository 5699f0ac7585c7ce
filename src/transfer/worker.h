/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads that move bytes: plain blocking jobs, each with its thread's HTTP client; reports go to the main loop. */
#pragma once

#include "http/client.h"

G_BEGIN_DECLS

/* Runs in a thread. */
typedef void (*SlJob) (gpointer data);

/* Runs @job as soon as a thread is there; a new one is started if none is idle. */
void sl_worker_run (SlJob job, gpointer data);
/* The same for a job that uses its thread's HTTP client. */
void sl_worker_run_requests (SlJob job, gpointer data);
/* (transfer none): the calling thread's HTTP client, made at the first call */
SlClient *sl_worker_get_client (void);
/* Calls @function (@data) on the main loop, after all that this thread posted before. */
void sl_worker_post (GSourceFunc function, gpointer data);
/* Waits for all jobs. Their last posts are still to be dispatched. */
void sl_worker_shutdown (void);

G_END_DECLS
