/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The threads that move bytes: GLib's thread pool, with an HTTP client for each thread. */
#include "transfer/worker.h"

/* Threads, and with them open connections, that are kept for the next job, and for how long (ms). */
#define IDLE_THREADS 32
#define IDLE_TIME    10000

typedef struct {
  SlJob job;
  gpointer data;
} Task;

static GPrivate thread_client = G_PRIVATE_INIT ((GDestroyNotify)sl_client_free);
static GThreadPool *pool; /* (owned) made with the first job, by the main thread */

static void
perform (gpointer data, gpointer user_data)
{
  g_autofree Task *task = data;

  task->job (task->data);
}

void
sl_worker_run (SlJob job, gpointer data)
{
  Task *task = g_new (Task, 1);

  if (pool == NULL) {
    g_thread_pool_set_max_unused_threads (IDLE_THREADS);
    g_thread_pool_set_max_idle_time (IDLE_TIME);
    pool = g_thread_pool_new (perform, NULL, -1, FALSE, NULL);
  }
  task->job = job;
  task->data = data;
  g_thread_pool_push (pool, task, NULL);
}

SlClient *
sl_worker_get_client (void)
{
  SlClient *client = g_private_get (&thread_client);

  if (client == NULL) {
    client = sl_client_new ();
    g_private_set (&thread_client, client);
  }
  return client;
}

void
sl_worker_post (GSourceFunc function, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, function, data, NULL);
  g_source_attach (source, NULL);
}

void
sl_worker_shutdown (void)
{
  if (pool == NULL)
    return;
  g_thread_pool_free (g_steal_pointer (&pool), FALSE, TRUE);
  /* the idle threads end, and free their clients */
  g_thread_pool_set_max_unused_threads (0);
  g_thread_pool_stop_unused_threads ();
}
