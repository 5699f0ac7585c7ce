/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue's database was changed: the daemon reports that, and keeps what it can't read; no file is deleted. */
#include "support/fixture.h"

#include <csignal>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace st;

class Database : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (300000);
    allow (file.body);
    server.serve ("/file", file);
    server.serve ("/held", file, {SIZE_MAX, 100000});
    database = state_dir () + "/queue.sqlite";
  }

  /* A finished file, a half-fetched one, and twenty that wait. */
  void
  fill ()
  {
    fetch (server.url ("/file"), "finished", file.body);
    Download half = create_file (server.url ("/held"), "half");
    ASSERT_TRUE (half.start ());
    ASSERT_TRUE (half.wait_transferred (100000));
    ASSERT_TRUE (half.pause ());
    for (int i = 0; i < 20; i++)
      create_file (server.url ("/file"), std::to_string (i));
    before = list_directory (dir / "downloads");
    stop_daemon ();
    ASSERT_TRUE (wait_for_name (false));
    ASSERT_TRUE (exists (database));
  }

  /* Root may read and write everything, so a different user runs the daemon. */
  void
  run_as_another ()
  {
    uid_t user = give_to_a_user ();
    for (const std::string &name : list_directory (state_dir ()))
      ASSERT_EQ (chown ((state_dir () + "/" + name).c_str (), user, (gid_t)-1), 0);
  }

  /* Expects it to exit with 1 and a message that contains @reason; @names are the files in its directory. */
  void
  expect_refusal (const char *reason, const std::vector<std::string> &names)
  {
    std::string old = read_file (database);
    start_quietly ();
    EXPECT_EQ (WEXITSTATUS (daemon.wait ()), 1);
    EXPECT_NE (log ().find (reason), std::string::npos) << log ();
    EXPECT_EQ (list_directory (state_dir ()), names);
    EXPECT_EQ (read_file (database), old);
  }

  std::vector<std::string>
  set_aside ()
  {
    std::vector<std::string> names;

    for (const std::string &name : list_directory (state_dir ())) {
      if (name.find ("queue.sqlite.corrupt") == 0)
        names.push_back (name);
    }
    return names;
  }

  std::size_t
  count ()
  {
    return connection->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("(@a{sv} {},)"))
        .value[0]
        .strv ()
        .size ();
  }

  /* Expects it to start with an empty queue, to say why, and to delete nothing. */
  void
  expect_set_aside ()
  {
    std::string old = read_file (database);
    start_daemon ();
    ASSERT_FALSE (set_aside ().empty ()) << log ();
    EXPECT_EQ (read_file (state_dir () + "/" + set_aside ()[0]), old);
    EXPECT_NE (log ().find (set_aside ()[0]), std::string::npos) << "the log does not name it";
    EXPECT_EQ (count (), 0u);
    EXPECT_EQ (list_directory (dir / "downloads"), before);
    /* and works */
    fetch (server.url ("/file"), "after", file.body);
    restart_daemon (SIGKILL);
    EXPECT_EQ (count (), 1u);
    EXPECT_EQ (set_aside ().size (), 1u) << "set aside again";
  }

  void
  execute (const char *sql)
  {
    sqlite3 *db;
    char *message = nullptr;

    ASSERT_EQ (sqlite3_open (database.c_str (), &db), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (db, sql, nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_free (message);
    sqlite3_close (db);
  }

  /* All values, one row a line. */
  std::string
  select (const char *sql)
  {
    sqlite3 *db;
    std::string text;
    auto add_row = [] (void *data, int n, char **values, char **) {
      for (int i = 0; i < n; i++)
        *(std::string *)data += std::string (values[i] != nullptr ? values[i] : "(null)") + "|";
      *(std::string *)data += "\n";
      return 0;
    };

    EXPECT_EQ (sqlite3_open (database.c_str (), &db), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (db, sql, add_row, &text, nullptr), SQLITE_OK) << sqlite3_errmsg (db);
    sqlite3_close (db);
    return text;
  }

  std::vector<std::string>
  list (const char *state)
  {
    return connection
        ->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("({'State': <%s>},)", state))
        .value[0]
        .strv ();
  }

  Resource file;
  Server server;
  std::string database;
  std::vector<std::string> before;
};

TEST_F (Database, IsPrivate)
{
  struct stat found;

  create_file (server.url ("/file"), "file");
  ASSERT_EQ (stat (database.c_str (), &found), 0);
  EXPECT_EQ (found.st_mode & 0077, 0u) << "others can read the queue, and the headers in it";
}

