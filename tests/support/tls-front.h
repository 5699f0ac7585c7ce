/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS in front of a Server; bytes pass through unchanged. */
#pragma once

#include <atomic>
#include <gio/gio.h>
#include <string>
#include <thread>
#include <vector>

namespace st
{

/* The contents of the self-signed certificate. */
struct Certificate {
  std::string name = "IP:127.0.0.1"; /* subjectAltName */
  std::string start = "20250101000000Z";
  std::string end = "20991231000000Z";
};

class TlsFront
{
public:
  /*
   * Stands before @port of the loopback, with files in @dir. @orderly: when the server ends its connection, TLS is
   * closed with notice; otherwise the connection is closed without it.
   */
  TlsFront (const std::string &dir,
            int port,
            bool orderly = true,
            const Certificate &certificate = {});
  TlsFront (const TlsFront &) = delete;
  TlsFront &operator= (const TlsFront &) = delete;
  ~TlsFront ();
  std::string url (const std::string &target) const;
  int
  connections () const
  {
    return connections_;
  }

private:
  void accept_all ();
  void relay (GSocketConnection *raw);

  int backend_;
  bool orderly_;
  guint16 port_ = 0;
  GSocketListener *listener_;
  GCancellable *stop_;
  GTlsCertificate *certificate_ = nullptr;
  std::thread acceptor_;
  std::vector<std::thread> relays_;
  std::atomic<int> connections_ = 0;
};

} // namespace st
