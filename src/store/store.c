/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue on disk: opening, setting aside what is broken, and the thread that commits in groups. */
#define G_LOG_DOMAIN "sluice-store"

#include "store/store.h"

#include "base/error.h"
#include "base/text.h"
#include "store/directory.h"
#include "store/table.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

/*
 * Kept in PRAGMA user_version. 1: the first. 2: max_bytes_per_second. 3: conditions, and the table "number". 4: what was
 * learned of the server, what was fetched in vain, and when the part file's inode last changed. 5: touched.
 */
#define SCHEMA_VERSION 5
#define NUMBER_SINCE   3
#define CREATE_NUMBER  "CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL); "

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

typedef struct {
  SlStoreDone done;
  gpointer user_data;
} Waiter;

/* One row to be written; in the order in which rows were first asked for. */
typedef struct {
  gint64 seq;       /* of a download; 0 for a number */
  SlRecord *record; /* (owned) (nullable) NULL removes the row */
  char *name;       /* (owned) (nullable) of a number */
  gint64 value;     /* of a number; 0 removes the row */
  gboolean wipe;    /* what was in the row is to leave no trace */
  GArray *waiters;  /* (owned) (element-type Waiter) */
} Operation;

struct _SlStore {
  sqlite3 *database;    /* (owned) used by the thread alone, once it runs */
  sqlite3_stmt *save;   /* (owned) */
  sqlite3_stmt *remove; /* (owned) */
  sqlite3_stmt *set;    /* (owned) of a number */
  sqlite3_stmt *unset;  /* (owned) of a number */
  gint64 last_seq;      /* the greatest there was */
  GHashTable *numbers;  /* (owned) name → gint64 (owned); of the main context */
  int directory_fd;
  int lock_fd;           /* holds the lock on the directory */
  GThread *thread;       /* (owned) */
  GMainContext *context; /* (owned) where the done functions are called */

  GMutex mutex;
  GCond cond;
  GPtrArray *pending;       /* (owned) (element-type Operation) guarded by mutex */
  GHashTable *pending_rows; /* (owned) seq → Operation in pending; guarded by mutex */
  gboolean closing;         /* guarded by mutex */
  gboolean held;            /* guarded by mutex */
};

/* What the thread hands back to the main context. */
typedef struct {
  GPtrArray *operations; /* (owned) */
  GError *error;         /* (owned) (nullable) */
} Outcome;

static void
operation_free (gpointer data)
{
  Operation *operation = data;

  g_clear_pointer (&operation->record, sl_record_free);
  g_free (operation->name);
  g_array_unref (operation->waiters);
  g_free (operation);
}

static void
outcome_free (gpointer data)
{
  Outcome *outcome = data;

  g_ptr_array_unref (outcome->operations);
  g_clear_error (&outcome->error);
  g_free (outcome);
}

static void
set_error (GError **error, sqlite3 *database, int code, const char *what)
{
  SluiceError sluice_code = SLUICE_ERROR_INTERNAL;

  if (code == SQLITE_FULL)
    sluice_code = SLUICE_ERROR_NO_SPACE;
  else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    sluice_code = SLUICE_ERROR_INVALID_STATE;
  g_set_error (error, SLUICE_ERROR, (int)sluice_code, "Could not %s the queue’s database: %s", what,
               database != NULL ? sqlite3_errmsg (database) : sqlite3_errstr (code));
}

static gboolean
execute (sqlite3 *database, const char *sql, GError **error)
{
  int code = sqlite3_exec (database, sql, NULL, NULL, NULL);

  if (code != SQLITE_OK)
    set_error (error, database, code, "use");
  return code == SQLITE_OK;
}

static int
get_schema_version (sqlite3 *database)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  if (sqlite3_prepare_v2 (database, "PRAGMA user_version", -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_ROW)
    return -1;
  return sqlite3_column_int (statement, 0);
}

/* (transfer full): all steps from @version to SCHEMA_VERSION, in one transaction; an empty database needs no steps */
static char *
migration_sql (int version)
{
  g_autoptr (GString) sql = g_string_new ("BEGIN; ");

  if (version == 0) {
    g_autofree char *create = sl_table_create_sql ();
    g_string_append_printf (sql, "%s; " CREATE_NUMBER, create);
  } else {
    for (int step = version + 1; step <= SCHEMA_VERSION; step++) {
      g_autofree char *columns = sl_table_step_sql (step);
      g_string_append_printf (sql, "%s%s", columns, step == NUMBER_SINCE ? CREATE_NUMBER : "");
    }
  }
  g_string_append_printf (sql, "PRAGMA user_version = %d; COMMIT", SCHEMA_VERSION);
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

/* An empty database gets its tables, one of an earlier version what came since; a later one is not ours to read. */
static gboolean
migrate (sqlite3 *database, GError **error)
{
  int version = get_schema_version (database);
  g_autofree char *sql = NULL;

  if (version == SCHEMA_VERSION)
    return TRUE;
  if (version < 0 || version > SCHEMA_VERSION) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INTERNAL,
                 "The queue’s database has version %d; this service reads version %d", version,
                 SCHEMA_VERSION);
    return FALSE;
  }
  sql = migration_sql (version);
  if (execute (database, sql, error))
    return TRUE;
  sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* Addresses and headers are nobody else's business; SQLite gives its log the mode of the database. */
