/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: unreadable data is kept: a row in its place, a broken database under a different name. */
#include "store.h"

#include "store/error.h"

/* An earlier version, or any program, may have written it. */
TEST (StoreDatabase, ForeignTextIsCleanedAtLoad)
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
  EXPECT_STREQ (record->asked.display_name, "a\ufffd");
  EXPECT_STREQ (record->content->effective_uri, "a\ufffdb");
  EXPECT_EQ (record->content->version.etag, nullptr);
  EXPECT_LE (g_variant_get_size (record->content->response_headers), 600u);
}

TEST (StoreDatabase, GarbageIsSetAside)
{
  Directory directory;
  std::string garbage (9000, 'x');

  write_file (directory / "queue.sqlite", garbage);
  EXPECT_EQ (read_file (directory / expect_set_aside (directory)), garbage);
}

TEST (StoreDatabase, DamagedIsSetAside)
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
  /* the header is good, the following pages are not */
  std::fill (damaged.begin () + 8192, damaged.end (), 'z');
  write_file (directory / "queue.sqlite", damaged);
  EXPECT_EQ (read_file (directory / expect_set_aside (directory)).substr (8192),
             damaged.substr (8192));
}

TEST (StoreDatabase, CutOffIsSetAside)
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

/* Each file of the directory with its content, except the index of the log, which each reader writes anew. */
static std::string
list_contents (const Directory &directory)
{
  std::string contents;

  for (const std::string &name : directory.list ()) {
    if (name != "queue.sqlite-shm" && name != "lock")
      contents += name + ":" + read_file (directory / name) + "\n";
  }
  return contents;
}

static void
expect_refused_as_newer (const Directory &directory)
{
  std::string before = list_contents (directory);

  for (int i = 0; i < 2; i++) {
    Store store (directory);
    EXPECT_EQ (store.get (), nullptr);
    EXPECT_TRUE (store.error.is (SL_STORE_ERROR, SL_STORE_ERROR_NEWER)) << store.error.text ();
    for (const char *part : {directory.c_str (), "schema 1000", "newer"})
      EXPECT_NE (store.error.text ().find (part), std::string::npos) << store.error.text ();
  }
  EXPECT_TRUE (list_contents (directory) == before) << "something was changed";
}

TEST (StoreDatabase, NewerIsRefusedAndNotTouched)
{
  Directory directory;

  {
    Store store (directory);
    store.save (make_record (42));
    store.wait ();
  }
  int version = Sql (directory).number ("PRAGMA user_version");
  Sql (directory).run ("PRAGMA user_version = 1000");
  expect_refused_as_newer (directory);
  Sql (directory).run ("PRAGMA journal_mode = DELETE");
  expect_refused_as_newer (directory);
  /* the version that wrote it can read all of it */
  Sql (directory).run ("PRAGMA user_version = " + std::to_string (version));
  ASSERT_EQ (Store (directory).loaded.size (), 1u);
}

/* The newer version was killed, and its last writes are only in the log. */
TEST (StoreDatabase, NewerWithALogIsRefusedAndNotTouched)
{
  Directory directory, killed;

  {
    Store store (directory);
    store.save (make_record (42));
    store.wait ();
    Sql (directory).run ("PRAGMA user_version = 1000");
    for (const char *name : {"queue.sqlite", "queue.sqlite-wal"})
      write_file (killed / name, read_file (directory / name));
  }
  ASSERT_GT (read_file (killed / "queue.sqlite-wal").size (), 4096u);
  expect_refused_as_newer (killed);
  EXPECT_EQ (Sql (killed).number ("SELECT seq FROM download"), 42);
}

TEST (StoreDatabase, ForeignTableIsSetAside)
{
  Directory directory;

  Sql (directory).run ("CREATE TABLE download (something); PRAGMA user_version = 1");
  expect_set_aside (directory);
}

