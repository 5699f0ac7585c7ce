/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The well-behaved server: nginx, plain and with TLS (HTTP/2 offered), below a directory of its own. */
#pragma once

#include "support/process.h"

#include <string>

namespace st
{

class Nginx
{
public:
  /*
   * Serves DIR/www, and keeps all its own files in DIR. @more goes into the server sections. @host: an address to
   * listen on, or 0.0.0.0, in the network of the thread that calls.
   */
  explicit Nginx (const std::string &dir,
                  const std::string &more = "",
                  const std::string &host = "127.0.0.1");
  ~Nginx ();
  /* At @host: one of its addresses; the one that it was told, if none is given. */
  std::string url (const std::string &target, const std::string &host = "") const;
  std::string tls_url (const std::string &target) const;
  /* Where to put what it serves. */
  std::string file (const std::string &name) const;
  /* A line a request, written at its end: method, target, protocol, status, "Range", "If-Range", body bytes. */
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
