/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Destinations of files: odd names, names that the server suggests, and directories that can't be written. */
#include "support/fixture.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace st;

class LocalPath : public SluiceTest
{
protected:
  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    file.body = random_bytes (50000);
    allow (file.body);
    server.serve ("/file", file);
  }

  /* The name that a file gets in the directory, if the server sends @disposition (empty: none). */
  std::string
  name_for (const std::string &disposition, const std::string &source = "/source.bin")
  {
    Resource named = file;

    if (!disposition.empty ())
      named.fields = {{"Content-Disposition", disposition}};
    server.serve (source, named);
    Download download =
        create (server.url (source), Properties ().add ("LocalPath", dir / "downloads/"));
    EXPECT_TRUE (download.start ());
    if (!download.wait ("transferred"))
      return "";
    std::string path = download.text ("LocalPath"), prefix = dir / "downloads/";
    EXPECT_EQ (path.compare (0, prefix.size (), prefix), 0) << path;
    Reply reply = download.finalize ();
    EXPECT_TRUE (reply) << reply.message;
    EXPECT_TRUE (same_bytes (read_file (path), file.body)) << path;
    return path.substr (prefix.size ());
  }

  Resource file;
  Server server;
};

TEST_F (LocalPath, NamesThatAreOdd)
{
  for (const std::string &name :
       {std::string ("with space"), std::string ("two\nlines"), std::string ("-rf"),
        std::string ("\xc3\xbc"
                     "mlaut \xf0\x9f\x92\xa7"),
        std::string (255, 'n'), std::string ("quote\"'`$(x)"), std::string ("back\\slash"),
        std::string ("tab\tbell\a"), std::string ("..."), std::string ("%41%s"),
        std::string ("a..b"), std::string (" ")}) {
    SCOPED_TRACE (name.substr (0, 40));
    fetch (server.url ("/file"), name, file.body);
    EXPECT_TRUE (exists (target (name)));
  }
}

TEST_F (LocalPath, NamesThatAreRefused)
{
  for (const std::string &path :
       {std::string ("file"), target ("../../etc/passwd"), target (".."), target ("a/../b"),
        target (std::string (256, 'n')), std::string ("/" + std::string (4200, 'n'))}) {
    Reply reply = try_create (server.url ("/file"), Properties ().add ("LocalPath", path));
    EXPECT_EQ (reply.error, "InvalidArgument") << path.substr (0, 60);
    EXPECT_NE (reply.message.find ("LocalPath"), std::string::npos) << reply.message;
  }
}

TEST_F (LocalPath, PartFileIsHiddenBesideTheTarget)
{
  server.serve ("/held", file, {SIZE_MAX, 1000});
  Download download = create_file (server.url ("/held"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (1000));
  std::vector<std::string> parts = part_files ();
  ASSERT_EQ (parts.size (), 1u);
  EXPECT_EQ (parts[0], target ("." + download.id () + ".sluice-part"));
  struct stat found;
  ASSERT_EQ (stat (parts[0].c_str (), &found), 0);
  EXPECT_EQ (found.st_mode & 077, 0u);
  EXPECT_FALSE (exists (target ("file")));
}

TEST_F (LocalPath, TargetThatIsALinkIsReplacedNotFollowed)
{
  write_file (dir / "precious", "precious");
  ASSERT_EQ (symlink ((dir / "precious").c_str (), target ("file").c_str ()), 0);
  Download download = create_file (server.url ("/file"), "file");
  EXPECT_EQ (download.start ().error, "FileExists");
  ASSERT_TRUE (download.set ("Overwrite", g_variant_new_boolean (TRUE)));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  finalize_and_check (download, file.body);
  EXPECT_EQ (read_file (dir / "precious"), "precious");
}

TEST_F (LocalPath, DanglingLinkIsAFileToo)
{
  ASSERT_EQ (symlink ((dir / "nowhere").c_str (), target ("file").c_str ()), 0);
  Download download = create_file (server.url ("/file"), "file");
  EXPECT_EQ (download.start ().error, "FileExists");
}

TEST_F (LocalPath, DirectoryThatIsALink)
{
  make_directory (dir / "real");
  ASSERT_EQ (symlink ((dir / "real").c_str (), (dir / "link").c_str ()), 0);
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "link/file"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "real/file"), file.body));
}

