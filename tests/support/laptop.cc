/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Mocks of a laptop's services. */
#include "support/laptop.h"

namespace st
{

static const char kNetwork[] = "org.freedesktop.NetworkManager";
static const char kNetworkPath[] = "/org/freedesktop/NetworkManager";
static const char kPower[] = "org.freedesktop.UPower";
static const char kPowerPath[] = "/org/freedesktop/UPower";

static std::string
path (const std::string &text)
{
  return "<objectpath '" + std::string (kNetworkPath) + text + "'>";
}

static std::string
number (int value)
{
  return "<uint32 " + std::to_string (value) + ">";
}

void
Laptop::start_network (int metered)
{
  const std::string manager = kNetwork, root = kNetworkPath;

  network_.object ("/org/freedesktop", "org.sluice.Mock.Root");
  network_.object (root, manager,
                   "{'Connectivity': " + number (4) +
                       ", 'PrimaryConnection': " + path ("/ActiveConnection/1") + "}");
  network_.object (root + "/Devices/1", manager + ".Device",
                   "{'Interface': <'wlan0'>, 'DeviceType': " + number (2) +
                       ", 'State': " + number (100) + ", 'Metered': " + number (metered) +
                       ", 'ActiveConnection': " + path ("/ActiveConnection/1") + "}");
  network_.object (root + "/ActiveConnection/1", manager + ".Connection.Active",
                   "{'Uuid': <'5e1f'>, 'Id': <'Phone'>, 'Default': <true>, 'Connection': " +
                       path ("/Settings/1") + "}");
  network_.object (root + "/Settings/1", manager + ".Settings.Connection");
  network_.method (root + "/Settings/1", manager + ".Settings.Connection", "GetSettings", "",
                   "a{sa{sv}}", "ret = dbus.Dictionary({}, signature='sa{sv}')");
  network_.start ();
}

void
Laptop::set_metered (int metered)
{
  network_.update (std::string (kNetworkPath) + "/Devices/1", std::string (kNetwork) + ".Device",
                   "{'Metered': " + number (metered) + "}");
}

void
Laptop::start_power (bool on_battery)
{
  power_.start ();
  power_.update (std::string (kPowerPath) + "/devices/DisplayDevice",
                 std::string (kPower) + ".Device",
                 "{'Type': <uint32 2>, 'IsPresent': <true>, 'Percentage': <37.4>, "
                 "'WarningLevel': <uint32 1>}");
  set_on_battery (on_battery);
}

void
Laptop::set_on_battery (bool on_battery)
{
  power_.update (kPowerPath, kPower,
                 std::string ("{'OnBattery': <") + (on_battery ? "true" : "false") + ">}");
}

} // namespace st
