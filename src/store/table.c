/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The table "download". Each option of base/options.def has a column, which is NULL if nobody set the option. The other
 * columns are in own_columns[]; a new one takes a row there and a new version of the schema.
 */
#include "store/table.h"

#include <sluice/sluice-error.h>
#include <stddef.h>
#include <string.h>

typedef struct {
  const char *name;
  SlValueKind kind;
  gsize offset; /* in SlContent if in_content, else in SlRecord */
  gboolean in_content;
  const SlWords *words;
  int since;              /* the version of the schema that brought it; 0 is the first */
  const SlOption *option; /* (nullable) if the column is that of an option */
} Column;

#define COLUMN(name, kind, member)                                                                 \
  {                                                                                                \
    name, SL_VALUE_##kind, offsetof (SlRecord, member), FALSE, NULL, 0, NULL                       \
  }
#define CONTENT(name, kind, member)                                                                \
  {                                                                                                \
    name, SL_VALUE_##kind, offsetof (SlContent, member), TRUE, NULL, 0, NULL                       \
  }
#define NEW_COLUMN(version, name, kind, member)                                                    \
  {                                                                                                \
    name, SL_VALUE_##kind, offsetof (SlRecord, member), FALSE, NULL, version, NULL                 \
  }
#define NEW_CONTENT(version, name, kind, member)                                                   \
  {                                                                                                \
    name, SL_VALUE_##kind, offsetof (SlContent, member), TRUE, NULL, version, NULL                 \
  }

/* The first is the primary key. */
static const Column own_columns[] = {
    COLUMN ("seq", INT64, seq),
    COLUMN ("id", ID, id),
    COLUMN ("owner", UINT32, owner),
    COLUMN ("wanted", RANGES, wanted),
    {"state", SL_VALUE_ENUM, offsetof (SlRecord, state), FALSE, &sl_state_words, 0, NULL},
    CONTENT ("size", SIZE, version.size),
    CONTENT ("done", RANGES, progress.done),
    CONTENT ("etag", TEXT, version.etag),
    CONTENT ("last_modified", TEXT, version.last_modified),
    CONTENT ("no_ranges", BOOLEAN, no_ranges),
    CONTENT ("computed_digest", TEXT, progress.computed),
    CONTENT ("part_inode", INT64, progress.stamp.inode),
    CONTENT ("part_birth", INT64, progress.stamp.birth),
    CONTENT ("part_modified", INT64, progress.stamp.modified),
    CONTENT ("part_size", INT64, progress.stamp.size),
    CONTENT ("part_sealed", BOOLEAN, progress.stamp.sealed),
    CONTENT ("fetched", INT64, progress.fetched),
    CONTENT ("active_time", INT64, progress.active_time),
    COLUMN ("progress_at", INT64, moved_at),
    COLUMN ("error", INT32, error),
    COLUMN ("error_message", TEXT, error_message),
    CONTENT ("error_count", UINT32, error_count),
    CONTENT ("restart_count", UINT32, restart_count),
    CONTENT ("failures", UINT32, failures),
    CONTENT ("retry_at", INT64, retry_at),
    COLUMN ("disk_full", BOOLEAN, disk_full),
    CONTENT ("http_status", UINT32, http_status),
    CONTENT ("response_headers", FIELDS, response_headers),
    CONTENT ("effective_uri", TEXT, effective_uri),
    COLUMN ("created", INT64, created),
    COLUMN ("modified", INT64, modified),
    CONTENT ("completed", INT64, completed),
    CONTENT ("expiry", INT64, expiry),
    NEW_COLUMN (3, "started", INT64, started),
    NEW_CONTENT (4, "part_changed", INT64, progress.stamp.changed),
    NEW_CONTENT (4, "weak_date", BOOLEAN, version.weak_date),
    NEW_CONTENT (4, "one_connection", BOOLEAN, one_connection),
    NEW_CONTENT (4, "vain_bytes", INT64, vain_bytes),
    NEW_CONTENT (4, "vain_restarts", UINT32, vain_restarts),
    NEW_COLUMN (5, "touched", INT64, touched),
};

#define N_COLUMNS (G_N_ELEMENTS (own_columns) + SL_N_OPTIONS)

/* (transfer none): all N_COLUMNS columns, first own_columns[], then those of the options */
static const Column *
get_columns (void)
{
  static Column columns[N_COLUMNS];
  static gsize done = 0;

  if (!g_once_init_enter (&done))
    return columns;
  memcpy (columns, own_columns, sizeof own_columns);
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const SlOption *option = sl_option_get (i);
    columns[G_N_ELEMENTS (own_columns) + i] =
        (Column){option->column, option->kind,  offsetof (SlRecord, asked) + option->offset,
                 FALSE,          option->words, option->since,
                 option};
  }
  g_once_init_leave (&done, 1);
  return columns;
}

static char *
column_list (const char *separator)
{
  const Column *columns = get_columns ();
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 0; i < N_COLUMNS; i++)
    g_string_append_printf (list, "%s%s", i == 0 ? "" : separator, columns[i].name);
  return g_string_free (g_steal_pointer (&list), FALSE);
}

