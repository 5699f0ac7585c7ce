/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS in front of a Server: what goes in and out of it is the server's own wire, to the letter. */
#pragma once

#include <atomic>
#include <gio/gio.h>
#include <string>
#include <thread>
#include <vector>

namespace st
{

/* Of the certificate, which is signed by itself. */
struct Certificate {
  std::string name = "IP:127.0.0.1"; /* subjectAltName */
  std::string start = "20250101000000Z";
  std::string end = "20991231000000Z";
};

class TlsFront
{
public:
  /*
   * In front of @port of the loopback, with files in @dir. @orderly: an end of the server's connection is told as TLS
   * wants it; if not, the connection is closed without a word.
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
