/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server's text in messages, on the bus, in the log and in the database: any content, any length. */
#include "support/fixture.h"

#include <csignal>
#include <fstream>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace st;

class ForeignText : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    server.on ("/odd", [] (Exchange &x) {
      x.send ("HTTP/1.1 404 a\xff\xfe\x1b[31m\xc2\x9b\xe2\x80\xae\r\nContent-Length: 0\r\n\r\n");
    });
    server.on ("/odd-503", [] (Exchange &x) {
      x.send ("HTTP/1.1 503 a\xff\xfe\x1b[31m\r\nX-Odd: \xff\x1b\r\nContent-Length: 0\r\n\r\n");
    });
    server.on ("/long", [] (Exchange &x) {
      std::string fields;
      for (int i = 0; i < 160; i++)
        fields += "X-Field-" + std::to_string (i) + ": " + std::string (90, 'v') + "\r\n";
      x.send ("HTTP/1.1 404 " + std::string (40 * 1024, '\xff') + "\r\n" + fields +
              "Content-Length: 0\r\n\r\n");
    });
  }

  static void
  expect_clean (const std::string &text)
  {
    EXPECT_TRUE (g_utf8_validate (text.data (), (gssize)text.size (), nullptr));
    for (const char *unsafe : {"\x1b", "\n", "\u009b", "\u202e"})
      EXPECT_EQ (text.find (unsafe), std::string::npos) << text;
    EXPECT_LE (text.size (), 1024u);
  }

  /* Checks everything that shows ErrorMessage. */
  void
  expect_told (const Download &download)
  {
    std::string message = download.text ("ErrorMessage");
    EXPECT_NE (message, "");
    expect_clean (message);
    EXPECT_EQ (download.status ().message, message);
    Reply all = connection->call_on (kName, download.path, "org.freedesktop.DBus.Properties.GetAll",
                                     g_variant_new ("(s)", kDownload));
    ASSERT_TRUE (all) << all.message;
    EXPECT_NE (all.value.print ().find ("'ErrorMessage'"), std::string::npos);
    EXPECT_TRUE (wait_until ([&] {
      for (const Signal &signal : connection->signals)
        if (signal.path == download.path && signal.member == "PropertiesChanged" &&
            signal.args.print ().find ("answered") != std::string::npos)
          return true;
      return false;
    })) << "never told by PropertiesChanged";
  }

  long
  resident ()
  {
    std::ifstream file ("/proc/" + std::to_string (daemon.pid ()) + "/status");
    for (std::string line; std::getline (file, line);) {
      if (line.rfind ("VmRSS:", 0) == 0)
        return std::stol (line.substr (6)) * 1024;
    }
    return 0;
  }

  long
  size_of_state () const
  {
    long size = 0;
    for (const std::string &name : list_directory (state_dir ())) {
      struct stat found;
      if (stat ((state_dir () + "/" + name).c_str (), &found) == 0)
        size += found.st_size;
    }
    return size;
  }

  void
  fail_many (int n)
  {
    static int made = 0;
    GVariantBuilder list;

    g_variant_builder_init (&list, G_VARIANT_TYPE ("a(sa{sv})"));
    for (int i = 0; i < n; i++)
      g_variant_builder_add (&list, "(s@a{sv})", server.url ("/long").c_str (),
                             Properties ()
                                 .add ("LocalPath", target (std::to_string (made++)))
                                 .add ("AutoStart", true)
                                 .build ());
    Reply reply =
        manager ().call (kManagerPath, "CreateDownloads", g_variant_new ("(a(sa{sv}))", &list));
    ASSERT_TRUE (reply) << reply.message;
    Download last (connection.get (), reply.value[0].strv ().back ());
    ASSERT_TRUE (wait_polling (
        [&] {
          Reply failed = connection->call (kManagerPath, "ListDownloads",
                                           g_variant_new_parsed ("({'State': <'failed'>},)"));
          return (int)failed.value[0].strv ().size () == made;
        },
        60));
    connection->signals.clear ();
  }

  Server server;
};

