/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The database file: opens it, brings it to the present schema, and sets a broken one aside. */
#define G_LOG_DOMAIN "sluice-store"

#include "store/database.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/text.h"
#include "store/error.h"
#include "store/table.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Stored in PRAGMA user_version. 1: the first. 2: max_bytes_per_second. 3: conditions, and the table "number". 4: facts
 * about the server, restarts, and the part file's change time. 5: touched. 6: an option that nobody set is NULL. Before
 * you raise it, record a queue of the present version with tests/support/record-queue.
 */
#define SCHEMA_VERSION 6
#define CREATE_NUMBER  "CREATE TABLE number (name TEXT PRIMARY KEY, value INTEGER NOT NULL); "

/* SQL for what a version brought, besides columns of the table "download". */
static const char *const steps[SCHEMA_VERSION + 1] = {
    [3] = CREATE_NUMBER,
    [6] = "UPDATE download SET cost_policy = NULL WHERE cost_policy = ''; ",
};

void
sl_database_set_error (GError **error, sqlite3 *database, int code, const char *what)
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
    sl_database_set_error (error, database, code, "use");
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

/* (transfer full): SQL for all steps from @version to SCHEMA_VERSION, or for all tables (0), in one transaction */
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
      g_string_append_printf (sql, "%s%s", columns, steps[step] != NULL ? steps[step] : "");
    }
  }
  g_string_append_printf (sql, "PRAGMA user_version = %d; COMMIT", SCHEMA_VERSION);
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

/* Creates the tables of an empty database, and brings one of an earlier version up to date. */
static gboolean
migrate (sqlite3 *database, GError **error)
{
  int version = get_schema_version (database);
  g_autofree char *sql = NULL;

  if (version == SCHEMA_VERSION)
    return TRUE;
  sql = migration_sql (version);
  if (execute (database, sql, error))
    return TRUE;
  sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* Keeps SQLite from writing its log into the database when it closes: this database must not be written. */
static void
leave_log (sqlite3 *database, const char *path)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  struct stat found;

  if (stat (log, &found) == 0 && found.st_size > 0)
    sqlite3_db_config (database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* Refuses a database of a later version: this version could misread the rows, and damage them. */
static gboolean
check_version (sqlite3 *database, const char *path, GError **error)
{
  int version = get_schema_version (database);
  g_autofree char *directory = NULL, *shown = NULL;

  if (version >= 0 && version <= SCHEMA_VERSION)
    return TRUE;
  if (version < 0) {
    sl_database_set_error (error, database, sqlite3_errcode (database), "read");
    return FALSE;
  }
  leave_log (database, path);
  directory = g_path_get_dirname (path);
  shown = sl_text_path (directory);
  g_set_error (
      error, SL_STORE_ERROR, SL_STORE_ERROR_NEWER,
      "The queue in “%s” was written by a newer version of Sluice (schema %d; this version "
      "knows %d). Install that version, or move “%s” away to begin with an empty queue",
      shown, version, SCHEMA_VERSION, shown);
  return FALSE;
}

/* Other users must not read addresses and headers. SQLite gives its log the same mode as the database. */
static void
make_private (const char *path)
{
  g_auto (SlFd) G_GNUC_UNUSED fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

/*
 * If SQLite can't write the database, it opens it for reading only. It is not broken then, but nothing could be saved.
 */
static gboolean
check_writable (sqlite3 *database, const char *path, GError **error)
{
  g_autofree char *shown = sl_text_path (path);

  if (sqlite3_db_readonly (database, "main") != 1)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
               "The queue “%s” can be read but not written; change its owner to the user that "
               "the service runs as, and its mode to 0600",
               shown);
  return FALSE;
}

sqlite3 *
sl_database_open (const char *path, GError **error)
{
  g_autoptr (sqlite3) database = NULL;
  int code;

  make_private (path);
  code = sqlite3_open_v2 (path, &database,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
  if (code != SQLITE_OK) {
    sl_database_set_error (error, database, code, "open");
    return NULL;
  }
  sqlite3_extended_result_codes (database, 0);
  if (!check_writable (database, path, error))
    return NULL;
  if (!check_version (database, path, error))
    return NULL;
  if (!execute (database,
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; "
                "PRAGMA cache_size = -500",
                error) ||
      !migrate (database, error))
    return NULL;
  return g_steal_pointer (&database);
}

gboolean
sl_database_set_aside (const char *path, const GError *why, GError **error)
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
