/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network goes and comes back: waiting downloads report it, and don't wait too long. */
#include "support/fixture.h"
#include "support/server.h"

#include <sched.h>

using namespace st;

namespace
{

const char kAddress[] = "192.0.2.1"; /* RFC 5737: belongs to nobody */

/* A separate network namespace for the case, with the threads and processes that it starts. */
class NetworkChanges : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    ASSERT_EQ (unshare (CLONE_NEWNET), 0) << g_strerror (errno);
    environment["GIO_USE_NETWORK_MONITOR"] = "netlink";
    config["RetryDelayMin"] = config["RetryDelayMax"] = "10min";
    file.body = random_bytes (500000);
    allow (file.body);
    run ("link set lo up");
    run ("link add link0 type veth peer name link1");
    run ("link set link1 up");
    server = std::make_unique<Server> ("0.0.0.0");
    server->serve ("/file", file);
  }
  void
  run (const std::string &command)
  {
    ASSERT_EQ (system (("ip " + command).c_str ()), 0) << "ip " << command;
  }
  void
  connect ()
  {
    run (std::string ("address add ") + kAddress + "/24 dev link0");
    run ("link set link0 up");
    run ("route add default dev link0");
  }
  void
  disconnect ()
  {
    run ("link set link0 down");
    run (std::string ("address delete ") + kAddress + "/24 dev link0");
  }
  Download
  create ()
  {
    return create_file ("http://" + std::string (kAddress) + ":" +
                            std::to_string (server->port ()) + "/file",
                        "file");
  }
  static std::vector<std::string>
  reasons (Download &download)
  {
    return download.get ("StateReasons").strv ();
  }

  std::unique_ptr<Server> server;
  Resource file;
  const std::vector<std::string> kNoNetwork = {"no-network"};
};

} // namespace

TEST_F (NetworkChanges, WaitsForTheFirst)
{
  Download download = create ();

  ASSERT_TRUE (download.start ());
  EXPECT_EQ (download.text ("State"), "queued");
  EXPECT_EQ (reasons (download), kNoNetwork);
  EXPECT_GT (download.number ("HeldSince"), 0u);
  EXPECT_EQ (download.number ("ErrorCount"), 0u) << "nothing is tried in vain";
  connect ();
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_TRUE (reasons (download).empty ());
  EXPECT_EQ (download.number ("HeldSince"), 0u);
  EXPECT_TRUE (download.finalize ());
  EXPECT_TRUE (read_file (target ("file")) == file.body);
}

TEST_F (NetworkChanges, LostAndFoundAgain)
{
  connect ();
  server->on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0) {
      x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 500000\r\n\r\n");
      x.send_body (std::string_view (file.body).substr (0, 200000), {});
      x.hold ();
      x.reset ();
    }
    x.respond (file);
  });
  file.etag = "\"v1\"";
  Download download = create ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (200000));
  disconnect ();
  server->release ();
  /* found by the routes, or by the connection that broke before; both wait for the network */
  ASSERT_TRUE (wait_polling ([&] {
    std::vector<std::string> now = reasons (download);
    return !now.empty () && now[0] == "no-network";
  }));
  connect ();
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.number ("BytesFetched"), 500000u);
  EXPECT_TRUE (download.finalize ());
  EXPECT_TRUE (read_file (target ("file")) == file.body);
}

/* An error that a network can't cure keeps its own retry time. */
TEST_F (NetworkChanges, OtherErrorsAreNotTheNetworks)
{
  server->on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0)
      x.answer ("503 Service Unavailable");
    else
      x.respond (file);
  });
  Download download =
      create_file ("http://127.0.0.1:" + std::to_string (server->port ()) + "/file", "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (reasons (download), std::vector<std::string> ({"backoff"}));
}
