/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the tests of the store: records, an open store, and access to its database from outside. */
#pragma once

#include "unit.h"

#include "base/error.h"
#include "store/store.h"

#include <set>
#include <sqlite3.h>

struct Free {
  void
  operator() (SlRecord *record) const
  {
    sl_record_free (record);
  }
};
using Record = std::unique_ptr<SlRecord, Free>;

/* An open store, and the records that it loaded. */
class Store
{
public:
  explicit Store (const Directory &directory)
  {
    store = sl_store_open (directory.c_str (), on_each, this, error.out ());
  }
  ~Store ()
  {
    close ();
  }
  void
  close ()
  {
    g_clear_pointer (&store, sl_store_close);
  }
  /* Saves, and remembers the result; see wait (). */
  void
  save (const Record &record)
  {
    asked++;
    sl_store_save (store, record.get (), on_done, this);
  }
  void
  save_progress (const Record &record)
  {
    asked++;
    sl_store_save_progress (store, record.get (), on_done, this);
  }
  void
  wait ()
  {
    while (done < asked)
      g_main_context_iteration (nullptr, TRUE);
  }
  SlStore *
  get ()
  {
    return store;
  }

  std::vector<Record> loaded;
  Error error;
  int asked = 0, done = 0, failed = 0;

private:
  SlStore *store;

  static void
  on_each (SlRecord *record, gpointer data)
  {
    ((Store *)data)->loaded.emplace_back (record);
  }
  static void
  on_done (const GError *error, gpointer data)
  {
    ((Store *)data)->done++;
    ((Store *)data)->failed += error != nullptr;
  }
};

/* Access to the database from outside. */
class Sql
{
public:
  explicit Sql (const Directory &directory)
  {
    int code = sqlite3_open ((directory / "queue.sqlite").c_str (), &database);
    g_assert_cmpint (code, ==, SQLITE_OK);
    sqlite3_busy_timeout (database, 5000);
  }
  ~Sql ()
  {
    sqlite3_close (database);
  }
  void
  run (const std::string &sql)
  {
    char *message = nullptr;
    sqlite3_exec (database, sql.c_str (), nullptr, nullptr, &message);
    EXPECT_EQ (message, nullptr) << message;
    sqlite3_free (message);
  }
  int
  number (const std::string &sql)
  {
    sqlite3_stmt *statement = nullptr;
    int value = -1;
    sqlite3_prepare_v2 (database, sql.c_str (), -1, &statement, nullptr);
    if (sqlite3_step (statement) == SQLITE_ROW)
      value = sqlite3_column_int (statement, 0);
    sqlite3_finalize (statement);
    return value;
  }
  /* SQL that joins a row's columns into one text, without those in @but. */
  std::string
  list_columns (const std::set<std::string> &but = {})
  {
    sqlite3_stmt *columns = nullptr;
    std::string list;
    sqlite3_prepare_v2 (database, "SELECT name FROM pragma_table_info ('download')", -1, &columns,
                        nullptr);
    while (sqlite3_step (columns) == SQLITE_ROW) {
      std::string name ((const char *)sqlite3_column_text (columns, 0));
      if (but.count (name) == 0)
        list += (list.empty () ? "quote (" : " || ',' || quote (") + name + ")";
    }
    sqlite3_finalize (columns);
    return list;
  }
  /* All rows of the table "download", each on a line, with values as SQL literals. @columns: the columns; empty: all */
  std::string
  dump (std::string columns = "")
  {
    sqlite3_stmt *rows = nullptr;
    std::string text;
    if (columns.empty ())
      columns = list_columns ();
    sqlite3_prepare_v2 (database, ("SELECT " + columns + " FROM download ORDER BY seq").c_str (),
                        -1, &rows, nullptr);
    while (sqlite3_step (rows) == SQLITE_ROW)
      text += std::string ((const char *)sqlite3_column_blob (rows, 0),
                           (gsize)sqlite3_column_bytes (rows, 0)) +
              "\n";
    sqlite3_finalize (rows);
    return text;
  }

private:
  sqlite3 *database = nullptr;
};

inline Record
make_record (gint64 seq, const char *uri = "http://127.0.0.1/file")
{
  Record record (sl_record_new ());

  sl_id_init_random (&record->id);
  record->seq = seq;
  record->asked.uri = g_strdup (uri);
  record->asked.set = SL_OPTION_BIT (SL_OPTION_URI);
  return record;
}

