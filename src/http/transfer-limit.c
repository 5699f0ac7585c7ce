/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits how fast one transfer may read. */
#include "http/transfer-limit.h"

struct _SlTransferLimit {
  gatomicrefcount ref_count;
  SlTokenBucket *own; /* (owned) */
  GMutex line;        /* held by the connection that pays */
  GMutex mutex;
  SlTokenBucket *shared; /* (owned) (nullable) guarded by mutex */
  GCancellable *leave;   /* (owned) (nullable) ends the wait at shared; guarded by mutex */
};

SlTransferLimit *
sl_transfer_limit_new (SlTokenBucket *shared)
{
  SlTransferLimit *limit = g_new0 (SlTransferLimit, 1);

  g_atomic_ref_count_init (&limit->ref_count);
  limit->own = sl_token_bucket_new ();
  g_mutex_init (&limit->line);
  g_mutex_init (&limit->mutex);
  limit->shared = shared != NULL ? sl_token_bucket_ref (shared) : NULL;
  return limit;
}

SlTransferLimit *
sl_transfer_limit_ref (SlTransferLimit *limit)
{
  g_atomic_ref_count_inc (&limit->ref_count);
  return limit;
}

void
sl_transfer_limit_unref (SlTransferLimit *limit)
{
  if (!g_atomic_ref_count_dec (&limit->ref_count))
    return;
  sl_token_bucket_unref (limit->own);
  g_clear_pointer (&limit->shared, sl_token_bucket_unref);
  g_mutex_clear (&limit->line);
  g_mutex_clear (&limit->mutex);
  g_free (limit);
}

void
sl_transfer_limit_set_rate (SlTransferLimit *limit, guint64 rate)
{
  if (sl_token_bucket_get_rate (limit->own) != rate)
    sl_token_bucket_set_rate (limit->own, rate);
}

void
sl_transfer_limit_set_class (SlTransferLimit *limit, SlTokenBucket *shared)
{
  g_autoptr (GCancellable) leave = NULL;

  g_mutex_lock (&limit->mutex);
  if (limit->shared != shared) {
    g_clear_pointer (&limit->shared, sl_token_bucket_unref);
    limit->shared = shared != NULL ? sl_token_bucket_ref (shared) : NULL;
    leave = g_steal_pointer (&limit->leave);
  }
  g_mutex_unlock (&limit->mutex);
  if (leave != NULL)
    g_cancellable_cancel (leave);
}

gsize
sl_transfer_limit_get_turn (SlTransferLimit *limit, gsize wanted)
{
  gsize limited = sl_token_bucket_get_turn (limit->own, wanted);

  g_mutex_lock (&limit->mutex);
  if (limit->shared != NULL)
    limited = sl_token_bucket_get_turn (limit->shared, limited);
  g_mutex_unlock (&limit->mutex);
  return limited;
}

/* (transfer full) (nullable): the bucket of the class, if it has a limit; @leave ends the wait at it */
static SlTokenBucket *
enter_class (SlTransferLimit *limit, GCancellable *leave)
{
  SlTokenBucket *shared = NULL;

  g_mutex_lock (&limit->mutex);
  if (limit->shared != NULL && sl_token_bucket_get_rate (limit->shared) != SL_RATE_UNLIMITED) {
    shared = sl_token_bucket_ref (limit->shared);
    g_set_object (&limit->leave, leave);
  }
  g_mutex_unlock (&limit->mutex);
  return shared;
}

static void
on_cancelled (GCancellable *cancellable, gpointer leave)
{
  g_cancellable_cancel (leave);
}

static void
pay_class (SlTransferLimit *limit, gsize n, GCancellable *cancellable)
{
  g_autoptr (GCancellable) leave = g_cancellable_new ();
  g_autoptr (SlTokenBucket) shared = enter_class (limit, leave);
  gulong handler;

  if (shared == NULL)
    return;
  handler = cancellable != NULL
                ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), leave, NULL)
                : 0;
  sl_token_bucket_pay (shared, sl_token_bucket_get_turn (shared, n), leave);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  g_mutex_lock (&limit->mutex);
  g_clear_object (&limit->leave);
  g_mutex_unlock (&limit->mutex);
}

void
sl_transfer_limit_pay (SlTransferLimit *limit, gsize n, GCancellable *cancellable)
{
  if (n == 0 || sl_transfer_limit_get_turn (limit, G_MAXSIZE) == G_MAXSIZE)
    return;
  g_mutex_lock (&limit->line);
  /* one turn at most is charged: bytes read before the limit was lowered are not charged at the new rate */
  sl_token_bucket_pay (limit->own, sl_token_bucket_get_turn (limit->own, n), cancellable);
  if (!g_cancellable_is_cancelled (cancellable))
    pay_class (limit, n, cancellable);
  g_mutex_unlock (&limit->line);
}
