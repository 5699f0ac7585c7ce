/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads that move bytes: plain blocking jobs, each with its thread's HTTP client; reports go to the main loop. */
#pragma once

#include "http/client.h"

G_BEGIN_DECLS

/* Runs in a thread. */
typedef void (*SlJob) (gpointer data);

/*
 * So many jobs that make no requests run at the same time, as each has a thread: those of 1,000 downloads that end together
 * would be 1,000 threads, all at the same disk. It's as many as there are connections, so that files are never published
 * more slowly than they come.
 */
#define SL_WORKER_JOBS_MAX 32

/*
 * Runs @job for the user @owner: at once if fewer than SL_WORKER_JOBS_MAX run, else when it's its turn. Users take turns,
 * and the jobs of each run in the order in which they came. Such a job must not wait for another one: all of those that
 * run could be waiting for one that does not.
 */
void sl_worker_run (guint32 owner, SlJob job, gpointer data);
/*
 * Runs a job that uses its thread's HTTP client: at once, as who asks has been given a connection. It may wait for what it
 * wrote to be recorded, and so must not have to wait for a turn.
 */
void sl_worker_run_requests (SlJob job, gpointer data);
/* (transfer none): the calling thread's HTTP client, made at the first call */
SlClient *sl_worker_get_client (void);
/* Calls @function (@data) on the main loop, after all that this thread posted before. */
void sl_worker_post (GSourceFunc function, gpointer data);
/* Waits for all jobs. Their last posts are still to be dispatched. */
void sl_worker_shutdown (void);

G_END_DECLS