static void
make_private (const char *path)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd >= 0)
    close (fd);
}

static sqlite3 *
open_database (const char *path, GError **error)
{
  g_autoptr (sqlite3) database = NULL;
  int code;

  make_private (path);
  code = sqlite3_open_v2 (path, &database,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
  if (code != SQLITE_OK) {
    set_error (error, database, code, "open");
    return NULL;
  }
  sqlite3_extended_result_codes (database, 0);
  if (!execute (database,
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON",
                error) ||
      !migrate (database, error))
    return NULL;
  return g_steal_pointer (&database);
}

/*
 * (transfer full) (nullable): the record of a row. One without an id of its own can't be shown: nobody could name it. It's
 * not touched, as a later version, or somebody with a tool, may make something of it.
 */
static SlRecord *
read_row (sqlite3_stmt *statement, GHashTable *ids)
{
  g_autoptr (SlRecord) record = sl_table_read (statement);
  gint64 seq = sqlite3_column_int64 (statement, 0);

  if (record == NULL) {
    g_message ("Row %" G_GINT64_FORMAT " of the queue’s database can’t be shown: its id is no id. "
               "It is kept as it is",
               seq);
    return NULL;
  }
  if (!g_hash_table_add (ids, record->id.text)) {
    g_message ("Row %" G_GINT64_FORMAT " of the queue’s database can’t be shown: an earlier one "
               "has the same id, %s. It is kept as it is",
               seq, record->id.text);
    return NULL;
  }
  if (record->unreadable)
    g_message ("%s: %s", record->id.text, record->error_message);
  return g_steal_pointer (&record);
}

/* All rows that have an id, or NULL with @error if the table can't be read. */
static GPtrArray *
load (SlStore *store, sqlite3 *database, GError **error)
{
  g_autoptr (GPtrArray) records = g_ptr_array_new_with_free_func ((GDestroyNotify)sl_record_free);
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *sql = sl_table_load_sql ();
  g_autoptr (sqlite3_stmt) statement = NULL;
  int code = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

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
    set_error (error, database, code, "read");
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
    set_error (error, database, code, "read");
  return code == SQLITE_DONE;
}

/* Renames the database and its log, so that nothing is lost and the service can start. */
static gboolean
set_aside (const char *path, const GError *why, GError **error)
{
  static const char *const suffixes[] = {"", "-wal", "-shm"};
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *aside = g_strdup_printf ("%s.corrupt-%s", path, stamp);
  g_autofree char *shown = NULL;

  for (int n = 2; g_file_test (aside, G_FILE_TEST_EXISTS); n++) {
    g_free (aside);
    aside = g_strdup_printf ("%s.corrupt-%s-%d", path, stamp, n);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
    g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);
    if (g_rename (from, to) != 0 && errno != ENOENT) {
      sl_error_set_errno (error, errno, "set aside the broken database", from);
      return FALSE;
    }
  }
  shown = sl_text_path (aside);
  g_message ("%s. It was set aside as “%s”, and an empty queue was begun; no downloaded file was "
             "touched",
             why->message, shown);
  return TRUE;
}

static void
finalize_all (SlStore *store)
{
  g_clear_pointer (&store->save, sqlite3_finalize);
  g_clear_pointer (&store->remove, sqlite3_finalize);
  g_clear_pointer (&store->set, sqlite3_finalize);
  g_clear_pointer (&store->unset, sqlite3_finalize);
}

