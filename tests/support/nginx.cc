/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs nginx as a child of the test. */
#include "support/nginx.h"

#include "support/files.h"
#include "support/loop.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <glib.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace st
{

/* A port that is free now: bound once and closed without a connection, so it is not in TIME_WAIT. */
static int
find_port ()
{
  struct sockaddr_in name = {};
  socklen_t size = sizeof name;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  name.sin_family = AF_INET;
  name.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  EXPECT_EQ (bind (fd, (struct sockaddr *)&name, sizeof name), 0);
  getsockname (fd, (struct sockaddr *)&name, &size);
  close (fd);
  return ntohs (name.sin_port);
}

/* Distributions install it outside of a user's PATH. */
static std::string
find_nginx ()
{
  char *found = g_find_program_in_path ("nginx");
  std::string path = found != nullptr ? found : "/usr/sbin/nginx";

  g_free (found);
  return path;
}

static bool
answers (const std::string &host, int port)
{
  struct sockaddr_in name = {};
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  name.sin_family = AF_INET;
  name.sin_port = htons ((std::uint16_t)port);
  inet_pton (AF_INET, host.c_str (), &name.sin_addr);
  bool ok = connect (fd, (struct sockaddr *)&name, sizeof name) == 0;
  close (fd);
  return ok;
}

static void
make_certificate (const std::string &dir)
{
  Finished made =
      run ({{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
             "/CN=sluice.test", "-keyout", dir + "/key.pem", "-out", dir + "/cert.pem"},
            {},
            "",
            -1});

  ASSERT_EQ (made.status, 0) << made.output;
}

Nginx::Nginx (const std::string &dir, const std::string &more, const std::string &host)
    : dir_ (dir), host_ (host)
{
  for (const char *name : {"/www", "/temp"})
    make_directory (dir + name);

  for (const char *name : {"", "/www", "/temp"})
    chmod ((dir + name).c_str (), 0755);
  make_certificate (dir);
  /* another process may take the port before nginx does */
  for (int attempt = 0; attempt < 5; attempt++) {
    int plain = find_port (), tls = find_port ();
    port_ = plain;
    address_ = host + ":" + std::to_string (plain);
    tls_address_ = host + ":" + std::to_string (tls);
    std::string common = "root " + dir + "/www; " + more;
    write_file (dir + "/nginx.conf",
                "daemon off; master_process off; pid " + dir + "/nginx.pid; error_log " + dir +
                    "/error.log;\nevents { worker_connections 512; }\nhttp { "
                    "log_format ranges '$request $status \"$http_range\" \"$http_if_range\" "
                    "$body_bytes_sent'; access_log " +
                    dir +
                    "/access.log ranges; keepalive_requests 100000; sendfile on; tcp_nopush on;\n"
                    "client_body_temp_path " +
                    dir + "/temp/b; proxy_temp_path " + dir + "/temp/p; fastcgi_temp_path " + dir +
                    "/temp/f; uwsgi_temp_path " + dir + "/temp/u; scgi_temp_path " + dir +
                    "/temp/s;\nserver { listen " + address_ + "; " + common +
                    " }\nserver { listen " + tls_address_ + " ssl http2; ssl_certificate " + dir +
                    "/cert.pem; ssl_certificate_key " + dir + "/key.pem; " + common + " }\n}\n");
    process_.start ({{find_nginx (), "-c", dir + "/nginx.conf", "-e", dir + "/error.log"},
                     {},
                     dir + "/nginx.log",
                     -1});
    bool up = wait_polling (
        [&] { return (answers (host, plain) && answers (host, tls)) || !process_.is_running (); },
        10);
    if (up && process_.is_running ())
      return;
    process_.kill ();
  }
  ADD_FAILURE () << "nginx did not come up: " << read_file (dir + "/error.log")
                 << read_file (dir + "/nginx.log");
}

Nginx::~Nginx ()
{
  process_.send (SIGTERM);
  process_.wait ();
}

std::string
Nginx::url (const std::string &target, const std::string &host) const
{
  return "http://" + (host.empty () ? host_ : host) + ":" + std::to_string (port_) + target;
}

std::string
Nginx::tls_url (const std::string &target) const
{
  return "https://" + tls_address_ + target;
}

std::string
Nginx::file (const std::string &name) const
{
  return dir_ + "/www/" + name;
}

std::string
Nginx::access_log () const
{
  return read_file (dir_ + "/access.log");
}

} // namespace st