/* The server suggests a name. */

TEST_F (LocalPath, NameFromTheAddress)
{
  EXPECT_EQ (name_for ("", "/a/b/name.tar.gz?query=1"), "name.tar.gz");
  EXPECT_EQ (name_for ("", "/a/b/with%20space%C3%BC.txt"), "with space\xc3\xbc.txt");
  EXPECT_FALSE (name_for ("", "/").empty ());
  EXPECT_FALSE (name_for ("", "/..%2F..%2Fevil").empty ());
}

TEST_F (LocalPath, NameFromDisposition)
{
  EXPECT_EQ (name_for ("attachment; filename=plain.txt"), "plain.txt");
  EXPECT_EQ (name_for ("attachment; filename=\"quo ted.txt\""), "quo ted.txt");
  EXPECT_EQ (name_for ("attachment; filename*=UTF-8''%e2%82%ac%20rates"), "\xe2\x82\xac rates");
  EXPECT_EQ (name_for ("attachment; filename=\"EURO.txt\"; filename*=UTF-8''%e2%82%ac.txt"),
             "\xe2\x82\xac.txt");
  EXPECT_EQ (name_for ("inline; filename=inline.txt"), "inline.txt");
}

TEST_F (LocalPath, NamesOfTheServerAreMadeSafe)
{
  for (const char *disposition :
       {"attachment; filename=\"../../../etc/cron.d/evil\"", "attachment; filename=\"/etc/passwd\"",
        "attachment; filename=\"..\"", "attachment; filename=\".\"",
        "attachment; filename=\"C:\\\\Windows\\\\evil.exe\"", "attachment; filename=\".bashrc\"",
        "attachment; filename=\"\"", "attachment; filename*=UTF-8''..%2F..%2Fevil",
        "attachment; filename*=UTF-8''a%0Ab%00c",
        "attachment; filename=\"a\x01\x7f"
        "b\"",
        "attachment; filename*=UTF-8''%FF%FE", "attachment; filename", "attachment; ;;=\"",
        "attachment; filename*=UTF-8''x%E2%80%AEgpj.exe"}) {
    SCOPED_TRACE (disposition);
    std::string name = name_for (disposition);
    EXPECT_FALSE (name.empty ());
    EXPECT_EQ (name.find ('/'), std::string::npos);
    EXPECT_NE (name[0], '.');
    for (char c : name)
      EXPECT_GE ((unsigned char)c, 0x20u);
    EXPECT_EQ (name.find ("\xe2\x80\xae"), std::string::npos);
  }
}

TEST_F (LocalPath, NameOf300Bytes)
{
  std::string name = name_for ("attachment; filename=\"" + std::string (300, 'n') + ".tar\"");
  EXPECT_LE (name.size (), 255u);
  EXPECT_GE (name.size (), 200u);
  EXPECT_EQ (name.substr (name.size () - 4), ".tar");
  /* and once more, so that a number must be added */
  std::string second = name_for ("attachment; filename=\"" + std::string (300, 'n') + ".tar\"");
  EXPECT_NE (second, name);
  EXPECT_LE (second.size (), 255u);
  EXPECT_EQ (second.substr (second.size () - 4), ".tar");
}

TEST_F (LocalPath, TakenNameGetsANumber)
{
  write_file (target ("name.txt"), "mine");
  allow ("mine");
  std::string second = name_for ("attachment; filename=name.txt");
  std::string third = name_for ("attachment; filename=name.txt");
  EXPECT_NE (second, "name.txt");
  EXPECT_NE (third, second);
  EXPECT_EQ (second.substr (second.size () - 4), ".txt");
  EXPECT_EQ (read_file (target ("name.txt")), "mine");
}

