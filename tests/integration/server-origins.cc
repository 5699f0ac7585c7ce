/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Redirects between origins, and proxies: which headers are sent where, and where redirects may lead. */
#include "support/fixture.h"
#include "support/tls-front.h"

#include <sched.h>

using namespace st;

class ServerOrigins : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (100000);
    allow (file.body);
    server.serve ("/file", file);
  }

  static Properties
  headers (const char *fields)
  {
    return Properties ().add ("HttpHeaders", g_variant_new_parsed (fields));
  }

  Resource file;
  Server server;
};

/* RFC 6265: a redirect's cookie is sent with the next hop of this request, and no further. */
TEST_F (ServerOrigins, CookieOfARedirectOpensTheGate)
{
  server.on ("/gate", [this] (Exchange &x) {
    if (x.request.header ("Cookie").find ("pass=1") == std::string::npos)
      x.answer ("302 Found", {{"Location", "/gate"}, {"Set-Cookie", "pass=1; Path=/"}});
    else
      x.respond (file);
  });
  fetch (server.url ("/gate"), "file", file.body);
  fetch (server.url ("/gate"), "again", file.body);
  EXPECT_EQ (server.count ("/gate"), 4) << "a cookie outlived its request";
}

TEST_F (ServerOrigins, CookiesAreAddedToTheCallersOwn)
{
  server.on ("/gate", [] (Exchange &x) {
    if (x.request.visit == 0)
      x.answer ("307 Temporary Redirect", {{"Location", "/next"},
                                           {"Set-Cookie", "a=1"},
                                           {"Set-Cookie", "b=2; Path=/elsewhere"},
                                           {"Set-Cookie", "c=3; Secure"},
                                           {"Set-Cookie", "d=4; Domain=example.org"}});
  });
  server.serve ("/next", file);
  fetch (server.url ("/gate"), "file", file.body, headers ("{'Cookie': 'own=0'}"));
  EXPECT_EQ (server.requests ("/next")[0].header ("Cookie"), "own=0; a=1");
}

TEST_F (ServerOrigins, CookiesStayWithTheirHost)
{
  Server other ("127.0.0.2");

  other.serve ("/file", file);
  server.on ("/gate", [&other] (Exchange &x) {
    x.answer ("302 Found", {{"Location", other.url ("/file")}, {"Set-Cookie", "pass=1; Path=/"}});
  });
  fetch (server.url ("/gate"), "file", file.body);
  EXPECT_FALSE (other.requests ("/file")[0].has ("Cookie"));
}

/* The body of a redirect is useless, so nobody waits for it, whatever its announced length. */
TEST_F (ServerOrigins, BodyOfARedirectIsNotWaitedFor)
{
  int n = 0;

  for (const char *fields : {"", "Content-Length: 500\r\n", "Content-Length: 5000000\r\n",
                             "Transfer-Encoding: chunked\r\n", "Connection: close\r\n"}) {
    SCOPED_TRACE (fields);
    std::string head =
        "HTTP/1.1 302 Found\r\nLocation: /file\r\n" + std::string (fields) + "\r\nit has";
    if (std::string (fields).find ("chunked") != std::string::npos)
      head.replace (head.size () - 6, 6, "6\r\nit has\r\n");
    server.on ("/from", [head] (Exchange &x) {
      x.send (head);
      x.hold ();
    });
    gint64 before = g_get_monotonic_time ();
    fetch (server.url ("/from"), "file" + std::to_string (n++), file.body);
    EXPECT_LT (g_get_monotonic_time () - before, 2 * G_USEC_PER_SEC * time_factor ());
  }
}

TEST_F (ServerOrigins, ConnectionOfAShortRedirectIsUsedAgain)
{
  server.on ("/from", [] (Exchange &x) {
    x.answer ("302 Found", {{"Location", "/file"}}, "moved");
  });
  fetch (server.url ("/from"), "file", file.body);
  EXPECT_EQ (server.connections (), 1);
}

