/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: saved records are loaded again, completely or not at all. */
#include "store.h"

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
  EXPECT_EQ (again.loaded[0]->content->version.size, SL_SIZE_UNKNOWN);
  EXPECT_EQ (again.loaded[0]->wanted, nullptr);
}

TEST (Store, CopyIsEqualAndItsOwn)
{
  Record full = make_full_record (), copy (sl_record_copy (full.get ()));
  std::string before = describe (full);

  EXPECT_EQ (describe (copy), before);
  EXPECT_NE (copy->asked.uri, full->asked.uri);
  sl_record_forget_content (copy.get ());
  EXPECT_NE (describe (copy), before);
  EXPECT_EQ (describe (full), before);
}

TEST (Record, AnErrorIsValidAndShort)
{
  Record record = make_record (1);

  sl_record_set_error (record.get (), SLUICE_ERROR_HTTP_STATUS,
                       std::string (60000, '\xff').c_str ());
  EXPECT_EQ (record->error, SLUICE_ERROR_HTTP_STATUS);
  EXPECT_TRUE (g_utf8_validate (record->error_message, -1, nullptr));
  EXPECT_LE (strlen (record->error_message), (gsize)SL_RECORD_MESSAGE_MAX);
  /* an error that contains the previous one */
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
  EXPECT_EQ (g_variant_n_children (record->content->response_headers), 202u);
  EXPECT_TRUE (g_variant_lookup (record->content->response_headers, "x-0", "&s", &value));
  EXPECT_STREQ (value, "0123456789\ufffd");
  sl_record_trim_response_headers (record.get ());
  EXPECT_LE (g_variant_get_size (record->content->response_headers), 700u);
  EXPECT_TRUE (g_variant_lookup (record->content->response_headers, "retry-after", "&s", &value));
  EXPECT_STREQ (value, "120");
  EXPECT_TRUE (
      g_variant_lookup (record->content->response_headers, "www-authenticate", "&s", &value));
  EXPECT_TRUE (g_variant_lookup (record->content->response_headers, "x-0", "&s", &value));
}

