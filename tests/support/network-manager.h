/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The real NetworkManager, on a separate system bus and in a separate network. The case runs "at home", which has two
 * links into the "world", where the server is; the daemon is at home, too.
 */
#pragma once

#include "support/fixture.h"

#include <functional>

namespace st
{

/* A link, and its connection. */
struct Uplink {
  std::string connection; /* for nmcli: "home" or "phone" */
  std::string interface;
  std::string address; /* our address */
  std::string server;  /* the address at the other end, at which the server listens */
};

class NetworkManagerTest : public SluiceTest
{
protected:
  /* Starts NetworkManager and both connections; the default route goes over "home". */
  void SetUp () override;
  void TearDown () override;

  const Uplink home = {"home", "uplink0", "192.0.2.10", "192.0.2.1"};
  const Uplink phone = {"phone", "uplink1", "198.51.100.10", "198.51.100.1"};
  /* The server, which listens in the world at both addresses. */
  std::unique_ptr<Server> server;
  std::string url (const Uplink &uplink, const std::string &target) const;

  /* Kills it with SIGKILL; the links keep their addresses. */
  void kill_nm ();
  /* Returns when the connections are active again. */
  void start_nm ();
  /* @metered: yes, no or unknown; takes effect at once, without interrupting the connection. */
  void set_metered (const Uplink &uplink, const std::string &metered);
  /* Sets user data in the connection's settings; @key must contain a dot. */
  void set_user_data (const Uplink &uplink, const std::string &key, const std::string &value);
  void activate (const std::string &connection);
  void deactivate (const std::string &connection);
  /* Returns the output of nmcli; a failure fails the case. */
  std::string nmcli (const std::vector<std::string> &arguments);
  void ip (const std::string &arguments);
  /* Runs @action in the world: what it starts or opens stays there. */
  void in_world (const std::function<void ()> &action);

  std::unique_ptr<Bus> system_bus;
  std::unique_ptr<Connection> system; /* connection to that bus */
  Process nm;

private:
  void enter_home ();
  void add_uplink (const Uplink &uplink, const std::string &peer);
  void add_connection (const Uplink &uplink, const std::string &gateway);
  int world_ = -1; /* descriptor of the world's namespace */
  int home_ = -1;
};

} // namespace st
