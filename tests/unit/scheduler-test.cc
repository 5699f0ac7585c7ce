/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: the scheduler, with downloads from a port at which nobody answers. */
#include "unit.h"

#include "http/client.h"
#include "queue/scheduler.h"
#include "transfer/fetch.h"
#include "transfer/worker.h"

namespace
{

class Scheduler : public testing::Test
{
protected:
  Directory directory, database;
  SlSettings settings = SL_SETTINGS_DEFAULT;
  SlPolicySettings policy;
  SlStore *store;
  SlAge *age;
  SlScheduler *scheduler;
  SlDownloadContext context = {};
  std::vector<SlEntry *> entries;
  int replanned = 0;
  bool moving = false;
  std::vector<std::string> routes;
  int reasons_told = 0;

  Scheduler ()
  {
    static const SlSchedulerEvents events = {
        [] (gpointer data) { ((Scheduler *)data)->replanned++; },
        [] (const char *host, gpointer data) { ((Scheduler *)data)->routes.push_back (host); },
        [] (guint, guint64, gpointer) {},
        [] (gboolean transferring, gboolean, gpointer data) {
          ((Scheduler *)data)->moving = transferring;
        },
    };
    static const SlDownloadObserver observer = {
        [] (SlDownload *, SlChanges changes, gpointer data) {
          ((Scheduler *)data)->reasons_told += changes.facts == SL_FACT_REASONS;
        },
        [] (SlDownload *, int, gpointer) {},
        [] (SlDownload *, guint64, guint64, gpointer) {},
    };
    static const SlDownloadPaths paths = {nullptr, nullptr, [] (SlDownload *, gpointer) {}};

    sl_policy_settings_init (&policy);
    settings.retry_delay_min = settings.retry_delay_max = 3600000;
    store = sl_store_open (
        database.c_str (), [] (SlRecord *record, gpointer) { sl_record_free (record); }, nullptr,
        nullptr);
    age = sl_age_new (store);
    scheduler = sl_scheduler_new (store, &settings, &policy);
    sl_scheduler_set_events (scheduler, &events, this);
    context.store = store;
    context.age = age;
    context.settings = &settings;
    context.policy = &policy;
    context.kind = &sl_fetch_kind;
    context.host = &sl_scheduler_host;
    context.host_data = scheduler;
    context.paths = &paths;
    context.observer = &observer;
    context.observer_data = this;
    for (SlClass class_ : {SL_CLASS_BACKGROUND, SL_CLASS_FOREGROUND})
      context.classes[class_] = sl_scheduler_get_bucket (scheduler, class_);
  }
  ~Scheduler () override
  {
    guint open = 0;

    sl_scheduler_stop (scheduler);
    for (SlEntry *entry : entries) {
      open++;
      sl_download_suspend (
          entry->download, [] (const GError *, gpointer data) { --*(guint *)data; }, &open);
    }
    while (open > 0)
      g_main_context_iteration (nullptr, TRUE);
    sl_worker_shutdown ();
    sl_scheduler_free (scheduler);
    sl_age_free (age);
    sl_store_close (store);
    for (SlEntry *entry : entries)
      sl_entry_free (entry);
    sl_policy_settings_clear (&policy);
  }
  /* (transfer full) */
  SlDownload *
  make (SlPriority priority = SL_PRIORITY_NORMAL)
  {
    SlRecord *record = sl_record_new ();

    sl_id_init_random (&record->id);
    record->seq = (gint64)entries.size () + 1;
    record->asked.priority = priority;
    record->asked.uri = g_strdup ("http://127.0.0.1:1/file");
    record->asked.local_path = g_strdup ((directory / std::to_string (entries.size ())).c_str ());
    return sl_download_new (record, &context);
  }
  SlDownload *
  add (SlPriority priority = SL_PRIORITY_NORMAL)
  {
    entries.push_back (sl_entry_new (make (priority)));
    return entries.back ()->download;
  }
  SlDownload *
  start (SlPriority priority = SL_PRIORITY_NORMAL)
  {
    SlDownload *download = add (priority);

    sl_download_start (download, nullptr, nullptr, nullptr);
    return download;
  }
  static SlState
  state (SlDownload *download)
  {
    return sl_download_get_record (download)->state;
  }
  static void
  wait_for (SlDownload *download, SlState wanted)
  {
    while (state (download) != wanted)
      g_main_context_iteration (nullptr, TRUE);
  }
  /* Runs everything that is due at once. */
  static void
  settle ()
  {
    while (g_main_context_iteration (nullptr, FALSE))
      ;
  }
};

} // namespace

