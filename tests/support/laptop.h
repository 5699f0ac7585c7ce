/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mocks of the services of a laptop's system bus that can hold downloads: NetworkManager with one connection, and
 * UPower. Give the bus to the daemon as DBUS_SYSTEM_BUS_ADDRESS.
 */
#pragma once

#include "support/mock.h"

#include <string>

namespace st
{

class Laptop
{
public:
  const std::string &
  address () const
  {
    return bus_.address ();
  }
  /* NetworkManager, with full connectivity by the connection “Phone” over wlan0; @metered: an NMMetered */
  void start_network (int metered);
  void set_metered (int metered);
  /* UPower; on battery the level is 37.4 % */
  void start_power (bool on_battery);
  void set_on_battery (bool on_battery);

private:
  MockBus bus_;
  Mock network_{bus_, "org.freedesktop.NetworkManager"};
  Mock power_{bus_, "org.freedesktop.UPower", "upower"};
};

} // namespace st
