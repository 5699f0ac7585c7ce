/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one call of libsluice that does everything, and the example in C. */
#include "client.h"

#include <csignal>
#include <sys/wait.h>

using namespace st;

static constexpr std::size_t kMega = 1000000;

class ClientFetch : public ClientTest
{
protected:
  /* Whether the aborted download is deleted, which a separate thread does. */
  bool
  comes_to_nothing ()
  {
    return wait_polling ([this] { return list_directory (target ("")).empty (); });
  }
  struct Progress {
    int calls = 0;
    goffset last = -1;
    goffset total = -1;
    bool grows = true;
  };

  static void
  on_progress (goffset current, goffset total, gpointer data)
  {
    auto *progress = static_cast<Progress *> (data);
    progress->grows = progress->grows && current >= progress->last;
    progress->last = current;
    progress->total = total;
    progress->calls++;
  }

  void
  begin (const std::string &uri, const std::string &path, GVariant *properties = nullptr)
  {
    g_autoptr (GFile) file = g_file_new_for_path (path.c_str ());
    sluice_fetch_file_async (uri.c_str (), file, properties, cancellable, on_progress, &progress,
                             nullptr, Result::store, &result);
  }

  bool
  finish ()
  {
    return sluice_fetch_file_finish (result.wait (40), error.set ());
  }

  void
  TearDown () override
  {
    g_clear_object (&cancellable);
    ClientTest::TearDown ();
  }

  /* The service's only download. */
  Download
  only ()
  {
    std::vector<std::string> paths;
    wait_polling ([&] {
      Reply reply =
          connection->call (kManagerPath, "ListDownloads", g_variant_new_parsed ("(@a{sv} {},)"));
      paths = reply ? reply.value[0].strv () : std::vector<std::string> ();
      return !paths.empty ();
    });
    EXPECT_EQ (paths.size (), 1u);
    return {connection.get (), paths.empty () ? "/none" : paths[0]};
  }

  Result result;
  Error error;
  Progress progress;
  GCancellable *cancellable = nullptr;
};

TEST_F (ClientFetch, FileIsThere)
{
  start_daemon ();
  std::string body = serve ("/a", 3 * kMega, kMega);

  begin (server.url ("/a"), target ("a"));
  ASSERT_TRUE (finish ()) << error.message ();
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
  EXPECT_GE (progress.calls, 2);
  EXPECT_TRUE (progress.grows);
  EXPECT_EQ (progress.last, (goffset)body.size ());
  EXPECT_EQ (progress.total, (goffset)body.size ());
  EXPECT_EQ (only ().text ("Priority"), "foreground");
}

TEST_F (ClientFetch, PropertiesAreTaken)
{
  start_daemon ();
  std::string body = serve ("/a", 1000);

  begin (server.url ("/a"), target ("a"),
         Properties ().add ("Priority", "low").add ("Digest", "sha256:" + sha256 (body)).build ());
  ASSERT_TRUE (finish ()) << error.message ();
  EXPECT_EQ (only ().text ("Priority"), "low");
}

TEST_F (ClientFetch, FailureLeavesNothing)
{
  start_daemon ();
  begin (server.url ("/none"), target ("a"));
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_HTTP_STATUS)) << error.message ();
  EXPECT_EQ (only ().status ().state, "aborted");
  EXPECT_TRUE (comes_to_nothing ());
}

TEST_F (ClientFetch, WrongDigest)
{
  start_daemon ();
  serve ("/a", 1000);
  begin (server.url ("/a"), target ("a"),
         Properties ().add ("Digest", "sha256:" + std::string (64, '0')).build ());
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_DIGEST_MISMATCH)) << error.message ();
  EXPECT_TRUE (comes_to_nothing ());
}

TEST_F (ClientFetch, Refused)
{
  start_daemon ();
  begin ("ftp://x/", target ("a"));
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_URI)) << error.message ();
}

