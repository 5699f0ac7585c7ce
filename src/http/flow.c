/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One transfer's place in a class of transfers. */
#include "http/flow.h"

struct _SlFlow {
  gatomicrefcount ref_count;
  SlPacer *own; /* (owned) */
  GMutex line;  /* held by the one of its connections that pays */
  GMutex mutex;
  SlPacer *shared;     /* (owned) (nullable) guarded by mutex */
  GCancellable *leave; /* (owned) (nullable) ends the wait in the class; guarded by mutex */
};

SlFlow *
sl_flow_new (SlPacer *shared)
{
  SlFlow *flow = g_new0 (SlFlow, 1);

  g_atomic_ref_count_init (&flow->ref_count);
  flow->own = sl_pacer_new ();
  g_mutex_init (&flow->line);
  g_mutex_init (&flow->mutex);
  flow->shared = shared != NULL ? sl_pacer_ref (shared) : NULL;
  return flow;
}

SlFlow *
sl_flow_ref (SlFlow *flow)
{
  g_atomic_ref_count_inc (&flow->ref_count);
  return flow;
}

void
sl_flow_unref (SlFlow *flow)
{
  if (!g_atomic_ref_count_dec (&flow->ref_count))
    return;
  sl_pacer_unref (flow->own);
  g_clear_pointer (&flow->shared, sl_pacer_unref);
  g_mutex_clear (&flow->line);
  g_mutex_clear (&flow->mutex);
  g_free (flow);
}

void
sl_flow_set_limit (SlFlow *flow, guint64 rate)
{
  if (sl_pacer_get_rate (flow->own) != rate)
    sl_pacer_set_rate (flow->own, rate);
}

void
sl_flow_set_class (SlFlow *flow, SlPacer *shared)
{
  g_autoptr (GCancellable) leave = NULL;

  g_mutex_lock (&flow->mutex);
  if (flow->shared != shared) {
    g_clear_pointer (&flow->shared, sl_pacer_unref);
    flow->shared = shared != NULL ? sl_pacer_ref (shared) : NULL;
    leave = g_steal_pointer (&flow->leave);
  }
  g_mutex_unlock (&flow->mutex);
  if (leave != NULL)
    g_cancellable_cancel (leave);
}

gsize
sl_flow_limit_read (SlFlow *flow, gsize wanted)
{
  gsize limited = sl_pacer_limit_read (flow->own, wanted);

  g_mutex_lock (&flow->mutex);
  if (flow->shared != NULL)
    limited = sl_pacer_limit_read (flow->shared, limited);
  g_mutex_unlock (&flow->mutex);
  return limited;
}

/* (transfer full) (nullable): the pacer of the class, if it has a limit; @leave will end the wait at it */
static SlPacer *
enter_class (SlFlow *flow, GCancellable *leave)
{
  SlPacer *shared = NULL;

  g_mutex_lock (&flow->mutex);
  if (flow->shared != NULL && sl_pacer_get_rate (flow->shared) != SL_RATE_UNLIMITED) {
    shared = sl_pacer_ref (flow->shared);
    g_set_object (&flow->leave, leave);
  }
  g_mutex_unlock (&flow->mutex);
  return shared;
}

static void
on_cancelled (GCancellable *cancellable, gpointer leave)
{
  g_cancellable_cancel (leave);
}

static void
pay_class (SlFlow *flow, gsize n, GCancellable *cancellable)
{
  g_autoptr (GCancellable) leave = g_cancellable_new ();
  g_autoptr (SlPacer) shared = enter_class (flow, leave);
  gulong handler;

  if (shared == NULL)
    return;
  handler = cancellable != NULL
                ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), leave, NULL)
                : 0;
  sl_pacer_pay (shared, sl_pacer_limit_read (shared, n), leave);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  g_mutex_lock (&flow->mutex);
  g_clear_object (&flow->leave);
  g_mutex_unlock (&flow->mutex);
}

void
sl_flow_pay (SlFlow *flow, gsize n, GCancellable *cancellable)
{
  if (n == 0 || sl_flow_limit_read (flow, G_MAXSIZE) == G_MAXSIZE)
    return;
  g_mutex_lock (&flow->line);
  /* A turn at the most: who has read more did so at a higher rate, and would have to wait very long for that. */
  sl_pacer_pay (flow->own, sl_pacer_limit_read (flow->own, n), cancellable);
  if (!g_cancellable_is_cancelled (cancellable))
    pay_class (flow, n, cancellable);
  g_mutex_unlock (&flow->line);
}