static gboolean
prepare_all (SlStore *store, sqlite3 *database, GError **error)
{
  g_autofree char *save = sl_table_save_sql ();
  const struct {
    const char *sql;
    sqlite3_stmt **statement;
  } all[] = {
      {save, &store->save},
      {"DELETE FROM download WHERE seq = ?", &store->remove},
      {"INSERT OR REPLACE INTO number (name, value) VALUES (?, ?)", &store->set},
      {"DELETE FROM number WHERE name = ?", &store->unset},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    int code = sqlite3_prepare_v2 (database, all[i].sql, -1, all[i].statement, NULL);
    if (code != SQLITE_OK) {
      set_error (error, database, code, "use");
      finalize_all (store);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
open_and_load (SlStore *store, const char *path, GPtrArray **records, GError **error)
{
  g_autoptr (sqlite3) database = open_database (path, error);

  if (database == NULL)
    return FALSE;
  *records = load (store, database, error);
  if (*records == NULL)
    return FALSE;
  if (!load_numbers (store, database, error) || !prepare_all (store, database, error)) {
    g_clear_pointer (records, g_ptr_array_unref);
    return FALSE;
  }
  store->database = g_steal_pointer (&database);
  return TRUE;
}

/* One process a directory, whatever bus it is on. */
static gboolean
lock_directory (SlStore *store, const char *directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, "lock", NULL);

  store->directory_fd = sl_directory_open (directory, error);
  if (store->directory_fd < 0)
    return FALSE;
  store->lock_fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (store->lock_fd < 0) {
    sl_error_set_errno (error, errno, "open", path);
    return FALSE;
  }
  if (flock (store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                 "Another sluiced uses “%s”; stop it first", directory);
    return FALSE;
  }
  return TRUE;
}

/* (transfer none): the statement with its values, for one operation */
static sqlite3_stmt *
bind_operation (SlStore *store, Operation *operation)
{
  sqlite3_stmt *statement;

  if (operation->name != NULL) {
    statement = operation->value != 0 ? store->set : store->unset;
    sqlite3_bind_text (statement, 1, operation->name, -1, SQLITE_STATIC);
    if (operation->value != 0)
      sqlite3_bind_int64 (statement, 2, operation->value);
    return statement;
  }
  if (operation->record != NULL) {
    sl_table_bind (store->save, operation->record);
    return store->save;
  }
  sqlite3_bind_int64 (store->remove, 1, operation->seq);
  return store->remove;
}

static int
perform (SlStore *store, Operation *operation)
{
  sqlite3_stmt *statement = bind_operation (store, operation);
  int code;

  code = sqlite3_step (statement);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Deleted text is overwritten with zeros, but the log has it as it was, until the log is written over. */
static void
wipe_log (SlStore *store)
{
  sqlite3_exec (store->database, "PRAGMA wal_checkpoint (TRUNCATE)", NULL, NULL, NULL);
}

static gboolean
has_to_wipe (GPtrArray *operations)
{
  for (guint i = 0; i < operations->len; i++) {
    if (((Operation *)operations->pdata[i])->wipe)
      return TRUE;
  }
  return FALSE;
}

static void
commit (SlStore *store, GPtrArray *operations, GError **error)
{
  int code = sqlite3_exec (store->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);

  for (guint i = 0; code == SQLITE_OK && i < operations->len; i++)
    code = perform (store, operations->pdata[i]);
  if (code == SQLITE_OK)
    code = sqlite3_exec (store->database, "COMMIT", NULL, NULL, NULL);
  if (code != SQLITE_OK) {
    set_error (error, store->database, code, "write");
    sqlite3_exec (store->database, "ROLLBACK", NULL, NULL, NULL);
  } else if (has_to_wipe (operations)) {
    wipe_log (store);
  }
}

static gboolean
report (gpointer data)
{
  Outcome *outcome = data;

  for (guint i = 0; i < outcome->operations->len; i++) {
    Operation *operation = outcome->operations->pdata[i];
    for (guint j = 0; j < operation->waiters->len; j++) {
      Waiter *waiter = &g_array_index (operation->waiters, Waiter, j);
      waiter->done (outcome->error, waiter->user_data);
    }
  }
  return G_SOURCE_REMOVE;
}

static void
report_later (SlStore *store, Outcome *outcome)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, report, outcome, outcome_free);
  g_source_attach (source, store->context);
}

/* (transfer full) (nullable): the next batch; NULL when closing and nothing is left */
static GPtrArray *
take_pending (SlStore *store)
{
  GPtrArray *batch = NULL;

  g_mutex_lock (&store->mutex);
  while ((store->pending->len == 0 || store->held) && !store->closing)
    g_cond_wait (&store->cond, &store->mutex);
  if (store->pending->len > 0) {
    batch = g_steal_pointer (&store->pending);
    store->pending = g_ptr_array_new_with_free_func (operation_free);
    g_hash_table_remove_all (store->pending_rows);
  }
  g_mutex_unlock (&store->mutex);
  return batch;
}

static gpointer
run (gpointer data)
{
  SlStore *store = data;
  GPtrArray *batch;

  while ((batch = take_pending (store)) != NULL) {
    Outcome *outcome = g_new0 (Outcome, 1);
    outcome->operations = batch;
    commit (store, batch, &outcome->error);
    if (outcome->error != NULL)
      g_message ("%s", outcome->error->message);
    report_later (store, outcome);
  }
  return NULL;
}

SlStore *
sl_store_open (const char *directory, SlStoreEach each, gpointer user_data, GError **error)
{
  g_autoptr (SlStore) store = g_new0 (SlStore, 1);
  g_autofree char *path = g_build_filename (directory, "queue.sqlite", NULL);
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GError) broken = NULL;

  g_mutex_init (&store->mutex);
  g_cond_init (&store->cond);
  store->directory_fd = store->lock_fd = -1;
  store->context = g_main_context_ref_thread_default ();
  store->pending = g_ptr_array_new_with_free_func (operation_free);
  store->pending_rows = g_hash_table_new (g_int64_hash, g_int64_equal);
  store->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (!lock_directory (store, directory, error))
    return NULL;
  if (!open_and_load (store, path, &records, &broken)) {
    /* one that others lock, or for which the disk has no room, is not broken: it must not be lost from sight */
    if (!g_error_matches (broken, SLUICE_ERROR, SLUICE_ERROR_INTERNAL)) {
      g_propagate_error (error, g_steal_pointer (&broken));
      return NULL;
    }
    if (!set_aside (path, broken, error) || !open_and_load (store, path, &records, error))
      return NULL;
  }
  g_ptr_array_set_free_func (records, NULL);
  for (guint i = 0; i < records->len; i++)
    each (records->pdata[i], user_data);
  store->thread = g_thread_new ("store", run, store);
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
  g_mutex_lock (&store->mutex);
  store->closing = TRUE;
  g_cond_signal (&store->cond);
  g_mutex_unlock (&store->mutex);
  g_clear_pointer (&store->thread, g_thread_join);

  finalize_all (store);
  sqlite3_close (store->database);
  g_ptr_array_unref (store->pending);
  g_hash_table_unref (store->pending_rows);
  g_hash_table_unref (store->numbers);
  g_main_context_unref (store->context);
  if (store->directory_fd >= 0)
    close (store->directory_fd);
  if (store->lock_fd >= 0)
    close (store->lock_fd);
  g_mutex_clear (&store->mutex);
  g_cond_clear (&store->cond);
  g_free (store);
}

