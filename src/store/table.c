/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table "download". One row of columns[] is all that a new column takes, besides a migration. */
#include "store/table.h"

#include <sluice/sluice-error.h>
#include <stddef.h>
#include <string.h>

typedef enum {
  KIND_ID,
  KIND_TEXT,  /* char *, NULL when NULL */
  KIND_URI,   /* char *, never NULL */
  KIND_INT32, /* guint32, gint32, gboolean */
  KIND_INT64,
  KIND_SIZE,   /* guint64; NULL is SL_SIZE_UNKNOWN */
  KIND_RANGES, /* SlRanges *, as text; NULL when NULL */
  KIND_FIELDS, /* GVariant * of a{ss}, as text; NULL when NULL */
  KIND_ERROR,  /* gint32, a SluiceError or SL_NO_ERROR */
  KIND_STATE,
  KIND_PRIORITY,
  KIND_REDIRECT,
  KIND_COST_POLICY,
} Kind;

typedef struct {
  const char *name;
  Kind kind;
  gsize offset;
  int since; /* the version of the schema that brought it; 0 is the first */
} Column;

#define COLUMN(name, kind, member)                                                                 \
  {                                                                                                \
    name, kind, offsetof (SlRecord, member), 0                                                     \
  }
#define NEW_COLUMN(version, name, kind, member)                                                    \
  {                                                                                                \
    name, kind, offsetof (SlRecord, member), version                                               \
  }

/* The first is the primary key. */
static const Column columns[] = {
    COLUMN ("seq", KIND_INT64, seq),
    COLUMN ("id", KIND_ID, id),
    COLUMN ("owner", KIND_INT32, owner),
    COLUMN ("uri", KIND_URI, uri),
    COLUMN ("content_id", KIND_TEXT, content_id),
    COLUMN ("display_name", KIND_TEXT, display_name),
    COLUMN ("correlation_vector", KIND_TEXT, correlation),
    COLUMN ("local_path", KIND_TEXT, local_path),
    COLUMN ("digest", KIND_TEXT, digest),
    COLUMN ("http_headers", KIND_FIELDS, headers),
    COLUMN ("wanted", KIND_RANGES, wanted),
    COLUMN ("priority", KIND_PRIORITY, priority),
    COLUMN ("redirect_policy", KIND_REDIRECT, redirect_policy),
    COLUMN ("security_flags", KIND_INT32, security),
    COLUMN ("overwrite", KIND_INT32, overwrite),
    COLUMN ("auto_start", KIND_INT32, auto_start),
    COLUMN ("auto_finalize", KIND_INT32, auto_finalize),
    COLUMN ("http_headers_write_only", KIND_INT32, headers_write_only),
    COLUMN ("allow_insecure_redirect", KIND_INT32, insecure_redirect),
    COLUMN ("dynamic_content", KIND_INT32, dynamic),
    COLUMN ("persistent", KIND_INT32, persistent),
    COLUMN ("max_size", KIND_INT64, max_size),
    COLUMN ("no_progress_timeout", KIND_INT32, no_progress_timeout),
    COLUMN ("minimum_retry_delay", KIND_INT32, minimum_retry_delay),
    COLUMN ("maximum_download_time", KIND_INT32, maximum_time),
    COLUMN ("progress_interval", KIND_INT32, progress_interval),
    COLUMN ("progress_percent", KIND_INT32, progress_percent),
    COLUMN ("state", KIND_STATE, state),
    COLUMN ("size", KIND_SIZE, size),
    COLUMN ("done", KIND_RANGES, done),
    COLUMN ("etag", KIND_TEXT, etag),
    COLUMN ("last_modified", KIND_TEXT, last_modified),
    COLUMN ("no_ranges", KIND_INT32, no_ranges),
    COLUMN ("computed_digest", KIND_TEXT, computed),
    COLUMN ("part_inode", KIND_INT64, stamp.inode),
    COLUMN ("part_birth", KIND_INT64, stamp.birth),
    COLUMN ("part_modified", KIND_INT64, stamp.modified),
    COLUMN ("part_size", KIND_INT64, stamp.size),
    COLUMN ("part_sealed", KIND_INT32, stamp.sealed),
    COLUMN ("fetched", KIND_INT64, fetched),
    COLUMN ("active_time", KIND_INT64, active_time),
    COLUMN ("progress_at", KIND_INT64, progress_at),
    COLUMN ("error", KIND_ERROR, error),
    COLUMN ("error_message", KIND_TEXT, error_message),
    COLUMN ("error_count", KIND_INT32, error_count),
    COLUMN ("restart_count", KIND_INT32, restart_count),
    COLUMN ("failures", KIND_INT32, failures),
    COLUMN ("retry_at", KIND_INT64, retry_at),
    COLUMN ("disk_full", KIND_INT32, disk_full),
    COLUMN ("http_status", KIND_INT32, http_status),
    COLUMN ("response_headers", KIND_FIELDS, response_headers),
    COLUMN ("effective_uri", KIND_TEXT, effective_uri),
    COLUMN ("created", KIND_INT64, created),
    COLUMN ("modified", KIND_INT64, modified),
    COLUMN ("completed", KIND_INT64, completed),
    COLUMN ("expiry", KIND_INT64, expiry),
    NEW_COLUMN (3, "cost_policy", KIND_COST_POLICY, cost_policy),
    NEW_COLUMN (3, "disallow_on_cellular", KIND_INT32, disallow_on_cellular),
    NEW_COLUMN (3, "only_when_idle", KIND_INT32, only_when_idle),
    NEW_COLUMN (3, "only_on_external_power", KIND_INT32, only_on_external_power),
    NEW_COLUMN (3, "ignore_conditions", KIND_INT32, ignore_conditions),
    NEW_COLUMN (3, "deadline", KIND_INT64, deadline),
    NEW_COLUMN (2, "max_bytes_per_second", KIND_INT64, max_rate),
    NEW_COLUMN (3, "started", KIND_INT64, started),
    NEW_COLUMN (4, "part_changed", KIND_INT64, stamp.changed),
    NEW_COLUMN (4, "weak_date", KIND_INT32, weak_date),
    NEW_COLUMN (4, "one_connection", KIND_INT32, one_connection),
    NEW_COLUMN (4, "vain_bytes", KIND_INT64, vain_bytes),
    NEW_COLUMN (4, "vain_restarts", KIND_INT32, vain_restarts),
    NEW_COLUMN (5, "touched", KIND_INT64, touched),
};