TEST_F (Database, DirectoryIsMade)
{
  ASSERT_EQ (rmdir (state_dir ().c_str ()), 0);
  ASSERT_EQ (rmdir ((dir / "state").c_str ()), 0);
  fetch (server.url ("/file"), "file", file.body);
  EXPECT_TRUE (exists (database));
}

TEST_F (Database, StateDirectoryOfSystemdWins)
{
  make_directory (dir / "elsewhere");
  environment["STATE_DIRECTORY"] = dir / "elsewhere";
  create_file (server.url ("/file"), "file");
  EXPECT_TRUE (exists (dir / "elsewhere/queue.sqlite"));
  EXPECT_FALSE (exists (database));
}

TEST_F (Database, Garbage)
{
  fill ();
  write_file (database, random_bytes (50000, 4));
  expect_set_aside ();
}

TEST_F (Database, Text)
{
  fill ();
  write_file (database, "this is not a database\n");
  expect_set_aside ();
}

TEST_F (Database, Truncated)
{
  fill ();
  ASSERT_EQ (truncate (database.c_str (), 5000), 0);
  expect_set_aside ();
}

TEST_F (Database, OverwrittenInTheMiddle)
{
  fill ();
  std::string content = read_file (database);
  ASSERT_GT (content.size (), 8192u);
  content.replace (4096, content.size () - 4096 - 100,
                   random_bytes (content.size () - 4096 - 100, 5));
  write_file (database, content);
  expect_set_aside ();
}

/* The row of the half-fetched download; all others stay unchanged. */
TEST_F (Database, RowThatCannotBeReadIsAFailedDownload)
{
  fill ();
  execute ("UPDATE download SET redirect_policy = 'dancing' WHERE state = 'paused'");
  std::string row = select ("SELECT * FROM download WHERE redirect_policy = 'dancing'");
  start_daemon ();
  EXPECT_EQ (count (), 22u);
  ASSERT_EQ (list ("failed").size (), 1u);
  Download bad (connection.get (), list ("failed")[0]);
  Status status = bad.status ();
  EXPECT_EQ (status.error, std::string (kError) + "Internal");
  EXPECT_NE (status.message.find ("redirect_policy"), std::string::npos) << status.message;
  EXPECT_EQ (bad.text ("LocalPath"), target ("half"));
  EXPECT_NE (log ().find (bad.id ()), std::string::npos) << log ();
  /* unreadable values can't be written again */
  Reply reply = bad.start ();
  EXPECT_EQ (reply.error, "InvalidState");
  EXPECT_NE (reply.message.find ("aborted"), std::string::npos) << reply.message;
  reply = bad.set ("LocalPath", g_variant_new_string (target ("elsewhere").c_str ()));
  EXPECT_EQ (reply.error, "InvalidState");
  EXPECT_EQ (bad.text ("LocalPath"), target ("half"));
  /* the service works, and restarts; the row stays unchanged */
  fetch (server.url ("/file"), "after", file.body);
  restart_daemon (SIGTERM);
  EXPECT_EQ (select ("SELECT * FROM download WHERE redirect_policy = 'dancing'"), row);
  EXPECT_EQ (bad.status ().state, "failed");
  /* until it is aborted, with its part file */
  EXPECT_EQ (part_files ().size (), 1u);
  EXPECT_TRUE (bad.abort ());
  EXPECT_TRUE (bad.wait ("aborted"));
  EXPECT_TRUE (wait_polling ([&] { return part_files ().empty (); }, 15));
  restart_daemon (SIGKILL);
  EXPECT_EQ (bad.status ().state, "aborted");
  EXPECT_EQ (select ("SELECT * FROM download WHERE redirect_policy = 'dancing'"), "");
  EXPECT_EQ (count (), 23u);
  EXPECT_TRUE (set_aside ().empty ());
}

