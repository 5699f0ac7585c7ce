/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A limit of bytes a second that many threads share. */
#include "http/pacer.h"

#include <stdatomic.h>

/* So much time that was not used may be made up for: who wakes late must not be slow for it (µs). */
#define BURST 100000.0
/* A turn takes about so long, so that all get theirs often, within the sizes that are cheap to read. */
#define TURNS_A_SECOND 20
#define TURN_MIN       4096
#define TURN_MAX       ((guint64)1024 * 1024)

/*
 * Everyone who pays takes a ticket: the time at which all bytes up to and with his are due. A lower rate leaves the
 * tickets that were taken as they are: whoever had one would otherwise wait for minutes because of what he read
 * at the old rate. A higher one draws them nearer.
 */
struct _SlPacer {
  gatomicrefcount ref_count;
  _Atomic guint64 rate; /* written with the mutex held */
  GMutex mutex;
  GCond changed;
  double due;     /* the last ticket; monotonic µs; guarded by mutex */
  GQueue waiting; /* (element-type Waiter) on the stacks of those who wait; guarded by mutex */
};

typedef struct {
  GList link; /* in pacer->waiting */
  double due;
} Waiter;

SlPacer *
sl_pacer_new (void)
{
  SlPacer *pacer = g_new0 (SlPacer, 1);

  g_atomic_ref_count_init (&pacer->ref_count);
  pacer->rate = SL_RATE_UNLIMITED;
  g_mutex_init (&pacer->mutex);
  g_cond_init (&pacer->changed);
  return pacer;
}

SlPacer *
sl_pacer_ref (SlPacer *pacer)
{
  g_atomic_ref_count_inc (&pacer->ref_count);
  return pacer;
}

void
sl_pacer_unref (SlPacer *pacer)
{
  if (!g_atomic_ref_count_dec (&pacer->ref_count))
    return;
  g_mutex_clear (&pacer->mutex);
  g_cond_clear (&pacer->changed);
  g_free (pacer);
}

/* As much nearer to @now as the rate is higher. */
static double
draw_nearer (double due, double now, double factor)
{
  return due > now ? now + (due - now) * factor : due;
}

void
sl_pacer_set_rate (SlPacer *pacer, guint64 rate)
{
  double now, factor;
  guint64 old;

  g_mutex_lock (&pacer->mutex);
  now = (double)g_get_monotonic_time ();
  old = pacer->rate;
  factor = rate == SL_RATE_UNLIMITED ? 0 : MIN (1.0, (double)old / (double)MAX (rate, 1));
  for (GList *link = pacer->waiting.head; link != NULL; link = link->next) {
    Waiter *waiter = link->data;
    waiter->due = draw_nearer (waiter->due, now, factor);
  }
  /* nothing is saved up while there's no limit */
  pacer->due = old == SL_RATE_UNLIMITED ? now : draw_nearer (pacer->due, now, factor);
  pacer->rate = MAX (rate, 1);
  g_cond_broadcast (&pacer->changed);
  g_mutex_unlock (&pacer->mutex);
}

guint64
sl_pacer_get_rate (SlPacer *pacer)
{
  return pacer->rate;
}

gsize
sl_pacer_limit_read (SlPacer *pacer, gsize wanted)
{
  guint64 rate = pacer->rate;

  if (rate == SL_RATE_UNLIMITED)
    return wanted;
  /* a second's worth at the most, so that the slowest moves too */
  return (gsize)MIN (CLAMP (rate / TURNS_A_SECOND, MIN (rate, TURN_MIN), TURN_MAX), wanted);
}

/* With the mutex held: the ticket for @n bytes. */
static double
take_ticket (SlPacer *pacer, gsize n, double now)
{
  guint64 rate = pacer->rate;

  if (rate == SL_RATE_UNLIMITED)
    return now;
  pacer->due = MAX (pacer->due, now - BURST) + (double)n * G_USEC_PER_SEC / (double)rate;
  return pacer->due;
}

static void
wake_all (GCancellable *cancellable, gpointer data)
{
  SlPacer *pacer = data;

  g_mutex_lock (&pacer->mutex);
  g_cond_broadcast (&pacer->changed);
  g_mutex_unlock (&pacer->mutex);
}

/* Until @waiter's ticket is due; it is in the list. */
static void
wait_until_due (SlPacer *pacer, Waiter *waiter, GCancellable *cancellable)
{
  /* without the mutex, as wake_all () is waited for by the one and may be called by the other */
  gulong handler = cancellable != NULL
                       ? g_cancellable_connect (cancellable, G_CALLBACK (wake_all), pacer, NULL)
                       : 0;

  g_mutex_lock (&pacer->mutex);
  while (waiter->due > (double)g_get_monotonic_time () && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait_until (&pacer->changed, &pacer->mutex, (gint64)MIN (waiter->due, 9e18) + 1);
  g_queue_unlink (&pacer->waiting, &waiter->link);
  g_mutex_unlock (&pacer->mutex);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
}

void
sl_pacer_pay (SlPacer *pacer, gsize n, GCancellable *cancellable)
{
  Waiter waiter = {{&waiter, NULL, NULL}, 0};
  double now;

  if (pacer->rate == SL_RATE_UNLIMITED)
    return;
  g_mutex_lock (&pacer->mutex);
  now = (double)g_get_monotonic_time ();
  waiter.due = take_ticket (pacer, n, now);
  if (waiter.due <= now) {
    g_mutex_unlock (&pacer->mutex);
    return;
  }
  g_queue_push_tail_link (&pacer->waiting, &waiter.link);
  g_mutex_unlock (&pacer->mutex);
  wait_until_due (pacer, &waiter, cancellable);
}