gboolean
sl_store_check_target (SlStore *store, const char *directory, GError **error)
{
  if (!sl_directory_holds (store->directory_fd, directory))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
               "“%s” is the directory in which the service keeps its queue, or lies in it; choose "
               "another",
               directory);
  return FALSE;
}

void
sl_store_hold (SlStore *store)
{
  g_mutex_lock (&store->mutex);
  store->held = TRUE;
  g_mutex_unlock (&store->mutex);
}

void
sl_store_release (SlStore *store)
{
  g_mutex_lock (&store->mutex);
  store->held = FALSE;
  g_cond_signal (&store->cond);
  g_mutex_unlock (&store->mutex);
}

/* (transfer full) @record (nullable) */
static void
enqueue (SlStore *store, gint64 seq, SlRecord *record, gboolean wipe, const Waiter *waiter)
{
  Operation *operation;

  g_mutex_lock (&store->mutex);
  operation = g_hash_table_lookup (store->pending_rows, &seq);
  if (operation == NULL) {
    operation = g_new0 (Operation, 1);
    operation->seq = seq;
    operation->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
    g_ptr_array_add (store->pending, operation);
    g_hash_table_insert (store->pending_rows, &operation->seq, operation);
  }
  g_clear_pointer (&operation->record, sl_record_free);
  operation->record = record;
  operation->wipe = operation->wipe || wipe;
  if (waiter->done != NULL)
    g_array_append_val (operation->waiters, *waiter);
  g_cond_signal (&store->cond);
  g_mutex_unlock (&store->mutex);
}

void
sl_store_save (SlStore *store, const SlRecord *record, SlStoreDone done, gpointer user_data)
{
  Waiter waiter = {done, user_data};

  g_return_if_fail (!record->unreadable);
  enqueue (store, record->seq, sl_record_copy (record), record->wipe, &waiter);
}

void
sl_store_remove (SlStore *store, const SlRecord *record)
{
  Waiter waiter = {NULL, NULL};

  enqueue (store, record->seq, NULL, record->headers_write_only && record->headers != NULL,
           &waiter);
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
  Operation *operation = g_new0 (Operation, 1);
  Waiter waiter = {done, user_data};

  operation->name = g_strdup (name);
  operation->value = value;
  operation->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  if (done != NULL)
    g_array_append_val (operation->waiters, waiter);
  if (value != 0)
    g_hash_table_insert (store->numbers, g_strdup (name), g_memdup2 (&value, sizeof value));
  else
    g_hash_table_remove (store->numbers, name);
  g_mutex_lock (&store->mutex);
  g_ptr_array_add (store->pending, operation);
  g_cond_signal (&store->cond);
  g_mutex_unlock (&store->mutex);
}
