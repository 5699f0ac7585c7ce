/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* File systems with few features, and limits: downloads can still be published, or the error says why not. */
#include "support/fixture.h"

#include <cerrno>
#include <csignal>
#include <sys/stat.h>

using namespace st;

class PoorDisk : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    environment["LD_PRELOAD"] = need_env ("SLUICE_POOR_DISK");
    file.body = random_bytes (3000000);
    allow (file.body);
    server.serve ("/file", file);
  }

  /* Makes these calls fail. */
  void
  poor (const std::map<std::string, int> &calls)
  {
    for (const auto &[call, error] : calls)
      environment["SLUICE_POOR"] += call + "=" + std::to_string (error) + " ";
  }

  /* Expects that an existing file is not overwritten, and that the download is published without it. */
  void
  expect_publishing ()
  {
    Download download = create_file (server.url ("/file"), "file");
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait ("transferred"));
    write_file (target ("file"), "precious");
    EXPECT_EQ (download.finalize ().error, "FileExists");
    EXPECT_EQ (read_file (target ("file")), "precious");
    ASSERT_EQ (remove (target ("file").c_str ()), 0);
    finalize_and_check (download, file.body);
    EXPECT_EQ (list_directory (dir / "downloads"), std::vector<std::string> ({"file"}));
    struct stat found;
    ASSERT_EQ (stat (target ("file").c_str (), &found), 0);
    EXPECT_EQ (found.st_nlink, 1u);
  }

  void
  expect_too_large (const std::string &path)
  {
    Download download = create_file (server.url (path), path.substr (1));
    expect_failure (download, "LocalFile", "local-file");
    std::string message = download.text ("ErrorMessage");
    EXPECT_NE (message.find ("larger than the file system, or the limit"), std::string::npos)
        << message;
    EXPECT_EQ (server.count (path), 1);
  }

  Resource file;
  Server server;
};

TEST_F (PoorDisk, NoExclusiveRename)
{
  poor ({{"renameat2", EINVAL}});
  expect_publishing ();
}

TEST_F (PoorDisk, NoExclusiveRenameAndNoLinks)
{
  poor ({{"renameat2", EINVAL}, {"linkat", EPERM}});
  expect_publishing ();
}

TEST_F (PoorDisk, NoExclusiveRenameInTheKernelAndNoLinks)
{
  poor ({{"renameat2", ENOSYS}, {"linkat", EOPNOTSUPP}});
  expect_publishing ();
}

TEST_F (PoorDisk, NoExclusiveRenameInASandboxAndNoLinks)
{
  poor ({{"renameat2", EPERM}, {"linkat", EXDEV}});
  expect_publishing ();
}

TEST_F (PoorDisk, NothingThatCanBeDoneWithout)
{
  file.body = random_bytes (20000000);
  allow (file.body);
  server.serve ("/file", file);
  poor ({{"renameat2", EOPNOTSUPP},
         {"linkat", ENOSYS},
         {"fallocate", EOPNOTSUPP},
         {"fsync-directory", EINVAL},
         {"futimens", EPERM},
         {"fchmod", EPERM},
         {"lseek", EINVAL},
         {"direct", EINVAL}});
  expect_publishing ();
}

TEST_F (PoorDisk, NoSyncAtAll)
{
  poor ({{"fsync-directory", EPERM}, {"fsync", EINVAL}, {"fdatasync", ENOSYS}});
  expect_publishing ();
}

TEST_F (PoorDisk, ASyncThatFailsIsAFailure)
{
  poor ({{"fdatasync", EIO}, {"fsync", EIO}});
  Download download = create_file (server.url ("/file"), "file");
  expect_failure (download, "LocalFile", "local-file");
}

TEST_F (PoorDisk, NameThatIsTooLongIsToldAtStart)
{
  environment["SLUICE_POOR_NAME_MAX"] = "60";
  Download download = create_file (server.url ("/file"), std::string (61, 'n'));
  Reply reply = download.start ();
  EXPECT_EQ (reply.error, "LocalFile");
  EXPECT_NE (reply.message.find ("longer than the file system allows"), std::string::npos)
      << reply.message;
  EXPECT_EQ (server.count ("/file"), 0);
}

TEST_F (PoorDisk, NameOfTheServersIsShortened)
{
  environment["SLUICE_POOR_NAME_MAX"] = "60";
  std::string name = "/" + std::string (100, 'n') + ".tar";
  server.serve (name, file);
  for (bool overwrite : {false, true}) {
    SCOPED_TRACE (overwrite);
    Download download =
        create (server.url (name),
                Properties ().add ("LocalPath", dir / "downloads/").add ("Overwrite", overwrite));
    ASSERT_TRUE (download.start ());
    ASSERT_TRUE (download.wait ("transferred"));
    finalize_and_check (download, file.body);
    EXPECT_EQ (download.text ("LocalPath"), target (std::string (56, 'n') + ".tar"));
    ASSERT_EQ (remove (target (std::string (56, 'n') + ".tar").c_str ()), 0);
  }
}

/* SIGXFSZ would end the service. */
TEST_F (PoorDisk, LimitOfFileSizes)
{
  environment.erase ("LD_PRELOAD");
  wrapper = {"prlimit", "--fsize=2000000", "--"};
  server.on ("/unknown", [this] (Exchange &x) {
    x.send ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    x.send_body (file.body, {});
    x.close ();
  });
  expect_too_large ("/file");
  expect_too_large ("/unknown");
}