/* The daemon runs with G_DEBUG=fatal-criticals: a critical warning of GLib ends it. */
TEST_F (ForeignText, AReasonPhraseThatIsNoUtf8)
{
  Download download = create_file (server.url ("/odd"), "file");

  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("failed"));
  expect_told (download);
  restart_daemon (SIGKILL);
  expect_clean (download.text ("ErrorMessage"));
}

TEST_F (ForeignText, AReasonPhraseThatIsNoUtf8AtEveryRetry)
{
  Download download = create_file (server.url ("/odd-503"), "file");

  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (wait_until ([&] { return server.count ("/odd-503") >= 3; }));
  expect_told (download);
  EXPECT_NE (download.get ("ResponseHeaders").print ().find ("\ufffd\ufffd"), std::string::npos);
  ASSERT_TRUE (download.abort ());
}

/* Rows of a version that did not check. */
TEST_F (ForeignText, InTheDatabaseAlready)
{
  Download download = create_file (server.url ("/odd"), "file");
  sqlite3 *database = nullptr;

  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("failed"));
  stop_daemon ();
  ASSERT_TRUE (wait_for_name (false));
  ASSERT_EQ (sqlite3_open ((state_dir () + "/queue.sqlite").c_str (), &database), SQLITE_OK);
  EXPECT_EQ (sqlite3_exec (database,
                           "UPDATE download SET error_message = CAST (x'61ff1b0a' AS TEXT), "
                           "display_name = CAST (x'ff' AS TEXT)",
                           nullptr, nullptr, nullptr),
             SQLITE_OK);
  sqlite3_close (database);
  start_daemon ();
  EXPECT_EQ (download.text ("ErrorMessage"), "a\ufffd\ufffd\ufffd");
  EXPECT_EQ (download.text ("DisplayName"), "\ufffd");
  EXPECT_TRUE (connection->call_on (kName, download.path, "org.freedesktop.DBus.Properties.GetAll",
                                    g_variant_new ("(s)", kDownload)));
}

/*
 * Each used to take 72 KiB of memory, 62 of database and 44 of log. Memory that the first few hundred need once does
 * not count.
 */
TEST_F (ForeignText, ManyFailuresStaySmall)
{
  /* sanitizers are slow with each text */
  const int n = time_factor () > 1 ? 40 : 400;

  environment["G_MESSAGES_DEBUG"] = "";
  fail_many (n / 2);
  long memory = resident (), state = size_of_state (), lines = (long)log ().size ();
  fail_many (n);
  /* a sanitizer keeps freed memory; its run checks the rest */
  std::string maps = read_file ("/proc/" + std::to_string (daemon.pid ()) + "/maps");
  if (maps.find ("libasan") == std::string::npos && maps.find ("libtsan") == std::string::npos) {
    EXPECT_LE ((resident () - memory) / n, 20 * 1024) << "bytes of memory for each";
  }
  EXPECT_LE ((size_of_state () - state) / n, 20 * 1024) << "bytes of database for each";
  EXPECT_LE (((long)log ().size () - lines) / n, 1400) << "bytes of log for each";
  Reply any = connection->call (kManagerPath, "ListDownloads",
                                g_variant_new_parsed ("({'Limit': <uint32 1>},)"));
  Download first (connection.get (), any.value[0].strv ().at (0));
  EXPECT_LE (g_variant_get_size (first.get ("ResponseHeaders").get ()), 700u);
  expect_clean (first.text ("ErrorMessage"));
}

