/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeping the machine awake: dbusmock's logind counts the locks. */
#include "unit/hints.h"

#include "hints/inhibit.h"

namespace
{

const char kLogin[] = "org.freedesktop.login1";
const char kLoginPath[] = "/org/freedesktop/login1";
const char kLoginManager[] = "org.freedesktop.login1.Manager";

class InhibitTest : public Hints
{
protected:
  ~InhibitTest () override
  {
    if (inhibit != nullptr)
      sl_inhibit_free (inhibit);
  }
  /* All locks that logind knows. */
  std::string
  held ()
  {
    return logind.call (kLoginPath, std::string (kLoginManager) + ".ListInhibitors")
        .value[0]
        .print ();
  }
  bool
  becomes_held (const std::string &wanted)
  {
    return wait_polling ([&] { return held () == wanted; });
  }
  static int
  open_files ()
  {
    return (int)list_directory ("/proc/self/fd").size ();
  }

  const std::string ours = "[('sleep', 'Sluice', 'Files are being downloaded', 'block', "
                           "uint32 1000, uint32 123456)]";
  const std::string none = "@a(ssssuu) []";
  Mock logind{bus, kLogin, "logind"};
  SlInhibit *inhibit = nullptr;
};

} // namespace

TEST_F (InhibitTest, HoldsAndReleases)
{
  start (logind, kLogin);
  inhibit = sl_inhibit_new (client.raw ());
  settle ();
  ASSERT_EQ (held (), none);
  for (int i = 0; i < 3; i++) {
    sl_inhibit_set (inhibit, TRUE);
    EXPECT_TRUE (wait_until ([&] { return sl_inhibit_is_held (inhibit); }));
    sl_inhibit_set (inhibit, TRUE);
    settle ();
    EXPECT_EQ (held (), ours);
    sl_inhibit_set (inhibit, FALSE);
    EXPECT_FALSE (sl_inhibit_is_held (inhibit));
    ASSERT_TRUE (becomes_held (none));
  }
}

TEST_F (InhibitTest, TogglesFast)
{
  start (logind, kLogin);
  inhibit = sl_inhibit_new (client.raw ());
  settle ();
  int before = open_files ();
  for (bool last_one : {false, true, false}) {
    for (int i = 0; i < 9; i++)
      sl_inhibit_set (inhibit, i % 2 == 0 ? last_one : !last_one);
    settle ();
    EXPECT_EQ (sl_inhibit_is_held (inhibit) != FALSE, last_one);
    ASSERT_TRUE (becomes_held (last_one ? ours : none));
  }
  EXPECT_EQ (open_files (), before);
}

TEST_F (InhibitTest, WaitsForLogind)
{
  inhibit = sl_inhibit_new (client.raw ());
  sl_inhibit_set (inhibit, TRUE);
  for (int i = 0; i < 2; i++) {
    start (logind, kLogin);
    ASSERT_TRUE (becomes_held (ours));
    stop (logind);
    settle ();
  }
  sl_inhibit_set (inhibit, FALSE);
  EXPECT_FALSE (sl_inhibit_is_held (inhibit));
  start (logind, kLogin);
  settle ();
  EXPECT_EQ (held (), none);
}

TEST_F (InhibitTest, FreeReleases)
{
  start (logind, kLogin);
  inhibit = sl_inhibit_new (client.raw ());
  sl_inhibit_set (inhibit, TRUE);
  ASSERT_TRUE (becomes_held (ours));
  sl_inhibit_free (inhibit);
  inhibit = sl_inhibit_new (client.raw ());
  ASSERT_TRUE (becomes_held (none));
  settle ();
  /* while the call is pending */
  sl_inhibit_set (inhibit, TRUE);
  sl_inhibit_free (inhibit);
  inhibit = nullptr;
  ASSERT_TRUE (becomes_held (none));
}

/* polkit refuses; the next time we ask again. */
TEST_F (InhibitTest, Refused)
{
  Mock strict (bus, kLogin);

  strict.object (kLoginPath, kLoginManager);
  strict.method (kLoginPath, kLoginManager, "Inhibit", "ssss", "h",
                 "raise dbus.exceptions.DBusException('no', name="
                 "'org.freedesktop.DBus.Error.AccessDenied')");
  start (strict, kLogin);
  inhibit = sl_inhibit_new (client.raw ());
  for (int i = 1; i <= 2; i++) {
    sl_inhibit_set (inhibit, TRUE);
    ASSERT_TRUE (wait_polling ([&] { return strict.count_calls (kLoginPath, "Inhibit") == i; }));
    settle ();
    EXPECT_FALSE (sl_inhibit_is_held (inhibit));
    sl_inhibit_set (inhibit, FALSE);
  }
  EXPECT_EQ (strict.count_calls (kLoginPath, "Inhibit"), 2);
}

/* Without a bus nothing is held. */
TEST_F (InhibitTest, NoBus)
{
  inhibit = sl_inhibit_new (nullptr);
  sl_inhibit_set (inhibit, TRUE);
  settle ();
  EXPECT_FALSE (sl_inhibit_is_held (inhibit));
  sl_inhibit_set (inhibit, FALSE);
}