/* Signatures are made over the text: a given address or a Location is requested letter by letter. */
TEST_F (ServerOrigins, AddressesAreAskedForAsTheyStand)
{
  const std::string signed_ =
      "/o/foo%27bar%2Bbaz%7E(x)!*,$'~q%2f.bin?X-Amz-Signature=ab%2fcd%3D%3D&r=%20&%zz";
  int n = 0;

  server.serve (signed_, file);
  fetch (server.url (signed_), "given", file.body);
  server.on ("/from", [signed_] (Exchange &x) { x.answer ("302 Found", {{"Location", signed_}}); });
  fetch (server.url ("/from"), "redirected", file.body);
  for (const auto &[location, asked] :
       std::vector<std::pair<std::string, std::string>>{{"/a b", "/a%20b"},
                                                        {"/\xc3\xa4?\xc3\xb6", "/%C3%A4?%C3%B6"},
                                                        {"/\xe4", "/%E4"},
                                                        {"b/../c%2e?d#e", "/dir/c%2e?d"},
                                                        {"?q=%2F", "/dir/from?q=%2F"},
                                                        {"//" + server.url ("").substr (7) + "/x",
                                                         "/x"}}) {
    SCOPED_TRACE (location);
    std::string to = location;
    server.serve (asked, file);
    server.on ("/dir/from", [to] (Exchange &x) { x.answer ("302 Found", {{"Location", to}}); });
    fetch (server.url ("/dir/from"), "file" + std::to_string (n++), file.body);
  }
}

/* A host that is invalid after decoding could become lines of a request to a proxy. */
TEST_F (ServerOrigins, LocationsThatWouldWriteToAProxyAreRefused)
{
  int n = 0;

  environment["http_proxy"] = environment["https_proxy"] = server.url ("");
  for (const char *location :
       {"http://a%0d%0aX-Injected%3a1%0d%0a%0d%0aDELETE%20http%3a%2f%2finternal%2fdb%20HTTP%2f1.1/",
        "https://a%0d%0aX-Injected:1/", "http://a%20b/", "http://a%00b/", "http://b:0/",
        "http:///x"}) {
    std::string to = location;
    server.on ("http://files.example/from", [to] (Exchange &x) {
      x.answer ("302 Found", {{"Location", to}});
    });
    std::size_t before = server.requests ().size ();
    Download download = create_file ("http://files.example/from", "file" + std::to_string (n++));
    expect_failure (download, "Redirect", "remote-file");
    EXPECT_EQ (server.requests ().size (), before + 1) << location;
    EXPECT_FALSE (try_create (location, Properties ().add ("LocalPath", target ("x")))) << location;
  }
}

/* The same rules hold with a proxy: here for the end of a body and for leftovers. */
TEST_F (ServerOrigins, ThroughAProxyBodiesAreProvenToo)
{
  environment["http_proxy"] = server.url ("");
  server.on ("http://files.example/file", [this] (Exchange &x) {
    if (x.request.visit == 0) {
      x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nConnection: close\r\nTransfer-Encoding: "
              "chunked\r\n\r\n5\r\n" +
              file.body.substr (0, 5) + "\r\n");
      x.close ();
    } else {
      x.respond (file);
    }
  });
  fetch ("http://files.example/file", "file", file.body);
  EXPECT_EQ (server.count ("http://files.example/file"), 2);
}

