/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps waiting downloads up to date. */
#include "queue/waiting.h"

#include "queue/policy-key.h"

/* How many downloads are checked in one step, when reasons changed. */
#define WALK_STEP 256
/* Comfort deadlines are checked no more often than this (µs). */
#define DEADLINE_STEP G_USEC_PER_SEC

struct _SlWaiting {
  SlHostQueues *queues;
  const SlPolicySettings *policy;
  gint64 next_deadline; /* Unix µs: the next comfort deadline */
  guint walk_id;        /* idle source that reports changed reasons; 0: none */
};

SlWaiting *
sl_waiting_new (SlHostQueues *queues, const SlPolicySettings *policy)
{
  SlWaiting *waiting = g_new0 (SlWaiting, 1);

  waiting->queues = queues;
  waiting->policy = policy;
  waiting->next_deadline = G_MAXINT64;
  return waiting;
}

void
sl_waiting_free (SlWaiting *waiting)
{
  g_clear_handle_id (&waiting->walk_id, g_source_remove);
  g_free (waiting);
}

static gboolean
on_walk (gpointer data)
{
  SlWaiting *waiting = data;

  for (guint i = 0; i < WALK_STEP; i++) {
    SlEntry *entry = sl_host_queues_walk (waiting->queues);
    if (entry == NULL) {
      waiting->walk_id = 0;
      return G_SOURCE_REMOVE;
    }
    sl_download_report_reasons (entry->download);
  }
  return G_SOURCE_CONTINUE;
}

void
sl_waiting_report_reasons (SlWaiting *waiting)
{
  sl_host_queues_begin_walk (waiting->queues);
  if (waiting->walk_id == 0)
    waiting->walk_id = g_idle_add (on_walk, waiting);
}

gboolean
sl_waiting_note_deadline (SlWaiting *waiting, const SlEntry *entry)
{
  const SlRecord *record = sl_download_get_record (entry->download);
  gint64 end = sl_policy_key_get_comfort_deadline (record, waiting->policy);

  if (end >= waiting->next_deadline || end <= g_get_real_time ())
    return FALSE;
  waiting->next_deadline = end;
  return TRUE;
}

void
sl_waiting_renew (SlWaiting *waiting)
{
  gint64 now = g_get_real_time ();
  SlEntry *entry = NULL;

  waiting->next_deadline = G_MAXINT64;
  while ((entry = sl_host_queues_get_next_waiting (waiting->queues, entry)) != NULL) {
    const SlRecord *record = sl_download_get_record (entry->download);
    gint64 end = sl_policy_key_get_comfort_deadline (record, waiting->policy);
    if (end > now)
      waiting->next_deadline = MIN (waiting->next_deadline, end);
    sl_host_queues_set_key (waiting->queues, entry,
                            sl_policy_key_of (record, waiting->policy, now));
    sl_download_report_reasons (entry->download);
  }
  if (waiting->next_deadline != G_MAXINT64)
    waiting->next_deadline = MAX (waiting->next_deadline, now + DEADLINE_STEP);
}

gint64
sl_waiting_get_next_deadline (const SlWaiting *waiting)
{
  return waiting->next_deadline;
}
