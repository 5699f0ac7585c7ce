/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that writes to the database: it commits everything that is pending in one transaction. */
#define G_LOG_DOMAIN "sluice-store"

#include "store/committer.h"

#include "store/database.h"
#include "store/table.h"

typedef struct {
  SlCommitterDone done;
  gpointer user_data;
} Waiter;

/* What to do with a row. */
typedef enum { SAVE, SAVE_PROGRESS, REMOVE, SET_NUMBER } Kind;

/* One row to write. Operations are in the order in which their rows were first requested. */
typedef struct {
  Kind kind;
  gint64 seq;          /* of the download; 0 for a number */
  SlRecord *record;    /* (owned) (nullable) for SAVE */
  SlProgress progress; /* (owned) for SAVE_PROGRESS */
  gint64 modified;     /* for SAVE_PROGRESS */
  char *name;          /* (owned) (nullable) for SET_NUMBER */
  gint64 value;        /* for SET_NUMBER; 0 removes the row */
  gboolean wipe;       /* leave no trace of what was in the row */
  GArray *waiters;     /* (owned) (element-type Waiter) */
} Operation;

struct _SlCommitter {
  sqlite3 *database;           /* (owned) used only by the thread, once it runs */
  sqlite3_stmt *save;          /* (owned) */
  sqlite3_stmt *save_progress; /* (owned) */
  sqlite3_stmt *remove;        /* (owned) */
  sqlite3_stmt *set;           /* (owned) sets a number */
  sqlite3_stmt *unset;         /* (owned) removes a number */
  GThread *thread;             /* (owned) (nullable) */
  GMainContext *context;       /* (owned) in which the done functions are called */

  GMutex mutex;
  GCond cond;
  GPtrArray *pending;       /* (owned) (element-type Operation) guarded by mutex */
  GHashTable *pending_rows; /* (owned) seq → its Operation in pending; guarded by mutex */
  gboolean closing;         /* guarded by mutex */
  gboolean held;            /* guarded by mutex */
};

/* The result of a transaction, for the main context. */
typedef struct {
  GPtrArray *operations; /* (owned) */
  GError *error;         /* (owned) (nullable) */
} Outcome;