TEST_F (ClientFetch, NotALocalFile)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("http://127.0.0.1/a");

  sluice_fetch_file_async ("http://127.0.0.1:1/a", file, nullptr, nullptr, nullptr, nullptr,
                           nullptr, Result::store, &result);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT)) << error.message ();
}

TEST_F (ClientFetch, NoService)
{
  begin (server.url ("/a"), target ("a"));
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)) << error.message ();
}

TEST_F (ClientFetch, CancellingAborts)
{
  start_daemon ();
  serve ("/a", 6 * kMega, kMega);
  cancellable = g_cancellable_new ();
  begin (server.url ("/a"), target ("a"));
  ASSERT_TRUE (wait_until ([this] { return progress.last > 0; }));
  g_cancellable_cancel (cancellable);
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error.message ();
  EXPECT_EQ (only ().status ().state, "aborted");
  EXPECT_TRUE (comes_to_nothing ());
}

TEST_F (ClientFetch, CancelledBefore)
{
  start_daemon ();
  cancellable = g_cancellable_new ();
  g_cancellable_cancel (cancellable);
  begin (server.url ("/a"), target ("a"));
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (G_IO_ERROR, G_IO_ERROR_CANCELLED)) << error.message ();
  EXPECT_EQ (server.connections (), 0);
}

TEST_F (ClientFetch, OverAKillAndAStop)
{
  start_daemon ();
  std::string body = serve ("/a", 9 * kMega, kMega);
  begin (server.url ("/a"), target ("a"));
  ASSERT_TRUE (wait_until ([this] { return progress.last > 0; }));
  restart_daemon (SIGKILL);
  goffset before = progress.last;
  ASSERT_TRUE (wait_until ([&] { return progress.last > before || result.is_there (); }));
  restart_daemon (SIGTERM);
  ASSERT_TRUE (finish ()) << error.message ();
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
}

/* In the end the download exists once, whether it had been created before or not. */
TEST_F (ClientFetch, ServiceDiesWhileItIsAsked)
{
  start_daemon ();
  std::string body = serve ("/a", kMega);
  daemon.send (SIGSTOP);
  begin (server.url ("/a"), target ("a"));
  run_for (0.3);
  kill_daemon ();
  ASSERT_TRUE (wait_for_name (false));
  EXPECT_FALSE (result.is_there ());
  start_daemon ();
  ASSERT_TRUE (finish ()) << error.message ();
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
  only ();
}

TEST_F (ClientFetch, AbortedElsewhere)
{
  start_daemon ();
  serve ("/a", 6 * kMega, kMega);
  begin (server.url ("/a"), target ("a"));
  ASSERT_TRUE (wait_until ([this] { return progress.last > 0; }));
  EXPECT_TRUE (only ().abort ());
  EXPECT_FALSE (finish ());
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE)) << error.message ();
}

/* The example is a separate program. */
class ExampleInC : public ClientTest
{
protected:
  Finished
  example (const std::string &uri, const std::string &path)
  {
    return run ({{need_env ("SLUICE_BUILD_DIR") + "/docs/download", uri, path}, {}, "", -1});
  }
};

TEST_F (ExampleInC, Downloads)
{
  start_daemon ();
  std::string body = serve ("/a", kMega);
  Finished finished = example (server.url ("/a"), target ("a"));

  EXPECT_EQ (finished.status, 0) << finished.output;
  EXPECT_NE (finished.output.find ("1000000 of 1000000 bytes"), std::string::npos);
  EXPECT_TRUE (same_bytes (read_file (target ("a")), body));
}

TEST_F (ExampleInC, SaysWhatWentWrong)
{
  start_daemon ();
  Finished finished = example (server.url ("/none"), target ("a"));

  EXPECT_EQ (WEXITSTATUS (finished.status), 1);
  EXPECT_NE (finished.output.find ("404"), std::string::npos) << finished.output;
  EXPECT_FALSE (exists (target ("a")));
}
