/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The SoupSessions of one thread. */
#include "http/session-pool.h"

struct _SlSessionPool {
  GHashTable *by_access; /* (owned) (element-type SlAccess Entry) */
  GQueue unused;         /* (element-type Entry) links in entries; the last used first */
};

typedef struct {
  SlAccess access;      /* the key in the table */
  SoupSession *session; /* (owned) */
  guint n_users;
  GList link; /* link in pool->unused while n_users is 0 */
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  soup_session_abort (entry->session);
  g_object_unref (entry->session);
  g_free (entry);
}

SlSessionPool *
sl_session_pool_new (void)
{
  SlSessionPool *pool = g_new0 (SlSessionPool, 1);

  pool->by_access = g_hash_table_new_full (sl_access_hash, sl_access_equal, NULL, entry_free);
  g_queue_init (&pool->unused);
  return pool;
}

void
sl_session_pool_free (SlSessionPool *pool)
{
  g_hash_table_unref (pool->by_access);
  g_free (pool);
}

static Entry *
add_entry (SlSessionPool *pool, const SlAccess *access)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->access = *access;
  entry->link.data = entry;
  entry->session = soup_session_new ();
  /* a file is stored as sent; nothing may decode it */
  soup_session_remove_feature_by_type (entry->session, SOUP_TYPE_CONTENT_DECODER);
  g_hash_table_insert (pool->by_access, &entry->access, entry);
  return entry;
}

/* Closes excess sessions that are not in use. */
static void
evict_excess (SlSessionPool *pool)
{
  while (g_hash_table_size (pool->by_access) > SL_SESSION_POOL_MAX && pool->unused.tail != NULL) {
    Entry *entry = pool->unused.tail->data;
    g_queue_unlink (&pool->unused, &entry->link);
    g_hash_table_remove (pool->by_access, &entry->access);
  }
}

SoupSession *
sl_session_pool_acquire (SlSessionPool *pool, const SlAccess *access)
{
  Entry *entry = g_hash_table_lookup (pool->by_access, access);

  if (entry == NULL)
    entry = add_entry (pool, access);
  else if (entry->n_users == 0)
    g_queue_unlink (&pool->unused, &entry->link);
  entry->n_users++;
  evict_excess (pool);
  return entry->session;
}

static Entry *
find_entry (SlSessionPool *pool, SoupSession *session)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, pool->by_access);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    if (((Entry *)value)->session == session)
      return value;
  }
  return NULL;
}

void
sl_session_pool_release (SlSessionPool *pool, SoupSession *session)
{
  Entry *entry = find_entry (pool, session);

  g_return_if_fail (entry != NULL && entry->n_users > 0);
  if (--entry->n_users > 0)
    return;
  g_queue_push_head_link (&pool->unused, &entry->link);
  evict_excess (pool);
}

void
sl_session_pool_settle (void)
{
  while (g_main_context_iteration (g_main_context_get_thread_default (), FALSE))
    ;
}
