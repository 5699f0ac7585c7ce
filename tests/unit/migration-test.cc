/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* store: the queue of each earlier version is read without a loss, even if the service is killed meanwhile. */
#include "store.h"

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

/* The present version of the schema. */
static int
get_version_of_today ()
{
  Directory directory;

  Store (directory).close ();
  return Sql (directory).number ("PRAGMA user_version");
}

static std::string
get_path_of_recorded (int version)
{
  return SLUICE_RECORDED "/store/v" + std::to_string (version) + ".sql";
}

/* The files of a queue of an earlier version whose daemon was killed, so that everything is in the log. */
struct Recorded {
  std::string database, log;
};

static Recorded
make_recorded (int version)
{
  Directory directory;
  Sql sql (directory);

  sql.run ("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0");
  sql.run (read_file (get_path_of_recorded (version)));
  EXPECT_EQ (sql.number ("PRAGMA user_version"), version);
  return {read_file (directory / "queue.sqlite"), read_file (directory / "queue.sqlite-wal")};
}

static void
put (const Directory &directory, const Recorded &recorded)
{
  write_file (directory / "queue.sqlite", recorded.database);
  write_file (directory / "queue.sqlite-wal", recorded.log);
}

/* The downloads of each recorded queue. */
static const char all_downloads[] =
    "1 aborted http://127.0.0.1/ (null) -1 [] (null) (null) error -1 status 0\n"
    "2 finalized http://recorded.example/file /tmp/recorded/downloads/finalized 300000 "
    "[0-299999] (null) \"recorded-1\" error -1 status 200\n"
    "3 transferred http://recorded.example/plain /tmp/recorded/downloads/transferred 300000 "
    "[0-299999] (null) (null) error -1 status 200\n"
    "4 created http://recorded.example/file?gr%C3%B6%C3%9Fe=%C3%A4 "
    "/tmp/recorded/downloads/Größe – 日本語 'x'.bin -1 [] (null) (null) error -1 status 0\n"
    "5 paused http://recorded.example/held /tmp/recorded/downloads/half 300000 [0-99999] (null) "
    "\"recorded-1\" error -1 status 200\n"
    "6 transferred http://recorded.example/file /tmp/recorded/downloads/ranges 300000 "
    "[0-999,5000-6999] 0-999,5000-6999 \"recorded-1\" error -1 status 206\n"
    "7 failed http://recorded.example/missing /tmp/recorded/downloads/failed -1 [] (null) (null) "
    "error 9 status 404\n"
    "8 retrying http://127.0.0.1:9/closed /tmp/recorded/downloads/retrying -1 [] (null) (null) "
    "error 16 status 0\n"
    "9 aborted http://recorded.example/file /tmp/recorded/downloads/aborted -1 [] (null) (null) "
    "error -1 status 0\n"
    "10 created http://recorded.example/file /tmp/recorded/downloads/not-persistent -1 [] (null) "
    "(null) error -1 status 0\n"
    "11 transferring http://recorded.example/slow /tmp/recorded/downloads/moving 300000 "
    "[0-101999] (null) \"recorded-1\" error -1 status 200\n"
    "12 queued http://recorded.example/file /tmp/recorded/downloads/queued -1 [] (null) (null) "
    "error -1 status 0\n";

static std::string
show (const char *text)
{
  return text != nullptr ? text : "(null)";
}

static std::string
list_downloads (const Store &store)
{
  std::string text;

  for (const Record &record : store.loaded) {
    std::string wanted =
        record->wanted != nullptr ? take (sl_ranges_to_string (record->wanted)) : "(null)";
    text += std::to_string (record->seq) + " " + sl_state_to_string (record->state) + " " +
            show (record->asked.uri) + " " + show (record->asked.local_path) + " " +
            std::to_string ((gint64)record->content->version.size) + " [" +
            take (sl_ranges_to_string (record->content->progress.done)) + "] " + wanted + " " +
            show (record->content->version.etag) + " error " + std::to_string (record->error) +
            " status " + std::to_string (record->content->http_status) + "\n";
  }
  return text;
}