TEST_F (LocalPath, TwoAtTheSameTimeGetTwoNames)
{
  Resource named = file;

  named.fields = {{"Content-Disposition", "attachment; filename=same.bin"}};
  server.serve ("/held", named, {SIZE_MAX, 1000});
  Download one = create (server.url ("/held"), Properties ().add ("LocalPath", dir / "downloads/"));
  Download two = create (server.url ("/held"), Properties ().add ("LocalPath", dir / "downloads/"));
  ASSERT_TRUE (one.start ());
  ASSERT_TRUE (two.start ());
  ASSERT_TRUE (one.wait_transferred (1000));
  ASSERT_TRUE (two.wait_transferred (1000));
  EXPECT_NE (one.text ("LocalPath"), two.text ("LocalPath"));
  server.release ();
  ASSERT_TRUE (one.wait ("transferred"));
  ASSERT_TRUE (two.wait ("transferred"));
  finalize_and_check (one, file.body);
  finalize_and_check (two, file.body);
}

TEST_F (LocalPath, ChosenNameIsKeptAcrossARestart)
{
  Resource named = file;

  named.fields = {{"Content-Disposition", "attachment; filename=first.bin"}};
  server.on ("/held", [named] (Exchange &x) {
    Resource renamed = named;
    if (x.request.visit > 0)
      renamed.fields = {{"Content-Disposition", "attachment; filename=second.bin"}};
    x.respond (renamed, {SIZE_MAX, x.request.visit == 0 ? 20000 : SIZE_MAX});
  });
  Download download =
      create (server.url ("/held"), Properties ().add ("LocalPath", dir / "downloads/"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (20000));
  EXPECT_EQ (download.text ("LocalPath"), target ("first.bin"));
  restart_daemon (SIGTERM);
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.text ("LocalPath"), target ("first.bin"));
  finalize_and_check (download, file.body);
  EXPECT_EQ (download.number ("BytesFetched"), file.body.size ());
}

TEST_F (LocalPath, DirectoryThatIsMissing)
{
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "missing/"));
  EXPECT_EQ (download.start ().error, "LocalFile");
}

/* Directories that can't be written. */

TEST_F (LocalPath, ReadOnlyFileSystem)
{
  TmpFs small (dir / "readonly", "size=1m");
  small.remount ("ro");
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "readonly/file"));
  Reply reply = download.start ();
  EXPECT_EQ (reply.error, "LocalFile");
  EXPECT_NE (reply.message.find (dir / "readonly"), std::string::npos) << reply.message;
}

TEST_F (LocalPath, FileSystemThatBecomesReadOnly)
{
  TmpFs small (dir / "readonly", "size=1m");
  server.serve ("/held", file, {SIZE_MAX, 20000});
  Download download =
      create (server.url ("/held"), Properties ().add ("LocalPath", dir / "readonly/file"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (20000));
  ASSERT_TRUE (download.pause ());
  small.remount ("ro");
  server.release ();
  Reply reply = download.start ();
  EXPECT_EQ (reply.error, "LocalFile") << reply.message;
  small.remount ("size=1m");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "readonly/file"), file.body));
}

TEST_F (LocalPath, DirectoryThatVanishesMeanwhile)
{
  make_directory (dir / "vanishing");
  server.serve ("/held", file, {SIZE_MAX, 20000});
  Download download =
      create (server.url ("/held"), Properties ().add ("LocalPath", dir / "vanishing/file"));
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (20000));
  ASSERT_EQ (system (("rm -rf '" + dir.path () + "/vanishing'").c_str ()), 0);
  server.release ();
  ASSERT_TRUE (wait_polling ([&] {
    std::string state = download.status ().state;
    return state == "failed" || state == "transferred";
  }));
  if (download.status ().state == "transferred") {
    EXPECT_EQ (download.finalize ().error, "LocalFile");
  } else {
    EXPECT_EQ (download.text ("Error"), std::string (kError) + "LocalFile");
    EXPECT_EQ (download.text ("ErrorContext"), "local-file");
  }
  make_directory (dir / "vanishing");
  server.serve ("/held", file);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "vanishing/file"), file.body));
}

class LocalPathAsUser : public LocalPath
{
protected:
  void
  SetUp () override
  {
    LocalPath::SetUp ();
    user = give_to_a_user ();
  }

  uid_t user = 0;
};

TEST_F (LocalPathAsUser, WritesAsTheUser)
{
  struct stat found;

  fetch (server.url ("/file"), "file", file.body);
  ASSERT_EQ (stat (target ("file").c_str (), &found), 0);
  EXPECT_EQ (found.st_uid, user);
}

