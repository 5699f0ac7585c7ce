/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Downloads that wait for their next try, sorted by its time. */
#include "queue/retries.h"

struct _SlRetries {
  GSequence *entries; /* (owned) (element-type SlEntry) by the time of the retry */
  GSource *timer;     /* (owned) */
  SlRetryDue due;
  gpointer user_data;
};

static gint
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const SlEntry *first = a, *second = b;

  return first->retry_at < second->retry_at ? -1 : first->retry_at > second->retry_at;
}

/* (transfer none) (nullable) */
static SlEntry *
get_first (const SlRetries *retries)
{
  GSequenceIter *first = g_sequence_get_begin_iter (retries->entries);

  return g_sequence_iter_is_end (first) ? NULL : g_sequence_get (first);
}

static void
arm (SlRetries *retries)
{
  const SlEntry *first = get_first (retries);

  g_source_set_ready_time (retries->timer, first != NULL ? first->retry_at : -1);
}

static void
take_out (SlEntry *entry)
{
  g_sequence_remove (entry->retry);
  entry->retry = NULL;
}

static gboolean
on_time (gpointer data)
{
  SlRetries *retries = data;
  gint64 now = g_get_monotonic_time ();
  SlEntry *first;

  while ((first = get_first (retries)) != NULL && first->retry_at <= now) {
    take_out (first);
    retries->due (first, retries->user_data);
  }
  arm (retries);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = {.dispatch = dispatch};

SlRetries *
sl_retries_new (SlRetryDue due, gpointer user_data)
{
  SlRetries *retries = g_new0 (SlRetries, 1);

  retries->entries = g_sequence_new (NULL);
  retries->due = due;
  retries->user_data = user_data;
  retries->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (retries->timer, on_time, retries, NULL);
  g_source_attach (retries->timer, NULL);
  return retries;
}

void
sl_retries_free (SlRetries *retries)
{
  g_source_destroy (retries->timer);
  g_source_unref (retries->timer);
  g_sequence_free (retries->entries);
  g_free (retries);
}

void
sl_retries_set (SlRetries *retries, SlEntry *entry, gint64 at)
{
  if (entry->retry != NULL)
    take_out (entry);
  entry->retry_at = at;
  entry->retry = g_sequence_insert_sorted (retries->entries, entry, compare, NULL);
  arm (retries);
}

void
sl_retries_remove (SlRetries *retries, SlEntry *entry)
{
  if (entry->retry == NULL)
    return;
  take_out (entry);
  arm (retries);
}

void
sl_retries_run_all (SlRetries *retries)
{
  /* an entry that is set anew by the callback is not run again */
  for (guint n = sl_retries_get_length (retries); n > 0 && get_first (retries) != NULL; n--) {
    SlEntry *first = get_first (retries);
    take_out (first);
    retries->due (first, retries->user_data);
  }
  arm (retries);
}

guint
sl_retries_get_length (const SlRetries *retries)
{
  return (guint)g_sequence_get_length (retries->entries);
}
