/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* content: publishing gives the sealed file a name that was free. */
#include "content.h"

#include "content/publish.h"
#include "content/target.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

/* A sealed part file with known content, and how to publish it. */
class Publish : public Content
{
protected:
  SlPublication publication = {};

  void
  prepare (const std::string &content)
  {
    open (none, "");
    ASSERT_TRUE (write (0, content));
    ASSERT_EQ (seal (784111777), "none");
    publication.place = place;
    publication.stamp = &synced_stamp;
  }
  SlPublishOutcome
  publish ()
  {
    return sl_publish (&publication, error.out ());
  }
  /* Whether a file @name can be created in @below. */
  bool
  check (const char *below, const char *name, gboolean overwrite)
  {
    g_autoptr (SlPlace) asked = make_place (directory / below, name);
    return sl_target_check (asked, overwrite, error.out ());
  }
  std::string
  target ()
  {
    return read_file (directory / "target");
  }
};

} // namespace

TEST (Place, IsMadeOfThePathAndTheId)
{
  const struct {
    const char *local_path, *directory, *target_name;
  } cases[] = {
      {"/home/me/file.iso", "/home/me", "file.iso"},
      {"/home/me/", "/home/me", nullptr},
      {"/file.iso", "/", "file.iso"},
      {"/", "/", nullptr},
  };
  SlId id;

  ASSERT_TRUE (sl_id_parse (&id, "3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
  for (const auto &one : cases) {
    g_autoptr (SlPlace) place = sl_place_new (one.local_path, &id);
    EXPECT_STREQ (place->directory, one.directory);
    EXPECT_STREQ (place->target_name, one.target_name);
    EXPECT_STREQ (place->part_name, NAME);
    EXPECT_EQ (sl_place_is_open (one.local_path), one.target_name == nullptr);
  }
}

TEST_F (Publish, TakesItsPlace)
{
  prepare ("content");
  ASSERT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
  EXPECT_EQ (target (), "content");
  EXPECT_EQ (directory.list (), std::vector<std::string>{"target"});
}

TEST_F (Publish, OverwritesOnlyWhenAllowed)
{
  prepare ("new");
  write_file (directory / "target", "old");
  EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS)) << error.text ();
  EXPECT_EQ (target (), "old");
  EXPECT_EQ (read_file (path ()), "new");
  publication.overwrite = TRUE;
  EXPECT_EQ (publish (), SL_PUBLISH_DONE);
  EXPECT_EQ (target (), "new");
}

TEST_F (Publish, ALinkThatLeadsNowhereIsAFileToo)
{
  prepare ("new");
  ASSERT_EQ (symlink ("/nonexistent/file", (directory / "target").c_str ()), 0);
  EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS));
}

TEST_F (Publish, TwiceIsOnce)
{
  prepare ("content");
  ASSERT_EQ (publish (), SL_PUBLISH_DONE);
  EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
  EXPECT_EQ (target (), "content");
}

TEST_F (Publish, AnothersTargetIsNotTakenForOurs)
{
  prepare ("content");
  ASSERT_EQ (unlink (path ().c_str ()), 0);
  write_file (directory / "target", "content");
  EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
}

TEST_F (Publish, ChangedPartIsNoticed)
{
  for (int how = 0; how < 3; how++) {
    SCOPED_TRACE (how);
    prepare ("content");
    if (how == 0)
      unlink (path ().c_str ());
    else if (how == 1)
      write_file (path (), "content");
    else
      ASSERT_EQ (truncate (path ().c_str (), 3), 0);
    EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
    EXPECT_EQ (target (), "(no file)");
  }
}

TEST_F (Publish, ChangedPartWithItsTimeSetBackIsNoticed)
{
  std::string digest = sha256 ("content");

  for (int how = 0; how < 4; how++) {
    SCOPED_TRACE (how);
    prepare ("content");
    publication.computed = how & 1 ? digest.c_str () : nullptr;
    publication.expected = how & 2 ? digest.c_str () : nullptr;
    overwrite_and_set_back ("CONTENT");
    EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
    EXPECT_EQ (target (), "(no file)");
  }
}

/* A digest of any kind proves that only the mode or the number of links changed. */
TEST_F (Publish, HarmlessChangesAreFoundHarmless)
{
  std::string digest = sha256 ("content");

  for (int how = 0; how < 4; how++) {
    SCOPED_TRACE (how);
    prepare ("content");
    publication.computed = how & 1 ? digest.c_str () : nullptr;
    publication.expected = how & 2 ? digest.c_str () : nullptr;
    g_usleep (20000);
    ASSERT_EQ (link (path ().c_str (), (directory / "backup").c_str ()), 0);
    ASSERT_EQ (chmod (path ().c_str (), 0600), 0);
    EXPECT_EQ (publish (), how == 0 ? SL_PUBLISH_CHANGED : SL_PUBLISH_DONE) << error.text ();
    EXPECT_EQ (target (), how == 0 ? "(no file)" : "content");
    unlink ((directory / "backup").c_str ());
    unlink ((directory / "target").c_str ());
  }
}