TEST (StoreDatabase, DirectoryInItsPlaceIsSetAside)
{
  Directory directory;

  g_mkdir ((directory / "queue.sqlite").c_str (), 0700);
  EXPECT_TRUE (
      g_file_test ((directory / expect_set_aside (directory)).c_str (), G_FILE_TEST_IS_DIR));
}

/* Three rows, of which @change changes the second; returns all of them as text. */
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

/* Rows that SQLite accepts. */
TEST (StoreDatabase, ARowThatCannotBeReadIsShownAsFailedAndKept)
{
  const struct {
    const char *column;
    const char *value;
  } changes[] = {
      {"state", "'flying'"},
      {"state", "NULL"},
      {"priority", "''"},
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
      /* not of the type that we write */
      {"size", "'large'"},
      {"owner", "'me'"},
      {"max_size", "1.5"},
      {"persistent", "x'00'"},
      {"failures", "4294967296"},
      {"uri", "x'687474703a2f2f612f'"},
      /* texts with bytes after a NUL */
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
      EXPECT_TRUE (bad->asked.persistent);
      EXPECT_NE (bad->asked.uri, nullptr);
      EXPECT_NE (bad->content->progress.done, nullptr);
      EXPECT_EQ (bad->asked.headers, nullptr);
      EXPECT_STREQ (bad->content->version.etag, make_full_record ()->content->version.etag)
          << "what can be read of it is lost";
      store.save (make_record (3));
      store.wait ();
      sl_store_remove (store.get (), store.loaded[0].get ());
    }
    Sql (directory).run ("DELETE FROM download WHERE seq = 3");
    EXPECT_EQ (Sql (directory).dump (), before.substr (before.find ('\n') + 1));
    EXPECT_TRUE (list_aside (directory).empty ());
  }
}

TEST (StoreDatabase, AllColumnsThatCannotBeReadAreNamed)
{
  Directory directory;

  spoil_one_of_three (directory, "state = 'flying', size = 'large', uri = NULL");
  Store store (directory);
  ASSERT_EQ (store.loaded.size (), 3u);
  EXPECT_NE (strstr (store.loaded[1]->error_message, "(state, size, uri)"), nullptr)
      << store.loaded[1]->error_message;
}

TEST (StoreDatabase, AnUnreadableRowCanBeReplacedAndRemoved)
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

/* No client could name such a download, and no new row may replace it. */
TEST (StoreDatabase, ARowWithoutAnIdOfItsOwnIsKeptAndNotShown)
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

TEST (StoreDatabase, SetAsideTwiceKeepsBoth)
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

/* The database is valid, but another program has locked it: it must not be set aside. */
TEST (StoreDatabase, LockedByAnotherIsNotSetAside)
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

/* An unknown column is no reason to hide the queue, or to change it while reading. */
TEST (StoreDatabase, AColumnThatIsNotKnownDoesNotMatter)
{
  Directory directory;

  Store (directory).close ();
  Sql (directory).run ("ALTER TABLE download ADD COLUMN mine TEXT DEFAULT 'kept'");
  {
    Store store (directory);
    store.save (make_record (1));
    store.save (make_full_record ());
    store.wait ();
    EXPECT_EQ (store.failed, 0);
  }
  std::string before = Sql (directory).dump ();
  EXPECT_NE (before.find ("'kept'"), std::string::npos);
  Store store (directory);
  ASSERT_EQ (store.loaded.size (), 2u);
  EXPECT_EQ (store.loaded[1]->unreadable, FALSE);
  EXPECT_EQ (Sql (directory).dump (), before);
  EXPECT_TRUE (list_aside (directory).empty ());
}

/* No version has written a table like this. */
TEST (StoreDatabase, OneWithoutAColumnIsSetAside)
{
  Directory directory;

  {
    Store store (directory);
    store.save (make_record (1));
    store.wait ();
  }
  Sql (directory).run ("ALTER TABLE download DROP COLUMN etag");
  expect_set_aside (directory);
}
