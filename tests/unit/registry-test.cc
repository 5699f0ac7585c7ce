/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: all downloads, their destinations, and those that wait for a retry. */
#include "unit.h"

#include "base/error.h"
#include "queue/destinations.h"
#include "queue/policy-key.h"
#include "queue/registry.h"
#include "queue/retries.h"

namespace
{

/* (transfer full) */
SlDownload *
make_download (guint32 owner = 1000, const char *local_path = nullptr)
{
  static const SlDownloadContext context = {};
  SlRecord *record = sl_record_new ();

  sl_id_init_random (&record->id);
  record->owner = owner;
  record->asked.uri = g_strdup ("http://a/b/file.bin?x");
  record->asked.local_path = g_strdup (local_path);
  return sl_download_new (record, &context);
}

const char *
id_of (SlDownload *download)
{
  return sl_download_get_record (download)->id.text;
}

class Registry : public testing::Test
{
protected:
  SlRegistry *registry = sl_registry_new (3);
  Error error;

  ~Registry () override
  {
    sl_registry_free (registry);
  }
};

class Destinations : public testing::Test
{
protected:
  SlDestinations *destinations = sl_destinations_new ();
  std::vector<SlDownload *> downloads;
  Error error;

  ~Destinations () override
  {
    sl_destinations_free (destinations);
    for (SlDownload *download : downloads)
      sl_download_unref (download);
  }
  SlDownload *
  add (guint32 owner, const std::string &path)
  {
    downloads.push_back (make_download (owner, path.c_str ()));
    return downloads.back ();
  }
  bool
  claim (SlDownload *download)
  {
    if (!sl_destinations_check (destinations, download,
                                sl_download_get_record (download)->asked.local_path, error.out ()))
      return false;
    sl_destinations_take (destinations, download);
    return true;
  }
  std::string
  choose (SlDownload *download, const char *file_name)
  {
    auto *record = const_cast<SlRecord *> (sl_download_get_record (download));
    char *path = sl_destinations_paths.choose (download, file_name, destinations);
    g_free (record->asked.local_path);
    record->asked.local_path = path;
    sl_destinations_paths.take (download, destinations);
    return path;
  }
};

class Retries : public testing::Test
{
protected:
  SlRetries *retries = sl_retries_new (on_due, this);
  std::vector<SlEntry *> due;
  SlEntry a = {}, b = {}, c = {};
  gint64 again_at = -1; /* when a due download is to be tried again */

  ~Retries () override
  {
    sl_retries_free (retries);
  }
  static void
  on_due (SlEntry *entry, gpointer data)
  {
    Retries *test = (Retries *)data;

    test->due.push_back (entry);
    if (test->again_at >= 0)
      sl_retries_set (test->retries, entry, test->again_at);
  }
  /* Runs the timer until @n were due. */
  void
  wait_for (gsize n)
  {
    while (due.size () < n)
      g_main_context_iteration (nullptr, TRUE);
  }
};

} // namespace

TEST_F (Registry, FindsByIdAndInOrder)
{
  SlEntry *first = sl_registry_add (registry, make_download ()),
          *second = sl_registry_add (registry, make_download ());
  SlId unknown;

  sl_id_init_random (&unknown);
  EXPECT_EQ (sl_registry_find (registry, &unknown), nullptr);
  EXPECT_EQ (sl_registry_find (registry, &sl_download_get_record (second->download)->id), second);
  EXPECT_EQ (sl_entry_of (first->download), first);
  EXPECT_EQ (sl_registry_get_next (registry, nullptr), first);
  EXPECT_EQ (sl_registry_get_next (registry, first), second);
  EXPECT_EQ (sl_registry_get_next (registry, second), nullptr);
  sl_registry_remove (registry, first);
  EXPECT_EQ (sl_registry_get_next (registry, nullptr), second);
}

TEST_F (Registry, ADownloadThatIsKeptOutlivesItsEntry)
{
  g_autoptr (SlDownload) kept = make_download ();

  sl_registry_remove (registry, sl_registry_add (registry, sl_download_ref (kept)));
  EXPECT_EQ (sl_entry_of (kept), nullptr);
}

TEST_F (Registry, WhatIsThereAndWhatIsReservedCountTogether)
{
  SlEntry *entry = sl_registry_add (registry, make_download ());

  EXPECT_TRUE (sl_registry_reserve (registry, 1000, 1, error.out ()));
  EXPECT_FALSE (sl_registry_reserve (registry, 1000, 2, error.out ()));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED));
  EXPECT_EQ (error.text (),
             "There are 2 downloads; the limit is 3. Abort what is not needed any more");
  EXPECT_FALSE (sl_registry_reserve (registry, 1000, G_MAXUINT, error.out ()));
  sl_registry_remove (registry, entry);
  EXPECT_TRUE (sl_registry_reserve (registry, 1000, 2, error.out ()));
  sl_registry_unreserve (registry, 1000, 3);
  EXPECT_TRUE (sl_registry_reserve (registry, 1000, 3, error.out ()));
}

TEST_F (Registry, TheLimitIsEachOwners)
{
  for (int i = 0; i < 3; i++)
    sl_registry_add (registry, make_download (1000));
  EXPECT_FALSE (sl_registry_reserve (registry, 1000, 1, error.out ()));
  EXPECT_TRUE (sl_registry_reserve (registry, 1001, 3, error.out ()));
}

