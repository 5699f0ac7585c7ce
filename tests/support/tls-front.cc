/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes certificates with openssl, and relays with two threads for each connection. */
#include "support/tls-front.h"

#include "support/files.h"
#include "support/process.h"

#include <gtest/gtest.h>

namespace st
{

namespace
{

void
run_openssl (const std::vector<std::string> &arguments)
{
  std::vector<std::string> command = {"openssl"};

  command.insert (command.end (), arguments.begin (), arguments.end ());
  Finished finished = run ({command, {}, "", -1});
  ASSERT_EQ (finished.status, 0) << finished.output;
}

/* Uses "openssl ca", because only that supports dates. */
void
make_certificate (const std::string &dir, const Certificate &certificate)
{
  make_directory (dir);
  write_file (dir + "/index.txt", "");
  write_file (dir + "/serial", "01\n");
  write_file (dir + "/conf", "[ca]\ndefault_ca = d\n[d]\ndatabase = " + dir +
                                 "/index.txt\nserial = " + dir + "/serial\nnew_certs_dir = " + dir +
                                 "\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n");
  write_file (dir + "/extensions", "subjectAltName = " + certificate.name + "\n");
  run_openssl ({"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sluice.test", "-keyout",
                dir + "/key.pem", "-out", dir + "/request.pem"});
  run_openssl ({"ca", "-batch", "-notext", "-selfsign", "-config", dir + "/conf", "-keyfile",
                dir + "/key.pem", "-in", dir + "/request.pem", "-out", dir + "/cert.pem",
                "-startdate", certificate.start, "-enddate", certificate.end, "-extfile",
                dir + "/extensions"});
}

void
pass_on (GCancellable *, GCancellable *to)
{
  g_cancellable_cancel (to);
}

/* Copies until @from ends. */
void
pump (GIOStream *from, GIOStream *to, GCancellable *stop)
{
  char buffer[16384];
  gssize n;

  while ((n = g_input_stream_read (g_io_stream_get_input_stream (from), buffer, sizeof buffer, stop,
                                   nullptr)) > 0 &&
         g_output_stream_write_all (g_io_stream_get_output_stream (to), buffer, (gsize)n, nullptr,
                                    stop, nullptr))
    ;
}

} // namespace

TlsFront::TlsFront (const std::string &dir, int port, bool orderly, const Certificate &certificate)
    : backend_ (port), orderly_ (orderly), listener_ (g_socket_listener_new ()),
      stop_ (g_cancellable_new ())
{
  GError *error = nullptr;

  make_certificate (dir, certificate);
  certificate_ = g_tls_certificate_new_from_files ((dir + "/cert.pem").c_str (),
                                                   (dir + "/key.pem").c_str (), &error);
  EXPECT_NE (certificate_, nullptr) << error->message;
  port_ = g_socket_listener_add_any_inet_port (listener_, nullptr, nullptr);
  acceptor_ = std::thread ([this] { accept_all (); });
}

TlsFront::~TlsFront ()
{
  g_cancellable_cancel (stop_);
  acceptor_.join ();
  for (std::thread &relay : relays_)
    relay.join ();
  g_object_unref (listener_);
  g_object_unref (stop_);
  g_clear_object (&certificate_);
}

std::string
TlsFront::url (const std::string &target) const
{
  return "https://127.0.0.1:" + std::to_string (port_) + target;
}

void
TlsFront::accept_all ()
{
  GSocketConnection *raw;

  while ((raw = g_socket_listener_accept (listener_, nullptr, stop_, nullptr)) != nullptr) {
    connections_++;
    relays_.emplace_back ([this, raw] {
      relay (raw);
      g_object_unref (raw);
    });
  }
}

void
TlsFront::relay (GSocketConnection *raw)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GIOStream) tls =
      g_tls_server_connection_new (G_IO_STREAM (raw), certificate_, nullptr);
  g_autoptr (GSocketConnection) backend = nullptr;

  if (tls == nullptr || !g_tls_connection_handshake (G_TLS_CONNECTION (tls), stop_, nullptr))
    return;
  backend =
      g_socket_client_connect_to_host (client, "127.0.0.1", (guint16)backend_, stop_, nullptr);
  if (backend == nullptr)
    return;
  g_autoptr (GCancellable) done = g_cancellable_new ();
  gulong handler = g_cancellable_connect (stop_, G_CALLBACK (pass_on), done, nullptr);
  std::thread up ([&] {
    pump (tls, G_IO_STREAM (backend), done);
    g_socket_shutdown (g_socket_connection_get_socket (backend), FALSE, TRUE, nullptr);
  });
  pump (G_IO_STREAM (backend), tls, stop_);
  /* closing waits for pending reads */
  g_cancellable_cancel (done);
  up.join ();
  g_cancellable_disconnect (stop_, handler);
  if (orderly_)
    g_output_stream_close (g_io_stream_get_output_stream (tls), nullptr, nullptr);
  g_io_stream_close (G_IO_STREAM (raw), nullptr, nullptr);
}

} // namespace st
