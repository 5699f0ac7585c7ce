/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads that move bytes. They run plain blocking jobs, which report to the main loop. */
#pragma once

#include "http/client.h"

G_BEGIN_DECLS

/* Runs in a thread. */
typedef void (*SlJob) (gpointer data);

/*
 * How many jobs without requests run at the same time. Each has a thread, so without this limit 1,000 downloads that
 * end together would have 1,000 threads, all on the same disk. The limit equals that of connections, so that files are
 * published as fast as they arrive.
 */
#define SL_WORKER_JOBS_MAX 32

/*
 * Runs @job for the user @owner: at once if fewer than SL_WORKER_JOBS_MAX run, else in its turn. Users take turns, and
 * each user's jobs run in order. Such a job must not wait for another one: if all running jobs did, that one would
 * never get its turn.
 */
void sl_worker_run (guint32 owner, SlJob job, gpointer data);
/*
 * Runs a job that uses its thread's HTTP client. It runs at once, because the caller has been given a connection for
 * it. Such a job may wait until its bytes are recorded, so it must not have to wait for a turn.
 */
void sl_worker_run_requests (SlJob job, gpointer data);
/* (transfer none): the calling thread's HTTP client, made at the first call */
SlClient *sl_worker_get_client (void);
/* Calls @function (@data) on the main loop, after everything that this thread posted before. */
void sl_worker_post (GSourceFunc function, gpointer data);
/* Waits until all threads have ended. Their last posts are still to be dispatched. */
void sl_worker_shutdown (void);

G_END_DECLS
