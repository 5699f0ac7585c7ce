/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The well-behaved server: nginx, without and with TLS (which offers HTTP/2), in a separate directory. */
#pragma once

#include "support/process.h"

#include <string>

namespace st
{

class Nginx
{
public:
  /*
   * Serves DIR/www, and keeps its own files in DIR. @more: lines for the server sections. @host: the address to
   * listen on, or 0.0.0.0, in the network of the calling thread.
   */
  explicit Nginx (const std::string &dir,
                  const std::string &more = "",
                  const std::string &host = "127.0.0.1");
  ~Nginx ();
  /* @host: one of its addresses; by default the one that it listens on. */
  std::string url (const std::string &target, const std::string &host = "") const;
  std::string tls_url (const std::string &target) const;
  /* The path of a file that it serves as @name. */
  std::string file (const std::string &name) const;
  /* One line for each finished request: method, target, protocol, status, "Range", "If-Range", body bytes. */
  std::string access_log () const;
  const std::string &
  address () const
  {
    return address_;
  }

private:
  std::string dir_;
  std::string host_;
  int port_ = 0;
  std::string address_; /* host and port */
  std::string tls_address_;
  Process process_;
};

} // namespace st
