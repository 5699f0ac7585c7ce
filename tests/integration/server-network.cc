/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that fail: closed, reset, refused, unresolved, half dead, and untrusted TLS. */
#include "support/fixture.h"
#include "support/nginx.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace st;

/* Listens but never accepts: when its queue is full, connecting is like to a dead host. */
class DeadHost
{
public:
  DeadHost (bool v6, int port)
  {
    name6_.sin6_family = AF_INET6;
    name6_.sin6_port = htons ((std::uint16_t)port);
    name6_.sin6_addr = in6addr_loopback;
    name4_.sin_family = AF_INET;
    name4_.sin_port = htons ((std::uint16_t)port);
    name4_.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    struct sockaddr *name = v6 ? (struct sockaddr *)&name6_ : (struct sockaddr *)&name4_;
    socklen_t size = v6 ? sizeof name6_ : sizeof name4_;
    int yes = 1;
    listen_fd_ = socket (v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt (listen_fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    EXPECT_EQ (bind (listen_fd_, name, size), 0);
    EXPECT_EQ (listen (listen_fd_, 0), 0);
    for (int &fd : fill_fds_) {
      fd = socket (v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      connect (fd, name, size);
    }
  }
  ~DeadHost ()
  {
    for (int fd : fill_fds_)
      close (fd);
    close (listen_fd_);
  }

private:
  struct sockaddr_in6 name6_ = {};
  struct sockaddr_in name4_ = {};
  int listen_fd_;
  int fill_fds_[4];
};

class ServerNetwork : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (500000);
    allow (file.body);
  }

  /* Makes the daemon resolve names with this hosts file. */
  void
  use_hosts (const std::string &hosts)
  {
    write_file (dir / "hosts", hosts);
    wrapper = {"unshare",    "-m", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"",
               dir / "hosts"};
  }

  Resource file;
};

TEST_F (ServerNetwork, ClosedWithoutAWord)
{
  Server server;

  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit < 3)
      x.close ();
    else
      x.respond (file);
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_GE (download.number ("ErrorCount"), 1u);
}

TEST_F (ServerNetwork, ClosedWithoutAWordIsConnect)
{
  Server server;

  config["RetryDelayMin"] = config["RetryDelayMax"] = "20s";
  server.on ("/file", [] (Exchange &x) { x.close (); });
  Download download = create_file (server.url ("/file"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "Connect");
  EXPECT_NE (download.text ("ErrorMessage").find ("127.0.0.1"), std::string::npos)
      << download.text ("ErrorMessage");
}

TEST_F (ServerNetwork, ResetInsteadOfAnAnswer)
{
  Server server;

  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit < 3)
      x.reset ();
    else
      x.respond (file);
  });
  fetch (server.url ("/file"), "file", file.body);
}

TEST_F (ServerNetwork, ResetInTheBody)
{
  Server server;

  server.on ("/file", [this] (Exchange &x) {
    if (x.request.visit == 0) {
      x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 500000\r\n\r\n");
      x.send_body (std::string_view (file.body).substr (0, 200000), {});
      x.pause (0.3);
      x.reset ();
    }
    x.respond (file);
  });
  Download download = fetch (server.url ("/file"), "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 1u);
  EXPECT_EQ (download.number ("RestartCount"), 0u);
}

TEST_F (ServerNetwork, KeptConnectionIsClosedBetweenTwoFiles)
{
  Server server;

  server.on ("/one", [this] (Exchange &x) {
    x.respond (file);
    x.close ();
  });
  server.serve ("/two", file);
  fetch (server.url ("/one"), "one", file.body);
  Download two = fetch (server.url ("/two"), "two", file.body);
  EXPECT_EQ (two.number ("ErrorCount"), 0u);
}

TEST_F (ServerNetwork, RefusedUntilTheServerIsThere)
{
  int port = Server ().port (); /* closed again at once */

  Download download = create_file ("http://127.0.0.1:" + std::to_string (port) + "/file", "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "Connect");
  EXPECT_EQ (download.text ("ErrorContext"), "transport");
  Server server ("127.0.0.1", port);
  server.serve ("/file", file);
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
}

TEST_F (ServerNetwork, UnknownName)
{
  use_hosts ("127.0.0.1 localhost\n");
  config["RetryDelayMin"] = config["RetryDelayMax"] = "30s";
  Download download = create_file ("http://no-such-host.invalid/file", "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying", 30));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "NameResolution");
  EXPECT_EQ (download.text ("ErrorContext"), "transport");
  EXPECT_NE (download.text ("ErrorMessage").find ("no-such-host.invalid"), std::string::npos);
  ASSERT_TRUE (download.pause ());
}

TEST_F (ServerNetwork, Ipv6)
{
  Server server ("::1");

  server.serve ("/file", file);
  fetch (server.url ("/file"), "file", file.body);
}

