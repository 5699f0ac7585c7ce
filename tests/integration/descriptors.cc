/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The limit of open files: the configuration is cut to it, and all downloads succeed. */
#include "support/fixture.h"

#include <fstream>

using namespace st;

class Descriptors : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (300000);
    allow (file.body);
    /* they must be open at the same time */
    server.serve ("/file", file, {SIZE_MAX, SIZE_MAX, 200000});
    config["MaxActive"] = "256";
    config["MaxConnections"] = "256";
    config["MaxConnectionsPerHost"] = "64";
    config["ConnectionsForeground"] = "16";
  }

  std::string
  limits ()
  {
    std::ifstream text ("/proc/" + std::to_string (daemon.pid ()) + "/limits");
    for (std::string line; std::getline (text, line);) {
      if (line.rfind ("Max open files", 0) == 0)
        return line;
    }
    return "";
  }

  Resource file;
  Server server;
};

TEST_F (Descriptors, TheSoftLimitIsRaised)
{
  wrapper = {"prlimit", "--nofile=100:3000"};
  manager ();
  EXPECT_NE (limits ().find (" 3000 "), std::string::npos) << limits ();
  EXPECT_EQ (limits ().find (" 100 "), std::string::npos) << limits ();
  EXPECT_TRUE (connection->get (kManagerPath, "ConfigProblems").value[0].strv ().empty ());
}

TEST_F (Descriptors, AHardLimitIsKeptWithin)
{
  std::size_t most = 0;
  std::vector<Download> downloads;

  wrapper = {"prlimit", "--nofile=200:200"};
  manager ();
  std::string problems = connection->get (kManagerPath, "ConfigProblems").value.print ();
  EXPECT_NE (problems.find ("MaxConnections is cut from 256 to 13"), std::string::npos) << problems;
  EXPECT_NE (problems.find ("MaxActive"), std::string::npos) << problems;
  for (int i = 0; i < 60; i++) {
    Properties properties;
    properties.add ("AutoFinalize", true).add ("AutoStart", true);
    properties.add ("Priority", i % 2 == 0 ? "foreground" : "normal");
    downloads.push_back (create_file (server.url ("/file"), std::to_string (i), properties));
  }
  ASSERT_TRUE (wait_polling (
      [&] {
        most =
            std::max (most,
                      list_directory ("/proc/" + std::to_string (daemon.pid ()) + "/fd").size ());
        for (const Download &download : downloads) {
          std::string state = download.status ().state;
          if (state != "finalized" && state != "failed")
            return false;
        }
        return true;
      },
      50));
  for (const Download &download : downloads)
    EXPECT_EQ (download.status ().state, "finalized") << download.status ().message;
  EXPECT_LT (most, 180u) << "the reckoning is too close to the limit";
  RecordProperty ("descriptors", std::to_string (most));
}
