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
  /* Serves DIR/www, and keeps all its own files in DIR. @more goes into the server sections. */
  explicit Nginx (const std::string &dir, const std::string &more = "");
  ~Nginx ();
  std::string url (const std::string &target) const;
  std::string tls_url (const std::string &target) const;
  /* Where to put what it serves. */
  std::string file (const std::string &name) const;
  std::string access_log () const;
  const std::string &
  address () const
  {
    return address_;
  }

private:
  std::string dir_;
  std::string address_; /* 127.0.0.1:PORT */
  std::string tls_address_;
  Process process_;
};

} // namespace st