/* A new download must not replace a row that can't be shown. */
TEST_F (Database, RowsWithoutAnIdOfTheirOwnAreKept)
{
  fill ();
  execute (
      "UPDATE download SET id = 'me', seq = 1000 WHERE seq = (SELECT max (seq) FROM download)");
  execute ("UPDATE download SET id = (SELECT id FROM download WHERE seq = 1) WHERE seq = 5");
  std::string rows = select ("SELECT * FROM download WHERE seq IN (5, 1000)");
  start_daemon ();
  EXPECT_EQ (count (), 20u);
  EXPECT_NE (log ().find ("Row 1000 of"), std::string::npos) << log ();
  EXPECT_NE (log ().find ("Row 5 of"), std::string::npos) << log ();
  fetch (server.url ("/file"), "after", file.body);
  restart_daemon (SIGTERM);
  EXPECT_EQ (count (), 21u);
  EXPECT_EQ (select ("SELECT * FROM download WHERE seq IN (5, 1000)"), rows);
}

TEST_F (Database, TableIsMissing)
{
  fill ();
  execute ("DROP TABLE download");
  expect_set_aside ();
}

/* The data matters more than running this version: it says what to do, and exits. */
TEST_F (Database, OfANewerVersion)
{
  fill ();
  int version = std::stoi (select ("PRAGMA user_version"));
  execute ("PRAGMA user_version = 1000");
  std::string old = read_file (database);
  std::vector<std::string> names = list_directory (state_dir ());
  for (int i = 0; i < 2; i++) {
    start_quietly ();
    EXPECT_EQ (WEXITSTATUS (daemon.wait ()), 3);
  }
  EXPECT_NE (log ().find ("newer version of Sluice (schema 1000"), std::string::npos) << log ();
  EXPECT_NE (log ().find ("move “" + state_dir () + "” away"), std::string::npos) << log ();
  EXPECT_EQ (read_file (database), old);
  EXPECT_TRUE (set_aside ().empty ());
  EXPECT_EQ (list_directory (dir / "downloads"), before);
  /* its advice helps */
  ASSERT_EQ (rename (state_dir ().c_str (), (dir / "away").c_str ()), 0);
  start_daemon ();
  EXPECT_EQ (count (), 0u);
  stop_daemon ();
  ASSERT_TRUE (wait_for_name (false));
  ASSERT_EQ (rename (state_dir ().c_str (), (dir / "empty").c_str ()), 0);
  ASSERT_EQ (rename ((dir / "away").c_str (), state_dir ().c_str ()), 0);
  execute (("PRAGMA user_version = " + std::to_string (version)).c_str ());
  start_daemon ();
  EXPECT_EQ (count (), 22u);
}

/* The bus tries to start the service once for each call, and systemd does not retry by itself. */
TEST_F (Database, OfANewerVersionIsNotTriedAgainAndAgain)
{
  std::string starts = dir / "starts";

  fill ();
  execute ("PRAGMA user_version = 1000");
  write_file (dir / "start", "#!/bin/sh\necho start >>'" + starts + "'\nexec '" +
                                 need_env ("SLUICED") + "' --user\n");
  ASSERT_EQ (chmod ((dir / "start").c_str (), 0755), 0);
  make_directory (dir / "services");
  write_file (dir / "services/org.sluice.Sluice1.service",
              std::string ("[D-BUS Service]\nName=") + kName + "\nExec=" + (dir / "start") + "\n");
  make_directory (dir / "activating");
  for (const auto &[name, value] : daemon_command ().env)
    g_setenv (name.c_str (), value.c_str (), TRUE);
  Bus activating (dir / "activating", dir / "services");
  Connection client (activating.address ());
  for (int i = 0; i < 2; i++) {
    Reply reply = client.get (kManagerPath, "Version");
    EXPECT_FALSE (reply);
    EXPECT_NE (reply.message.find ("status 3"), std::string::npos) << reply.message;
  }
  EXPECT_EQ (read_file (starts), "start\nstart\n");
  EXPECT_TRUE (set_aside ().empty ());
  EXPECT_NE (read_file (need_env ("SLUICE_SOURCE_DIR") + "/data/sluice.service.in")
                 .find ("\nRestartPreventExitStatus=3\n"),
             std::string::npos);
}

TEST_F (Database, Empty)
{
  fill ();
  write_file (database, "");
  start_daemon ();
  EXPECT_EQ (count (), 0u);
  EXPECT_EQ (list_directory (dir / "downloads"), before);
}

TEST_F (Database, Missing)
{
  fill ();
  ASSERT_EQ (unlink (database.c_str ()), 0);
  start_daemon ();
  EXPECT_EQ (count (), 0u);
  EXPECT_EQ (list_directory (dir / "downloads"), before);
}

