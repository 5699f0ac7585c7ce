/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Limits the bytes that are written but not yet recorded. */
#include "content/budget.h"

#define SYNC_INTERVAL G_TIME_SPAN_SECOND

void
sl_budget_init (SlBudget *budget, guint64 maximum, guint64 interval)
{
  *budget = (SlBudget){.maximum = maximum, .interval = interval};
  g_mutex_init (&budget->mutex);
  g_cond_init (&budget->room);
  budget->synced_at = g_get_monotonic_time ();
}

void
sl_budget_clear (SlBudget *budget)
{
  g_mutex_clear (&budget->mutex);
  g_cond_clear (&budget->room);
}

void
sl_budget_reset (SlBudget *budget, guint64 recorded)
{
  g_mutex_lock (&budget->mutex);
  budget->written = budget->synced = budget->recorded = recorded;
  g_cond_broadcast (&budget->room);
  g_mutex_unlock (&budget->mutex);
}

static void
wake_writers (GCancellable *cancellable, gpointer data)
{
  SlBudget *budget = data;

  g_mutex_lock (&budget->mutex);
  g_cond_broadcast (&budget->room);
  g_mutex_unlock (&budget->mutex);
}

/* With the mutex held. */
static gboolean
has_room (const SlBudget *budget, gsize length)
{
  return budget->written + budget->writing + length <= budget->recorded + budget->maximum;
}

void
sl_budget_enter (SlBudget *budget, gsize length, GCancellable *cancellable)
{
  gulong handler = 0;

  g_mutex_lock (&budget->mutex);
  if (!has_room (budget, length)) {
    g_mutex_unlock (&budget->mutex);
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_writers), budget, NULL);
    g_mutex_lock (&budget->mutex);
    while (!has_room (budget, length) && !g_cancellable_is_cancelled (cancellable))
      g_cond_wait (&budget->room, &budget->mutex);
  }
  budget->writing += length;
  g_mutex_unlock (&budget->mutex);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
}

void
sl_budget_leave (SlBudget *budget, gsize length, guint64 added)
{
  g_mutex_lock (&budget->mutex);
  budget->written += added;
  budget->writing -= length;
  /* fewer bytes are new than were admitted: some were there before, or a write failed */
  if (added < length)
    g_cond_broadcast (&budget->room);
  g_mutex_unlock (&budget->mutex);
}

gboolean
sl_budget_wants_sync (SlBudget *budget)
{
  gboolean wants;

  g_mutex_lock (&budget->mutex);
  wants = !budget->syncing && budget->written > budget->synced &&
          (budget->written - budget->synced >= budget->interval ||
           g_get_monotonic_time () - budget->synced_at >= SYNC_INTERVAL);
  if (wants)
    budget->syncing = TRUE;
  g_mutex_unlock (&budget->mutex);
  return wants;
}

void
sl_budget_synced (SlBudget *budget, guint64 synced)
{
  g_mutex_lock (&budget->mutex);
  budget->synced = MAX (budget->synced, synced);
  budget->synced_at = g_get_monotonic_time ();
  budget->syncing = FALSE;
  g_mutex_unlock (&budget->mutex);
}

void
sl_budget_recorded (SlBudget *budget, guint64 recorded)
{
  g_mutex_lock (&budget->mutex);
  budget->recorded = MAX (budget->recorded, recorded);
  g_cond_broadcast (&budget->room);
  g_mutex_unlock (&budget->mutex);
}
