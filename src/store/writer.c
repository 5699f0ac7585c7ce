/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that writes: all that waits goes into one transaction. */
#define G_LOG_DOMAIN "sluice-store"

#include "store/writer.h"

#include "store/database.h"
#include "store/table.h"

typedef struct {
  SlWriterDone done;
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

struct _SlWriter {
  sqlite3 *database;     /* (owned) used by the thread alone, once it runs */
  sqlite3_stmt *save;    /* (owned) */
  sqlite3_stmt *remove;  /* (owned) */
  sqlite3_stmt *set;     /* (owned) of a number */
  sqlite3_stmt *unset;   /* (owned) of a number */
  GThread *thread;       /* (owned) (nullable) */
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

static gboolean
prepare_all (SlWriter *writer, GError **error)
{
  g_autofree char *save = sl_table_save_sql ();
  const struct {
    const char *sql;
    sqlite3_stmt **statement;
  } all[] = {
      {save, &writer->save},
      {"DELETE FROM download WHERE seq = ?", &writer->remove},
      {"INSERT OR REPLACE INTO number (name, value) VALUES (?, ?)", &writer->set},
      {"DELETE FROM number WHERE name = ?", &writer->unset},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    int code = sqlite3_prepare_v2 (writer->database, all[i].sql, -1, all[i].statement, NULL);
    if (code != SQLITE_OK) {
      sl_database_set_error (error, writer->database, code, "use");
      return FALSE;
    }
  }
  return TRUE;
}

/* (transfer none): the statement with its values, for one operation */
static sqlite3_stmt *
bind_operation (SlWriter *writer, Operation *operation)
{
  sqlite3_stmt *statement;

  if (operation->name != NULL) {
    statement = operation->value != 0 ? writer->set : writer->unset;
    sqlite3_bind_text (statement, 1, operation->name, -1, SQLITE_STATIC);
    if (operation->value != 0)
      sqlite3_bind_int64 (statement, 2, operation->value);
    return statement;
  }
  if (operation->record != NULL) {
    sl_table_bind (writer->save, operation->record);
    return writer->save;
  }
  sqlite3_bind_int64 (writer->remove, 1, operation->seq);
  return writer->remove;
}

static int
perform (SlWriter *writer, Operation *operation)
{
  sqlite3_stmt *statement = bind_operation (writer, operation);
  int code;

  code = sqlite3_step (statement);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Deleted text is overwritten with zeros, but the log has it as it was, until the log is written over. */
static void
wipe_log (SlWriter *writer)
{
  sqlite3_exec (writer->database, "PRAGMA wal_checkpoint (TRUNCATE)", NULL, NULL, NULL);
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
commit (SlWriter *writer, GPtrArray *operations, GError **error)
{
  int code = sqlite3_exec (writer->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);

  for (guint i = 0; code == SQLITE_OK && i < operations->len; i++)
    code = perform (writer, operations->pdata[i]);
  if (code == SQLITE_OK)
    code = sqlite3_exec (writer->database, "COMMIT", NULL, NULL, NULL);
  if (code != SQLITE_OK) {
    sl_database_set_error (error, writer->database, code, "write");
    sqlite3_exec (writer->database, "ROLLBACK", NULL, NULL, NULL);
  } else if (has_to_wipe (operations)) {
    wipe_log (writer);
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
report_later (SlWriter *writer, Outcome *outcome)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, report, outcome, outcome_free);
  g_source_attach (source, writer->context);
}

/* (transfer full) (nullable): the next batch; NULL when closing and nothing is left */
static GPtrArray *
take_pending (SlWriter *writer)
{
  GPtrArray *batch = NULL;

  g_mutex_lock (&writer->mutex);
  while ((writer->pending->len == 0 || writer->held) && !writer->closing)
    g_cond_wait (&writer->cond, &writer->mutex);
  if (writer->pending->len > 0) {
    batch = g_steal_pointer (&writer->pending);
    writer->pending = g_ptr_array_new_with_free_func (operation_free);
    g_hash_table_remove_all (writer->pending_rows);
  }
  g_mutex_unlock (&writer->mutex);
  return batch;
}

static gpointer
run (gpointer data)
{
  SlWriter *writer = data;
  GPtrArray *batch;

  while ((batch = take_pending (writer)) != NULL) {
    Outcome *outcome = g_new0 (Outcome, 1);
    outcome->operations = batch;
    commit (writer, batch, &outcome->error);
    if (outcome->error != NULL)
      g_message ("%s", outcome->error->message);
    report_later (writer, outcome);
  }
  return NULL;
}

SlWriter *
sl_writer_new (sqlite3 *database, GError **error)
{
  g_autoptr (SlWriter) writer = g_new0 (SlWriter, 1);

  g_mutex_init (&writer->mutex);
  g_cond_init (&writer->cond);
  writer->database = database;
  writer->context = g_main_context_ref_thread_default ();
  writer->pending = g_ptr_array_new_with_free_func (operation_free);
  writer->pending_rows = g_hash_table_new (g_int64_hash, g_int64_equal);
  if (!prepare_all (writer, error))
    return NULL;
  writer->thread = g_thread_new ("store", run, writer);
  return g_steal_pointer (&writer);
}

void
sl_writer_free (SlWriter *writer)
{
  g_mutex_lock (&writer->mutex);
  writer->closing = TRUE;
  g_cond_signal (&writer->cond);
  g_mutex_unlock (&writer->mutex);
  g_clear_pointer (&writer->thread, g_thread_join);

  sqlite3_finalize (writer->save);
  sqlite3_finalize (writer->remove);
  sqlite3_finalize (writer->set);
  sqlite3_finalize (writer->unset);
  sqlite3_close (writer->database);
  g_ptr_array_unref (writer->pending);
  g_hash_table_unref (writer->pending_rows);
  g_main_context_unref (writer->context);
  g_mutex_clear (&writer->mutex);
  g_cond_clear (&writer->cond);
  g_free (writer);
}

void
sl_writer_hold (SlWriter *writer)
{
  g_mutex_lock (&writer->mutex);
  writer->held = TRUE;
  g_mutex_unlock (&writer->mutex);
}

void
sl_writer_release (SlWriter *writer)
{
  g_mutex_lock (&writer->mutex);
  writer->held = FALSE;
  g_cond_signal (&writer->cond);
  g_mutex_unlock (&writer->mutex);
}

/* (transfer full): nobody waits for it yet */
static Operation *
operation_new (gint64 seq)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->seq = seq;
  operation->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  return operation;
}

/* (transfer full) @record (nullable) */
static void
put_row (SlWriter *writer, gint64 seq, SlRecord *record, gboolean wipe, const Waiter *waiter)
{
  Operation *operation;

  g_mutex_lock (&writer->mutex);
  operation = g_hash_table_lookup (writer->pending_rows, &seq);
  if (operation == NULL) {
    operation = operation_new (seq);
    g_ptr_array_add (writer->pending, operation);
    g_hash_table_insert (writer->pending_rows, &operation->seq, operation);
  }
  g_clear_pointer (&operation->record, sl_record_free);
  operation->record = record;
  operation->wipe = operation->wipe || wipe;
  if (waiter->done != NULL)
    g_array_append_val (operation->waiters, *waiter);
  g_cond_signal (&writer->cond);
  g_mutex_unlock (&writer->mutex);
}

void
sl_writer_save (SlWriter *writer, SlRecord *record, SlWriterDone done, gpointer user_data)
{
  Waiter waiter = {done, user_data};

  put_row (writer, record->seq, record, record->wipe, &waiter);
}

void
sl_writer_remove (SlWriter *writer, gint64 seq, gboolean wipe)
{
  Waiter waiter = {NULL, NULL};

  put_row (writer, seq, NULL, wipe, &waiter);
}

void
sl_writer_set_number (
    SlWriter *writer, const char *name, gint64 value, SlWriterDone done, gpointer user_data)
{
  Operation *operation = operation_new (0);
  Waiter waiter = {done, user_data};

  operation->name = g_strdup (name);
  operation->value = value;
  if (done != NULL)
    g_array_append_val (operation->waiters, waiter);
  g_mutex_lock (&writer->mutex);
  g_ptr_array_add (writer->pending, operation);
  g_cond_signal (&writer->cond);
  g_mutex_unlock (&writer->mutex);
}
