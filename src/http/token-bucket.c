/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A limit in bytes a second that many threads share. */
#include "http/token-bucket.h"

#include "http/tickets.h"

#include <stdatomic.h>

struct _SlTokenBucket {
  gatomicrefcount ref_count;
  _Atomic guint64 rate; /* written with the mutex held */
  GMutex mutex;
  GCond changed;
  double last;    /* the last ticket taken; guarded by mutex */
  GQueue waiting; /* (element-type Waiter) on the stacks of waiting threads; guarded by mutex */
};

typedef struct {
  GList link; /* link in bucket->waiting */
  double due; /* the ticket */
} Waiter;

SlTokenBucket *
sl_token_bucket_new (void)
{
  SlTokenBucket *bucket = g_new0 (SlTokenBucket, 1);

  g_atomic_ref_count_init (&bucket->ref_count);
  bucket->rate = SL_RATE_UNLIMITED;
  g_mutex_init (&bucket->mutex);
  g_cond_init (&bucket->changed);
  return bucket;
}

SlTokenBucket *
sl_token_bucket_ref (SlTokenBucket *bucket)
{
  g_atomic_ref_count_inc (&bucket->ref_count);
  return bucket;
}

void
sl_token_bucket_unref (SlTokenBucket *bucket)
{
  if (!g_atomic_ref_count_dec (&bucket->ref_count))
    return;
  g_mutex_clear (&bucket->mutex);
  g_cond_clear (&bucket->changed);
  g_free (bucket);
}

void
sl_token_bucket_set_rate (SlTokenBucket *bucket, guint64 rate)
{
  double now;
  guint64 old;

  g_mutex_lock (&bucket->mutex);
  now = (double)g_get_monotonic_time ();
  old = bucket->rate;
  bucket->rate = MAX (rate, 1);
  for (GList *link = bucket->waiting.head; link != NULL; link = link->next) {
    Waiter *waiter = link->data;
    waiter->due = sl_tickets_redraw (waiter->due, old, bucket->rate, now);
  }
  /* unused time without a limit is not saved up */
  bucket->last =
      old == SL_RATE_UNLIMITED ? now : sl_tickets_redraw (bucket->last, old, bucket->rate, now);
  g_cond_broadcast (&bucket->changed);
  g_mutex_unlock (&bucket->mutex);
}

guint64
sl_token_bucket_get_rate (SlTokenBucket *bucket)
{
  return bucket->rate;
}

gsize
sl_token_bucket_get_turn (SlTokenBucket *bucket, gsize wanted)
{
  return sl_tickets_get_turn (bucket->rate, wanted);
}

static void
wake_all (GCancellable *cancellable, gpointer data)
{
  SlTokenBucket *bucket = data;

  g_mutex_lock (&bucket->mutex);
  g_cond_broadcast (&bucket->changed);
  g_mutex_unlock (&bucket->mutex);
}

/* Waits until the ticket of @waiter is due; it must be in the list. */
static void
wait_until_due (SlTokenBucket *bucket, Waiter *waiter, GCancellable *cancellable)
{
  /* without the mutex: disconnecting waits for wake_all (), and connecting may call it */
  gulong handler = cancellable != NULL
                       ? g_cancellable_connect (cancellable, G_CALLBACK (wake_all), bucket, NULL)
                       : 0;

  g_mutex_lock (&bucket->mutex);
  while (waiter->due > (double)g_get_monotonic_time () && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&bucket->changed, &bucket->mutex, (gint64)MIN (waiter->due, 9e18) + 1);
  g_queue_unlink (&bucket->waiting, &waiter->link);
  g_mutex_unlock (&bucket->mutex);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
}

void
sl_token_bucket_pay (SlTokenBucket *bucket, gsize n, GCancellable *cancellable)
{
  Waiter waiter = {{&waiter, NULL, NULL}, 0};
  double now;

  if (bucket->rate == SL_RATE_UNLIMITED)
    return;
  g_mutex_lock (&bucket->mutex);
  now = (double)g_get_monotonic_time ();
  waiter.due = bucket->last = sl_tickets_take (bucket->last, bucket->rate, n, now);
  if (waiter.due <= now) {
    g_mutex_unlock (&bucket->mutex);
    return;
  }
  g_queue_push_tail_link (&bucket->waiting, &waiter.link);
  g_mutex_unlock (&bucket->mutex);
  wait_until_due (bucket, &waiter, cancellable);
}