/* Checks the download that has each property set that its version knew. */
static void
expect_every_property (const Record &record, int version)
{
  EXPECT_STREQ (record->asked.content_id, "content/1");
  EXPECT_STREQ (record->asked.display_name, "Größe „x“ 'y' \"z\" 日本語");
  EXPECT_STREQ (record->asked.correlation, "cv.1");
  EXPECT_EQ (take (g_variant_print (record->asked.headers, FALSE)),
             "{'X-Token': \"a='b' \\\"ß\\\"\", 'Accept': 'text/plain'}");
  EXPECT_EQ (record->asked.priority, SL_PRIORITY_LOW);
  EXPECT_EQ (record->asked.redirect_policy, SL_REDIRECT_REFUSE);
  EXPECT_EQ ((int)record->asked.security, 4);
  for (gboolean truth :
       {record->asked.overwrite, record->asked.auto_finalize, record->asked.headers_write_only,
        record->asked.insecure_redirect, record->asked.dynamic, record->asked.persistent})
    EXPECT_TRUE (truth);
  EXPECT_EQ (record->asked.max_size, 5000000000u);
  EXPECT_EQ (record->asked.no_progress_timeout, 86400u);
  EXPECT_EQ (record->asked.minimum_retry_delay, 120u);
  EXPECT_EQ (record->asked.maximum_time, 7200u);
  EXPECT_EQ (record->asked.progress_interval, 3u);
  EXPECT_EQ (record->asked.progress_percent, 7u);
  EXPECT_EQ (record->asked.max_rate, version >= 2 ? 6000000000u : 0u);
  EXPECT_EQ (record->asked.cost_policy,
             version >= 3 ? SL_COST_POLICY_NO_ROAMING : SL_COST_POLICY_UNSET);
  for (gboolean truth : {record->asked.disallow_on_cellular, record->asked.only_when_idle,
                         record->asked.only_on_external_power, record->asked.ignore_conditions})
    EXPECT_EQ (truth, version >= 3);
  EXPECT_EQ (record->asked.deadline, version >= 3 ? 4102444800000000 : 0);
}

/* Checks that a half-fetched download has the defaults for what later versions brought. */
static void
expect_defaults (const Record &record, int version)
{
  EXPECT_EQ (record->started != 0, version >= 3);
  EXPECT_EQ (record->content->progress.stamp.changed != 0, version >= 4);
  EXPECT_FALSE (record->content->version.weak_date || record->content->one_connection);
  EXPECT_EQ (record->content->vain_bytes + record->content->vain_restarts, 0u);
  EXPECT_EQ (record->touched != 0, version >= 5);
  /* these identify its part file */
  EXPECT_NE (record->content->progress.stamp.inode, 0u);
  EXPECT_NE (record->content->progress.stamp.birth, 0);
  EXPECT_EQ (record->content->progress.stamp.size, 100000u);
  EXPECT_TRUE (record->content->progress.stamp.sealed);
}

static void
expect_whole (const Store &store, int version)
{
  ASSERT_EQ (store.loaded.size (), 12u) << store.error.text ();
  EXPECT_EQ (list_downloads (store), all_downloads);
  for (const Record &record : store.loaded)
    EXPECT_FALSE (record->unreadable) << record->error_message;
  EXPECT_FALSE (store.loaded[9]->asked.persistent);
  EXPECT_STREQ (store.loaded[6]->error_message, "127.0.0.1 answered “404 Not Found”");
  expect_every_property (store.loaded[3], version);
  expect_defaults (store.loaded[4], version);
}

/* The number of the last version that is recorded. */
static int
get_last_recorded ()
{
  int version = 0;

  while (g_file_test (get_path_of_recorded (version + 1).c_str (), G_FILE_TEST_EXISTS))
    version++;
  return version;
}

TEST (StoreMigration, EachEarlierVersionIsRecorded)
{
  EXPECT_GE (get_last_recorded (), get_version_of_today () - 1)
      << "Before you raise the version of the schema, record a database of the present one: build "
         "the daemon of the commit before, and run: tests/support/record-queue SLUICED >"
      << get_path_of_recorded (get_last_recorded () + 1);
}

