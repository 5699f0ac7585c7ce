/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue on disk: loads records and numbers at the start, and passes changes to the thread that writes. */
#define G_LOG_DOMAIN "sluice-store"

#include "store/store.h"

#include "base/error.h"
#include "base/fd.h"
#include "store/committer.h"
#include "store/database.h"
#include "store/directory.h"
#include "store/table.h"

#include <unistd.h>

struct _SlStore {
  SlCommitter *committer; /* (owned) */
  gint64 last_seq;        /* the greatest of all rows at the start */
  GHashTable *numbers;    /* (owned) name → gint64 (owned) */
  SlFd directory_fd;
  SlFd lock_fd; /* holds the lock on the directory */
};

/*
 * (transfer full) (nullable): the record of a row. A download without a unique id can't be shown, because no caller
 * could name it. Its row is kept, because a later version or a person with a tool may be able to read it.
 */
static SlRecord *
read_row (sqlite3_stmt *statement, GHashTable *ids)
{
  g_autoptr (SlRecord) record = sl_table_read (statement);
  gint64 seq = sqlite3_column_int64 (statement, 0);

  if (record == NULL) {
    g_message ("Row %" G_GINT64_FORMAT " of the queue’s database can’t be shown: its id is not "
               "valid. The row is kept as it is",
               seq);
    return NULL;
  }
  if (!g_hash_table_add (ids, record->id.text)) {
    g_message ("Row %" G_GINT64_FORMAT " of the queue’s database can’t be shown: an earlier one "
               "has the same id, %s. The row is kept as it is",
               seq, record->id.text);
    return NULL;
  }
  if (record->unreadable)
    g_message ("%s: %s", record->id.text, record->error_message);
  return g_steal_pointer (&record);
}

/* (transfer full) (nullable): the records of all rows with a unique id; NULL with @error if the table can't be read */
static GPtrArray *
load (SlStore *store, sqlite3 *database, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)sl_record_free);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *sql = sl_table_load_sql ();
  g_autoptr (sqlite3_stmt) statement = NULL;
  int code = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

  store->last_seq = 0;
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    code = sqlite3_step (statement);
    if (code == SQLITE_ROW) {
      SlRecord *record = read_row (statement, ids);
      store->last_seq = MAX (store->last_seq, sqlite3_column_int64 (statement, 0));
      if (record != NULL)
        g_ptr_array_add (records, record);
    }
  }
  if (code != SQLITE_DONE) {
    sl_database_set_error (error, database, code, "read");
    return NULL;
  }
  return g_steal_pointer (&records);
}

static gboolean
load_numbers (SlStore *store, sqlite3 *database, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  int code = sqlite3_prepare_v2 (database, "SELECT name, value FROM number", -1, &statement, NULL);

  g_hash_table_remove_all (store->numbers);
  while (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW) {
    const char *name = (const char *)sqlite3_column_text (statement, 0);
    gint64 value = sqlite3_column_int64 (statement, 1);
    if (name != NULL)
      g_hash_table_insert (store->numbers, g_strdup (name), g_memdup2 (&value, sizeof value));
    code = SQLITE_OK;
  }
  if (code != SQLITE_DONE)
    sl_database_set_error (error, database, code, "read");
  return code == SQLITE_DONE;
}

static gboolean
open_and_load (SlStore *store, const char *path, GPtrArray **records, GError **error)
{
  g_autoptr (sqlite3) database = sl_database_open (path, error);
  g_autoptr (GPtrArray) found = NULL;

  if (database == NULL)
    return FALSE;
  found = load (store, database, error);
  if (found == NULL || !load_numbers (store, database, error))
    return FALSE;
  store->committer = sl_committer_new (g_steal_pointer (&database), error);
  if (store->committer == NULL)
    return FALSE;
  *records = g_steal_pointer (&found);
  return TRUE;
}

SlStore *
sl_store_open (const char *directory, SlStoreEach each, gpointer user_data, GError **error)
{
  g_autoptr (SlStore) store = g_new0 (SlStore, 1);
  g_autofree char *path = g_build_filename (directory, "queue.sqlite", NULL);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) broken = NULL;

  store->directory_fd = store->lock_fd = -1;
  store->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  store->directory_fd = sl_directory_open (directory, error);
  if (store->directory_fd < 0)
    return NULL;
  store->lock_fd = sl_directory_lock (directory, error);
  if (store->lock_fd < 0)
    return NULL;
  if (!open_and_load (store, path, &records, &broken)) {
    /* a database that another process locks, or for which the disk is full, is not broken, and must not be set aside */
    if (!g_error_matches (broken, SLUICE_ERROR, SLUICE_ERROR_INTERNAL)) {
      g_propagate_error (error, g_steal_pointer (&broken));
      return NULL;
    }
    if (!sl_database_set_aside (path, broken, error) ||
        !open_and_load (store, path, &records, error))
      return NULL;
  }
  g_ptr_array_set_free_func (records, NULL);
  for (guint i = 0; i < records->len; i++)
    each (records->pdata[i], user_data);
  return g_steal_pointer (&store);
}

gint64
sl_store_get_last_seq (SlStore *store)
{
  return store->last_seq;
}

void
sl_store_close (SlStore *store)
{
  g_clear_pointer (&store->committer, sl_committer_free);
  g_hash_table_unref (store->numbers);
  sl_fd_clear (&store->directory_fd);
  sl_fd_clear (&store->lock_fd);
  g_free (store);
}

gboolean
sl_store_check_target (SlStore *store, const char *directory, GError **error)
{
  if (!sl_directory_holds (store->directory_fd, directory))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
               "“%s” is the directory in which the service keeps its queue, or is in it; choose "
               "another directory",
               directory);
  return FALSE;
}

void
sl_store_hold (SlStore *store)
{
  sl_committer_hold (store->committer);
}

void
sl_store_release (SlStore *store)
{
  sl_committer_release (store->committer);
}

void
sl_store_save (SlStore *store, SlRecord *record, SlStoreDone done, gpointer user_data)
{
  g_return_if_fail (!record->unreadable);
  sl_committer_save (store->committer, record, done, user_data);
  record->unsaved = record->wipe = FALSE;
}

void
sl_store_save_progress (SlStore *store, SlRecord *record, SlStoreDone done, gpointer user_data)
{
  if (record->unsaved)
    sl_store_save (store, record, done, user_data);
  else
    sl_committer_save_progress (store->committer, record, done, user_data);
}

void
sl_store_remove (SlStore *store, const SlRecord *record)
{
  sl_committer_remove (store->committer, record->seq, sl_options_have_secrets (&record->asked));
}

gint64
sl_store_get_number (SlStore *store, const char *name)
{
  const gint64 *value = g_hash_table_lookup (store->numbers, name);

  return value != NULL ? *value : 0;
}

void
sl_store_foreach_number (SlStore *store,
                         void (*each) (const char *name, gint64 value, gpointer user_data),
                         gpointer user_data)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, store->numbers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    each (name, *(gint64 *)value, user_data);
}

void
sl_store_set_number (
    SlStore *store, const char *name, gint64 value, SlStoreDone done, gpointer user_data)
{
  if (value != 0)
    g_hash_table_insert (store->numbers, g_strdup (name), g_memdup2 (&value, sizeof value));
  else
    g_hash_table_remove (store->numbers, name);
  sl_committer_set_number (store->committer, name, value, done, user_data);
}