TEST_F (Publish, WhatIsNoFileIsNotPublished)
{
  for (mode_t type : {S_IFIFO, S_IFSOCK, S_IFLNK, S_IFDIR}) {
    SCOPED_TRACE (type);
    prepare ("content");
    replace (type);
    EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
    EXPECT_EQ (target (), "(no file)");
  }
}

/* The remaining ways of renaming, one after the other. */
static const std::map<std::string, int> no_ways[] = {
    {{"renameat2", EINVAL}},
    {{"renameat2", EINVAL}, {"linkat", EPERM}},
    {{"renameat2", ENOSYS}, {"linkat", EOPNOTSUPP}},
    {{"renameat2", EPERM}, {"linkat", EXDEV}},
    {{"renameat2", EOPNOTSUPP}, {"linkat", EMLINK}},
    {{"renameat2", EINVAL}, {"linkat", EACCES}},
};

TEST_F (Publish, WithoutAnExclusiveRename)
{
  for (const auto &ways : no_ways) {
    prepare ("content");
    failing = ways;
    write_file (directory / "target", "old");
    EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS)) << error.text ();
    EXPECT_EQ (target (), "old");
    unlink ((directory / "target").c_str ());
    EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
    EXPECT_EQ (target (), "content");
    EXPECT_EQ (directory.list (), std::vector<std::string>{"target"});
    EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
    unlink ((directory / "target").c_str ());
  }
}

/* The error says what is wrong, and nothing is left over. */
TEST_F (Publish, WithoutAnyRename)
{
  prepare ("content");
  failing = {{"renameat2", EINVAL}, {"linkat", EPERM}, {"renameat", EACCES}};
  EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE)) << error.text ();
  EXPECT_EQ (directory.list (), std::vector<std::string>{NAME});
  failing = {{"renameat2", EIO}};
  EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
  EXPECT_EQ (directory.list (), std::vector<std::string>{NAME});
  failing.clear ();
  EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
}

TEST_F (Publish, KilledBehindThePlaceholder)
{
  for (bool can_rename : {false, true}) {
    prepare ("content");
    pid_t child = fork ();
    if (child == 0) {
      failing = {{"renameat2", EINVAL}, {"linkat", EPERM}, {"renameat", 0}};
      publish ();
      _exit (1);
    }
    int status = 1;
    ASSERT_EQ (waitpid (child, &status, 0), child);
    ASSERT_EQ (status, 0);
    ASSERT_EQ (directory.list (), (std::vector<std::string>{NAME, "target"}));
    if (!can_rename)
      failing = {{"renameat2", EINVAL}, {"linkat", EPERM}};
    EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
    EXPECT_EQ (target (), "content");
    EXPECT_EQ (directory.list (), std::vector<std::string>{"target"});
    unlink ((directory / "target").c_str ());
    failing.clear ();
  }
}

/* The placeholder of another download is like any file; our own is removed if nothing replaces it. */
TEST_F (Publish, PlaceholdersOfOthersStay)
{
  prepare ("content");
  failing = {{"renameat2", EINVAL}, {"linkat", EPERM}};
  write_file (directory / "target", "Sluice is putting “.other” in the place of this file.\n");
  EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS)) << error.text ();
  unlink (path ().c_str ());
  EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
  EXPECT_EQ (directory.list (), std::vector<std::string>{"target"});
  write_file (directory / "target",
              std::string ("Sluice is putting “") + NAME + "” in the place of this file.\n");
  EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
  EXPECT_TRUE (directory.list ().empty ());
}

/* Killed between link and unlink: both names belong to the same file. */
TEST_F (Publish, KilledBehindTheLink)
{
  std::string digest = sha256 ("content");

  for (bool can_rename : {false, true}) {
    for (gboolean overwrite : {0, 1}) {
      prepare ("content");
      publication.computed = digest.c_str ();
      publication.overwrite = overwrite;
      ASSERT_EQ (link (path ().c_str (), (directory / "target").c_str ()), 0);
      if (!can_rename)
        failing = {{"renameat2", EINVAL}};
      EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
      EXPECT_EQ (directory.list (), std::vector<std::string>{"target"});
      EXPECT_EQ (target (), "content");
      unlink ((directory / "target").c_str ());
      failing.clear ();
    }
  }
}