/* A tunnel through a real proxy: the bytes inside of TLS are checked. */
TEST_F (ServerOrigins, ThroughATunnelBodiesAreProvenToo)
{
  TlsFront front (dir / "tls", server.port ());
  Process proxy;
  int port = 20000 + (int)(g_random_int () % 20000);

  write_file (dir / "proxy.conf",
              "Port " + std::to_string (port) + "\nListen 127.0.0.1\nTimeout 60\nMaxClients 20\n");
  proxy.start ({{"tinyproxy", "-d", "-c", dir / "proxy.conf"}, {}, dir / "proxy.log", -1});
  ASSERT_TRUE (wait_polling ([port] {
    g_autoptr (GSocketClient) client = g_socket_client_new ();
    g_autoptr (GSocketConnection) connection =
        g_socket_client_connect_to_host (client, "127.0.0.1", (guint16)port, nullptr, nullptr);
    return connection != nullptr;
  }));
  environment["https_proxy"] = "http://127.0.0.1:" + std::to_string (port);
  environment["no_proxy"] = "";
  server.on ("/tunnel", [this] (Exchange &x) {
    if (x.request.visit == 0) {
      x.send ("HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" +
              file.body.substr (0, 5) + "\r\n");
      x.close ();
    } else {
      x.respond (file);
    }
  });
  std::string url = front.url ("/tunnel");
  url.replace (url.find ("127.0.0.1"), 9, "localhost");
  Download download =
      fetch (url, "file", file.body,
             Properties ().add_strv ("SecurityFlags", {"ignore-unknown-ca", "ignore-common-name"}));
  EXPECT_EQ (server.count ("/tunnel"), 2);
  EXPECT_NE (read_file (dir / "proxy.log").find ("CONNECT"), std::string::npos)
      << read_file (dir / "proxy.log");
  proxy.kill ();
}

namespace
{

/* A separate namespace whose loopback also has a public address. */
class PublicAddress : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    ASSERT_EQ (unshare (CLONE_NEWNET), 0) << g_strerror (errno);
    ASSERT_EQ (system ("ip link set lo up && ip address add 203.0.113.2/32 dev lo && "
                       "ip address add 203.0.113.1/32 dev lo && ip address add 10.1.2.3/32 dev lo"),
               0);
    file.body = random_bytes (100000);
    allow (file.body);
    server = std::make_unique<Server> ("0.0.0.0");
    server->serve ("/file", file);
  }
  std::string
  url (const std::string &host, const std::string &path)
  {
    return "http://" + host + ":" + std::to_string (server->port ()) + path;
  }
  void
  redirect (const std::string &to)
  {
    server->on ("/from", [to] (Exchange &x) { x.answer ("302 Found", {{"Location", to}}); });
  }

  Resource file;
  std::unique_ptr<Server> server;
};

} // namespace

TEST_F (PublicAddress, DoesNotRedirectToAPrivateOne)
{
  int n = 0;

  for (const char *host : {"127.0.0.1", "127.9.9.9", "10.1.2.3", "localhost", "0.0.0.0",
                           "[::ffff:127.0.0.1]", "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1"}) {
    SCOPED_TRACE (host);
    redirect (url (host, "/file"));
    int before = server->count ("/file");
    Download download = create_file (url ("203.0.113.1", "/from"), "file" + std::to_string (n));
    expect_failure (download, "Redirect", "remote-file");
    EXPECT_NE (download.text ("ErrorMessage").find ("allow-private-redirect"), std::string::npos)
        << download.text ("ErrorMessage");
    EXPECT_EQ (server->count ("/file"), before);
    fetch (url ("203.0.113.1", "/from"), "allowed" + std::to_string (n), file.body,
           Properties ().add_strv ("SecurityFlags", {"allow-private-redirect"}));
    /* an open connection to it must not be used, either */
    expect_failure (create_file (url ("203.0.113.1", "/from"), "again" + std::to_string (n++)),
                    "Redirect");
  }
}

TEST_F (PublicAddress, RedirectsToAnother)
{
  redirect (url ("203.0.113.2", "/file"));
  fetch (url ("203.0.113.1", "/from"), "file", file.body);
}

TEST_F (PublicAddress, PrivateOnesMayRedirectAmongThemselves)
{
  redirect (url ("127.0.0.1", "/file"));
  fetch (url ("10.1.2.3", "/from"), "file", file.body);
}

TEST_F (PublicAddress, IsNoWayFromOnePrivateToAnother)
{
  redirect (url ("203.0.113.1", "/second"));
  server->on ("/second", [this] (Exchange &x) {
    x.answer ("302 Found", {{"Location", url ("10.1.2.3", "/file")}});
  });
  expect_failure (create_file (url ("127.0.0.1", "/from"), "file"), "Redirect");
}
