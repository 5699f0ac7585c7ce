/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration files that change while downloads run. */
#include "support/policy.h"

#include <csignal>
#include <filesystem>

using namespace st;

namespace
{

class PolicyConfig : public PolicyTest
{
protected:
  Reply
  reload ()
  {
    return manager ().call (kManagerPath, "ReloadConfig");
  }
  /* Value and file of a key that exists once. */
  std::pair<std::string, std::string>
  effective (const std::string &group, const std::string &key)
  {
    Value settings = manager ().call (kManagerPath, "GetEffectiveConfig").value[0];
    std::vector<std::pair<std::string, std::string>> found;
    for (gsize i = 0; i < g_variant_n_children (settings.get ()); i++) {
      Value one = settings[i];
      if (one[0].str () == group && one[1].str () == key)
        found.push_back ({one[2][0].str (), one[3].str ()});
    }
    EXPECT_EQ (found.size (), 1u) << group << " " << key;
    return found.empty () ? std::pair<std::string, std::string> () : found[0];
  }
  /* Replaces the file with a new one, like an editor. */
  static void
  replace (const std::string &path, const std::string &text)
  {
    write_file (path + ".new", text);
    std::filesystem::rename (path + ".new", path);
  }
  Reasons
  problems ()
  {
    return manager ().get (kManagerPath, "ConfigProblems").value.strv ();
  }
  bool
  logged (const std::string &text)
  {
    return wait_polling ([&] { return log ().find (text) != std::string::npos; });
  }

  const Reasons outside = {"outside-window"};
};

} // namespace

TEST_F (PolicyConfig, ReadAgain)
{
  Download download = begin ("file");

  /* only by a changed file */
  write_file (user_file (), closed ());
  expect_held (download, outside);
  EXPECT_EQ (effective ("Conditions", "Hours"), std::make_pair (window_in (3), user_file ()));
  replace (user_file (), "");
  expect_released (download);
  EXPECT_EQ (effective ("Conditions", "Hours").second, "default");
  /* by a signal, before the change of the file is noticed */
  write_file (user_file (), closed ());
  daemon.send (SIGHUP);
  expect_held (download, outside);
  std::filesystem::remove (user_file ());
  expect_released (download);
  /* by the method, which returns when it is in force */
  write_file (user_file (), closed ());
  ASSERT_TRUE (reload ());
  EXPECT_EQ (effective ("Conditions", "Hours").second, user_file ());
  expect_held (download, outside);
  write_file (user_file (), "");
  ASSERT_TRUE (reload ());
  expect_released (download);
  finish ({download});
}

TEST_F (PolicyConfig, BrokenFile)
{
  Download download = begin ("file");

  configure (closed ());
  expect_held (download, outside);
  write_file (user_file (), "# a comment\n[Conditions]\nHours=00:00-24:00\nwhat is this\n");
  Reply reply = reload ();
  EXPECT_EQ (reply.error, "InvalidArgument");
  EXPECT_NE (reply.message.find (user_file () + ", line 4"), std::string::npos) << reply.message;
  daemon.send (SIGHUP);
  ASSERT_TRUE (logged ("Until that is mended, the earlier settings count"));
  EXPECT_EQ (download.status ().state, "queued");
  EXPECT_EQ (effective ("Conditions", "Hours").first, window_in (3));
  /* and when it is valid again */
  write_file (user_file (), "# a comment\n[Conditions]\nHours=00:00-24:00\n");
  expect_released (download);
  finish ({download});
}

/*
 * It does not block the administrator's new settings, either; the user's earlier settings stay in force beside them.
 */
