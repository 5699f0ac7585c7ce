/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Downloads that conditions hold, and their own wishes: a property written while they wait or run takes effect at
 * once.
 */
#include "support/fixture.h"
#include "support/laptop.h"

using namespace st;

namespace
{

class Held : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    make_directory (dir / "admin");
    environment["DBUS_SYSTEM_BUS_ADDRESS"] = laptop.address ();
    environment["SLUICE_ADMIN_CONFIGURATION"] = dir / "admin";
    environment["SLUICE_VENDOR_CONFIGURATION"] = dir / "vendor";
    file.body = random_bytes (1500000);
    allow (file.body);
    server.serve ("/held", file, {SIZE_MAX, 100000});
    server.serve ("/file", file);
  }
  /* Waits until the daemon knows the hint. */
  void
  hear (const std::string &hint)
  {
    ASSERT_TRUE (wait_polling ([&] {
      Reply reply = manager ().get (kManagerPath, "Conditions");
      return reply && reply.value.print ().find ("'" + hint + "': <true>") != std::string::npos;
    })) << hint;
  }
  static bool
  waits_for (const Download &download, const std::vector<std::string> &reasons)
  {
    return wait_polling ([&] { return download.get ("StateReasons").strv () == reasons; });
  }
  /* Writes @property while it waits, which releases it, and back while it runs, which holds it again. */
  void
  expect_in_flight (const Download &download,
                    const std::string &property,
                    GVariant *going,
                    GVariant *held,
                    const std::string &reason)
  {
    SCOPED_TRACE (property);
    ASSERT_TRUE (waits_for (download, {reason}));
    ASSERT_TRUE (download.set (property, going));
    ASSERT_TRUE (download.wait ("transferring"));
    ASSERT_TRUE (download.set (property, held));
    ASSERT_TRUE (download.wait ("queued"));
    ASSERT_TRUE (waits_for (download, {reason}));
  }

  Laptop laptop;
  Server server;
  Resource file;
};

GVariant *
yes_or_no (bool yes)
{
  return g_variant_new_boolean (yes);
}

} // namespace

TEST_F (Held, WishesAboutMoneyInFlight)
{
  laptop.start_network (1);
  hear ("Metered");
  Download download = create_file (server.url ("/held"), "file");
  ASSERT_TRUE (download.start ());
  expect_in_flight (download, "CostPolicy", g_variant_new_string ("always"),
                    g_variant_new_string (""), "metered");
  expect_in_flight (download, "IgnoreConditions", yes_or_no (true), yes_or_no (false), "metered");
  expect_in_flight (download, "Priority", g_variant_new_string ("foreground"),
                    g_variant_new_string ("normal"), "metered");
  server.release ();
}

TEST_F (Held, WishesAboutComfortInFlight)
{
  laptop.start_power (true);
  hear ("OnBattery");
  Download download =
      create_file (server.url ("/held"), "file", Properties ().add ("OnlyOnExternalPower", true));
  ASSERT_TRUE (download.start ());
  expect_in_flight (download, "OnlyOnExternalPower", yes_or_no (false), yes_or_no (true),
                    "battery");
  expect_in_flight (download, "Deadline", g_variant_new_int64 (1), g_variant_new_int64 (0),
                    "battery");
  server.release ();
}

/* A deadline that is set while it waits counts. */
TEST_F (Held, DeadlineComes)
{
  laptop.start_power (true);
  hear ("OnBattery");
  Download download =
      create_file (server.url ("/file"), "file", Properties ().add ("OnlyOnExternalPower", true));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (waits_for (download, {"battery"}));
  gint64 deadline = g_get_real_time () + G_USEC_PER_SEC;
  ASSERT_TRUE (download.set ("Deadline", g_variant_new_int64 (deadline)));
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_GE (g_get_real_time (), deadline);
  finalize_and_check (download, file.body);
}

/* Even a very short download uses up the volume. */
TEST_F (Held, VolumeThatIsUsedUpHoldsTheNext)
{
  write_file (dir / "admin/sluice.conf", "[Network]\nMonthlyCap=1M\n");
  laptop.start_network (1);
  hear ("Metered");
  Download first =
      create_file (server.url ("/file"), "first", Properties ().add ("CostPolicy", "always"));
  ASSERT_TRUE (first.start ());
  ASSERT_TRUE (first.wait ("transferred"));
  Download second = create_file (server.url ("/file"), "second",
                                 Properties ().add ("CostPolicy", "no-surcharge"));
  ASSERT_TRUE (second.start ());
  EXPECT_TRUE (waits_for (second, {"data-cap"}));
  EXPECT_EQ (second.number ("BytesFetched"), 0u);
}