TEST_F (Destinations, NoTwoOfAnOwnerHaveTheSame)
{
  SlDownload *first = add (1000, "/d/a"), *second = add (1000, "/d/a"), *other = add (1000, "/d/b");

  EXPECT_TRUE (claim (first));
  EXPECT_TRUE (claim (first)) << "it's its own";
  EXPECT_TRUE (claim (other));
  EXPECT_FALSE (claim (second));
  EXPECT_TRUE (error.is (SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS));
  EXPECT_NE (error.text ().find (id_of (first)), std::string::npos);
  sl_destinations_paths.release (first, destinations);
  EXPECT_TRUE (claim (second));
  /* a download without the claim does not release it */
  sl_destinations_release (destinations, first);
  EXPECT_FALSE (claim (first));
}

/* As a queue that somebody edited may say. */
TEST_F (Destinations, WhoHasAPathKeepsIt)
{
  SlDownload *first = add (1000, "/d/a"), *second = add (1000, "/d/a");

  sl_destinations_take (destinations, first);
  sl_destinations_take (destinations, second);
  sl_destinations_release (destinations, second);
  EXPECT_FALSE (claim (second));
  sl_destinations_release (destinations, first);
  EXPECT_TRUE (claim (second));
}

TEST_F (Destinations, NobodyLearnsOfAnothersPaths)
{
  Directory directory;
  SlDownload *mine = add (1000, directory / "a"), *theirs = add (1001, directory / "a"),
             *open = add (1001, directory / "");

  EXPECT_TRUE (claim (mine));
  EXPECT_EQ (choose (open, "a"), directory / "a");
  EXPECT_FALSE (claim (theirs)) << "one of their own has it";
  EXPECT_EQ (error.text ().find (id_of (mine)), std::string::npos);
}

TEST_F (Destinations, ADirectoryIsAnybodys)
{
  EXPECT_TRUE (claim (add (1000, "/d/")));
  EXPECT_TRUE (claim (add (1000, "/d/")));
}

TEST_F (Destinations, AChosenNameIsFree)
{
  Directory directory;
  SlDownload *named = add (1000, directory / "file.bin");

  write_file (directory / "there", "");
  EXPECT_TRUE (claim (named));
  EXPECT_EQ (choose (add (1000, directory / ""), nullptr), directory / "file (2).bin");
  EXPECT_EQ (choose (add (1000, directory / ""), nullptr), directory / "file (3).bin");
  EXPECT_EQ (choose (add (1000, directory / ""), "there"), directory / "there (2)");
}

TEST_F (Retries, ComeInTheOrderOfTheirTimes)
{
  gint64 now = g_get_monotonic_time ();

  sl_retries_set (retries, &a, now + 20000);
  sl_retries_set (retries, &b, now + 10000);
  sl_retries_set (retries, &c, now + 10000);
  EXPECT_EQ (sl_retries_get_length (retries), 3u);
  wait_for (3);
  EXPECT_GE (g_get_monotonic_time (), now + 20000);
  EXPECT_EQ (due, std::vector<SlEntry *> ({&b, &c, &a}));
  EXPECT_EQ (sl_retries_get_length (retries), 0u);
}

TEST_F (Retries, AnotherTimeTakesThePlaceOfTheFirst)
{
  gint64 now = g_get_monotonic_time ();

  sl_retries_set (retries, &a, now + G_TIME_SPAN_HOUR);
  sl_retries_set (retries, &b, now + G_TIME_SPAN_HOUR);
  sl_retries_set (retries, &a, now);
  wait_for (1);
  EXPECT_EQ (due, std::vector<SlEntry *> ({&a}));
  EXPECT_EQ (sl_retries_get_length (retries), 1u);
}

TEST_F (Retries, WhoIsRemovedIsNotDue)
{
  gint64 now = g_get_monotonic_time ();

  sl_retries_set (retries, &a, now);
  sl_retries_set (retries, &b, now);
  sl_retries_remove (retries, &a);
  sl_retries_remove (retries, &a);
  wait_for (1);
  EXPECT_EQ (due, std::vector<SlEntry *> ({&b}));
}

TEST_F (Retries, AllRunAtOnceAndEachOnce)
{
  gint64 later = g_get_monotonic_time () + G_TIME_SPAN_HOUR;

  again_at = later;
  for (SlEntry *entry : {&a, &b, &c})
    sl_retries_set (retries, entry, later);
  sl_retries_run_all (retries);
  EXPECT_EQ (due.size (), 3u);
  EXPECT_EQ (sl_retries_get_length (retries), 3u);
}

TEST (PolicyKey, ComfortEndsWithTheDeadlineOrTheLongestWait)
{
  g_autoptr (SlRecord) record = sl_record_new ();
  SlPolicySettings settings;

  sl_policy_settings_init (&settings);
  settings.max_wait = 60;
  record->asked.priority = SL_PRIORITY_NORMAL;
  EXPECT_EQ (sl_policy_key_get_comfort_deadline (record, &settings), G_MAXINT64)
      << "it was not started";
  record->started = 1000 * G_USEC_PER_SEC;
  EXPECT_EQ (sl_policy_key_get_comfort_deadline (record, &settings), 1060 * G_USEC_PER_SEC);
  record->asked.deadline = 1030 * G_USEC_PER_SEC;
  EXPECT_EQ (sl_policy_key_get_comfort_deadline (record, &settings), record->asked.deadline);
  EXPECT_FALSE (
      sl_policy_key_is_urgent (sl_policy_key_of (record, &settings, record->asked.deadline - 1)));
  EXPECT_TRUE (
      sl_policy_key_is_urgent (sl_policy_key_of (record, &settings, record->asked.deadline)));
  settings.max_wait = 0;
  record->asked.deadline = 0;
  EXPECT_EQ (sl_policy_key_get_comfort_deadline (record, &settings), G_MAXINT64);
  record->asked.priority = SL_PRIORITY_FOREGROUND;
  EXPECT_TRUE (sl_policy_key_is_urgent (sl_policy_key_of (record, &settings, 0)));
  sl_policy_settings_clear (&settings);
}