TEST_F (Publish, DirectoryThatCannotBeSynced)
{
  for (int err : {EINVAL, EOPNOTSUPP, ENOSYS, EPERM, EBADF, ENOTTY, EIO}) {
    prepare ("content");
    failing["fsync"] = err;
    EXPECT_EQ (publish (), err == EIO ? SL_PUBLISH_REFUSED : SL_PUBLISH_DONE) << error.text ();
    failing.clear ();
    EXPECT_EQ (publish (), SL_PUBLISH_DONE);
    unlink ((directory / "target").c_str ());
  }
}

/* Into a file that somebody else has opened. */
class Deliver : public Publish
{
protected:
  SlPlace *spooled = nullptr;

  ~Deliver () override
  {
    g_clear_pointer (&spooled, sl_place_free);
  }
  /* The target has the file that @flags open. */
  void
  prepare_delivery (const std::string &content, int flags = O_RDWR)
  {
    SlId id;
    prepare (content);
    write_file (directory / "theirs", "what was there before, and is longer than what comes");
    ASSERT_TRUE (sl_id_parse (&id, "3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
    int fd = ::open ((directory / "theirs").c_str (), flags);
    ASSERT_GE (fd, 0);
    spooled = sl_place_new_spooled (directory.c_str (), &id, fd);
    publication.place = spooled;
  }
  std::string
  theirs ()
  {
    return read_file (directory / "theirs");
  }
};

TEST_F (Deliver, TheFileHasTheContentAndNoMore)
{
  std::string content (3 * 1024 * 1024 + 7, 'x');

  prepare_delivery (content);
  ASSERT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
  EXPECT_EQ (theirs (), content);
  /* nobody could record it: once more */
  ASSERT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
  EXPECT_EQ (theirs (), content);
  sl_place_discard (spooled);
  EXPECT_EQ (directory.list (), std::vector<std::string>{"theirs"});
}

TEST_F (Deliver, NothingIsAFileToo)
{
  prepare_delivery ("");
  ASSERT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
  EXPECT_EQ (theirs (), "");
}

TEST_F (Deliver, ToAnotherFileSystem)
{
  char name[] = "/dev/shm/sluice-deliver-XXXXXX";
  SlId id;

  prepare ("content");
  ASSERT_TRUE (sl_id_parse (&id, "3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
  int fd = mkstemp (name);
  ASSERT_GE (fd, 0) << g_strerror (errno);
  spooled = sl_place_new_spooled (directory.c_str (), &id, fd);
  publication.place = spooled;
  EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
  EXPECT_EQ (read_file (name), "content");
  unlink (name);
}

TEST_F (Deliver, WhatIsWrongIsNotDelivered)
{
  prepare_delivery ("content");
  publication.expected = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
  EXPECT_EQ (publish (), SL_PUBLISH_WRONG);
  EXPECT_EQ (theirs ().substr (0, 4), "what") << "nothing was touched";
}

TEST_F (Deliver, APartThatOthersChangedIsNotDelivered)
{
  prepare_delivery ("content");
  write_file (path (), "by somebody else");
  EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
  EXPECT_EQ (theirs ().substr (0, 4), "what");
  unlink (path ().c_str ());
  EXPECT_EQ (publish (), SL_PUBLISH_CHANGED);
}

TEST_F (Deliver, OnlyIntoFilesThatCanBeWritten)
{
  for (int flags : {O_RDONLY, O_WRONLY | O_APPEND}) {
    prepare_delivery ("content", flags);
    EXPECT_EQ (publish (), SL_PUBLISH_REFUSED);
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE)) << error.text ();
    EXPECT_EQ (theirs ().substr (0, 4), "what");
    g_clear_pointer (&spooled, sl_place_free);
    close ();
  }
}

TEST_F (Deliver, AFullDiskLeavesNothingHalf)
{
  struct rlimit before, small;
  sighandler_t handler = signal (SIGXFSZ, SIG_IGN);

  prepare_delivery (std::string (3 * 1024 * 1024, 'x'));
  ASSERT_EQ (getrlimit (RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 1024 * 1024;
  ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &small), 0);
  SlPublishOutcome outcome = publish ();
  ASSERT_EQ (setrlimit (RLIMIT_FSIZE, &before), 0);
  signal (SIGXFSZ, handler);
  EXPECT_EQ (outcome, SL_PUBLISH_REFUSED);
  EXPECT_NE (error.text (), "");
  EXPECT_EQ (theirs (), "");
  EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
}

TEST_F (Publish, DigestIsCheckedWhetherComputedOrNot)
{
  std::string right = sha256 ("content"), wrong = sha256 ("contents");

  prepare ("content");
  publication.expected = wrong.c_str ();
  EXPECT_EQ (publish (), SL_PUBLISH_WRONG);
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_DIGEST_MISMATCH));
  publication.computed = right.c_str ();
  EXPECT_EQ (publish (), SL_PUBLISH_WRONG);
  EXPECT_EQ (target (), "(no file)");
  publication.expected = right.c_str ();
  EXPECT_EQ (publish (), SL_PUBLISH_DONE) << error.text ();
}

