/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Tells ThreadSanitizer what GLib's synchronization guarantees. Debian's GLib uses futexes and was not built for the
 * sanitizer, so the sanitizer sees neither its mutexes nor its queues, and reports correct programs as racy.
 * Preloaded; does nothing in a process without the sanitizer.
 */
#include <dlfcn.h>
#include <gio/gio.h>

void __tsan_acquire (void *address) __attribute__ ((weak));
void __tsan_release (void *address) __attribute__ ((weak));

static char posts; /* stands for the hand-over of sources to any main loop */

static void
acquire (gconstpointer address)
{
  if (__tsan_acquire != NULL)
    __tsan_acquire ((gpointer)address);
}

static void
release (gconstpointer address)
{
  if (__tsan_release != NULL)
    __tsan_release ((gpointer)address);
}

/* The function that this file wraps. */
#define NEXT(name)                                                                                 \
  static __typeof__ (name) *next;                                                                  \
  if (next == NULL)                                                                                \
  next = (__typeof__ (name) *)dlsym (RTLD_NEXT, #name)

void
g_mutex_lock (GMutex *mutex)
{
  NEXT (g_mutex_lock);
  next (mutex);
  acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean locked;

  NEXT (g_mutex_trylock);
  locked = next (mutex);
  if (locked)
    acquire (mutex);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  NEXT (g_mutex_unlock);
  release (mutex);
  next (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  NEXT (g_cond_wait);
  release (mutex);
  next (cond, mutex);
  acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  NEXT (g_cond_wait_until);
  release (mutex);
  signalled = next (cond, mutex, end_time);
  acquire (mutex);
  return signalled;
}

void
g_async_queue_push (GAsyncQueue *queue, gpointer data)
{
  NEXT (g_async_queue_push);
  release (queue);
  next (queue, data);
}

gpointer
g_async_queue_pop (GAsyncQueue *queue)
{
  gpointer data;

  NEXT (g_async_queue_pop);
  data = next (queue);
  acquire (queue);
  return data;
}

gpointer
g_async_queue_try_pop (GAsyncQueue *queue)
{
  gpointer data;

  NEXT (g_async_queue_try_pop);
  data = next (queue);
  acquire (queue);
  return data;
}

/* A callback that first acquires what the thread that attached it released. */
typedef struct {
  GSourceFunc function;
  gpointer data;
  GDestroyNotify notify;
} Callback;

static gboolean
on_callback (gpointer user_data)
{
  Callback *callback = user_data;

  acquire (&posts);
  return callback->function (callback->data);
}

static void
callback_free (gpointer user_data)
{
  Callback *callback = user_data;

  acquire (&posts);
  if (callback->notify != NULL)
    callback->notify (callback->data);
  g_free (callback);
}

static Callback *
callback_new (GSourceFunc function, gpointer data, GDestroyNotify notify)
{
  Callback *callback = g_new (Callback, 1);

  *callback = (Callback){function, data, notify};
  release (&posts);
  return callback;
}

guint
g_source_attach (GSource *source, GMainContext *context)
{
  NEXT (g_source_attach);
  release (&posts);
  return next (source, context);
}

guint
g_idle_add_full (gint priority, GSourceFunc function, gpointer data, GDestroyNotify notify)
{
  NEXT (g_idle_add_full);
  return next (priority, on_callback, callback_new (function, data, notify), callback_free);
}

void
g_main_context_invoke_full (GMainContext *context,
                            gint priority,
                            GSourceFunc function,
                            gpointer data,
                            GDestroyNotify notify)
{
  NEXT (g_main_context_invoke_full);
  next (context, priority, on_callback, callback_new (function, data, notify), callback_free);
}

gboolean
g_main_context_iteration (GMainContext *context, gboolean may_block)
{
  gboolean dispatched;

  NEXT (g_main_context_iteration);
  dispatched = next (context, may_block);
  acquire (&posts);
  return dispatched;
}

/* Only idle sources are wrapped: other kinds have callbacks with other signatures. */
void
g_source_set_callback (GSource *source, GSourceFunc function, gpointer data, GDestroyNotify notify)
{
  NEXT (g_source_set_callback);
  if (source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs)
    next (source, on_callback, callback_new (function, data, notify), callback_free);
  else
    next (source, function, data, notify);
}

/* A thread pool whose function first acquires what the pushing thread released. */
typedef struct {
  GFunc function;
  gpointer data;
} PoolFunction;

static void
on_pool (gpointer item, gpointer user_data)
{
  PoolFunction *pool = user_data;

  acquire (pool);
  pool->function (item, pool->data);
  release (pool);
}

GThreadPool *
g_thread_pool_new (
    GFunc function, gpointer data, gint max_threads, gboolean exclusive, GError **error)
{
  PoolFunction *pool = g_new (PoolFunction, 1);

  NEXT (g_thread_pool_new);
  *pool = (PoolFunction){function, data};
  return next (on_pool, pool, max_threads, exclusive, error);
}

gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error)
{
  NEXT (g_thread_pool_push);
  release (pool->user_data);
  return next (pool, data, error);
}

void
g_thread_pool_free (GThreadPool *pool, gboolean immediate, gboolean wait)
{
  gpointer function = pool->user_data;

  NEXT (g_thread_pool_free);
  next (pool, immediate, wait);
  acquire (function);
}

void
g_object_unref (gpointer object)
{
  NEXT (g_object_unref);
  release (object);
  acquire (object);
  next (object);
}

gboolean
g_atomic_ref_count_dec (gatomicrefcount *count)
{
  NEXT (g_atomic_ref_count_dec);
  release (count);
  acquire (count);
  return next (count);
}

void
g_cancellable_cancel (GCancellable *cancellable)
{
  NEXT (g_cancellable_cancel);
  release (cancellable);
  next (cancellable);
}

gboolean
g_cancellable_is_cancelled (GCancellable *cancellable)
{
  gboolean cancelled;

  NEXT (g_cancellable_is_cancelled);
  cancelled = next (cancellable);
  if (cancelled)
    acquire (cancellable);
  return cancelled;
}
