/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The bus of libsluice: which objects get signals, when properties are read, and the restart of the service. */
#include "job.h"

#include "support/loop.h"
#include "support/mock.h"

#include "base/error.h"
#include "lib/bus.h"

#include <gtest/gtest.h>

using namespace st;

/* The service is a mock; the program has a manager and two objects, all of the tests' kind. */
class LibBus : public testing::Test
{
protected:
  void
  SetUp () override
  {
    mock.object (kManagerPath, kJob, "{'DisplayName': <'the manager'>}");
    mock.method (kManagerPath, kJob, "Subscribe", "", "", "");
    mock.object ("/a", kJob, "{'DisplayName': <'a'>}");
    mock.object ("/b", kJob, "{'DisplayName': <'b'>}");
    mock.start ();
    manager = make (kManagerPath);
    a = make ("/a");
    b = make ("/b");
    sl = sl_bus_new (client.raw (), manager->object);
    sl_bus_add (sl, a->object);
    sl_bus_add (sl, b->object);
    ASSERT_TRUE (wait_until ([this] { return sl_bus_is_connected (sl) && name (b) == "b"; }));
    log.clear ();
  }
  ~LibBus () override
  {
    for (Job *job : {manager, a, b}) {
      sl_bus_remove (sl, job->object);
      g_object_unref (job);
    }
    sl_bus_unref (sl);
    while (g_main_context_iteration (nullptr, FALSE))
      ;
  }
  Job *
  make (const char *path)
  {
    auto *job = static_cast<Job *> (g_object_new (job_get_type (), nullptr));
    sl_object_set_path (job->object, path);
    job->log = &log;
    return job;
  }
  static std::string
  name (Job *job)
  {
    const char *name = sl_object_peek_string (job->object, "DisplayName");
    return name != nullptr ? name : "(none)";
  }
  /* Reads the object; the error's message, empty for none. */
  std::string
  read (Job *job)
  {
    std::string text;
    bool done = false;
    struct Outcome {
      std::string *text;
      bool *done;
    } outcome = {&text, &done};

    sl_bus_read (sl, job->object,
                 g_task_new (
                     job, nullptr,
                     [] (GObject *, GAsyncResult *result, gpointer data) {
                       auto *its = static_cast<Outcome *> (data);
                       g_autoptr (GError) error = nullptr;
                       auto *reply = static_cast<GVariant *> (
                           g_task_propagate_pointer (G_TASK (result), &error));
                       g_clear_pointer (&reply, g_variant_unref);
                       if (error != nullptr)
                         *its->text = error->message;
                       *its->done = true;
                     },
                     &outcome));
    EXPECT_TRUE (wait_until ([&] { return done; }));
    return text;
  }
  /* Waits until all signals sent before have arrived. */
  void
  settle ()
  {
    client.call_on (kName, kManagerPath, "org.freedesktop.DBus.Peer.Ping");
  }

  MockBus bus;
  Connection client{bus.address ()};
  Mock mock{bus, kName};
  Job *manager = nullptr;
  Job *a = nullptr;
  Job *b = nullptr;
  SlBus *sl = nullptr;
  std::string log;
};

TEST_F (LibBus, ASignalReachesTheObjectOfItsPathAlone)
{
  std::string of_b;

  b->log = &of_b;
  mock.emit ("/b", kJob, "Moved", "(1,)");
  mock.emit ("/b", "org.example.Other", "Stopped", "(1,)");
  settle ();
  EXPECT_EQ (of_b, "Moved ");
  EXPECT_EQ (log, "");
}

TEST_F (LibBus, ChangedPropertiesAreStored)
{
  mock.update ("/a", kJob, "{'DisplayName': <'new'>}");
  settle ();
  EXPECT_EQ (name (a), "new");
  EXPECT_EQ (name (b), "b");
  mock.update (kManagerPath, kJob, "{'DisplayName': <'the new one'>}");
  settle ();
  EXPECT_EQ (name (manager), "the new one");
}

TEST_F (LibBus, WhatIsRemovedHearsNothing)
{
  sl_bus_remove (sl, a->object);
  EXPECT_EQ (sl_bus_lookup (sl, "/a"), nullptr);
  EXPECT_EQ (sl_bus_lookup (sl, "/b"), b->object);
  EXPECT_EQ (sl_bus_lookup (sl, kManagerPath), manager->object);
  mock.emit ("/a", kJob, "Moved", "(1,)");
  mock.update ("/a", kJob, "{'DisplayName': <'new'>}");
  settle ();
  EXPECT_EQ (log, "");
  EXPECT_EQ (name (a), "a");
}

/* Another object may have the path by then. */
TEST_F (LibBus, RemovingAnObjectLeavesItsSuccessor)
{
  Job *next = make ("/a");

  sl_bus_add (sl, next->object);
  sl_bus_remove (sl, a->object);
  EXPECT_EQ (sl_bus_lookup (sl, "/a"), next->object);
  sl_bus_remove (sl, next->object);
  EXPECT_EQ (sl_bus_lookup (sl, "/a"), nullptr);
  g_object_unref (next);
}

TEST_F (LibBus, WhatTheServiceDoesNotKnowIsGone)
{
  Job *unknown = make ("/unknown");

  EXPECT_EQ (read (unknown), sl_error_text (SLUICE_ERROR_NOT_FOUND));
  EXPECT_EQ (log, "gone ");
  EXPECT_EQ (read (a), "");
  EXPECT_EQ (log, "gone ");
  g_object_unref (unknown);
}

TEST_F (LibBus, AServiceThatIsAwayTakesNothingWithIt)
{
  mock.stop ();
  ASSERT_TRUE (wait_until ([this] { return !sl_bus_is_connected (sl); }));
  EXPECT_EQ (log, "connected-changed ");
  EXPECT_NE (read (a), "");
  EXPECT_EQ (log, "connected-changed ");
  EXPECT_EQ (name (a), "a");
}

TEST_F (LibBus, AllIsReadWhenTheServiceIsBack)
{
  mock.stop ();
  ASSERT_TRUE (wait_until ([this] { return !sl_bus_is_connected (sl); }));
  for (Job *job : {manager, a, b})
    sl_object_store (job->object, "DisplayName", g_variant_new_string ("old"));
  mock.start ();
  EXPECT_TRUE (wait_until (
      [this] { return name (manager) == "the manager" && name (a) == "a" && name (b) == "b"; }));
  EXPECT_EQ (log, "connected-changed connected-changed ");
  EXPECT_EQ (mock.count_calls (kManagerPath, "Subscribe"), 1);
}

/* A supervisor gets five seconds to restart it. */
TEST_F (LibBus, TheServiceIsStartedAgainWhileObjectsAreHeld)
{
  std::string started = bus.dir () / "started";
  gint64 before;

  bus.add_activation (kName, "touch " + started);
  mock.stop ();
  ASSERT_TRUE (wait_until ([this] { return !sl_bus_is_connected (sl); }));
  before = g_get_monotonic_time ();
  EXPECT_TRUE (
      wait_polling ([&] { return g_file_test (started.c_str (), G_FILE_TEST_EXISTS) != FALSE; }));
  EXPECT_GT (g_get_monotonic_time () - before, 3 * G_USEC_PER_SEC);
}