TEST (Record, AValidatorIsKeptAsItIsOrNotAtAll)
{
  Record record = make_record (1);

  g_autofree char *odd = g_strdup ("\"\xff\""), *date = g_strdup ("Wed, 01 Jan 2025 00:00:00 GMT");
  g_autofree char *long_tag = g_strnfill (5000, 'e');
  const SlValidator kept = {odd, date, TRUE, 5}, dropped = {long_tag, nullptr, FALSE, 6};

  sl_record_set_version (record.get (), &kept);
  EXPECT_STREQ (record->content->version.etag, "\"\xff\"");
  EXPECT_TRUE (record->content->version.weak_date);
  EXPECT_EQ (record->content->version.size, 5u);
  sl_record_set_version (record.get (), &dropped);
  EXPECT_EQ (record->content->version.etag, nullptr);
  EXPECT_EQ (record->content->version.last_modified, nullptr);
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
    g_free (record->asked.uri);
    record->asked.uri = g_strdup ("http://b/");
    sl_store_release (store.get ());
    store.wait ();
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_STREQ (again.loaded[0]->asked.uri, "http://a/");
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
      sl_record_edit_content (record.get ())->error_count = i;
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

/* Changes what a sync changes. */
static void
move_on (const Record &record, guint64 to)
{
  SlProgress *progress = &sl_record_edit_content (record.get ())->progress;

  sl_ranges_unref (progress->done);
  progress->done = sl_ranges_new_range (0, to);
  progress->stamp.size = progress->fetched = to;
  record->modified = (gint64)to;
}

TEST (Store, ProgressIsSavedByItself)
{
  Directory directory;
  Record record = make_full_record (), expected;

  Store (directory).close ();
  Sql (directory).run ("CREATE TABLE log (seq); CREATE TRIGGER count AFTER INSERT ON download "
                       "BEGIN INSERT INTO log VALUES (new.seq); END");
  {
    Store store (directory);
    store.save (record);
    store.wait ();
    move_on (record, 4000);
    expected.reset (sl_record_copy (record.get ()));
    /* a change without sl_record_note (): it must not be written, which shows that only the progress was */
    sl_record_edit_content (record.get ())->failures = 4711;
    store.save_progress (record);
    store.wait ();
    EXPECT_EQ (store.failed, 0);
  }
  EXPECT_EQ (Sql (directory).number ("SELECT count(*) FROM log"), 1);
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_EQ (describe (again.loaded[0]), describe (expected));
}

TEST (Store, ProgressTakesWithItWhatElseWasNoted)
{
  Directory directory;
  Record record = make_full_record ();

  {
    Store store (directory);
    store.save (record);
    sl_record_set_http_status (record.get (), 206);
    move_on (record, 4000);
    EXPECT_TRUE (record->unsaved);
    store.save_progress (record);
    EXPECT_FALSE (record->unsaved);
    store.wait ();
  }
  record->untold = 0;
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_EQ (describe (again.loaded[0]), describe (record));
}

TEST (Store, ProgressBeforeTheCommitOfTheRestIsPartOfIt)
{
  Directory directory;
  Record record = make_full_record (), gone = make_record (78);

  {
    Store store (directory);
    store.save (gone);
    store.wait ();
    sl_store_hold (store.get ());
    store.save (record);
    move_on (record, 1000);
    store.save_progress (record);
    move_on (record, 2000);
    store.save_progress (record);
    sl_store_remove (store.get (), gone.get ());
    store.save_progress (gone);
    sl_store_release (store.get ());
    store.wait ();
    EXPECT_EQ (store.failed, 0);
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u) << "one that was removed came back";
  EXPECT_EQ (describe (again.loaded[0]), describe (record));
}

TEST (Store, ProgressIsSavedAsItWasWhenThatWasAsked)
{
  Directory directory;
  Record record = make_full_record (), expected;

  {
    Store store (directory);
    store.save (record);
    store.wait ();
    sl_store_hold (store.get ());
    move_on (record, 1000);
    store.save_progress (record);
    expected.reset (sl_record_copy (record.get ()));
    move_on (record, 2000);
    sl_store_release (store.get ());
    store.wait ();
  }
  Store again (directory);
  ASSERT_EQ (again.loaded.size (), 1u);
  EXPECT_EQ (describe (again.loaded[0]), describe (expected));
}

/* A fact that is reported although it has not changed would wake each listener. */
TEST (Record, NotesTheFactsThatChanged)
{
  Record record = make_record (1);
  g_autoptr (GVariant) headers = fields ("{'etag': '\"x\"'}");
  const SlValidator version = {nullptr, nullptr, FALSE, 5};
  const auto noted = [&] {
    auto facts = (guint)record->untold;
    record->untold = 0;
    return facts;
  };

  sl_record_set_error (record.get (), SLUICE_ERROR_TIMEOUT, "slow");
  EXPECT_EQ (noted (), (guint)(SL_FACT_ERROR | SL_FACT_ERROR_MESSAGE));
  sl_record_set_error (record.get (), SLUICE_ERROR_TIMEOUT, "slower");
  EXPECT_EQ (noted (), (guint)SL_FACT_ERROR_MESSAGE);
  sl_record_set_error (record.get (), SLUICE_ERROR_TIMEOUT, "slower");
  EXPECT_EQ (noted (), 0u);
  for (guint expected : {(guint)SL_FACT_SIZE, 0u}) {
    sl_record_set_version (record.get (), &version);
    EXPECT_EQ (noted (), expected);
  }
  for (guint expected : {(guint)SL_FACT_HTTP_STATUS, 0u}) {
    sl_record_set_http_status (record.get (), 206);
    EXPECT_EQ (noted (), expected);
  }
  for (guint expected : {(guint)SL_FACT_RESPONSE_HEADERS, 0u}) {
    sl_record_set_response_headers (record.get (), headers);
    EXPECT_EQ (noted (), expected);
  }
  for (guint expected : {(guint)SL_FACT_EFFECTIVE_URI, 0u}) {
    sl_record_set_effective_uri (record.get (), "http://b/");
    EXPECT_EQ (noted (), expected);
  }
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
    /* and the next commit is not affected */
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
