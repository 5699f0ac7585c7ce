/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads that move bytes: a thread for each request, with its own HTTP client, and a limited number for other
 * jobs.
 */
#include "transfer/worker.h"

/* How long a thread waits for its next job, with its connections open, before it ends (µs). */
#define IDLE_TIME (10 * G_USEC_PER_SEC)

typedef struct {
  SlJob job;
  gpointer data;
  gboolean with_requests;
} Task;

/* The jobs of one user that wait for their turn. */
typedef struct {
  guint32 owner;
  GQueue tasks; /* (element-type Task) never empty */
} Line;

static GPrivate thread_client = G_PRIVATE_INIT ((GDestroyNotify)sl_client_free);

/*
 * This is no GThreadPool, which parks each thread on a global queue after each job: that cost small files a third of
 * their time. The thread that became idle last is used first, because its connection is most likely still open. Jobs
 * without requests take only threads without a client, so there are never more open connections than requests
 * that ran at the same time.
 */
static struct {
  GMutex mutex;
  GCond ended;       /* signalled when a thread ends */
  GQueue idle;       /* (element-type Idle) guarded by mutex; those with a client are at the head */
  GQueue lines;      /* (element-type Line) guarded by mutex; empty unless n_jobs is at its limit */
  guint n_jobs;      /* running jobs without requests; guarded by mutex */
  guint n_threads;   /* guarded by mutex */
  gboolean shutdown; /* guarded by mutex */
} pool;

/* A thread that waits for a job; lives on its stack. */
typedef struct {
  GCond wake;
  Task *task; /* (owned) (nullable) */
  gboolean has_client;
} Idle;

/* (transfer full) (nullable): the next job; NULL after IDLE_TIME without one, or at shutdown */
static Task *
wait_for_task (void)
{
  Idle idle = {0};
  gint64 until = g_get_monotonic_time () + IDLE_TIME;

  g_mutex_lock (&pool.mutex);
  g_cond_init (&idle.wake);
  idle.has_client = g_private_get (&thread_client) != NULL;
  if (idle.has_client)
    g_queue_push_head (&pool.idle, &idle);
  else
    g_queue_push_tail (&pool.idle, &idle);
  while (idle.task == NULL && !pool.shutdown) {
    if (!g_cond_wait_until (&idle.wake, &pool.mutex, until))
      break;
  }
  if (idle.task == NULL)
    g_queue_remove (&pool.idle, &idle);
  g_cond_clear (&idle.wake);
  g_mutex_unlock (&pool.mutex);
  return idle.task;
}

/* With the mutex held. (transfer full) (nullable): the next job whose turn it is */
static Task *
take_turn (void)
{
  Line *line = g_queue_pop_head (&pool.lines);
  Task *task;

  if (line == NULL)
    return NULL;
  task = g_queue_pop_head (&line->tasks);
  if (g_queue_is_empty (&line->tasks))
    g_free (line);
  else
    g_queue_push_tail (&pool.lines, line);
  return task;
}

/* With the mutex held. (transfer full) @task */
static void
wait_for_turn (guint32 owner, Task *task)
{
  GList *link = pool.lines.head;
  Line *line;

  while (link != NULL && ((Line *)link->data)->owner != owner)
    link = link->next;
  if (link != NULL) {
    line = link->data;
  } else {
    line = g_new0 (Line, 1);
    line->owner = owner;
    g_queue_push_tail (&pool.lines, line);
  }
  g_queue_push_tail (&line->tasks, task);
}

/* (transfer full) (nullable): the job that runs in place of @done, which is finished */
static Task *
pass_turn (const Task *done)
{
  Task *next;

  if (done->with_requests)
    return NULL;
  g_mutex_lock (&pool.mutex);
  next = take_turn ();
  if (next == NULL)
    pool.n_jobs--;
  g_mutex_unlock (&pool.mutex);
  return next;
}

static gpointer
run_thread (gpointer data)
{
  Task *task = data;

  while (task != NULL) {
    Task *next;
    task->job (task->data);
    next = pass_turn (task);
    g_free (task);
    task = next != NULL ? next : wait_for_task ();
  }
  g_private_replace (&thread_client, NULL);
  g_mutex_lock (&pool.mutex);
  pool.n_threads--;
  g_cond_signal (&pool.ended);
  g_mutex_unlock (&pool.mutex);
  return NULL;
}

/* With the mutex held. (transfer none) (nullable): the thread to use; it is taken out of the idle ones */
static Idle *
take_idle (gboolean with_requests)
{
  Idle *idle = with_requests ? g_queue_peek_head (&pool.idle) : g_queue_peek_tail (&pool.idle);

  if (idle == NULL || (!with_requests && idle->has_client))
    return NULL;
  return with_requests ? g_queue_pop_head (&pool.idle) : g_queue_pop_tail (&pool.idle);
}

/* With the mutex held. (transfer full) @task */
static void
start (Task *task)
{
  Idle *idle = take_idle (task->with_requests);

  if (idle != NULL) {
    idle->task = task;
    g_cond_signal (&idle->wake);
  } else {
    pool.n_threads++;
    g_thread_unref (g_thread_new ("worker", run_thread, task));
  }
}

static Task *
task_new (SlJob job, gpointer data, gboolean with_requests)
{
  Task *task = g_new (Task, 1);

  *task = (Task){job, data, with_requests};
  return task;
}

void
sl_worker_run (guint32 owner, SlJob job, gpointer data)
{
  Task *task = task_new (job, data, FALSE);

  g_mutex_lock (&pool.mutex);
  if (pool.n_jobs < SL_WORKER_JOBS_MAX) {
    pool.n_jobs++;
    start (task);
  } else {
    wait_for_turn (owner, task);
  }
  g_mutex_unlock (&pool.mutex);
}

void
sl_worker_run_requests (SlJob job, gpointer data)
{
  Task *task = task_new (job, data, TRUE);

  g_mutex_lock (&pool.mutex);
  start (task);
  g_mutex_unlock (&pool.mutex);
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
  g_mutex_lock (&pool.mutex);
  pool.shutdown = TRUE;
  for (GList *link = pool.idle.head; link != NULL; link = link->next)
    g_cond_signal (&((Idle *)link->data)->wake);
  while (pool.n_threads > 0)
    g_cond_wait (&pool.ended, &pool.mutex);
  pool.shutdown = FALSE;
  g_mutex_unlock (&pool.mutex);
}