TEST_F (Scheduler, NothingRunsBeforeTheConditionsAreKnown)
{
  SlDownload *download = start ();

  settle ();
  EXPECT_EQ (state (download), SL_STATE_QUEUED);
  EXPECT_EQ (sl_scheduler_get_queued (scheduler), 1u);
  sl_scheduler_let_run (scheduler);
  wait_for (download, SL_STATE_TRANSFERRING);
  EXPECT_TRUE (moving);
  EXPECT_EQ (sl_scheduler_get_active (scheduler), 1u);
  EXPECT_EQ (sl_scheduler_get_queued (scheduler), 0u);
}

TEST_F (Scheduler, WhatFailsIsTriedAgainWhenTheNetworkChanges)
{
  sl_scheduler_let_run (scheduler);
  SlDownload *download = start ();

  wait_for (download, SL_STATE_RETRYING);
  EXPECT_FALSE (moving);
  EXPECT_EQ (sl_scheduler_get_active (scheduler), 0u);
  EXPECT_EQ (sl_scheduler_get_queued (scheduler), 1u);
  sl_scheduler_retry_all (scheduler);
  EXPECT_EQ (state (download), SL_STATE_QUEUED);
  wait_for (download, SL_STATE_TRANSFERRING);
  wait_for (download, SL_STATE_RETRYING);
}

TEST_F (Scheduler, OneThatIsNotAdmittedYetIsLeftAlone)
{
  sl_scheduler_let_run (scheduler);
  SlDownload *download = make ();

  sl_download_start (download, nullptr, nullptr, nullptr);
  settle ();
  EXPECT_EQ (state (download), SL_STATE_QUEUED);
  EXPECT_EQ (sl_scheduler_get_queued (scheduler), 0u);
  EXPECT_EQ (sl_download_get_reasons (download), SL_REASON_SLOTS_FULL);
  entries.push_back (sl_entry_new (download));
  sl_download_resume (download);
  wait_for (download, SL_STATE_TRANSFERRING);
}

TEST_F (Scheduler, WhatIsSuspendedWaitsAndSaysWhy)
{
  sl_scheduler_let_run (scheduler);
  sl_scheduler_set_suspended (scheduler, TRUE, nullptr, nullptr);
  SlDownload *download = start ();

  settle ();
  EXPECT_EQ (state (download), SL_STATE_QUEUED);
  EXPECT_EQ (sl_download_get_reasons (download), SL_REASON_SUSPENDED);
  EXPECT_GT (sl_download_get_held_since (download), 0);
  reasons_told = 0;
  sl_scheduler_set_suspended (scheduler, FALSE, nullptr, nullptr);
  wait_for (download, SL_STATE_TRANSFERRING);
}

TEST_F (Scheduler, ChangedReasonsAreToldToAllThatWait)
{
  for (int i = 0; i < 600; i++)
    start ();
  settle ();
  reasons_told = 0;
  sl_scheduler_set_suspended (scheduler, TRUE, nullptr, nullptr);
  settle ();
  EXPECT_EQ (reasons_told, 600);
}

TEST_F (Scheduler, ARouteIsAskedForOnceAHost)
{
  start ();
  start ();
  EXPECT_EQ (routes, std::vector<std::string> ({"127.0.0.1:1"}));
}

TEST_F (Scheduler, ADeadlineIsAChangeOfItsOwn)
{
  gint64 soon = g_get_real_time () + 5 * G_USEC_PER_SEC;
  SlDownload *download = add ();

  sl_download_edit (
      download,
      [] (SlRecord *record, gpointer data, guint64 *, GError **) -> gboolean {
        record->asked.deadline = *(gint64 *)data;
        return TRUE;
      },
      &soon, nullptr, nullptr);
  sl_download_start (download, nullptr, nullptr, nullptr);
  EXPECT_EQ (replanned, 1);
  EXPECT_EQ (sl_scheduler_get_next_change (scheduler), soon);
}
