/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: a database of any earlier version is read, and nothing in it is lost. */
#include "store.h"

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
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    if (sl_option_get (i)->since > version)
      sl_options_unset (&record->asked, sl_option_get (i));
  }
  if (version < 3)
    record->started = 0;
  if (version < 4) {
    record->stamp.changed = 0;
    record->weak_date = record->one_connection = FALSE;
    record->vain_bytes = 0;
    record->vain_restarts = 0;
  }
  if (version < 5)
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
    old->asked.set = SL_OPTION_BIT (SL_N_OPTIONS) - 1;
    old->asked.max_rate = rate;
    old->asked.cost_policy = SL_COST_POLICY_NO_ROAMING;
    old->asked.deadline = (gint64)rate;
    old->vain_bytes = rate;
    store.save (old);
    sl_store_set_number (store.get (), "a number", (gint64)rate, nullptr, nullptr);
    store.wait ();
  }
  EXPECT_TRUE (list_aside (directory).empty ());
}

TEST (StoreMigration, EachOldVersionIsMigrated)
{
  for (int version = 1; version <= 5; version++)
    expect_migrated (version);
}
