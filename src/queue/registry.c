/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads that there are. */
#include "queue/registry.h"

#include "base/error.h"

struct _SlRegistry {
  GHashTable *by_id;    /* (owned) id → SlEntry (owned) */
  GHashTable *by_owner; /* (owned) user id → number of downloads and reserved places, if not 0 */
  GQueue all;           /* the links are in the entries, oldest first */
  guint limit;
};

SlRegistry *
sl_registry_new (guint limit)
{
  SlRegistry *registry = g_new0 (SlRegistry, 1);

  registry->by_id =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify)sl_entry_free);
  registry->by_owner = g_hash_table_new (NULL, NULL);
  registry->limit = limit;
  return registry;
}

void
sl_registry_free (SlRegistry *registry)
{
  g_hash_table_unref (registry->by_id);
  g_hash_table_unref (registry->by_owner);
  g_free (registry);
}

static guint
get_count (SlRegistry *registry, guint32 owner)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (registry->by_owner, GUINT_TO_POINTER (owner)));
}

static void
set_count (SlRegistry *registry, guint32 owner, guint count)
{
  if (count > 0)
    g_hash_table_insert (registry->by_owner, GUINT_TO_POINTER (owner), GUINT_TO_POINTER (count));
  else
    g_hash_table_remove (registry->by_owner, GUINT_TO_POINTER (owner));
}

gboolean
sl_registry_reserve (SlRegistry *registry, guint32 owner, guint n, GError **error)
{
  guint count = get_count (registry, owner);

  if (count > registry->limit || n > registry->limit - count) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED,
                 "There are %u downloads; the limit is %u. Abort what is not needed any more",
                 count, registry->limit);
    return FALSE;
  }
  set_count (registry, owner, count + n);
  return TRUE;
}

void
sl_registry_unreserve (SlRegistry *registry, guint32 owner, guint n)
{
  set_count (registry, owner, get_count (registry, owner) - n);
}

SlEntry *
sl_registry_add (SlRegistry *registry, SlDownload *download)
{
  SlEntry *entry = sl_entry_new (download);

  g_hash_table_insert (registry->by_id, (gpointer)sl_download_get_record (download)->id.text,
                       entry);
  g_queue_push_tail_link (&registry->all, &entry->all);
  set_count (registry, entry->owner, get_count (registry, entry->owner) + 1);
  return entry;
}

void
sl_registry_remove (SlRegistry *registry, SlEntry *entry)
{
  set_count (registry, entry->owner, get_count (registry, entry->owner) - 1);
  g_queue_unlink (&registry->all, &entry->all);
  g_hash_table_remove (registry->by_id, sl_download_get_record (entry->download)->id.text);
}

SlEntry *
sl_registry_find (SlRegistry *registry, const SlId *id)
{
  return g_hash_table_lookup (registry->by_id, id->text);
}

SlEntry *
sl_registry_get_next (SlRegistry *registry, const SlEntry *entry)
{
  const GList *link = entry != NULL ? entry->all.next : registry->all.head;

  return link != NULL ? link->data : NULL;
}