TEST_F (Publish, DigestOfAnotherKindIsComputedAnew)
{
  std::string other = sha256 ("content"), expected = "sha512:" + std::string (128, '0');

  prepare ("content");
  publication.computed = other.c_str ();
  publication.expected = expected.c_str ();
  EXPECT_EQ (publish (), SL_PUBLISH_WRONG);
}

TEST_F (Publish, DiscardDeletesAndMindsNothing)
{
  prepare ("content");
  sl_place_discard (place);
  EXPECT_TRUE (directory.list ().empty ());
  sl_place_discard (place);
}

TEST_F (Publish, CheckOfATarget)
{
  write_file (directory / "file", "");
  g_mkdir ((directory / "sub").c_str (), 0700);
  EXPECT_TRUE (check ("", "new", FALSE));
  EXPECT_TRUE (check ("", "", FALSE));
  EXPECT_TRUE (check ("", "file", TRUE));
  EXPECT_FALSE (check ("", "file", FALSE));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS));
  for (gboolean overwrite : {0, 1}) {
    EXPECT_FALSE (check ("", "sub", overwrite));
    EXPECT_FALSE (check ("none", "x", overwrite));
    EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
    EXPECT_FALSE (check ("file", "x", overwrite));
  }
}

TEST_F (Publish, FreeNamesAreNumbered)
{
  std::string claimed = directory / "a (2).tar";
  auto taken = [] (const char *tried, gpointer data) -> gboolean {
    return *(std::string *)data == tried;
  };
  auto free_name = [&] (const char *name) {
    return take (sl_target_free_name (directory.c_str (), name, taken, &claimed));
  };

  EXPECT_EQ (free_name ("a.tar"), "a.tar");
  write_file (directory / "a.tar", "");
  EXPECT_EQ (free_name ("a.tar"), "a (3).tar");
  write_file (directory / "a (3).tar", "");
  EXPECT_EQ (free_name ("a.tar"), "a (4).tar");
  write_file (directory / "plain", "");
  EXPECT_EQ (free_name ("plain"), "plain (2)");
  ASSERT_EQ (symlink ("/nonexistent/file", (directory / "link").c_str ()), 0);
  EXPECT_EQ (free_name ("link"), "link (2)");
}

/* A name of 255 bytes has no room for a number, but a free and valid name must still be found. */
/* An ending that fills the whole name is not an extension, and may be shortened, too. */
TEST_F (Publish, FreeNamesWithLongExtensions)
{
  auto taken = [] (const char *, gpointer) -> gboolean { return FALSE; };

  for (const std::string &name :
       {"a." + std::string (250, 'e'), "a." + std::string (253, 'e'), std::string (255, 'x')}) {
    write_file (directory / name, "");
    std::string found =
        take (sl_target_free_name (directory.c_str (), name.c_str (), taken, nullptr));
    EXPECT_LE (found.size (), 255u);
    EXPECT_NE (found, name);
  }
}

TEST_F (Publish, FreeNamesOfTheGreatestLength)
{
  std::string longest = std::string (251, 'x') + ".tar", found;
  auto taken = [] (const char *, gpointer) -> gboolean { return FALSE; };

  write_file (directory / longest, "");
  found = take (sl_target_free_name (directory.c_str (), longest.c_str (), taken, nullptr));
  EXPECT_LE (found.size (), 255u);
  EXPECT_NE (found, longest);
}

/* A server may suggest a name longer than any directory accepts. */
TEST_F (Publish, NamesThatAreTooLong)
{
  std::string name = std::string (300, 'x') + "ä.tar", found;
  auto taken = [] (const char *, gpointer) -> gboolean { return FALSE; };

  EXPECT_FALSE (check ("", name.c_str (), FALSE));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE));
  EXPECT_NE (error.text ().find ("longer than the file system allows"), std::string::npos);
  EXPECT_EQ (take (sl_target_fit_name (directory.c_str (), name.c_str ())),
             std::string (251, 'x') + ".tar");
  EXPECT_EQ (take (sl_target_fit_name (directory.c_str (), "short.tar")), "short.tar");
  for (const std::string &end : std::vector<std::string>{".tar", " (2).tar"}) {
    found = take (sl_target_free_name (directory.c_str (), name.c_str (), taken, nullptr));
    EXPECT_EQ (found, std::string (255 - end.size (), 'x') + end);
    write_file (directory / found, "");
  }
}
