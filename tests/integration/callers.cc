/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who calls: new connections, those that leave, and other users. */
#include "support/fixture.h"

#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace st;

class Caller : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (1000);
    allow (file.body);
    server.serve ("/file", file);
  }

  Resource file;
  Server server;
};

/* The service has to ask who it is, and mustn't answer later calls first. */
TEST_F (Caller, FirstCallsOfAConnectionStayInOrder)
{
  const char *const priorities[] = {"low", "high", "foreground", "normal"};
  Download download = create_file (server.url ("/file"), "file");

  for (int round = 0; round < 20; round++) {
    Connection fresh (bus->address ());
    const char *last = priorities[round % 4];
    for (const char *priority : {"high", "low", "foreground", last})
      g_dbus_connection_call (fresh.raw (), kName, download.path.c_str (),
                              "org.freedesktop.DBus.Properties", "Set",
                              g_variant_new ("(ssv)", kDownload, "Priority",
                                             g_variant_new_string (priority)),
                              nullptr, G_DBUS_CALL_FLAGS_NONE, -1, nullptr, nullptr, nullptr);
    EXPECT_EQ (fresh.get (download.path, "Priority").value.str (), last);
  }
}

/* As “dbus-send” without --print-reply does, or a program that is killed. */
TEST_F (Caller, ACallOfOneThatHasLeftIsCarriedOut)
{
  Download download = create_file (server.url ("/file"), "file");
  GError *error = nullptr;

  daemon.send (SIGSTOP);
  {
    Connection leaving (bus->address ());
    g_dbus_connection_call (leaving.raw (), kName, download.path.c_str (), kDownload, "Start",
                            g_variant_new ("(a(tt))", nullptr), nullptr, G_DBUS_CALL_FLAGS_NONE, -1,
                            nullptr, nullptr, nullptr);
    ASSERT_TRUE (g_dbus_connection_flush_sync (leaving.raw (), nullptr, &error)) << error->message;
  }
  daemon.send (SIGCONT);
  ASSERT_TRUE (wait_polling ([&] { return download.status ().state != "created"; }));
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

/* Each is one more for the service to know, and to forget. */
TEST_F (Caller, ThousandsComeAndGo)
{
  Download download = create_file (server.url ("/file"), "file");

  for (int i = 0; i < 2000; i++) {
    Connection fresh (bus->address ());
    Reply reply = fresh.call (download.path, "GetStatus");
    ASSERT_TRUE (reply) << i << ": " << reply.message;
  }
  EXPECT_EQ (download.status ().state, "created");
}

/* The bus of a test lets in everybody. */
class OtherUser : public Caller
{
protected:
  void
  SetUp () override
  {
    Caller::SetUp ();
    ASSERT_EQ (geteuid (), 0u);
    start_daemon ();
    ASSERT_EQ (chmod (dir.path ().c_str (), 0755), 0);
    ASSERT_EQ (chmod ((dir / "bus").c_str (), 0777), 0);
  }

  /* What gdbus prints when another user calls. */
  std::string
  call (const std::string &path,
        const std::string &method,
        const std::vector<std::string> &args = {})
  {
    Command command;

    command.argv = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                    "gdbus",   "call",          "--address",     bus->address (),
                    "--dest",  kName,           "--object-path", path,
                    "--method"};
    command.argv.push_back (
        method.find ('.') != std::string::npos ? method : interface_of (path) + "." + method);
    command.argv.insert (command.argv.end (), args.begin (), args.end ());
    command.log = dir / "call.log";
    std::remove (command.log.c_str ());
    return run (command).output;
  }
  static bool
  has (const std::string &text, const std::string &part)
  {
    return text.find (part) != std::string::npos;
  }
};

TEST_F (OtherUser, AnothersDownloadIsAsOneThatNeverWas)
{
  Download download = create_file (server.url ("/file"), "file");
  std::string id = download.id ();
  std::string never = "00000000-0000-4000-8000-000000000000";
  auto expect_the_same = [&] (const std::string &method, const std::vector<std::string> &args) {
    std::string path_of_never = download.path.substr (0, download.path.size () - id.size ()) +
                                "00000000_0000_4000_8000_000000000000";
    std::string found = call (download.path, method, args);
    std::string expected = call (path_of_never, method, args);
    EXPECT_TRUE (has (found, "Error.NotFound")) << method << ": " << found;
    for (std::size_t at; (at = expected.find (path_of_never)) != std::string::npos;)
      expected.replace (at, path_of_never.size (), download.path);
    EXPECT_EQ (found, expected) << method;
  };

  for (const char *method : {"GetStatus", "Pause", "Abort"})
    expect_the_same (method, {});
  expect_the_same ("Start", {"[]"});
  expect_the_same ("Finalize", {"{}"});
  expect_the_same ("org.freedesktop.DBus.Properties.Get", {kDownload, "Uri"});
  expect_the_same ("org.freedesktop.DBus.Properties.GetAll", {kDownload});
  expect_the_same ("org.freedesktop.DBus.Properties.Set", {kDownload, "Priority", "<'low'>"});
  EXPECT_TRUE (has (call (kManagerPath, "GetDownload", {id}), "Error.NotFound"));
  EXPECT_TRUE (has (call (kManagerPath, "GetDownload", {never}), "Error.NotFound"));
  EXPECT_TRUE (has (call (kManagerPath, "ListDownloads",
                          {"{'After': <objectpath '" + download.path + "'>}"}),
                    "Error.NotFound"));
  EXPECT_EQ (call (kManagerPath, "ListDownloads", {"{}"}), "(@ao [],)\n");
  EXPECT_EQ (download.status ().state, "created");
  EXPECT_EQ (download.text ("Priority"), "normal");
}

TEST_F (OtherUser, WhatConcernsAllIsTheServicesUsers)
{
  std::string found = call (kManagerPath, "ListDownloads", {"{'AllUsers': <true>}"});

  EXPECT_TRUE (has (found, "Error.NotAuthorized")) << found;
  found = call (kManagerPath, "ReloadConfig");
  EXPECT_TRUE (has (found, "Error.NotAuthorized")) << found;
  found =
      call (kManagerPath, "org.freedesktop.DBus.Properties.Set", {kManager, "Suspended", "<true>"});
  EXPECT_TRUE (has (found, "Error.NotAuthorized")) << found;
  EXPECT_EQ (connection->get (kManagerPath, "Suspended").value.number (), 0u);
  EXPECT_EQ (call (kManagerPath, "org.freedesktop.DBus.Properties.Get", {kManager, "Suspended"}),
             "(<false>,)\n");
}

TEST_F (OtherUser, WhatItMakesIsItsOwn)
{
  Download mine = create_file (server.url ("/file"), "mine");
  std::string made = call (kManagerPath, "CreateDownload", {server.url ("/file"), "{}"});
  std::string path = made.substr (0, made.rfind ('\'')).substr (made.find ('/'));

  ASSERT_TRUE (has (made, "/download/")) << made;
  EXPECT_EQ (call (path, "org.freedesktop.DBus.Properties.Get", {kDownload, "Owner"}),
             "(<uint32 65534>,)\n");
  EXPECT_EQ (call (kManagerPath, "ListDownloads", {"{}"}), "([objectpath '" + path + "'],)\n");
  made = call (kManagerPath, "CreateDownloads", {"[('" + server.url ("/file") + "', {})]"});
  EXPECT_TRUE (has (made, "/download/")) << made;
  EXPECT_EQ (call (path, "Abort"), "()\n");
  EXPECT_EQ (mine.number ("Owner"), 0u);
}
