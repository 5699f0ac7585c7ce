/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The real NetworkManager, on a system bus and in a network of the case's own. The case is at "home", with two links into the
 * "world", where the server is; the daemon is at home too.
 */
#pragma once

#include "support/fixture.h"

#include <functional>

namespace st
{

/* A link, and the connection that it is used with. */
struct Uplink {
  std::string connection; /* for nmcli: "home" or "phone" */
  std::string interface;
  std::string address; /* of ours */
  std::string server;  /* the address at the other end, at which the server listens */
};

class NetworkManagerTest : public SluiceTest
{
protected:
  /* NetworkManager runs then, and both connections are up. The default route goes over "home". */
  void SetUp () override;
  void TearDown () override;

  const Uplink home = {"home", "uplink0", "192.0.2.10", "192.0.2.1"};
  const Uplink phone = {"phone", "uplink1", "198.51.100.10", "198.51.100.1"};
  /* Listens in the world, at both addresses. */
  std::unique_ptr<Server> server;
  std::string url (const Uplink &uplink, const std::string &target) const;

  /* SIGKILL; the links keep their addresses. */
  void kill_nm ();
  /* Returns when it has activated the connections again. */
  void start_nm ();
  /* @metered: yes, no or unknown; at once, without the connection being interrupted. */
  void set_metered (const Uplink &uplink, const std::string &metered);
  /* What programs are told by the settings: @key needs a dot in it. */
  void set_user_data (const Uplink &uplink, const std::string &key, const std::string &value);
  void activate (const std::string &connection);
  void deactivate (const std::string &connection);
  /* What it prints; a failure fails the case. */
  std::string nmcli (const std::vector<std::string> &arguments);
  void ip (const std::string &arguments);
  /* Does it in the world: what is started or opened there stays there. */
  void in_world (const std::function<void ()> &action);

  std::unique_ptr<Bus> system_bus;
  std::unique_ptr<Connection> system; /* on that */
  Process nm;

private:
  void enter_home ();
  void add_uplink (const Uplink &uplink, const std::string &peer);
  void add_connection (const Uplink &uplink, const std::string &gateway);
  int world_ = -1; /* the namespaces */
  int home_ = -1;
};

} // namespace st