TEST_F (PolicyConfig, BrokenFileOfTheUserAndTheAdministrator)
{
  Download download = begin ("file");

  configure ("[Transfers]\nMaxActive=7\n");
  ASSERT_TRUE (reload ());
  EXPECT_EQ (problems (), Reasons ());
  write_file (user_file (), "[Transfers]\nMaxActive=8\nwhat is this\n");
  ASSERT_TRUE (wait_polling ([this] { return problems ().size () == 1; }));
  EXPECT_NE (problems ()[0].find (user_file () + ", line 3"), std::string::npos);
  write_file (admin_file (), closed ());
  expect_held (download, outside);
  EXPECT_EQ (effective ("Conditions", "Hours").second, admin_file ());
  EXPECT_EQ (effective ("Transfers", "MaxActive").second, user_file ());
  EXPECT_EQ (reload ().error, "InvalidArgument");
  /* and the other way round */
  write_file (admin_file (), closed () + "nor this\n");
  ASSERT_TRUE (wait_polling ([this] { return problems ().size () == 2; }));
  Reply both = reload ();
  EXPECT_NE (both.message.find (admin_file () + ", line "), std::string::npos) << both.message;
  EXPECT_NE (both.message.find (user_file () + ", line 3"), std::string::npos) << both.message;
  EXPECT_EQ (effective ("Conditions", "Hours").second, admin_file ());
  write_file (user_file (), "[Transfers]\nMaxActive=9\n[Conditions]\nHour=1\n");
  ASSERT_TRUE (wait_polling ([this] {
    return problems ().size () == 2 && problems ()[1].find ("“Hour”") != std::string::npos;
  }));
  EXPECT_NE (effective ("Transfers", "MaxActive").first.find ('9'), std::string::npos);
  write_file (user_file (), "");
  configure_admin ("");
  expect_released (download);
  EXPECT_EQ (problems (), Reasons ());
  finish ({download});
}

/* At the start there are no old settings, so readable ones count. */
TEST_F (PolicyConfig, BrokenFileAtTheStart)
{
  write_file (user_file (), "what is this\n");
  configure_admin (closed ());
  Download download = ask ("file");
  expect_held (download, outside);
  EXPECT_NE (log ().find (user_file () + ", line 1"), std::string::npos);
  EXPECT_EQ (reload ().error, "InvalidArgument");
  configure ("");
  configure_admin ("");
  expect_released (download);
  finish ({download});
}

TEST_F (PolicyConfig, TheUserCantLoosen)
{
  configure_admin (closed ());
  configure ("[Conditions]\nHours=00:00-24:00\nMinimumBattery=50%\n");
  Download download = ask ("file");
  expect_held (download, outside);
  EXPECT_EQ (effective ("Conditions", "Hours"), std::make_pair (window_in (3), admin_file ()));
  EXPECT_EQ (effective ("Conditions", "MinimumBattery"),
             std::make_pair (std::string ("50%"), user_file ()));
  EXPECT_TRUE (logged (user_file () + ": Hours=00:00-24:00 in [Conditions] is looser than what " +
                       admin_file () + " sets, ignored"));
  /* another reason replaces the first without a gap */
  configure_admin ("[Limits]\nBackgroundRate=0\n");
  EXPECT_TRUE (wait_until (
      [&] { return told (download, "StateReasons").strv () == Reasons ({"rate-zero"}); }, 2));
  configure_admin ("");
  expect_released (download);
  finish ({download});
}

/* A directory that is created later, with another one in it. */
TEST_F (PolicyConfig, LaterDirectory)
{
  std::filesystem::remove_all (dir / "admin");
  Download download = begin ("file");
  make_directory (dir / "admin/sluice.conf.d");
  write_file (admin_file (), closed ());
  expect_held (download, outside);
  EXPECT_EQ (effective ("Conditions", "Hours").second, admin_file ());
  std::filesystem::remove_all (dir / "admin");
  expect_released (download);
  /* and once more, step by step */
  make_directory (dir / "admin");
  run_for (0.3);
  make_directory (dir / "admin/sluice.conf.d");
  run_for (0.3);
  write_file (admin_file (), closed ());
  expect_held (download, outside);
  /* of two files with the same name only the administrator's counts, even if it is empty */
  make_directory (dir / "vendor/sluice.conf.d");
  write_file (dir / "vendor/sluice.conf.d/policy.conf", "[Limits]\nBackgroundRate=0\n");
  write_file (admin_file (), "");
  expect_released (download);
  std::filesystem::remove_all (dir / "admin");
  expect_held (download, {"rate-zero"});
  std::filesystem::remove_all (dir / "vendor");
  expect_released (download);
  finish ({download});
}