inline GVariant *
fields (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

/* Gives an option a value that is not its default. @n: part of each number and text, so that all values differ */
inline void
change_option (SlOptions *options, const SlOption *option, int n)
{
  gpointer member = sl_options_member (options, option);

  switch (option->kind) {
  case SL_VALUE_TEXT:
    *(char **)member = g_strdup_printf ("text \"%d\" 'ß' \n", n);
    break;
  case SL_VALUE_BOOLEAN:
    *(gboolean *)member = !option->initial;
    break;
  case SL_VALUE_UINT32:
    *(guint32 *)member = G_MAXUINT32 - (guint32)n;
    break;
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
    *(gint64 *)member = G_MAXINT64 - n;
    break;
  case SL_VALUE_ENUM:
    *(guint *)member = option->words->n - 1;
    break;
  case SL_VALUE_SET:
    *(guint *)member = (1u << option->words->n) - 1;
    break;
  case SL_VALUE_FIELDS:
    *(GVariant **)member = fields ("{'Cookie': 'a=\"b\"', 'X-Empty': ''}");
    break;
  default:
    ADD_FAILURE () << option->property << " is of a kind that is not known here";
  }
}

/* A record without defaults; all members differ. */
inline Record
make_full_record ()
{
  Record record = make_record (77, "https://example.org/ä?b=c");
  SlContent *content = sl_record_edit_content (record.get ());
  SlProgress *progress = &content->progress;
  int n = 1000;

  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    if (i != SL_OPTION_URI)
      change_option (&record->asked, sl_option_get (i), n++);
  }
  for (char **text : {&content->version.etag, &content->version.last_modified, &progress->computed,
                      &record->error_message, &content->effective_uri})
    *text = g_strdup_printf ("text \"%d\" 'ß' \n", n++);
  /* these come from outside, and are cleaned */
  for (char **text : {&record->error_message, &content->effective_uri})
    g_strchomp (*text);
  for (guint32 *number : {&record->owner, &content->error_count, &content->restart_count,
                          &content->vain_restarts, &content->failures, &content->http_status})
    *number = G_MAXUINT32 - (guint32)n++;
  for (gint64 *number :
       {&progress->active_time, &record->moved_at, &content->retry_at, &record->created,
        &record->modified, &content->completed, &content->expiry, &record->touched,
        &progress->stamp.birth, &progress->stamp.modified, &progress->stamp.changed})
    *number = -(G_MAXINT64 - n++);
  for (guint64 *number : {&content->version.size, &progress->fetched, &content->vain_bytes,
                          &progress->stamp.inode, &progress->stamp.size})
    *number = G_MAXINT64 - (guint64)n++;
  for (gboolean *truth : {&content->version.weak_date, &content->no_ranges,
                          &content->one_connection, &record->disk_full, &progress->stamp.sealed})
    *truth = TRUE;
  record->started = 6;
  content->response_headers = fields ("{'etag': '\"x\"'}");
  record->wanted = sl_ranges_new_range (5, SL_SIZE_UNKNOWN);
  SlRanges *done = sl_ranges_new_range (10, 20);
  sl_ranges_add (done, 30, 40);
  sl_ranges_unref (progress->done);
  progress->done = done;
  record->state = SL_STATE_TRANSFERRED;
  record->error = SLUICE_ERROR_TIMEOUT;
  record->asked.set = SL_OPTION_BIT (SL_N_OPTIONS) - 1;
  return record;
}

/* All bytes of a record except pointers, and everything they point to. */
inline std::string
describe (const Record &record)
{
  SlRecord plain = *record;
  SlContent content = *record->content;
  std::string text;

  std::vector<char **> texts = {&content.version.etag, &content.version.last_modified,
                                &content.progress.computed, &plain.error_message,
                                &content.effective_uri};
  std::vector<GVariant **> variants = {&content.response_headers};

  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    gpointer member = sl_options_member (&plain.asked, sl_option_get (i));
    if (sl_option_get (i)->kind == SL_VALUE_TEXT)
      texts.push_back ((char **)member);
    else if (sl_option_get (i)->kind == SL_VALUE_FIELDS)
      variants.push_back ((GVariant **)member);
  }
  for (char **member : texts) {
    text += std::string (*member != nullptr ? *member : "(null)") + "|";
    *member = nullptr;
  }
  for (GVariant **member : variants) {
    text += (*member != nullptr ? take (g_variant_print (*member, TRUE)) : "(null)") + "|";
    *member = nullptr;
  }
  for (const SlRanges **member :
       {const_cast<const SlRanges **> (&plain.wanted), &content.progress.done}) {
    text += (*member != nullptr ? take (sl_ranges_to_string (*member)) : "(null)") + "|";
    *member = nullptr;
  }
  plain.content = nullptr;
  for (gsize i = 0; i < sizeof plain; i++)
    text += take (g_strdup_printf ("%02x", ((const guint8 *)&plain)[i]));
  for (gsize i = 0; i < sizeof content; i++)
    text += take (g_strdup_printf ("%02x", ((const guint8 *)&content)[i]));
  return text;
}

inline std::vector<std::string>
list_aside (const Directory &directory)
{
  std::vector<std::string> names;

  for (const std::string &name : directory.list ())
    if (name.find (".corrupt-") != std::string::npos && name.find ("-wal") == std::string::npos &&
        name.find ("-shm") == std::string::npos)
      names.push_back (name);
  return names;
}

/* Opens an unreadable database: expects an empty queue that works, and one old file beside it. */
inline std::string
expect_set_aside (const Directory &directory)
{
  {
    Store store (directory);
    EXPECT_NE (store.get (), nullptr) << store.error.text ();
    if (store.get () == nullptr)
      return "";
    EXPECT_TRUE (store.loaded.empty ());
    store.save (make_record (1));
    store.wait ();
    EXPECT_EQ (store.failed, 0);
  }
  EXPECT_EQ (Store (directory).loaded.size (), 1u);
  EXPECT_EQ (list_aside (directory).size (), 1u);
  return list_aside (directory).empty () ? "" : list_aside (directory)[0];
}