static const char *
column_type (SlValueKind kind)
{
  switch (kind) {
  case SL_VALUE_BOOLEAN:
  case SL_VALUE_INT32:
  case SL_VALUE_UINT32:
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
  case SL_VALUE_SIZE:
  case SL_VALUE_SET:
    return "INTEGER";
  case SL_VALUE_ID:
  case SL_VALUE_TEXT:
  case SL_VALUE_RANGES:
  case SL_VALUE_FIELDS:
  case SL_VALUE_ENUM:
    return "TEXT";
  }
  g_return_val_if_reached ("");
}

char *
sl_table_create_sql (void)
{
  const Column *columns = get_columns ();
  g_autoptr (GString) sql = g_string_new ("CREATE TABLE download (");

  for (gsize i = 0; i < N_COLUMNS; i++)
    g_string_append_printf (sql, "%s%s %s%s", i == 0 ? "" : ", ", columns[i].name,
                            column_type (columns[i].kind), i == 0 ? " PRIMARY KEY" : "");
  g_string_append (sql, ")");
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

char *
sl_table_step_sql (int version)
{
  const Column *columns = get_columns ();
  g_autoptr (GString) sql = g_string_new (NULL);

  for (gsize i = 0; i < N_COLUMNS; i++) {
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
  for (gsize i = 0; i < N_COLUMNS; i++)
    g_string_append (sql, i == 0 ? "?" : ", ?");
  g_string_append (sql, ")");
  return g_string_free (g_steal_pointer (&sql), FALSE);
}

G_STATIC_ASSERT (offsetof (SlContent, progress) == 0);

static gboolean
is_progress (const Column *column)
{
  return column->in_content && column->offset < sizeof (SlProgress);
}

char *
sl_table_save_progress_sql (void)
{
  const Column *columns = get_columns ();
  g_autoptr (GString) sql = g_string_new ("UPDATE download SET modified = ?");

  for (gsize i = 0; i < N_COLUMNS; i++) {
    if (is_progress (&columns[i]))
      g_string_append_printf (sql, ", %s = ?", columns[i].name);
  }
  g_string_append_printf (sql, " WHERE %s = ?", columns[0].name);
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
bind_member (sqlite3_stmt *statement, int n, const Column *column, gconstpointer member)
{
  switch (column->kind) {
  case SL_VALUE_ID:
    sqlite3_bind_text (statement, n, ((const SlId *)member)->text, -1, SQLITE_STATIC);
    break;
  case SL_VALUE_TEXT:
    bind_string (statement, n, *(char *const *)member, SQLITE_STATIC);
    break;
  case SL_VALUE_BOOLEAN:
  case SL_VALUE_INT32:
  case SL_VALUE_UINT32:
  case SL_VALUE_SET:
    sqlite3_bind_int (statement, n, *(const gint32 *)member);
    break;
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
    sqlite3_bind_int64 (statement, n, *(const gint64 *)member);
    break;
  case SL_VALUE_SIZE:
    if (*(const guint64 *)member == SL_SIZE_UNKNOWN)
      sqlite3_bind_null (statement, n);
    else
      sqlite3_bind_int64 (statement, n, (gint64) * (const guint64 *)member);
    break;
  case SL_VALUE_RANGES: {
    const SlRanges *ranges = *(SlRanges *const *)member;
    bind_string (statement, n, ranges != NULL ? sl_ranges_to_string (ranges) : NULL, g_free);
    break;
  }
  case SL_VALUE_FIELDS: {
    GVariant *fields = *(GVariant *const *)member;
    bind_string (statement, n, fields != NULL ? sl_fields_to_string (fields) : NULL, g_free);
    break;
  }
  case SL_VALUE_ENUM:
    sqlite3_bind_text (statement, n, column->words->words[*(const guint *)member], -1,
                       SQLITE_STATIC);
    break;
  }
}

void
sl_table_bind (sqlite3_stmt *statement, const SlRecord *record)
{
  const Column *columns = get_columns ();

  for (gsize i = 0; i < N_COLUMNS; i++) {
    const Column *column = &columns[i];
    if (column->option != NULL && !sl_options_is_set (&record->asked, column->option->number))
      sqlite3_bind_null (statement, (int)i + 1);
    else
      bind_member (statement, (int)i + 1, column,
                   (column->in_content ? (const guint8 *)record->content : (const guint8 *)record) +
                       column->offset);
  }
}

void
sl_table_bind_progress (sqlite3_stmt *statement,
                        const SlProgress *progress,
                        gint64 modified,
                        gint64 seq)
{
  const Column *columns = get_columns ();
  int n = 0;

  sqlite3_bind_int64 (statement, ++n, modified);
  for (gsize i = 0; i < N_COLUMNS; i++) {
    if (is_progress (&columns[i]))
      bind_member (statement, ++n, &columns[i], (const guint8 *)progress + columns[i].offset);
  }
  sqlite3_bind_int64 (statement, ++n, seq);
}

/*
 * Whether the value has the type that we write: SQLite converts between all types. A text with a NUL in it is refused,
 * too.
 */
static gboolean
is_of_type (sqlite3_stmt *statement, int n, SlValueKind kind)
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
read_int32 (gint64 value, gint32 *member)
{
  if (value < G_MININT32 || value > G_MAXINT32)
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
  g_clear_pointer (member, sl_ranges_unref);
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

/* FALSE if the value is not valid; the member is unchanged then. */
static gboolean
read_member (sqlite3_stmt *statement, int n, const Column *column, gpointer member)
{
  const char *text = NULL;

  if (!is_of_type (statement, n, column->kind))
    return FALSE;
  if (g_str_equal (column_type (column->kind), "TEXT"))
    text = (const char *)sqlite3_column_text (statement, n);
  switch (column->kind) {
  case SL_VALUE_ID:
    return text != NULL && sl_id_parse ((SlId *)member, text);
  case SL_VALUE_TEXT:
    *(char **)member = g_strdup (text);
    return TRUE;
  case SL_VALUE_BOOLEAN:
  case SL_VALUE_INT32:
  case SL_VALUE_UINT32:
  case SL_VALUE_SET:
    return read_int32 (sqlite3_column_int64 (statement, n), member);
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
    *(gint64 *)member = sqlite3_column_int64 (statement, n);
    return TRUE;
  case SL_VALUE_SIZE:
    return read_size (statement, n, member);
  case SL_VALUE_RANGES:
    return read_ranges (text, (SlRanges **)member);
  case SL_VALUE_FIELDS:
    return read_fields (text, (GVariant **)member);
  case SL_VALUE_ENUM:
    return text != NULL && sl_words_find (column->words, text, (guint *)member);
  }
  g_return_val_if_reached (FALSE);
}

/* Whether the value is the one that the content of a new record has: then it need not be allocated. */
static gboolean
is_initial (sqlite3_stmt *statement, int n, SlValueKind kind)
{
  switch (sqlite3_column_type (statement, n)) {
  case SQLITE_NULL:
    return TRUE;
  case SQLITE_INTEGER:
    return kind != SL_VALUE_SIZE && sqlite3_column_int64 (statement, n) == 0;
  case SQLITE_TEXT:
    return kind == SL_VALUE_RANGES && sqlite3_column_bytes (statement, n) == 0;
  default:
    return FALSE;
  }
}

static gboolean
read_column (sqlite3_stmt *statement, int n, const Column *column, SlRecord *record)
{
  if (column->option != NULL && sqlite3_column_type (statement, n) == SQLITE_NULL)
    return TRUE;
  if (column->in_content && is_initial (statement, n, column->kind))
    return TRUE;
  if (!read_member (statement, n, column,
                    (column->in_content ? (guint8 *)sl_record_edit_content (record)
                                        : (guint8 *)record) +
                        column->offset))
    return FALSE;
  if (column->option != NULL)
    record->asked.set |= SL_OPTION_BIT (column->option->number);
  return TRUE;
}

/* Makes it a download that can only be looked at and aborted. @unread: the columns that can't be read */
static void
set_unreadable (SlRecord *record, const char *unread)
{
  g_autofree char *message = g_strdup_printf ("The download’s row in the queue’s database can’t be "
                                              "read (%s), and is kept as it is; abort the download "
                                              "to remove the row",
                                              unread);

  record->unreadable = TRUE;
  record->state = SL_STATE_FAILED;
  /* otherwise the row would be removed when the service starts */
  record->asked.persistent = TRUE;
  if (record->asked.uri == NULL)
    record->asked.uri = g_strdup ("");
  /* whether they are write-only may be among what can't be read */
  sl_options_unset_secrets (&record->asked);
  sl_record_set_error (record, SLUICE_ERROR_INTERNAL, message);
}

static void
add_unread (GString *unread, const char *name)
{
  g_string_append_printf (unread, "%s%s", unread->len > 0 ? ", " : "", name);
}

SlRecord *
sl_table_read (sqlite3_stmt *statement)
{
  const Column *columns = get_columns ();
  g_autoptr (SlRecord) record = sl_record_new ();
  g_autoptr (GString) unread = g_string_new (NULL);

  for (gsize i = 0; i < N_COLUMNS; i++) {
    if (read_column (statement, (int)i, &columns[i], record))
      continue;
    if (columns[i].kind == SL_VALUE_ID)
      return NULL;
    add_unread (unread, columns[i].name);
  }
  if (record->asked.uri == NULL && strstr (unread->str, "uri") == NULL)
    add_unread (unread, "uri");
  if (record->error < SL_NO_ERROR || record->error >= (gint32)SLUICE_N_ERRORS)
    add_unread (unread, "error");
  if (unread->len > 0)
    set_unreadable (record, unread->str);
  sl_record_clean (record);
  return g_steal_pointer (&record);
}
