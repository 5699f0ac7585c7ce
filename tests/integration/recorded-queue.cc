/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A queue of an earlier version, whose daemon was killed, continues: existing bytes are not fetched again. */
#include "support/fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace st;

class RecordedQueue : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    /* the same as in tests/support/record-queue */
    for (std::size_t i = 0; i < 300000; i++)
      file.body.push_back ((char)(i * 7 + i / 251));
    allow (file.body);
    file.etag = "\"recorded-1\"";
    file.last_modified = "Sat, 01 Feb 2020 10:00:00 GMT";
    for (const char *path : {"/file", "/held", "/slow", "/plain"})
      server.serve (path, file);
  }
  void
  TearDown () override
  {
    sqlite3_close (db);
    SluiceTest::TearDown ();
  }

  std::string
  select (const std::string &sql)
  {
    std::string text;
    auto take_first = [] (void *data, int, char **values, char **) {
      *(std::string *)data = values[0] != nullptr ? values[0] : "";
      return 0;
    };

    EXPECT_EQ (sqlite3_exec (db, sql.c_str (), take_first, &text, nullptr), SQLITE_OK)
        << sql << ": " << sqlite3_errmsg (db);
    return text;
  }

  /* Makes the part file of the download @name with its first @size bytes, and puts its stamp into the row. */
  void
  make_part (const std::string &name, std::size_t size, int version)
  {
    std::string row = " WHERE local_path = '" + target (name) + "'";
    std::string part = target ("." + select ("SELECT id FROM download" + row) + ".sluice-part");
    struct statx found;
    auto to_ns = [] (const struct statx_timestamp &time) {
      return std::to_string (time.tv_sec * 1000000000 + time.tv_nsec);
    };

    write_file (part, file.body.substr (0, size));
    ASSERT_EQ (statx (AT_FDCWD, part.c_str (), 0, STATX_BASIC_STATS | STATX_BTIME, &found), 0);
    std::string birth = (found.stx_mask & STATX_BTIME) != 0 ? to_ns (found.stx_btime) : "0";
    select ("UPDATE download SET part_inode = " + std::to_string (found.stx_ino) +
            ", part_birth = " + birth + ", part_modified = " + to_ns (found.stx_mtime) +
            (version >= 4 ? ", part_changed = " + to_ns (found.stx_ctime) : "") + row);
  }

  /* Restores the state directory of @version, with the files of its rows. */
  void
  restore (int version)
  {
    std::string sql = read_file (need_env ("SLUICE_SOURCE_DIR") + "/tests/unit/recorded/store/v" +
                                 std::to_string (version) + ".sql");

    ASSERT_EQ (sqlite3_open ((state_dir () + "/queue.sqlite").c_str (), &db), SQLITE_OK);
    ASSERT_EQ (sqlite3_exec (db, sql.c_str (), nullptr, nullptr, nullptr), SQLITE_OK);
    select ("UPDATE download SET "
            "local_path = replace (local_path, '/tmp/recorded/downloads', '" +
            dir.path () + "/downloads'), uri = replace (uri, 'http://recorded.example', '" +
            server.url ("") + "')");
    make_part ("half", 100000, version);
    make_part ("moving", 102000, version);
    make_part ("transferred", 300000, version);
    write_file (target ("finalized"), file.body);
    ASSERT_EQ (select ("PRAGMA journal_mode = WAL"), "wal");
  }

  Download
  find (const std::string &name)
  {
    GVariant *filter = g_variant_new_parsed ("({'LocalPath': <%s>},)", target (name).c_str ());
    Reply reply = connection->call (kManagerPath, "ListDownloads", filter);

    EXPECT_EQ (reply.value[0].strv ().size (), 1u) << name;
    return {connection.get (), reply.value[0].strv ().empty () ? "" : reply.value[0].strv ()[0]};
  }

  /* The requested ranges. */
  std::string
  list_ranges (const std::string &path)
  {
    std::string text;

    for (const Request &request : server.requests (path))
      text += request.header ("Range") + " if " + request.header ("If-Range") + ";";
    return text;
  }

  void
  expect_to_go_on (int version)
  {
    restore (version);
    if (::testing::Test::HasFatalFailure ())
      return;
    start_daemon ();
    ASSERT_TRUE (connection->call (kManagerPath, "Subscribe"));
    EXPECT_EQ (find ("failed").status ().error, std::string (kError) + "HttpStatus");
    EXPECT_EQ (find ("finalized").status ().state, "finalized");
    EXPECT_EQ (find ("half").status ().state, "paused");
    EXPECT_EQ (find ("half").status ().transferred, 100000u);
    /* from version 3 on, everything was suspended */
    EXPECT_EQ (connection->get (kManagerPath, "Suspended").value.number (), version >= 3);
    ASSERT_TRUE (connection->set (kManagerPath, "Suspended", g_variant_new_boolean (FALSE)));
    ASSERT_TRUE (find ("half").start ());
    for (const char *name : {"half", "moving", "queued"}) {
      EXPECT_TRUE (find (name).wait ("transferred")) << name;
      finalize_and_check (find (name), file.body);
    }
    finalize_and_check (find ("transferred"), file.body);
    EXPECT_EQ (list_ranges ("/held"), "bytes=100000-299999 if \"recorded-1\";");
    EXPECT_EQ (list_ranges ("/slow"), "bytes=102000-299999 if \"recorded-1\";");
    EXPECT_EQ (list_ranges ("/file"), " if ;") << "that of the one that was queued";
    EXPECT_EQ (list_ranges ("/plain"), "");
  }

  Resource file;
  Server server;
  sqlite3 *db = nullptr;
};

TEST_F (RecordedQueue, OfVersion1GoesOn)
{
  expect_to_go_on (1);
}

TEST_F (RecordedQueue, OfVersion2GoesOn)
{
  expect_to_go_on (2);
}

TEST_F (RecordedQueue, OfVersion3GoesOn)
{
  expect_to_go_on (3);
}

TEST_F (RecordedQueue, OfVersion4GoesOn)
{
  expect_to_go_on (4);
}

TEST_F (RecordedQueue, OfVersion5GoesOn)
{
  expect_to_go_on (5);
}