TEST (StoreMigration, ARecordedQueueIsReadWithEveryValue)
{
  for (int version = 1; version <= get_last_recorded (); version++) {
    SCOPED_TRACE (version);
    Directory directory;
    put (directory, make_recorded (version));
    std::string columns = Sql (directory).list_columns (
        {"response_headers",
         "cost_policy"}) /* one is an enumeration, the other was empty if not set */;
    std::string before = Sql (directory).dump (columns);
    ASSERT_EQ (std::count (before.begin (), before.end (), '\n'), 12);
    for (int i = 0; i < 3; i++) {
      Store store (directory);
      expect_whole (store, version);
      EXPECT_EQ (sl_store_get_number (store.get (), "suspended"), version >= 3);
      EXPECT_EQ (Sql (directory).dump (columns), before) << "the migration has changed something";
      /* saves them as they were read; the next round reads what was saved */
      for (const Record &record : store.loaded)
        store.save (record);
      store.wait ();
      EXPECT_EQ (store.failed, 0);
      EXPECT_EQ (Sql (directory).dump (columns), before) << "something was not read as it was";
    }
    EXPECT_EQ (Sql (directory).number ("PRAGMA user_version"), get_version_of_today ());
    EXPECT_TRUE (list_aside (directory).empty ());
  }
}

/* Kills a child at a chosen system call with which SQLite changes a file. */

static int calls_to_live;
static bool dies_halfway;

static void
count_call ()
{
  if (calls_to_live-- == 0)
    raise (SIGKILL);
}

static ssize_t
pwrite_or_die (int fd, const void *data, size_t size, off_t offset)
{
  if (calls_to_live == 0 && dies_halfway && pwrite (fd, data, size / 2, offset) < 0)
    return -1;
  count_call ();
  return pwrite (fd, data, size, offset);
}

static int
ftruncate_or_die (int fd, off_t size)
{
  count_call ();
  return ftruncate (fd, size);
}

static int
unlink_or_die (const char *path)
{
  count_call ();
  return unlink (path);
}

/* Opens and closes the store in a child; false if the child was killed at call number @n before it ended. */
static bool
survives (const Directory &directory, int n, bool halfway)
{
  pid_t pid = fork ();
  int status = 0;

  if (pid == 0) {
    sqlite3_vfs *vfs = sqlite3_vfs_find (nullptr);
    for (const char *name : {"pwrite", "pwrite64"})
      vfs->xSetSystemCall (vfs, name, (sqlite3_syscall_ptr)pwrite_or_die);
    vfs->xSetSystemCall (vfs, "ftruncate", (sqlite3_syscall_ptr)ftruncate_or_die);
    vfs->xSetSystemCall (vfs, "unlink", (sqlite3_syscall_ptr)unlink_or_die);
    calls_to_live = n;
    dies_halfway = halfway;
    {
      Store store (directory);
      if (store.loaded.size () != 12)
        _exit (1);
    }
    _exit (0);
  }
  EXPECT_EQ (waitpid (pid, &status, 0), pid);
  EXPECT_TRUE (WIFSIGNALED (status) ? WTERMSIG (status) == SIGKILL : WEXITSTATUS (status) == 0)
      << status;
  return !WIFSIGNALED (status);
}

static void
expect_to_outlive_kills (int version, bool halfway)
{
  Recorded recorded = make_recorded (version);
  bool done = false;
  int n;

  for (n = 0; !done; n++) {
    SCOPED_TRACE (n);
    Directory directory;
    put (directory, recorded);
    done = survives (directory, n, halfway);
    /* killed or not, the database opens and has everything */
    Store store (directory);
    expect_whole (store, version);
    EXPECT_TRUE (list_aside (directory).empty ());
    if (::testing::Test::HasFailure ())
      return;
  }
  /* enough calls for the pages and frames of the migration, and for those that closing writes back */
  EXPECT_GT (n, 10) << "hardly anything was interrupted";
}

TEST (StoreMigration, AKillBeforeAnyWriteLosesNothing)
{
  for (int version = 1; version < get_version_of_today (); version++) {
    SCOPED_TRACE (version);
    expect_to_outlive_kills (version, false);
  }
}

TEST (StoreMigration, AKillAmidAnyWriteLosesNothing)
{
  for (int version = 1; version < get_version_of_today (); version++) {
    SCOPED_TRACE (version);
    expect_to_outlive_kills (version, true);
  }
}