TEST_F (Database, IsADirectory)
{
  make_directory (database);
  write_file (database + "/file", "content");
  start_daemon ();
  EXPECT_FALSE (set_aside ().empty ());
  EXPECT_EQ (read_file (state_dir () + "/" + set_aside ()[0] + "/file"), "content");
  fetch (server.url ("/file"), "file", file.body);
}

TEST_F (Database, LogOfItIsGarbage)
{
  fill ();
  write_file (database + "-wal", random_bytes (30000, 6));
  start_daemon ();
  /* a log with wrong checksums is ignored */
  EXPECT_EQ (count (), 22u);
  EXPECT_EQ (list_directory (dir / "downloads"), before);
}

TEST_F (Database, BrokenTwice)
{
  fill ();
  for (std::size_t n = 1; n <= 3; n++) {
    write_file (database, "broken");
    start_daemon ();
    EXPECT_EQ (set_aside ().size (), n);
    stop_daemon ();
    ASSERT_TRUE (wait_for_name (false));
  }
  EXPECT_EQ (list_directory (dir / "downloads"), before);
}

TEST_F (Database, Unreadable)
{
  before = list_directory (dir / "downloads");
  give_to_a_user ();
  write_file (database, random_bytes (1000));
  ASSERT_EQ (chmod (database.c_str (), 0), 0);
  start_daemon ();
  EXPECT_FALSE (set_aside ().empty ());
  EXPECT_EQ (count (), 0u);
  fetch (server.url ("/file"), "file", file.body);
}

/* A valid queue must not be set aside, and no downloads must be accepted that can't be recorded. */
TEST_F (Database, ReadOnly)
{
  fill ();
  run_as_another ();
  std::vector<std::string> names = list_directory (state_dir ());
  ASSERT_EQ (chmod (database.c_str (), 0444), 0);
  expect_refusal ("can be read but not written", names);
  if (getuid () == 0) {
    struct stat before_it;
    ASSERT_EQ (stat (database.c_str (), &before_it), 0);
    ASSERT_EQ (chown (database.c_str (), 0, 0), 0);
    expect_refusal ("can be read but not written", names);
    ASSERT_EQ (chown (database.c_str (), before_it.st_uid, before_it.st_gid), 0);
  }
  ASSERT_EQ (chmod (database.c_str (), 0600), 0);
  start_daemon ();
  EXPECT_EQ (count (), 22u);
}

TEST_F (Database, InADirectoryThatCannotBeWritten)
{
  fill ();
  run_as_another ();
  std::vector<std::string> names = list_directory (state_dir ());
  ASSERT_EQ (chmod (state_dir ().c_str (), 0500), 0);
  expect_refusal ("state directory", names);
  ASSERT_EQ (chmod (state_dir ().c_str (), 0700), 0);
  start_daemon ();
  EXPECT_EQ (count (), 22u);
}

/* If nothing can be recorded, the daemon exits with a reason. */
TEST_F (Database, StateDirectoryThatCannotBeWritten)
{
  TmpFs small (dir / "state", "size=1m");

  small.remount ("ro");
  start_quietly ();
  int status = daemon.wait ();
  EXPECT_NE (status, -1) << "neither works nor ends";
  EXPECT_NE (status, 0);
  EXPECT_NE (log ().find ("state"), std::string::npos) << log ();
}

/* Users who can replace the queue decide what is fetched, and where to. */
TEST_F (Database, DirectoryThatOthersCanWrite)
{
  for (int mode : {0777, 01777, 0770}) {
    SCOPED_TRACE (mode);
    ASSERT_EQ (chmod (state_dir ().c_str (), (mode_t)mode), 0);
    start_quietly ();
    EXPECT_EQ (WEXITSTATUS (daemon.wait ()), 1);
    EXPECT_NE (log ().find ("chmod go-w"), std::string::npos) << log ();
    EXPECT_FALSE (exists (database));
  }
  ASSERT_EQ (chmod (state_dir ().c_str (), 0755), 0);
  start_daemon ();
}

TEST_F (Database, DirectoryOfSomebodyElse)
{
  ASSERT_EQ (chown (state_dir ().c_str (), 65534, 65534), 0);
  start_quietly ();
  EXPECT_EQ (WEXITSTATUS (daemon.wait ()), 1);
  EXPECT_NE (log ().find ("65534"), std::string::npos) << log ();
  EXPECT_FALSE (exists (database));
  ASSERT_EQ (chown (state_dir ().c_str (), 0, 0), 0);
  start_daemon ();
}
