/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hints of ModemManager. */
#include "unit/hints.h"

#include "hints/modem.h"

namespace
{

const char kProperties[] = "org.freedesktop.DBus.Properties";

class ModemTest : public Hints
{
protected:
  void
  SetUp () override
  {
    mock.object (root, "org.freedesktop.DBus.ObjectManager");
    mock.object (modem, modem_interface,
                 "{'Ports': <[('cdc-wdm0', uint32 6), ('wwan0', 2), ('ttyUSB0', 3)]>,"
                 " 'Bearers': <[objectpath '" +
                     bearer + "']>, 'SignalQuality': <(uint32 50, true)>}");
    mock.object (modem, gpp_interface,
                 "{'RegistrationState': <uint32 1>, 'OperatorName': <'Home'>}");
    mock.object (bearer, bearer_interface, "{'Connected': <true>, 'Interface': <'qmapmux0.0'>}");
    links = {"eth0", "wwan0", "qmapmux0.0", "ttyUSB0"};
  }
  void
  begin ()
  {
    watch (sl_modem_new (client.raw (), on_changed, this), sl_modem_fold, sl_modem_free);
  }
  const SlLink *
  link (guint n) const
  {
    return static_cast<const SlLink *> (last->links->pdata[n]);
  }
  bool
  told () const
  {
    return last->sources[SL_HINT_ROAMING] != nullptr;
  }
  void
  set (const std::string &interface, const std::string &properties)
  {
    mock.update (modem, interface, properties);
  }
  bool
  becomes_roaming (bool roaming)
  {
    return becomes ([&, roaming] { return (link (1)->roaming != FALSE) == roaming; });
  }

  const std::string name = "org.freedesktop.ModemManager1";
  const std::string root = "/org/freedesktop/ModemManager1";
  const std::string modem = root + "/Modem/0";
  const std::string bearer = root + "/Bearer/0";
  const std::string modem_interface = name + ".Modem";
  const std::string gpp_interface = modem_interface + ".Modem3gpp";
  const std::string bearer_interface = name + ".Bearer";
  Mock mock{bus, name};
};

} // namespace

TEST_F (ModemTest, FindsItsLinks)
{
  begin ();
  nothing_changes ([] {});
  EXPECT_FALSE (told ());
  start (mock, name);
  ASSERT_TRUE (becomes ([&] { return link (1)->cellular && link (2)->cellular; }, 2));
  EXPECT_EQ (source (SL_HINT_ROAMING), "ModemManager");
  EXPECT_EQ (source (SL_HINT_CELLULAR), "ModemManager");
  EXPECT_FALSE (link (0)->cellular);
  EXPECT_FALSE (link (3)->cellular);
  EXPECT_STREQ (link (1)->operator_, "Home");
  EXPECT_STREQ (link (2)->operator_, "Home");
  EXPECT_STREQ (link (0)->operator_, "");
  EXPECT_FALSE (link (1)->roaming);
  mock.update (bearer, bearer_interface, "{'Connected': <false>}");
  ASSERT_TRUE (becomes ([&] { return !link (2)->cellular; }));
  set (modem_interface, "{'Ports': <[('wwan1', uint32 2)]>}");
  ASSERT_TRUE (becomes ([&] { return !link (1)->cellular; }));
}

TEST_F (ModemTest, Roams)
{
  start (mock, name);
  begin ();
  ASSERT_TRUE (becomes ([&] { return link (2)->cellular; }, 2));
  for (int state : {5, 7, 10}) {
    set (gpp_interface, "{'RegistrationState': <uint32 " + std::to_string (state) + ">}");
    ASSERT_TRUE (becomes_roaming (true));
    EXPECT_TRUE (link (2)->roaming);
    EXPECT_FALSE (link (0)->roaming);
    set (gpp_interface, "{'RegistrationState': <uint32 9>}");
    ASSERT_TRUE (becomes_roaming (false));
  }
  set (gpp_interface, "{'RegistrationState': <uint32 5>, 'OperatorName': <'Away'>}");
  ASSERT_TRUE (becomes_roaming (true));
  EXPECT_STREQ (link (1)->operator_, "Away");
  nothing_changes ([&] {
    mock.emit (modem, kProperties, "PropertiesChanged",
               "('" + modem_interface + "', {'SignalQuality': <(uint32 40, true)>}, @as [])");
  });
  EXPECT_EQ (mock.count_calls (root, "GetManagedObjects"), 8) << "not for the signal's strength";
}

TEST_F (ModemTest, ComesAndGoes)
{
  start (mock, name);
  begin ();
  for (int i = 0; i < 2; i++) {
    ASSERT_TRUE (becomes ([&] { return link (2)->cellular; }, 2));
    mock.call (root, "org.freedesktop.DBus.Mock.RemoveObject", "('" + modem + "',)");
    nothing_changes ([] {});
    mock.emit (root, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
               "(objectpath '" + modem + "', ['" + modem_interface + "'])");
    ASSERT_TRUE (becomes ([&] { return !link (1)->cellular; }));
    EXPECT_FALSE (link (2)->cellular);
    EXPECT_TRUE (told ());
    stop (mock);
    ASSERT_TRUE (becomes ([&] { return !told (); }));
    start (mock, name);
  }
}

TEST_F (ModemTest, WrongTypes)
{
  start (mock, name);
  begin ();
  ASSERT_TRUE (becomes ([&] { return link (2)->cellular; }, 2));
  set (gpp_interface, "{'RegistrationState': <'5'>, 'OperatorName': <7>}");
  ASSERT_TRUE (becomes ([&] { return *link (1)->operator_ == '\0'; }));
  set (modem_interface, "{'Ports': <'wwan0'>}");
  ASSERT_TRUE (becomes ([&] { return !link (1)->cellular; }));
  mock.update (bearer, bearer_interface, "{'Interface': <3>}");
  ASSERT_TRUE (becomes ([&] { return !link (2)->cellular; }));
  nothing_changes ([&] { set (modem_interface, "{'Bearers': <['a']>}"); });
  nothing_changes ([&] { mock.emit (modem, kProperties, "PropertiesChanged", "(1,)"); });
  EXPECT_TRUE (told ());
}

/* A PPP interface is not a port: another source says that it is cellular. */
TEST_F (ModemTest, OnlyModem)
{
  links = {"ppp0"};
  start (mock, name);
  SlModem *modem_source = sl_modem_new (client.raw (), on_changed, this);
  drop = [=] { sl_modem_free (modem_source); };
  fold = [=] (SlConditions *conditions) {
    static_cast<SlLink *> (conditions->links->pdata[0])->cellular = TRUE;
    sl_modem_fold (modem_source, conditions);
  };
  last = make ();
  wait_until ([&] { return told (); });
  EXPECT_STREQ (link (0)->operator_, "Home");
}

TEST_F (ModemTest, AnswersWithAnError)
{
  Mock broken (bus, name);

  broken.object ("/somewhere/else", modem_interface);
  start (broken, name);
  begin ();
  nothing_changes ([] {});
  EXPECT_FALSE (told ());
}