static void
operation_free (gpointer data)
{
  Operation *operation = data;

  g_clear_pointer (&operation->record, sl_record_free);
  sl_progress_clear (&operation->progress);
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
prepare_all (SlCommitter *committer, GError **error)
{
  g_autofree char *save = sl_table_save_sql (), *save_progress = sl_table_save_progress_sql ();
  const struct {
    const char *sql;
    sqlite3_stmt **statement;
  } all[] = {
      {save, &committer->save},
      {save_progress, &committer->save_progress},
      {"DELETE FROM download WHERE seq = ?", &committer->remove},
      {"INSERT OR REPLACE INTO number (name, value) VALUES (?, ?)", &committer->set},
      {"DELETE FROM number WHERE name = ?", &committer->unset},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    int code = sqlite3_prepare_v2 (committer->database, all[i].sql, -1, all[i].statement, NULL);
    if (code != SQLITE_OK) {
      sl_database_set_error (error, committer->database, code, "use");
      return FALSE;
    }
  }
  return TRUE;
}

static sqlite3_stmt *
bind_number (SlCommitter *committer, const Operation *operation)
{
  sqlite3_stmt *statement = operation->value != 0 ? committer->set : committer->unset;

  sqlite3_bind_text (statement, 1, operation->name, -1, SQLITE_STATIC);
  if (operation->value != 0)
    sqlite3_bind_int64 (statement, 2, operation->value);
  return statement;
}

/* (transfer none): the statement for @operation, with its values bound */
static sqlite3_stmt *
bind_operation (SlCommitter *committer, const Operation *operation)
{
  switch (operation->kind) {
  case SAVE:
    sl_table_bind (committer->save, operation->record);
    return committer->save;
  case SAVE_PROGRESS:
    sl_table_bind_progress (committer->save_progress, &operation->progress, operation->modified,
                            operation->seq);
    return committer->save_progress;
  case REMOVE:
    sqlite3_bind_int64 (committer->remove, 1, operation->seq);
    return committer->remove;
  case SET_NUMBER:
    return bind_number (committer, operation);
  }
  g_return_val_if_reached (NULL);
}

static int
perform (SlCommitter *committer, Operation *operation)
{
  sqlite3_stmt *statement = bind_operation (committer, operation);
  int code;

  code = sqlite3_step (statement);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* SQLite overwrites deleted text with zeros in the database, but its log still has the text until it is truncated. */
static void
wipe_log (SlCommitter *committer)
{
  sqlite3_exec (committer->database, "PRAGMA wal_checkpoint (TRUNCATE)", NULL, NULL, NULL);
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
commit (SlCommitter *committer, GPtrArray *operations, GError **error)
{
  int code = sqlite3_exec (committer->database, "BEGIN IMMEDIATE", NULL, NULL, NULL);

  for (guint i = 0; code == SQLITE_OK && i < operations->len; i++)
    code = perform (committer, operations->pdata[i]);
  if (code == SQLITE_OK)
    code = sqlite3_exec (committer->database, "COMMIT", NULL, NULL, NULL);
  if (code != SQLITE_OK) {
    sl_database_set_error (error, committer->database, code, "write");
    sqlite3_exec (committer->database, "ROLLBACK", NULL, NULL, NULL);
  } else if (has_to_wipe (operations)) {
    wipe_log (committer);
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
report_later (SlCommitter *committer, Outcome *outcome)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, report, outcome, outcome_free);
  g_source_attach (source, committer->context);
}

/* Waits. (transfer full) (nullable): the next batch; NULL when closing and nothing is pending */
static GPtrArray *
take_pending (SlCommitter *committer)
{
  GPtrArray *batch = NULL;

  g_mutex_lock (&committer->mutex);
  while ((committer->pending->len == 0 || committer->held) && !committer->closing)
    g_cond_wait (&committer->cond, &committer->mutex);
  if (committer->pending->len > 0) {
    batch = g_steal_pointer (&committer->pending);
    committer->pending = g_ptr_array_new_with_free_func (operation_free);
    g_hash_table_remove_all (committer->pending_rows);
  }
  g_mutex_unlock (&committer->mutex);
  return batch;
}

static gpointer
run (gpointer data)
{
  SlCommitter *committer = data;
  GPtrArray *batch;

  while ((batch = take_pending (committer)) != NULL) {
    Outcome *outcome = g_new0 (Outcome, 1);
    outcome->operations = batch;
    commit (committer, batch, &outcome->error);
    if (outcome->error != NULL)
      g_message ("%s", outcome->error->message);
    report_later (committer, outcome);
  }
  return NULL;
}

SlCommitter *
sl_committer_new (sqlite3 *database, GError **error)
{
  g_autoptr (SlCommitter) committer = g_new0 (SlCommitter, 1);

  g_mutex_init (&committer->mutex);
  g_cond_init (&committer->cond);
  committer->database = database;
  committer->context = g_main_context_ref_thread_default ();
  committer->pending = g_ptr_array_new_with_free_func (operation_free);
  committer->pending_rows = g_hash_table_new (g_int64_hash, g_int64_equal);
  if (!prepare_all (committer, error))
    return NULL;
  committer->thread = g_thread_new ("store", run, committer);
  return g_steal_pointer (&committer);
}

void
sl_committer_free (SlCommitter *committer)
{
  g_mutex_lock (&committer->mutex);
  committer->closing = TRUE;
  g_cond_signal (&committer->cond);
  g_mutex_unlock (&committer->mutex);
  g_clear_pointer (&committer->thread, g_thread_join);

  sqlite3_finalize (committer->save);
  sqlite3_finalize (committer->save_progress);
  sqlite3_finalize (committer->remove);
  sqlite3_finalize (committer->set);
  sqlite3_finalize (committer->unset);
  sqlite3_close (committer->database);
  g_ptr_array_unref (committer->pending);
  g_hash_table_unref (committer->pending_rows);
  g_main_context_unref (committer->context);
  g_mutex_clear (&committer->mutex);
  g_cond_clear (&committer->cond);
  g_free (committer);
}

void
sl_committer_hold (SlCommitter *committer)
{
  g_mutex_lock (&committer->mutex);
  committer->held = TRUE;
  g_mutex_unlock (&committer->mutex);
}

void
sl_committer_release (SlCommitter *committer)
{
  g_mutex_lock (&committer->mutex);
  committer->held = FALSE;
  g_cond_signal (&committer->cond);
  g_mutex_unlock (&committer->mutex);
}

/* (transfer full): an operation without waiters */
static Operation *
operation_new (Kind kind, gint64 seq)
{
  Operation *operation = g_new0 (Operation, 1);

  operation->kind = kind;
  operation->seq = seq;
  operation->waiters = g_array_sized_new (FALSE, FALSE, sizeof (Waiter), 1);
  return operation;
}

/* With the mutex held. (transfer none): the pending operation on the row; if there was none, a new one of @kind */
static Operation *
get_pending (SlCommitter *committer, Kind kind, gint64 seq)
{
  Operation *operation = g_hash_table_lookup (committer->pending_rows, &seq);

  if (operation == NULL) {
    operation = operation_new (kind, seq);
    g_ptr_array_add (committer->pending, operation);
    g_hash_table_insert (committer->pending_rows, &operation->seq, operation);
  }
  return operation;
}

static void
add_waiter (Operation *operation, SlCommitterDone done, gpointer user_data)
{
  Waiter waiter = {done, user_data};

  if (done != NULL)
    g_array_append_val (operation->waiters, waiter);
}

/*
 * Writes the whole row, in place of what is pending for it. @record: (transfer full) (nullable): NULL removes the row
 */
static void
put_row (SlCommitter *committer,
         gint64 seq,
         SlRecord *record,
         gboolean wipe,
         SlCommitterDone done,
         gpointer user_data)
{
  Kind kind = record != NULL ? SAVE : REMOVE;
  Operation *operation;

  g_mutex_lock (&committer->mutex);
  operation = get_pending (committer, kind, seq);
  operation->kind = kind;
  g_clear_pointer (&operation->record, sl_record_free);
  sl_progress_clear (&operation->progress);
  operation->record = record;
  operation->wipe = operation->wipe || wipe;
  add_waiter (operation, done, user_data);
  g_cond_signal (&committer->cond);
  g_mutex_unlock (&committer->mutex);
}

void
sl_committer_save (SlCommitter *committer,
                   const SlRecord *record,
                   SlCommitterDone done,
                   gpointer user_data)
{
  put_row (committer, record->seq, sl_record_copy (record), record->wipe, done, user_data);
}

/* With the mutex held: puts the present progress into @operation, which may have been pending for the row before. */
static void
renew_progress (Operation *operation, const SlRecord *record)
{
  SlProgress *progress = &operation->progress;

  if (operation->kind == REMOVE)
    return;
  operation->modified = record->modified;
  if (operation->kind == SAVE) {
    progress = &sl_record_edit_content (operation->record)->progress;
    operation->record->modified = record->modified;
  }
  sl_progress_clear (progress);
  sl_progress_copy (progress, &record->content->progress);
}

void
sl_committer_save_progress (SlCommitter *committer,
                            const SlRecord *record,
                            SlCommitterDone done,
                            gpointer user_data)
{
  Operation *operation;

  g_mutex_lock (&committer->mutex);
  operation = get_pending (committer, SAVE_PROGRESS, record->seq);
  renew_progress (operation, record);
  add_waiter (operation, done, user_data);
  g_cond_signal (&committer->cond);
  g_mutex_unlock (&committer->mutex);
}

void
sl_committer_remove (SlCommitter *committer, gint64 seq, gboolean wipe)
{
  put_row (committer, seq, NULL, wipe, NULL, NULL);
}

void
sl_committer_set_number (SlCommitter *committer,
                         const char *name,
                         gint64 value,
                         SlCommitterDone done,
                         gpointer user_data)
{
  Operation *operation = operation_new (SET_NUMBER, 0);

  operation->name = g_strdup (name);
  operation->value = value;
  add_waiter (operation, done, user_data);
  g_mutex_lock (&committer->mutex);
  g_ptr_array_add (committer->pending, operation);
  g_cond_signal (&committer->cond);
  g_mutex_unlock (&committer->mutex);
}