static char *
column_list (const char *separator)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    g_string_append_printf (list, "%s%s", i == 0 ? "" : separator, columns[i].name);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static const char *
column_type (Kind kind)
{
  switch (kind) {
  case KIND_INT32:
  case KIND_INT64:
  case KIND_SIZE:
  case KIND_ERROR:
    return "INTEGER";
  case KIND_ID:
  case KIND_TEXT:
  case KIND_URI:
  case KIND_RANGES:
  case KIND_FIELDS:
  case KIND_STATE:
  case KIND_PRIORITY:
  case KIND_REDIRECT:
  case KIND_COST_POLICY:
    return "TEXT";
  }
  g_return_val_if_reached ("");
}

char *
sl_table_create_sql (void)
{
  g_autoptr (GString) sql = g_string_new ("CREATE TABLE download (");

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    g_string_append_printf (sql, "%s%s %s%s", i == 0 ? "" : ", ", columns[i].name,
                            column_type (columns[i].kind), i == 0 ? " PRIMARY KEY" : "");
  g_string_append (sql, ")");
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

char *
sl_table_step_sql (int version)
{
  g_autoptr (GString) sql = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++) {
    if (columns[i].since == version)
      g_string_append_printf (sql, "ALTER TABLE download ADD COLUMN %s %s; ", columns[i].name,
                              column_type (columns[i].kind));
  }
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

char *
sl_table_save_sql (void)
{
  g_autofree char *list = column_list (", ");
  g_autoptr (GString) sql = g_string_new (NULL);

  g_string_append_printf (sql, "INSERT OR REPLACE INTO download (%s) VALUES (", list);
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    g_string_append (sql, i == 0 ? "?" : ", ?");
  g_string_append (sql, ")");
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

char *
sl_table_load_sql (void)
{
  g_autofree char *list = column_list (", ");

  return g_strdup_printf ("SELECT %s FROM download ORDER BY seq", list);
}

static void
bind_string (sqlite3_stmt *statement, int n, char *text, void (*destroy) (void *))
{
  if (text == NULL)
    sqlite3_bind_null (statement, n);
  else
    sqlite3_bind_text (statement, n, text, -1, destroy);
}

static void
bind_column (sqlite3_stmt *statement, int n, const Column *column, const SlRecord *record)
{
  const guint8 *member = (const guint8 *)record + column->offset;

  switch (column->kind) {
  case KIND_ID:
    sqlite3_bind_text (statement, n, ((const SlId *)member)->text, -1, SQLITE_STATIC);
    break;
  case KIND_TEXT:
  case KIND_URI:
    bind_string (statement, n, *(char *const *)member, SQLITE_STATIC);
    break;
  case KIND_INT32:
  case KIND_ERROR:
    sqlite3_bind_int (statement, n, *(const gint32 *)member);
    break;
  case KIND_INT64:
    sqlite3_bind_int64 (statement, n, *(const gint64 *)member);
    break;
  case KIND_SIZE:
    if (*(const guint64 *)member == SL_SIZE_UNKNOWN)
      sqlite3_bind_null (statement, n);
    else
      sqlite3_bind_int64 (statement, n, (gint64) * (const guint64 *)member);
    break;
  case KIND_RANGES: {
    const SlRanges *ranges = *(SlRanges *const *)member;
    bind_string (statement, n, ranges != NULL ? sl_ranges_to_string (ranges) : NULL, g_free);
    break;
  }
  case KIND_FIELDS: {
    GVariant *fields = *(GVariant *const *)member;
    bind_string (statement, n, fields != NULL ? g_variant_print (fields, FALSE) : NULL, g_free);
    break;
  }
  case KIND_STATE:
    sqlite3_bind_text (statement, n, sl_state_to_string (*(const SlState *)member), -1,
                       SQLITE_STATIC);
    break;
  case KIND_PRIORITY:
    sqlite3_bind_text (statement, n, sl_priority_to_string (*(const SlPriority *)member), -1,
                       SQLITE_STATIC);
    break;
  case KIND_REDIRECT:
    sqlite3_bind_text (statement, n,
                       sl_redirect_policy_to_string (*(const SlRedirectPolicy *)member), -1,
                       SQLITE_STATIC);
    break;
  case KIND_COST_POLICY:
    sqlite3_bind_text (statement, n, sl_cost_policy_to_string (*(const SlCostPolicy *)member), -1,
                       SQLITE_STATIC);
    break;
  }
}

void
sl_table_bind (sqlite3_stmt *statement, const SlRecord *record)
{
  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    bind_column (statement, (int)i + 1, &columns[i], record);
}

/* Whether the value is of the type that is written: SQLite makes any of any, and a text would end at a NUL in it. */
static gboolean
is_of_type (sqlite3_stmt *statement, int n, Kind kind)
{
  int type = sqlite3_column_type (statement, n);

  if (type == SQLITE_NULL)
    return TRUE;
  if (g_str_equal (column_type (kind), "INTEGER"))
    return type == SQLITE_INTEGER;
  return type == SQLITE_TEXT && strlen ((const char *)sqlite3_column_text (statement, n)) ==
                                    (gsize)sqlite3_column_bytes (statement, n);
}

static gboolean
read_int32 (gint64 value, gint32 min, gint32 max, gint32 *member)
{
  if (value < min || value > max)
    return FALSE;
  *member = (gint32)value;
  return TRUE;
}

static gboolean
read_size (sqlite3_stmt *statement, int n, guint64 *member)
{
  gint64 value = sqlite3_column_int64 (statement, n);

  *member = sqlite3_column_type (statement, n) == SQLITE_NULL || value < 0 ? SL_SIZE_UNKNOWN
                                                                           : (guint64)value;
  return value >= 0;
}

static gboolean
read_ranges (const char *text, SlRanges **member)
{
  SlRanges *ranges;

  if (text == NULL)
    return TRUE;
  ranges = sl_ranges_from_string (text);
  if (ranges == NULL)
    return FALSE;
  g_clear_pointer (member, sl_ranges_free);
  *member = ranges;
  return TRUE;
}

static gboolean
read_fields (const char *text, GVariant **member)
{
  if (text != NULL)
    *member = g_variant_parse (G_VARIANT_TYPE ("a{ss}"), text, NULL, NULL, NULL);
  return text == NULL || *member != NULL;
}

/* FALSE leaves the member as it is. */
static gboolean
read_column (sqlite3_stmt *statement, int n, const Column *column, SlRecord *record)
{
  guint8 *member = (guint8 *)record + column->offset;
  const char *text = NULL;

  if (!is_of_type (statement, n, column->kind))
    return FALSE;
  if (g_str_equal (column_type (column->kind), "TEXT"))
    text = (const char *)sqlite3_column_text (statement, n);
  switch (column->kind) {
  case KIND_ID:
    return text != NULL && sl_id_parse ((SlId *)member, text);
  case KIND_TEXT:
  case KIND_URI:
    *(char **)member = g_strdup (text);
    return text != NULL || column->kind == KIND_TEXT;
  case KIND_INT32:
    return read_int32 (sqlite3_column_int64 (statement, n), G_MININT32, G_MAXINT32,
                       (gint32 *)member);
  case KIND_ERROR:
    return read_int32 (sqlite3_column_int64 (statement, n), SL_NO_ERROR, SLUICE_N_ERRORS - 1,
                       (gint32 *)member);
  case KIND_INT64:
    *(gint64 *)member = sqlite3_column_int64 (statement, n);
    return TRUE;
  case KIND_SIZE:
    return read_size (statement, n, (guint64 *)member);
  case KIND_RANGES:
    return read_ranges (text, (SlRanges **)member);
  case KIND_FIELDS:
    return read_fields (text, (GVariant **)member);
  case KIND_STATE:
    return text != NULL && sl_state_from_string (text, (SlState *)member);
  case KIND_PRIORITY:
    return text != NULL && sl_priority_from_string (text, (SlPriority *)member);
  case KIND_REDIRECT:
    return text != NULL && sl_redirect_policy_from_string (text, (SlRedirectPolicy *)member);
  case KIND_COST_POLICY:
    return sl_cost_policy_from_string (text != NULL ? text : "", (SlCostPolicy *)member);
  }
  g_return_val_if_reached (FALSE);
}

/* It can be seen, and aborted, and nothing else. @unread: the columns that couldn't be */
static void
set_unreadable (SlRecord *record, const char *unread)
{
  g_autofree char *message = g_strdup_printf ("Its row in the queue’s database can’t be read (%s), "
                                              "and is kept as it is; abort the download "
                                              "to remove it",
                                              unread);

  record->unreadable = TRUE;
  record->state = SL_STATE_FAILED;
  /* else it would be removed at the start */
  record->persistent = TRUE;
  if (record->uri == NULL)
    record->uri = g_strdup ("");
  /* it's not certain who may read them */
  sl_record_set_headers (record, NULL);
  sl_record_set_error (record, SLUICE_ERROR_INTERNAL, message);
}

SlRecord *
sl_table_read (sqlite3_stmt *statement)
{
  g_autoptr (SlRecord) record = sl_record_new ();
  g_autoptr (GString) unread = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++) {
    if (read_column (statement, (int)i, &columns[i], record))
      continue;
    if (columns[i].kind == KIND_ID)
      return NULL;
    g_string_append_printf (unread, "%s%s", unread->len > 0 ? ", " : "", columns[i].name);
  }
  if (unread->len > 0)
    set_unreadable (record, unread->str);
  sl_record_clean (record);
  return g_steal_pointer (&record);
}