TEST_F (ServerNetwork, Ipv6IsDeadAndIpv4Lives)
{
  Server server;
  DeadHost dead (true, server.port ());

  use_hosts ("::1 two.test\n127.0.0.1 two.test\n");
  server.serve ("/file", file);
  Download download =
      create_file ("http://two.test:" + std::to_string (server.port ()) + "/file", "file");
  gint64 began = g_get_monotonic_time ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_LT (g_get_monotonic_time () - began, 3 * G_USEC_PER_SEC * (gint64)time_factor ());
  EXPECT_EQ (download.number ("ErrorCount"), 0u);
  finalize_and_check (download, file.body);
}

TEST_F (ServerNetwork, Ipv4IsDeadAndIpv6Lives)
{
  Server server ("::1");
  DeadHost dead (false, server.port ());

  use_hosts ("127.0.0.1 two.test\n::1 two.test\n");
  server.serve ("/file", file);
  Download download =
      create_file ("http://two.test:" + std::to_string (server.port ()) + "/file", "file");
  gint64 began = g_get_monotonic_time ();
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_LT (g_get_monotonic_time () - began, 3 * G_USEC_PER_SEC * (gint64)time_factor ());
  finalize_and_check (download, file.body);
}

TEST_F (ServerNetwork, Ipv6IsRefusedAndIpv4Lives)
{
  Server server;

  use_hosts ("::1 two.test\n127.0.0.1 two.test\n");
  server.serve ("/file", file);
  Download download =
      fetch ("http://two.test:" + std::to_string (server.port ()) + "/file", "file", file.body);
  EXPECT_EQ (download.number ("ErrorCount"), 0u);
}

TEST_F (ServerNetwork, DeadHostIsTimeout)
{
  int port = Server ().port ();
  DeadHost dead (false, port);

  config["FirstByteTimeout"] = "500ms";
  config["RetryDelayMin"] = config["RetryDelayMax"] = "20s";
  Download download = create_file ("http://127.0.0.1:" + std::to_string (port) + "/file", "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("retrying"));
  EXPECT_EQ (download.text ("Error"), std::string (kError) + "Timeout");
}

/* TLS. */

class ServerTls : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    nginx = std::make_unique<Nginx> (nginx_dir.path ());
  }

  static Properties
  trusting ()
  {
    return Properties ().add_strv ("SecurityFlags", {"ignore-unknown-ca", "ignore-common-name"});
  }

  TempDir nginx_dir;
  std::unique_ptr<Nginx> nginx;
};

TEST_F (ServerTls, UnknownCertificateIsRefused)
{
  std::string body = random_bytes (100000);

  write_file (nginx->file ("file"), body);
  Download download = create_file (nginx->tls_url ("/file"), "file");
  expect_failure (download, "Tls", "transport");
  EXPECT_EQ (nginx->access_log ().find ("GET"), std::string::npos);
}

TEST_F (ServerTls, OneFlagIsNotEnough)
{
  write_file (nginx->file ("file"), "content");
  int n = 0;
  for (const char *flag : {"ignore-unknown-ca", "ignore-common-name", "ignore-date"}) {
    SCOPED_TRACE (flag);
    Download download = create_file (nginx->tls_url ("/file"), "file" + std::to_string (n++),
                                     Properties ().add_strv ("SecurityFlags", {flag}));
    expect_failure (download, "Tls", "transport");
  }
}

TEST_F (ServerTls, FlagsOfOneDownloadAreNotThoseOfTheNext)
{
  std::string body = random_bytes (100000);

  write_file (nginx->file ("file"), body);
  fetch (nginx->tls_url ("/file"), "trusting", body, trusting ());
  /* by now there is an idle connection to the same host */
  Download download = create_file (nginx->tls_url ("/file"), "checking");
  expect_failure (download, "Tls", "transport");
}

TEST_F (ServerTls, ResumesOverTls)
{
  std::string body = random_bytes (30000000);

  write_file (nginx->file ("file"), body);
  Download download = create_file (nginx->tls_url ("/file"), "file",
                                   trusting ().add ("Digest", "sha256:" + sha256 (body)));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1));
  restart_daemon (SIGKILL);
  ASSERT_TRUE (download.wait ("transferred", 60));
  finalize_and_check (download, body);
  EXPECT_LE (download.number ("BytesFetched"), body.size () + 8 * 1024 * 1024);
}

/* A large body over HTTP/2 used to fill the memory: libsoup 3.2 kept all of it. */
TEST_F (ServerTls, MemoryStaysSmallThoughHttp2IsOffered)
{
  std::string body = random_bytes (256 * 1024 * 1024);

  write_file (nginx->file ("file"), body);
  Finished curl = run ({{"curl", "-k", "-s", "-I", "-o", "/dev/null", "-w", "%{http_version}",
                         nginx->tls_url ("/file")},
                        {},
                        "",
                        -1});
  ASSERT_EQ (curl.output, "2") << "the server offers no HTTP/2";
  Download download =
      create_file (nginx->tls_url ("/file"), "file", trusting ().add ("Priority", "foreground"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred", 60));
  std::string memory = read_file ("/proc/" + std::to_string (daemon.pid ()) + "/status");
  long peak = std::stol (memory.substr (memory.find ("VmHWM:") + 6));
  if (time_factor () == 1) {
    EXPECT_LT (peak, 60 * 1024) << "kB resident at the most";
  }
  finalize_and_check (download, body);
}
