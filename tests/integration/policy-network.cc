/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network's costs hold a running download and release it. */
#include "support/policy.h"

#include <csignal>

using namespace st;

namespace
{

const char kModem[] = "org.freedesktop.ModemManager1";
const char kModemPath[] = "/org/freedesktop/ModemManager1/Modem/0";
const char kModem3gpp[] = "org.freedesktop.ModemManager1.Modem.Modem3gpp";
const char kDevice[] = "org.freedesktop.NetworkManager.Device";
enum { MODEM = 1, CABLE = 2 };
enum { YES = 1, NO = 2, GUESS_YES = 3 };

class PolicyNetwork : public PolicyTest
{
protected:
  void
  set_metered (int connection_, int metered)
  {
    network.update ("/org/freedesktop/NetworkManager/Devices/" + std::to_string (connection_),
                    kDevice, "{'Metered': <uint32 " + std::to_string (metered) + ">}");
  }
  void
  start_modem ()
  {
    modem.object ("/org/freedesktop/ModemManager1", "org.freedesktop.DBus.ObjectManager");
    modem.object (kModemPath, "org.freedesktop.ModemManager1.Modem",
                  "{'Ports': <[('wwan0', uint32 2)]>, 'Bearers': <@ao []>}");
    modem.object (kModemPath, kModem3gpp,
                  "{'RegistrationState': <uint32 1>, 'OperatorName': <'Home'>}");
    modem.start ();
  }
  void
  set_registration (int state)
  {
    modem.update (kModemPath, kModem3gpp,
                  "{'RegistrationState': <uint32 " + std::to_string (state) + ">}");
  }
  /* A value of the n-th connection in Conditions; the first is the primary. */
  Value
  link (gsize n, const char *key)
  {
    Value conditions = connection->get (kManagerPath, "Conditions").value;
    Value links (g_variant_lookup_value (conditions.get (), "Links", nullptr));
    return Value (g_variant_lookup_value (links[n].get (), key, nullptr));
  }

  Mock network{system, "org.freedesktop.NetworkManager"};
  Mock modem{system, kModem};
};

} // namespace

TEST_F (PolicyNetwork, CellularAndRoaming)
{
  play_network (network);
  set_metered (MODEM, GUESS_YES);
  start_modem ();
  Download never =
      begin ("never", Properties ().add ("CostPolicy", "always").add ("DisallowOnCellular", true));
  Download home = begin ("home", Properties ().add ("CostPolicy", "no-roaming"));
  Download standard = begin ("standard");
  Download always = begin ("always", Properties ().add ("CostPolicy", "always"));

  set_primary (network, MODEM);
  expect_held (never, {"cellular"});
  expect_held (standard, {"metered"});
  expect_moving (home);
  EXPECT_EQ (link (0, "Cost").str (), "capped-usage-unknown");
  EXPECT_EQ (link (0, "Operator").str (), "Home");
  set_registration (5);
  expect_held (home, {"roaming"});
  EXPECT_EQ (reasons_of (never), Reasons ({"cellular"}));
  EXPECT_EQ (reasons_of (standard), Reasons ({"roaming"}));
  set_registration (1);
  expect_released (home);
  EXPECT_EQ (reasons_of (standard), Reasons ({"metered"}));
  set_primary (network, CABLE);
  expect_released (never);
  expect_released (standard);
  expect_moving (always);
  finish ({never, home, standard, always});
}

/* The configuration decides whether a guess counts. */
TEST_F (PolicyNetwork, MeteredByConfiguration)
{
  play_network (network);
  set_metered (CABLE, GUESS_YES);
  Download download = ask ("file");

  expect_held (download, {"metered"});
  configure ("[Network]\nTrustMeteredGuess=false\n");
  expect_released (download);
  configure ("[Network]\nMetered=yes\n");
  expect_held (download, {"metered"});
  configure ("[Network]\nMetered=no\n");
  expect_released (download);
  /* reasons from its own wishes, and from the administrator's limits */
  const std::string metered = "[Network]\nMetered=yes\n[Normal]\nCostPolicy=always\n";
  configure (metered + "CostLimit=standard\n");
  expect_held (download, {"metered", "admin-policy"});
  configure (metered);
  expect_released (download);
  finish ({download});
}

/* Money has no deadline. */
TEST_F (PolicyNetwork, MoneyOutlastsTheDeadline)
{
  configure ("[Conditions]\nMaxWait=1s\n");
  play_network (network);
  set_metered (CABLE, YES);
  start_daemon ();
  Download late = ask ("late", Properties ().add ("Deadline", g_variant_new_int64 (1)));
  expect_held (late, {"metered"});
  run_for (1.2);
  EXPECT_EQ (late.status ().state, "queued");
  write (late, "CostPolicy", g_variant_new_string ("always"));
  expect_released (late);
  write (late, "CostPolicy", g_variant_new_string ("unrestricted"));
  expect_held (late, {"metered"});
  write (late, "IgnoreConditions", g_variant_new_boolean (TRUE));
  expect_released (late);
  write (late, "IgnoreConditions", g_variant_new_boolean (FALSE));
  expect_held (late, {"metered"});
  set_metered (CABLE, NO);
  expect_released (late);
  write (late, "DisallowOnCellular", g_variant_new_boolean (TRUE));
  expect_released (late);
  set_primary (network, MODEM);
  expect_held (late, {"cellular"});
  write (late, "DisallowOnCellular", g_variant_new_boolean (FALSE));
  expect_released (late);
  finish ({late});
}

TEST_F (PolicyNetwork, MonthlyCap)
{
  const std::uint64_t cap = 1000000, near = cap / 100 * 80;

  rate = 600000;
  configure ("[Network]\nMonthlyCap=1000000\n");
  play_network (network);
  set_metered (CABLE, YES);
  set_metered (MODEM, YES);
  Download download = begin ("file");
  EXPECT_EQ (link (0, "Cost").str (), "below-cap");
  ASSERT_TRUE (download.wait ("queued", 5));
  expect_held (download, {"data-cap"});
  std::uint64_t fetched = download.number ("BytesFetched");
  EXPECT_GE (fetched, near);
  EXPECT_LE (fetched, near + 200000);
  EXPECT_EQ (link (0, "Cost").str (), "near-cap");
  EXPECT_EQ (link (0, "Used").number (), fetched);
  /* counted across a restart, and only for this connection */
  restart_daemon (SIGTERM);
  EXPECT_EQ (download.status ().state, "queued");
  ASSERT_TRUE (wait_polling ([&] { return reasons_of (download) == Reasons ({"data-cap"}); }));
  run_for (0.5);
  EXPECT_EQ (download.number ("BytesFetched"), fetched);
  EXPECT_EQ (link (0, "Used").number (), fetched);
  set_primary (network, MODEM);
  expect_released (download);
  EXPECT_EQ (link (0, "Cost").str (), "below-cap");
  set_primary (network, CABLE);
  expect_held (download, {"data-cap"});
  EXPECT_EQ (link (0, "Used").number () + link (1, "Used").number (),
             download.number ("BytesFetched"));
  set_metered (CABLE, NO);
  expect_released (download);
  finish ({download});
}