/* The log has only the harmless parts of an address, and nothing can forge a line. */
TEST_F (ForeignText, TheLogHasNoSecretsAndNoForgedLines)
{
  const std::string forged = "sluiced: all is well";
  std::string odd = dir / ("downloads/a\n" + forged);

  make_directory (odd);
  server.on ("/redirect?SECRET4", [] (Exchange &x) {
    x.answer ("302 Found",
              {{"Location", "http://user:SECRET1@127.0.0.1:1/f?signature=SECRET2#SECRET3"}});
  });
  server.on ("/no-address?SECRET4", [] (Exchange &x) {
    x.answer ("302 Found", {{"Location", "ftp://user:SECRET1@a/f?signature=SECRET2#SECRET3"}});
  });
  Download refused = create_file (server.url ("/redirect?SECRET4"), "refused",
                                  Properties ().add ("RedirectPolicy", "refuse"));
  expect_failure (refused, "Redirect");
  EXPECT_NE (refused.text ("ErrorMessage").find ("http://127.0.0.1:1/f"), std::string::npos);
  expect_failure (create_file (server.url ("/no-address?SECRET4"), "no-address"), "Redirect");
  expect_failure (create_file (server.url ("/missing?SECRET4"), "odd"), "HttpStatus");
  try_create ("http://u:SECRET1@a/f?SECRET2", {});
  /* a directory that is removed before the download begins */
  Download lost = create (server.url ("/odd"), Properties ().add ("LocalPath", odd + "/file"));
  ASSERT_EQ (rmdir (odd.c_str ()), 0);
  EXPECT_EQ (lost.start ().error, "LocalFile");
  write_file (odd, "");
  Download blocked = create (server.url ("/odd"), Properties ().add ("LocalPath", odd + "/other"));
  EXPECT_EQ (blocked.start ().error, "LocalFile");
  write_file (dir / ("config/sluice/sluice.conf"), "[Transfers]\nA\x1b[1m=\\n" + forged + "\n");
  connection->call (kManagerPath, "ReloadConfig");
  stop_daemon ();
  std::string text = log ();
  EXPECT_EQ (text.find ("SECRET"), std::string::npos) << text;
  EXPECT_EQ (text.find ("\n" + forged), std::string::npos) << text;
  EXPECT_EQ (text.find ("\x1b[1m"), std::string::npos) << text;
  unlink (odd.c_str ());
  start_daemon ();
}

/* A state directory's name is in messages, too. */
TEST_F (ForeignText, ALineEndInTheNameOfTheStateDirectory)
{
  std::string odd = dir / "a\nall is well";

  make_directory (odd);
  ASSERT_EQ (chmod (odd.c_str (), 0777), 0);
  environment["STATE_DIRECTORY"] = odd;
  start_quietly ();
  EXPECT_EQ (WEXITSTATUS (daemon.wait ()), 1);
  EXPECT_EQ (log ().find ("\nall"), std::string::npos) << log ();
  EXPECT_NE (log ().find ("a\\nall"), std::string::npos) << log ();
  environment.erase ("STATE_DIRECTORY");
  start_daemon ();
}

/* A message repeats a caller's argument, but not all of it. */
TEST_F (ForeignText, LongArgumentsAreNotRepeated)
{
  std::string text (20 * 1024 * 1024, 'x');
  Download download = create_file (server.url ("/odd"), "file");
  std::vector<Reply> replies;

  replies.push_back (
      connection->call (kManagerPath, "GetDownload", g_variant_new ("(s)", text.c_str ())));
  replies.push_back (
      connection->call (kManagerPath, "ListDownloads",
                        g_variant_new ("(@a{sv})", Properties ().add (text, true).build ())));
  replies.push_back (
      connection->call (kManagerPath, "ListDownloads",
                        g_variant_new ("(@a{sv})", Properties ().add ("State", text).build ())));
  replies.push_back (download.set ("Digest", g_variant_new_string (text.c_str ())));
  replies.push_back (download.set ("Priority", g_variant_new_string (text.c_str ())));
  replies.push_back (try_create (text, {}));
  replies.push_back (try_create ("http://a/", Properties ().add ("LocalPath", "/" + text)));
  replies.push_back (try_create ("http://a/", Properties ().add (text, true)));
  for (const Reply &reply : replies) {
    EXPECT_FALSE (reply);
    EXPECT_NE (reply.message, "");
    EXPECT_LE (reply.message.size (), 1100u);
  }
}