TEST_F (LocalPathAsUser, DirectoryThatIsNotWritable)
{
  make_directory (dir / "forbidden");
  chmod ((dir / "forbidden").c_str (), 0555);
  Download download =
      create (server.url ("/file"), Properties ().add ("LocalPath", dir / "forbidden/file"));
  Reply reply = download.start ();
  EXPECT_EQ (reply.error, "LocalFile");
  EXPECT_NE (reply.message.find ("forbidden"), std::string::npos) << reply.message;
  chmod ((dir / "forbidden").c_str (), 0777);
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  ASSERT_TRUE (download.finalize ());
}

TEST_F (LocalPathAsUser, DirectoryThatStopsBeingWritable)
{
  server.serve ("/held", file, {SIZE_MAX, 20000});
  Download download = create_file (server.url ("/held"), "file");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait_transferred (20000));
  ASSERT_EQ (chmod ((dir / "downloads").c_str (), 0555), 0);
  server.release ();
  ASSERT_TRUE (download.wait ("transferred"));
  EXPECT_EQ (download.finalize ().error, "LocalFile");
  EXPECT_EQ (download.status ().state, "transferred");
  ASSERT_EQ (chmod ((dir / "downloads").c_str (), 0755), 0);
  finalize_and_check (download, file.body);
}

/* The service's own directory can't be a target, under any name. */
TEST_F (LocalPath, TheStateDirectoryIsNoTarget)
{
  std::vector<std::string> paths = {state_dir () + "/", state_dir () + "/queue.sqlite",
                                    state_dir () + "/queue.sqlite-wal", state_dir () + "/lock",
                                    state_dir () + "/none/file"};

  ASSERT_EQ (symlink (state_dir ().c_str (), (dir / "link").c_str ()), 0);
  ASSERT_EQ (symlink ((dir / "state").c_str (), (dir / "above").c_str ()), 0);
  make_directory (dir / "bound");
  ASSERT_EQ (mount (state_dir ().c_str (), (dir / "bound").c_str (), nullptr, MS_BIND, nullptr), 0);
  make_directory (state_dir () + "/below");
  for (const char *name : {"/link/file", "/above/sluice/file", "/bound/file", "/link/below/file"})
    paths.push_back (dir.path () + name);
  Download download = create (server.url ("/file"), Properties ().add ("Overwrite", true));
  for (const std::string &path : paths) {
    Reply reply = try_create (server.url ("/file"),
                              Properties ().add ("LocalPath", path).add ("Overwrite", true));
    EXPECT_EQ (reply.error, "InvalidArgument") << path;
    EXPECT_NE (reply.message.find ("queue"), std::string::npos) << reply.message;
    EXPECT_EQ (download.set ("LocalPath", g_variant_new_string (path.c_str ())).error,
               "InvalidArgument")
        << path;
  }
  /* directories beside it are allowed, also with the same start of the name */
  make_directory (state_dir () + "-more");
  EXPECT_TRUE (
      download.set ("LocalPath", g_variant_new_string ((state_dir () + "-more/f").c_str ())));
  umount2 ((dir / "bound").c_str (), MNT_DETACH);
}

/* It was a different directory when the path was given, or when the download was started. */
TEST_F (LocalPath, TheStateDirectoryIsNoTargetLater)
{
  auto point_at = [this] (const std::string &to) {
    unlink ((dir / "link").c_str ());
    ASSERT_EQ (symlink (to.c_str (), (dir / "link").c_str ()), 0);
  };

  manager ();
  point_at (dir / "downloads");
  Properties properties;
  properties.add ("LocalPath", dir / "link/queue.sqlite").add ("Overwrite", true);
  Download download = create (server.url ("/file"), properties);
  point_at (state_dir ());
  EXPECT_EQ (download.start ().error, "InvalidArgument");
  point_at (dir / "downloads");
  ASSERT_TRUE (download.start ());
  ASSERT_TRUE (download.wait ("transferred"));
  point_at (state_dir ());
  EXPECT_EQ (download.finalize ().error, "InvalidArgument");
  EXPECT_EQ (download.status ().state, "transferred");
  point_at (dir / "downloads");
  EXPECT_TRUE (download.finalize ());
  EXPECT_TRUE (same_bytes (read_file (dir / "downloads/queue.sqlite"), file.body));
}
