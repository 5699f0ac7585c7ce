/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: what was saved is there again, all of it or nothing; what can't be read is kept aside. */
#include "unit.h"

#include "base/error.h"
#include "store/store.h"
#include "store/table.h"

#include <sqlite3.h>

namespace
{

struct Free {
  void
  operator() (SlRecord *record) const
  {
    sl_record_free (record);
  }
};
using Record = std::unique_ptr<SlRecord, Free>;

/* A store that is open, and what it had in it. */
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
  /* Saves, and remembers how it ended; see wait (). */
  void
  save (const Record &record)
  {
    asked++;
    sl_store_save (store, record.get (), on_done, this);
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

/* A look at the database from outside. */
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
  /* Every row of the downloads, each value as SQL writes it, a line for a row. */
  std::string
  dump ()
  {
    sqlite3_stmt *columns = nullptr, *rows = nullptr;
    std::string list, text;
    sqlite3_prepare_v2 (database, "SELECT name FROM pragma_table_info ('download')", -1, &columns,
                        nullptr);
    while (sqlite3_step (columns) == SQLITE_ROW)
      list += std::string (list.empty () ? "" : " || ',' || ") + "quote (" +
              (const char *)sqlite3_column_text (columns, 0) + ")";
    sqlite3_finalize (columns);
    sqlite3_prepare_v2 (database, ("SELECT " + list + " FROM download ORDER BY seq").c_str (), -1,
                        &rows, nullptr);
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

Record
make_record (gint64 seq, const char *uri = "http://127.0.0.1/file")
{
  Record record (sl_record_new ());

  sl_id_init_random (&record->id);
  record->seq = seq;
  record->uri = g_strdup (uri);
  return record;
}

GVariant *
fields (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

/* One with no member at its default, and no two alike. */
Record
make_full_record ()
{
  Record record = make_record (77, "https://example.org/ä?b=c");
  int n = 1000;

  for (char **text : {&record->content_id, &record->display_name, &record->correlation,
                      &record->local_path, &record->digest, &record->etag, &record->last_modified,
                      &record->computed, &record->error_message, &record->effective_uri})
    *text = g_strdup_printf ("text \"%d\" 'ß' \n", n++);
  /* these are foreign, and not kept as they are */
  for (char **text : {&record->error_message, &record->effective_uri})
    g_strchomp (*text);
  for (guint32 *number :
       {&record->owner, &record->no_progress_timeout, &record->minimum_retry_delay,
        &record->maximum_time, &record->progress_interval, &record->progress_percent,
        &record->error_count, &record->restart_count, &record->vain_restarts, &record->failures,
        &record->http_status})
    *number = G_MAXUINT32 - (guint32)n++;
  for (gint64 *number :
       {&record->active_time, &record->progress_at, &record->retry_at, &record->created,
        &record->modified, &record->completed, &record->expiry, &record->touched,
        &record->stamp.birth, &record->stamp.modified, &record->stamp.changed})
    *number = -(G_MAXINT64 - n++);
  for (guint64 *number : {&record->max_size, &record->max_rate, &record->size, &record->fetched,
                          &record->vain_bytes, &record->stamp.inode, &record->stamp.size})
    *number = G_MAXINT64 - (guint64)n++;
  for (gboolean *truth :
       {&record->overwrite, &record->auto_start, &record->auto_finalize,
        &record->headers_write_only, &record->insecure_redirect, &record->dynamic,
        &record->weak_date, &record->no_ranges, &record->one_connection, &record->disk_full,
        &record->stamp.sealed, &record->disallow_on_cellular, &record->only_when_idle,
        &record->only_on_external_power, &record->ignore_conditions})
    *truth = TRUE;
  record->deadline = 5;
  record->started = 6;
  record->cost_policy = SL_COST_POLICY_NO_SURCHARGE;
  record->persistent = FALSE;
  record->headers = fields ("{'Cookie': 'a=\"b\"', 'X-Empty': ''}");
  record->response_headers = fields ("{'etag': '\"x\"'}");
  record->wanted = sl_ranges_new_range (5, SL_SIZE_UNKNOWN);
  sl_ranges_add (record->done, 10, 20);
  sl_ranges_add (record->done, 30, 40);
  record->priority = SL_PRIORITY_LOW;
  record->redirect_policy = SL_REDIRECT_REFUSE;
  record->security = (SlSecurityFlags)5;
  record->state = SL_STATE_TRANSFERRED;
  record->error = SLUICE_ERROR_TIMEOUT;
  return record;
}

/* All bytes of a record that are no pointers, and all that the pointers lead to. */
std::string
describe (const Record &record)
{
  SlRecord plain = *record;
  std::string text;

  for (char **member : {&plain.uri, &plain.content_id, &plain.display_name, &plain.correlation,
                        &plain.local_path, &plain.digest, &plain.etag, &plain.last_modified,
                        &plain.computed, &plain.error_message, &plain.effective_uri}) {
    text += std::string (*member != nullptr ? *member : "(null)") + "|";
    *member = nullptr;
  }
  for (GVariant **member : {&plain.headers, &plain.response_headers}) {
    text += (*member != nullptr ? take (g_variant_print (*member, TRUE)) : "(null)") + "|";
    *member = nullptr;
  }
  for (SlRanges **member : {&plain.wanted, &plain.done}) {
    text += (*member != nullptr ? take (sl_ranges_to_string (*member)) : "(null)") + "|";
    *member = nullptr;
  }
  for (gsize i = 0; i < sizeof plain; i++)
    text += take (g_strdup_printf ("%02x", ((const guint8 *)&plain)[i]));
  return text;
}

std::vector<std::string>
list_aside (const Directory &directory)
{
  std::vector<std::string> names;

  for (const std::string &name : directory.list ())
    if (name.find (".corrupt-") != std::string::npos && name.find ("-wal") == std::string::npos &&
        name.find ("-shm") == std::string::npos)
      names.push_back (name);
  return names;
}

/* Opens what can't be read: an empty queue, that works, and one old file beside it. */
std::string
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

} // namespace

TEST (Store, EveryMemberComesBack)
{
  Directory directory;
  Record full = make_full_record ();

  {
    Store store (directory);
    ASSERT_NE (store.get (), nullptr) << store.error.text ();
    EXPECT_TRUE (store.loaded.empty ());
    store.save (full);
    store.wait ();
    EXPECT_EQ (store.failed, 0);
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_EQ (describe (again.loaded[0]), describe (full));
}

TEST (Store, DefaultsComeBack)
{
  Directory directory;
  Record plain = make_record (3);

  {
    Store store (directory);
    store.save (plain);
    store.wait ();
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_EQ (describe (again.loaded[0]), describe (plain));
  EXPECT_EQ (again.loaded[0]->size, SL_SIZE_UNKNOWN);
  EXPECT_EQ (again.loaded[0]->wanted, nullptr);
}

TEST (Store, CopyIsEqualAndItsOwn)
{
  Record full = make_full_record (), copy (sl_record_copy (full.get ()));
  std::string before = describe (full);

  EXPECT_EQ (describe (copy), before);
  EXPECT_NE (copy->uri, full->uri);
  sl_ranges_clear (copy->done);
  EXPECT_EQ (describe (full), before);
}

/* As an earlier version, or anybody, may have written it. */
TEST (Store, ForeignTextIsCleanedAtLoad)
{
  Directory directory;

  {
    Store store (directory);
    store.save (make_record (1));
    store.wait ();
  }
  Sql (directory).run ("UPDATE download SET state = 'failed', error = 9, etag = CAST (x'" +
                       std::string (5000, '4') + "' AS TEXT), error_message = CAST (x'" +
                       std::string (120000, 'f') +
                       "' AS TEXT), display_name = CAST (x'61ff' AS TEXT), " +
                       "effective_uri = CAST (x'611b62' AS TEXT), response_headers = '{''a'': ''" +
                       std::string (9000, 'v') + "''}'");
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  const Record &record = again.loaded[0];
  EXPECT_TRUE (g_utf8_validate (record->error_message, -1, nullptr));
  EXPECT_LE (strlen (record->error_message), (gsize)SL_RECORD_MESSAGE_MAX);
  EXPECT_STREQ (record->display_name, "a\ufffd");
  EXPECT_STREQ (record->effective_uri, "a\ufffdb");
  EXPECT_EQ (record->etag, nullptr);
  EXPECT_LE (g_variant_get_size (record->response_headers), 600u);
}

TEST (Record, AnErrorIsValidAndShort)
{
  Record record = make_record (1);

  sl_record_set_error (record.get (), SLUICE_ERROR_HTTP_STATUS,
                       std::string (60000, '\xff').c_str ());
  EXPECT_EQ (record->error, SLUICE_ERROR_HTTP_STATUS);
  EXPECT_TRUE (g_utf8_validate (record->error_message, -1, nullptr));
  EXPECT_LE (strlen (record->error_message), (gsize)SL_RECORD_MESSAGE_MAX);
  /* one that has the one before in it */
  sl_record_set_error (record.get (), SLUICE_ERROR_TIMEOUT, record->error_message);
  EXPECT_LE (strlen (record->error_message), (gsize)SL_RECORD_MESSAGE_MAX);
  sl_record_clear_error (record.get ());
  EXPECT_EQ (record->error, SL_NO_ERROR);
  EXPECT_EQ (record->error_message, nullptr);
}

TEST (Record, AtRestTheUsefulHeadersAreKept)
{
  Record record = make_record (1);
  GVariantBuilder builder;
  const char *value = nullptr;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
  for (int i = 0; i < 200; i++)
    g_variant_builder_add (&builder, "{ss}", ("x-" + std::to_string (i)).c_str (), "0123456789\n");
  g_variant_builder_add (&builder, "{ss}", "www-authenticate", std::string (9000, 'w').c_str ());
  g_variant_builder_add (&builder, "{ss}", "retry-after", "120");
  g_autoptr (GVariant) all = g_variant_ref_sink (g_variant_builder_end (&builder));
  sl_record_set_response_headers (record.get (), all);
  EXPECT_EQ (g_variant_n_children (record->response_headers), 202u);
  EXPECT_TRUE (g_variant_lookup (record->response_headers, "x-0", "&s", &value));
  EXPECT_STREQ (value, "0123456789\ufffd");
  sl_record_trim_response_headers (record.get ());
  EXPECT_LE (g_variant_get_size (record->response_headers), 700u);
  EXPECT_TRUE (g_variant_lookup (record->response_headers, "retry-after", "&s", &value));
  EXPECT_STREQ (value, "120");
  EXPECT_TRUE (g_variant_lookup (record->response_headers, "www-authenticate", "&s", &value));
  EXPECT_TRUE (g_variant_lookup (record->response_headers, "x-0", "&s", &value));
}

TEST (Record, AValidatorIsKeptAsItIsOrNotAtAll)
{
  Record record = make_record (1);

  sl_record_set_validator (record.get (), "\"\xff\"", "Wed, 01 Jan 2025 00:00:00 GMT");
  EXPECT_STREQ (record->etag, "\"\xff\"");
  sl_record_set_validator (record.get (), std::string (5000, 'e').c_str (), nullptr);
  EXPECT_EQ (record->etag, nullptr);
  EXPECT_EQ (record->last_modified, nullptr);
}

TEST (Store, LoadsInOrderOfCreation)
{
  Directory directory;

  {
    Store store (directory);
    for (gint64 seq : {5, 1, 9, 3})
      store.save (make_record (seq));
    store.wait ();
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 4u);
  EXPECT_EQ (again.loaded[0]->seq, 1);
  EXPECT_EQ (again.loaded[1]->seq, 3);
  EXPECT_EQ (again.loaded[2]->seq, 5);
  EXPECT_EQ (again.loaded[3]->seq, 9);
}

TEST (Store, SavesACopyAsItIsNow)
{
  Directory directory;
  Record record = make_record (1, "http://a/");

  {
    Store store (directory);
    sl_store_hold (store.get ());
    store.save (record);
    g_free (record->uri);
    record->uri = g_strdup ("http://b/");
    sl_store_release (store.get ());
    store.wait ();
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_STREQ (again.loaded[0]->uri, "http://a/");
}

TEST (Store, SavesBeforeACommitBecomeOne)
{
  Directory directory;
  Record record = make_record (1);

  Store (directory).close ();
  Sql (directory).run ("CREATE TABLE log (seq); CREATE TRIGGER count AFTER INSERT ON download "
                       "BEGIN INSERT INTO log VALUES (new.seq); END");
  {
    Store store (directory);
    sl_store_hold (store.get ());
    for (guint32 i = 1; i <= 100; i++) {
      record->error_count = i;
      store.save (record);
    }
    sl_store_release (store.get ());
    store.wait ();
    EXPECT_EQ (store.done, 100);
    EXPECT_EQ (store.failed, 0);
  }
  EXPECT_EQ (Sql (directory).number ("SELECT count(*) FROM log"), 1);
  EXPECT_EQ (Sql (directory).number ("SELECT error_count FROM download"), 100);
}

TEST (Store, RemovedIsGone)
{
  Directory directory;
  Record a = make_record (1), b = make_record (2), c = make_record (3);

  {
    Store store (directory);
    store.save (a);
    store.save (b);
    store.wait ();
    sl_store_remove (store.get (), a.get ());
    /* never written, and saved again before the removal is committed */
    sl_store_hold (store.get ());
    store.save (c);
    sl_store_remove (store.get (), c.get ());
    sl_store_remove (store.get (), b.get ());
    store.save (b);
    sl_store_release (store.get ());
    store.wait ();
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_EQ (again.loaded[0]->seq, 2);
}

TEST (Store, CloseCommitsWhatIsPending)
{
  Directory directory;

  {
    Store store (directory);
    for (gint64 seq = 0; seq < 50; seq++)
      sl_store_save (store.get (), make_record (seq).get (), nullptr, nullptr);
  }
  EXPECT_EQ (Store (directory).loaded.size (), 50u);
}

TEST (Store, HeldIsNotCommitted)
{
  Directory directory;
  Store store (directory);
  Sql sql (directory);
  gint64 end = g_get_monotonic_time () + 50 * G_TIME_SPAN_MILLISECOND;

  sl_store_hold (store.get ());
  store.save (make_record (1));
  while (g_get_monotonic_time () < end) {
    g_main_context_iteration (nullptr, FALSE);
    g_usleep (5000);
  }
  EXPECT_EQ (store.done, 0);
  EXPECT_EQ (sql.number ("SELECT count(*) FROM download"), 0);
  sl_store_release (store.get ());
  store.wait ();
  EXPECT_EQ (sql.number ("SELECT count(*) FROM download"), 1);
}

TEST (Store, OneThatFailsUndoesAllThatWasHeldWithIt)
{
  Directory directory;

  Store (directory).close ();
  Sql (directory).run ("CREATE TRIGGER refuse BEFORE INSERT ON download WHEN new.seq = 3 "
                       "BEGIN SELECT RAISE (ABORT, 'no'); END");
  {
    Store store (directory);
    sl_store_hold (store.get ());
    for (gint64 seq = 1; seq <= 4; seq++)
      store.save (make_record (seq));
    sl_store_release (store.get ());
    store.wait ();
    EXPECT_EQ (store.failed, 4);
    EXPECT_EQ (Sql (directory).number ("SELECT count(*) FROM download"), 0);
    /* and the next one is not spoilt by it */
    store.save (make_record (5));
    store.wait ();
    EXPECT_EQ (store.failed, 4);
  }
  EXPECT_EQ (Sql (directory).number ("SELECT sum(seq) FROM download"), 5);
}

TEST (Store, ASecondOpenerIsRefused)
{
  Directory directory;
  Store first (directory), second (directory);

  ASSERT_NE (first.get (), nullptr);
  EXPECT_EQ (second.get (), nullptr);
  EXPECT_TRUE (second.error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE)) << second.error.text ();
  EXPECT_TRUE (list_aside (directory).empty ());
  first.close ();
  EXPECT_NE (Store (directory).get (), nullptr);
}

TEST (Store, MakesItsDirectory)
{
  Directory directory;
  std::string path = directory / "a/b";
  SlStore *store = sl_store_open (
      path.c_str (), [] (SlRecord *, gpointer) {}, nullptr, nullptr);

  ASSERT_NE (store, nullptr);
  sl_store_close (store);
  EXPECT_TRUE (g_file_test ((path + "/queue.sqlite").c_str (), G_FILE_TEST_IS_REGULAR));
}

TEST (Store, DirectoryThatCannotBeUsed)
{
  Directory directory;
  Error error;

  write_file (directory / "file", "");
  EXPECT_EQ (sl_store_open ((directory / "file").c_str (), [] (SlRecord *, gpointer) {}, nullptr,
                            error.out ()),
             nullptr);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE)) << error.text ();
}

TEST (Store, GarbageIsSetAside)
{
  Directory directory;
  std::string garbage (9000, 'x');

  write_file (directory / "queue.sqlite", garbage);
  EXPECT_EQ (read_file (directory / expect_set_aside (directory)), garbage);
}

TEST (Store, DamagedIsSetAside)
{
  Directory directory;
  std::string whole, damaged;

  {
    Store store (directory);
    for (gint64 seq = 1; seq <= 200; seq++)
      store.save (make_record (seq));
    store.wait ();
  }
  whole = damaged = read_file (directory / "queue.sqlite");
  ASSERT_GT (whole.size (), 20000u);
  /* the head is good, the pages behind it are not */
  std::fill (damaged.begin () + 8192, damaged.end (), 'z');
  write_file (directory / "queue.sqlite", damaged);
  EXPECT_EQ (read_file (directory / expect_set_aside (directory)).substr (8192),
             damaged.substr (8192));
}

TEST (Store, CutOffIsSetAside)
{
  Directory directory;

  {
    Store store (directory);
    for (gint64 seq = 1; seq <= 200; seq++)
      store.save (make_record (seq));
    store.wait ();
  }
  write_file (directory / "queue.sqlite", read_file (directory / "queue.sqlite").substr (0, 9000));
  expect_set_aside (directory);
}

TEST (Store, NewerIsSetAsideWithAllThatIsInIt)
{
  Directory directory;
  std::string aside;
  sqlite3 *old = nullptr;
  sqlite3_stmt *statement = nullptr;

  {
    Store store (directory);
    store.save (make_record (42));
    store.wait ();
  }
  Sql (directory).run ("PRAGMA user_version = 1000");
  aside = directory / expect_set_aside (directory);
  ASSERT_EQ (sqlite3_open (aside.c_str (), &old), SQLITE_OK);
  sqlite3_prepare_v2 (old, "SELECT seq FROM download", -1, &statement, nullptr);
  EXPECT_EQ (sqlite3_step (statement), SQLITE_ROW);
  EXPECT_EQ (sqlite3_column_int (statement, 0), 42);
  sqlite3_finalize (statement);
  sqlite3_close (old);
}

/* Takes away what came after a version of the schema. */
static void
make_old (const Directory &directory, int version)
{
  const struct {
    int since;
    const char *sql;
  } parts[] = {
      {2, "ALTER TABLE download DROP COLUMN max_bytes_per_second"},
      {3, "ALTER TABLE download DROP COLUMN cost_policy"},
      {3, "ALTER TABLE download DROP COLUMN disallow_on_cellular"},
      {3, "ALTER TABLE download DROP COLUMN only_when_idle"},
      {3, "ALTER TABLE download DROP COLUMN only_on_external_power"},
      {3, "ALTER TABLE download DROP COLUMN ignore_conditions"},
      {3, "ALTER TABLE download DROP COLUMN deadline"},
      {3, "ALTER TABLE download DROP COLUMN started"},
      {3, "DROP TABLE number"},
      {4, "ALTER TABLE download DROP COLUMN part_changed"},
      {4, "ALTER TABLE download DROP COLUMN weak_date"},
      {4, "ALTER TABLE download DROP COLUMN one_connection"},
      {4, "ALTER TABLE download DROP COLUMN vain_bytes"},
      {4, "ALTER TABLE download DROP COLUMN vain_restarts"},
      {5, "ALTER TABLE download DROP COLUMN touched"},
  };

  for (const auto &part : parts) {
    if (part.since > version)
      Sql (directory).run (part.sql);
  }
  Sql (directory).run ("PRAGMA user_version = " + std::to_string (version));
}

/* What @record is after it has been in a database of @version. */
static void
forget_what_is_newer (Record &record, int version)
{
  if (version < 2)
    record->max_rate = 0;
  if (version < 3) {
    record->cost_policy = SL_COST_POLICY_UNSET;
    record->disallow_on_cellular = record->only_when_idle = record->only_on_external_power = FALSE;
    record->ignore_conditions = FALSE;
    record->deadline = record->started = 0;
  }
  if (version < 4) {
    record->stamp.changed = 0;
    record->weak_date = record->one_connection = FALSE;
    record->vain_bytes = 0;
    record->vain_restarts = 0;
  }
  record->touched = 0;
}

static void
expect_migrated (int version)
{
  SCOPED_TRACE (version);
  Directory directory;
  Record old = make_full_record (), plain = make_record (1);

  {
    Store store (directory);
    store.save (old);
    store.save (plain);
    if (version >= 3)
      sl_store_set_number (store.get (), "a number", 96, nullptr, nullptr);
    store.wait ();
  }
  make_old (directory, version);
  forget_what_is_newer (old, version);
  for (guint64 rate : {99, 98, 97}) {
    Store store (directory);
    ASSERT_EQ (store.loaded.size (), 2u);
    EXPECT_EQ (describe (store.loaded[0]), describe (plain));
    EXPECT_EQ (describe (store.loaded[1]), describe (old));
    if (rate == 99) {
      EXPECT_EQ (sl_store_get_number (store.get (), "a number"), version >= 3 ? 96 : 0);
    }
    old->max_rate = rate;
    old->cost_policy = SL_COST_POLICY_NO_ROAMING;
    old->deadline = (gint64)rate;
    old->vain_bytes = rate;
    store.save (old);
    sl_store_set_number (store.get (), "a number", (gint64)rate, nullptr, nullptr);
    store.wait ();
  }
  EXPECT_TRUE (list_aside (directory).empty ());
}

TEST (Store, EachOldVersionIsMigrated)
{
  for (int version = 1; version <= 4; version++)
    expect_migrated (version);
}

TEST (Store, NumbersAreKept)
{
  Directory directory;

  {
    Store store (directory);
    EXPECT_EQ (sl_store_get_number (store.get (), "a"), 0);
    sl_store_set_number (store.get (), "a", 5, nullptr, nullptr);
    sl_store_set_number (store.get (), "b", -7, nullptr, nullptr);
    sl_store_set_number (store.get (), "c", 1, nullptr, nullptr);
    sl_store_set_number (store.get (), "c", 0, nullptr, nullptr);
    EXPECT_EQ (sl_store_get_number (store.get (), "a"), 5);
    EXPECT_EQ (sl_store_get_number (store.get (), "c"), 0);
  }
  Store store (directory);
  EXPECT_EQ (sl_store_get_number (store.get (), "a"), 5);
  EXPECT_EQ (sl_store_get_number (store.get (), "b"), -7);
  std::string all;
  sl_store_foreach_number (
      store.get (),
      [] (const char *name, gint64 value, gpointer data) {
        *(std::string *)data += name + std::to_string (value) + " ";
      },
      &all);
  EXPECT_TRUE (all == "a5 b-7 " || all == "b-7 a5 ") << all;
}

TEST (Store, ForeignTableIsSetAside)
{
  Directory directory;

  Sql (directory).run ("CREATE TABLE download (something); PRAGMA user_version = 1");
  expect_set_aside (directory);
}

TEST (Store, DirectoryInItsPlaceIsSetAside)
{
  Directory directory;

  g_mkdir ((directory / "queue.sqlite").c_str (), 0700);
  EXPECT_TRUE (
      g_file_test ((directory / expect_set_aside (directory)).c_str (), G_FILE_TEST_IS_DIR));
}

/* Three rows; the one in the middle is changed by @change, and then all of them are as text. */
static std::string
spoil_one_of_three (const Directory &directory, const std::string &change)
{
  {
    Store store (directory);
    store.save (make_record (1));
    store.save (make_full_record ());
    store.save (make_record (99));
    store.wait ();
  }
  Sql (directory).run ("UPDATE download SET " + change + " WHERE seq = 77");
  return Sql (directory).dump ();
}

/* Rows that SQLite finds nothing wrong with. */
TEST (Store, ARowThatCannotBeReadIsShownAsFailedAndKept)
{
  const struct {
    const char *column;
    const char *value;
  } changes[] = {
      {"state", "'flying'"},
      {"state", "NULL"},
      {"priority", "NULL"},
      {"uri", "NULL"},
      {"done", "'9-1'"},
      {"wanted", "'all'"},
      {"http_headers", "'none'"},
      {"response_headers", "'{'"},
      {"error", "1000"},
      {"error", "-2"},
      {"redirect_policy", "''"},
      {"cost_policy", "'free'"},
      {"size", "-5"},
      /* not of the type that is written */
      {"size", "'large'"},
      {"owner", "'me'"},
      {"max_size", "1.5"},
      {"persistent", "x'00'"},
      {"failures", "4294967296"},
      {"uri", "x'687474703a2f2f612f'"},
      /* texts that go on behind a NUL */
      {"local_path", "CAST (x'2f610062' AS TEXT)"},
      {"state", "CAST (x'70617573656400' AS TEXT)"},
  };

  for (const auto &change : changes) {
    Directory directory;
    std::string setting = std::string (change.column) + " = " + change.value;
    SCOPED_TRACE (setting);
    std::string before = spoil_one_of_three (directory, setting);
    {
      Store store (directory);
      ASSERT_EQ (store.loaded.size (), 3u);
      const Record &bad = store.loaded[1];
      EXPECT_FALSE (store.loaded[0]->unreadable || store.loaded[2]->unreadable);
      EXPECT_TRUE (bad->unreadable);
      EXPECT_EQ (bad->state, SL_STATE_FAILED);
      EXPECT_EQ (bad->error, SLUICE_ERROR_INTERNAL);
      EXPECT_NE (strstr (bad->error_message, change.column), nullptr) << bad->error_message;
      EXPECT_TRUE (bad->persistent);
      EXPECT_NE (bad->uri, nullptr);
      EXPECT_NE (bad->done, nullptr);
      EXPECT_EQ (bad->headers, nullptr);
      EXPECT_STREQ (bad->etag, make_full_record ()->etag) << "what can be read of it is lost";
      store.save (make_record (3));
      store.wait ();
      sl_store_remove (store.get (), store.loaded[0].get ());
    }
    Sql (directory).run ("DELETE FROM download WHERE seq = 3");
    EXPECT_EQ (Sql (directory).dump (), before.substr (before.find ('\n') + 1));
    EXPECT_TRUE (list_aside (directory).empty ());
  }
}

TEST (Store, AllColumnsThatCannotBeReadAreNamed)
{
  Directory directory;

  spoil_one_of_three (directory, "state = 'flying', size = 'large', uri = NULL");
  Store store (directory);
  ASSERT_EQ (store.loaded.size (), 3u);
  EXPECT_NE (strstr (store.loaded[1]->error_message, "(uri, state, size)"), nullptr)
      << store.loaded[1]->error_message;
}

TEST (Store, AnUnreadableRowCanBeReplacedAndRemoved)
{
  Directory directory;

  spoil_one_of_three (directory, "state = 'flying'");
  {
    Store store (directory);
    store.loaded[1]->unreadable = FALSE;
    store.loaded[1]->state = SL_STATE_ABORTED;
    store.save (store.loaded[1]);
    store.wait ();
  }
  {
    Store store (directory);
    ASSERT_EQ (store.loaded.size (), 3u);
    EXPECT_EQ (store.loaded[1]->state, SL_STATE_ABORTED);
    EXPECT_FALSE (store.loaded[1]->unreadable);
    sl_store_remove (store.get (), store.loaded[1].get ());
  }
  EXPECT_EQ (Store (directory).loaded.size (), 2u);
}

/* Nobody could name it; and no new row may take its place. */
TEST (Store, ARowWithoutAnIdOfItsOwnIsKeptAndNotShown)
{
  for (const char *change :
       {"id = 'me'", "id = NULL", "id = x'00'", "id = id || ' '",
        "id = (SELECT id FROM download WHERE seq = 1)", "seq = 100, id = 'me'"}) {
    Directory directory;
    SCOPED_TRACE (change);
    std::string before = spoil_one_of_three (directory, change);
    {
      Store store (directory);
      ASSERT_EQ (store.loaded.size (), 2u);
      EXPECT_EQ (store.loaded[0]->seq, 1);
      EXPECT_EQ (store.loaded[1]->seq, 99);
      EXPECT_EQ (sl_store_get_last_seq (store.get ()), strstr (change, "100") ? 100 : 99);
    }
    EXPECT_EQ (Sql (directory).dump (), before);
    EXPECT_TRUE (list_aside (directory).empty ());
  }
}

TEST (Store, SetAsideTwiceKeepsBoth)
{
  Directory directory;

  for (const char *garbage : {"first first first", "second second second"}) {
    write_file (directory / "queue.sqlite", garbage);
    ASSERT_NE (Store (directory).get (), nullptr);
  }
  ASSERT_EQ (list_aside (directory).size (), 2u);
  EXPECT_NE (read_file (directory / list_aside (directory)[0]),
             read_file (directory / list_aside (directory)[1]));
}

/* It's whole, only another program has it: nothing may be lost from sight because of that. */
TEST (Store, LockedByAnotherIsNotSetAside)
{
  Directory directory;

  {
    Store store (directory);
    store.save (make_record (1));
    store.wait ();
  }
  {
    Sql other (directory);
    other.run ("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; "
               "UPDATE download SET seq = 2; COMMIT");
    Store store (directory);
    EXPECT_EQ (store.get (), nullptr);
    EXPECT_TRUE (store.error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE)) << store.error.text ();
  }
  EXPECT_TRUE (list_aside (directory).empty ());
  EXPECT_EQ (Store (directory).loaded.size (), 1u);
}
