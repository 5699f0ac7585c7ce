/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The crash test: the daemon is killed at random moments, again and again, while it downloads various files; or the
 * power fails, and unsynced data is lost. Afterwards nothing that was acknowledged may be missing, no wrong file may
 * ever appear, and little may be fetched twice. SLUICE_CRASH_ROUNDS is the number of rounds, for the four cases of
 * each kind together (200).
 */
#include "support/fixture.h"

#include <csignal>
#include <iostream>
#include <random>
#include <thread>
#include <unistd.h>

using namespace st;

static constexpr std::uint64_t kAgain = 8 * 1024 * 1024; /* for each kill and transfer */

class Crash : public SluiceTest
{
protected:
  struct Item {
    std::string name;
    std::string content;
    bool automatic; /* AutoStart and AutoFinalize */
    Download download;
    bool started = false; /* acknowledged */
    bool finalized = false;
    std::uint64_t seen = 0; /* bytes transferred at the last check */
    bool verified = false;
  };

  void
  SetUp () override
  {
    SluiceTest::SetUp ();
    seed = std::random_device () ();
    if (const char *given = g_getenv ("SLUICE_CRASH_SEED"))
      seed = (unsigned)std::stoul (given);
    random.seed (seed);
    std::cout << "SLUICE_CRASH_SEED=" << seed << std::endl;
    const char *total = g_getenv ("SLUICE_CRASH_ROUNDS");
    rounds = std::max (1, (total != nullptr ? std::stoi (total) : 200) / 4);
    config["RetryDelayMin"] = "10ms";
    config["RetryDelayMax"] = "50ms";
    pool = random_bytes (48 * 1024 * 1024, seed);
    environment["G_MESSAGES_DEBUG"] = "";
  }

  std::size_t
  pick (std::size_t from, std::size_t to)
  {
    return std::uniform_int_distribution<std::size_t> (from, to) (random);
  }

  void
  add (const std::string &kind, std::size_t size, std::size_t rate)
  {
    Item item;
    Resource file;

    item.name = kind + "-" + std::to_string (counter++);
    item.content = pool.substr (pick (0, pool.size () - size), size);
    item.automatic = pick (0, 1) == 1;
    file.body = item.content;
    file.etag = "\"" + item.name + "\"";
    server.serve ("/" + item.name, file, {SIZE_MAX, SIZE_MAX, rate});
    allow (item.content);
    planned.push_back (item);
  }

  void
  add_large (const std::string &kind)
  {
    add (kind, pick (10, 40) * 1024 * 1024 + pick (0, 99999), pick (2, 8) * 10 * 1000 * 1000);
  }

  /* Plans the downloads to create; differs between the kinds of cases. */
  virtual void
  plan ()
  {
    add_large ("sequential");
    add_large ("segmented");
    for (int i = 0; i < 25; i++)
      add ("small", pick (0, 60000), 0);
  }

  /* Prepares the death of the next daemon. */
  virtual void
  prepare_death ()
  {
  }

  /* Starts the daemon; false if it died meanwhile. */
  bool
  come_up ()
  {
    prepare_death ();
    EXPECT_TRUE (wait_for_name (false));
    start_quietly ();
    if (!wait_for_name (true)) {
      EXPECT_FALSE (daemon.is_running ()) << "the daemon does not come up";
      return false;
    }
    return true;
  }

  /* Only the daemon's death excuses a failed reply. */
  bool
  good (const Reply &reply, const std::string &what)
  {
    if (reply)
      return true;
    bool dead = reply.error == "org.freedesktop.DBus.Error.NoReply" ||
                reply.error == "org.freedesktop.DBus.Error.ServiceUnknown" ||
                reply.error == "org.freedesktop.DBus.Error.NameHasNoOwner";
    EXPECT_TRUE (dead) << what << ": " << reply.error << ": " << reply.message;
    alive = false;
    return false;
  }

  bool
  create_planned ()
  {
    while (!planned.empty ()) {
      std::size_t n = std::min<std::size_t> (planned.size (), planned[0].name[1] == 'm' ? 13 : 1);
      GVariantBuilder builder;
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
      for (std::size_t i = 0; i < n; i++) {
        const Item &item = planned[i];
        Properties properties;
        properties.add ("LocalPath", target (item.name))
            .add ("AutoStart", item.automatic)
            .add ("AutoFinalize", item.automatic);
        if (i % 2 == 0)
          properties.add ("Digest", "sha256:" + sha256 (item.content));
        if (item.name[1] == 'e' && item.name[2] == 'g')
          properties.add ("Priority", "foreground");
        g_variant_builder_add (&builder, "(s@a{sv})", server.url ("/" + item.name).c_str (),
                               properties.build ());
      }
      Reply reply = connection->call (kManagerPath, "CreateDownloads",
                                      g_variant_new ("(a(sa{sv}))", &builder));
      if (!reply && reply.error == "FileExists" && unsure) {
        /* it was created, although the daemon died before its reply */
        if (!adopt (n))
          return false;
        continue;
      }
      unsure = !reply;
      if (!good (reply, "CreateDownloads"))
        return false;
      take (n, reply.value[0].strv ());
    }
    return true;
  }

  void
  take (std::size_t n, const std::vector<std::string> &paths)
  {
    ASSERT_EQ (paths.size (), n);
    for (std::size_t i = 0; i < n; i++) {
      planned[i].download = Download (connection.get (), paths[i]);
      items.push_back (planned[i]);
    }
    planned.erase (planned.begin (), planned.begin () + (long)n);
  }

  /* Of a call without a reply, either all downloads exist, or none. */
  bool
  adopt (std::size_t n)
  {
    std::vector<std::string> paths;

    for (std::size_t i = 0; i < n; i++) {
      Reply reply = connection->call (
          kManagerPath, "ListDownloads",
          g_variant_new ("(@a{sv})",
                         Properties ().add ("LocalPath", target (planned[i].name)).build ()));
      if (!good (reply, "ListDownloads"))
        return false;
      EXPECT_EQ (reply.value[0].strv ().size (), 1u) << planned[i].name << " of a half-made list";
      if (reply.value[0].strv ().size () != 1)
        return false;
      paths.push_back (reply.value[0].strv ()[0]);
    }
    unsure = false;
    take (n, paths);
    return true;
  }

  /* Everything acknowledged before the death still holds. */
  void
  check_claims (Item &item, const Status &status)
  {
    ASSERT_NE (status.state, "failed")
        << item.name << ": " << status.error << ": " << status.message;
    if (item.started) {
      EXPECT_NE (status.state, "created") << item.name << ": Start was acknowledged";
    }
    if (item.finalized) {
      EXPECT_EQ (status.state, "finalized") << item.name << ": Finalize was acknowledged";
      EXPECT_TRUE (exists (target (item.name))) << item.name << " was finalized";
    }
    if (status.state != "finalized") {
      std::uint64_t again = item.seen > status.transferred ? item.seen - status.transferred : 0;
      EXPECT_LE (again, kAgain) << item.name << " has to be fetched again";
      most_again = std::max (most_again, again);
    }
  }

  bool
  ask (Item &item, Status *status)
  {
    Reply reply = item.download.connection->call (item.download.path, "GetStatus");

    if (!good (reply, item.name))
      return false;
    *status = {reply.value[0].str (), reply.value[1].number (), reply.value[2].number (),
               reply.value[3].str (), reply.value[4].str (),    reply.seen};
    return true;
  }

  void
  verify (Item &item)
  {
    if (item.verified || !exists (target (item.name)))
      return;
    ASSERT_TRUE (same_bytes (read_file (target (item.name)), item.content)) << item.name;
    item.verified = true;
  }

  /* Checks one download, and does its next step. False if the daemon died. */
  bool
  push (Item &item)
  {
    Status status;

    if (item.finalized && item.verified)
      return true;
    if (!ask (item, &status))
      return false;
    item.seen = status.transferred;
    verify (item);
    if (status.state == "created") {
      Reply reply = item.download.start ();
      item.started = bool (reply);
      return good (reply, item.name + " Start");
    }
    if (status.state == "transferred" && !item.automatic) {
      Reply reply = item.download.finalize ();
      item.finalized = bool (reply);
      return good (reply, item.name + " Finalize");
    }
    item.started = true;
    item.finalized |= status.state == "finalized";
    return true;
  }

  bool
  is_all_done ()
  {
    return planned.empty () && std::all_of (items.begin (), items.end (), [] (const Item &item) {
             return item.finalized && item.verified;
           });
  }

  void
  clear_done ()
  {
    for (const Item &item : items)
      unlink (target (item.name).c_str ());
    items.clear ();
    batches++;
  }

  /* Works while the daemon lives. */
  void
  live ()
  {
    alive = true;
    for (Item &item : items) {
      Status status;
      if (!ask (item, &status))
        return;
      check_claims (item, status);
      if (HasFatalFailure ())
        return;
      item.seen = status.transferred;
    }
    while (alive && !HasFailure ()) {
      if (!create_planned ())
        return;
      for (Item &item : items) {
        if (!push (item))
          return;
      }
      if (is_all_done ()) {
        clear_done ();
        plan ();
      }
    }
  }

  virtual std::size_t
  longest_life () /* ms */
  {
    return (std::size_t) (400 * time_factor ());
  }

  void
  die_again_and_again ()
  {
    plan ();
    for (int round = 0; round < rounds && !HasFailure (); round++) {
      SCOPED_TRACE ("round " + std::to_string (round));
      int life = (int)pick (0, longest_life ());
      if (come_up ()) {
        std::thread killer ([this, life] {
          if (!daemon.ends_within (life))
            daemon.send (SIGKILL);
        });
        live ();
        killer.join ();
      }
      daemon.wait ();
    }
    finish ();
  }

  /* The last run is not killed. */
  void
  finish ()
  {
    if (HasFailure ())
      return;
    /* the disk keeps its content, and does not fail any more */
    environment.erase ("SLUICE_DROP_AFTER");
    ASSERT_TRUE (wait_for_name (false));
    start_daemon ();
    gint64 deadline = g_get_monotonic_time () + 60 * G_USEC_PER_SEC * (gint64)time_factor ();
    alive = true;
    for (Item &item : items) {
      Status status;
      ASSERT_TRUE (ask (item, &status));
      check_claims (item, status);
    }
    while (!is_all_done () && alive && !HasFailure ()) {
      ASSERT_LT (g_get_monotonic_time (), deadline);
      create_planned ();
      for (Item &item : items)
        push (item);
      run_for (0.01);
    }
    clear_done ();
    EXPECT_TRUE (part_files ().empty ()) << part_files ()[0] << " was left behind";
    std::cout << rounds << " rounds, " << batches << " batches, at most " << most_again
              << " bytes to be fetched again" << std::endl;
  }

  Server server;
  std::mt19937 random;
  unsigned seed;
  int rounds;
  int counter = 0;
  int batches = 0;
  std::string pool;
  std::vector<Item> planned, items;
  bool alive = false;
  bool unsure = false; /* the last CreateDownloads had no reply */
  std::uint64_t most_again = 0;
};

TEST_F (Crash, KilledInAMix)
{
  die_again_and_again ();
}

class CrashSequential : public Crash
{
protected:
  void
  plan () override
  {
    add_large ("sequential");
    add_large ("sequential");
  }
};

TEST_F (CrashSequential, Killed)
{
  die_again_and_again ();
}

class CrashSegmented : public Crash
{
protected:
  void
  plan () override
  {
    add_large ("segmented");
    add_large ("segmented");
  }
};

TEST_F (CrashSegmented, Killed)
{
  die_again_and_again ();
}

class CrashSmall : public Crash
{
protected:
  void
  plan () override
  {
    for (int i = 0; i < 60; i++)
      add ("small", pick (0, 60000), 0);
  }

  std::size_t
  longest_life () override
  {
    return (std::size_t) (200 * time_factor ());
  }
};

TEST_F (CrashSmall, Killed)
{
  die_again_and_again ();
}

/* The power fails: unsynced data is lost, completely or in part. */
class PowerLoss : public Crash
{
protected:
  void
  prepare_death () override
  {
    environment["LD_PRELOAD"] = need_env ("SLUICE_DROP_UNSYNCED");
    environment["SLUICE_DROP_DIR"] = dir.path ();
    environment["SLUICE_DROP_LOG"] = dir / "dropped.log";
    environment["SLUICE_DROP_AFTER"] = std::to_string (pick (1, most_operations));
    environment["SLUICE_DROP_SEED"] = std::to_string (everything ? 0 : pick (1, 1000000000));
  }

  std::size_t
  longest_life () override
  {
    return (std::size_t) (3000 * time_factor ());
  }

  void
  fail_again_and_again ()
  {
    die_again_and_again ();
    /* the disk must have lost something, or nothing was tested */
    std::string log = read_file (dir / "dropped.log");
    int failures = (int)std::count (log.begin (), log.end (), '\n');
    EXPECT_GE (failures, rounds / 4) << log;
    std::size_t bytes = 0, names = 0;
    for (std::size_t at = 0; (at = log.find ("dropped ", at)) != std::string::npos; at++) {
      unsigned long b = 0, n = 0;
      std::sscanf (log.c_str () + at, "dropped %lu bytes, %lu names", &b, &n);
      bytes += b;
      names += n;
    }
    EXPECT_GT (bytes + names, 0u);
    std::cout << failures << " power failures, " << bytes << " bytes and " << names << " names lost"
              << std::endl;
  }

  bool everything = true;
  std::size_t most_operations = 300;
};

TEST_F (PowerLoss, AllUnsyncedIsLostInAMix)
{
  fail_again_and_again ();
}

TEST_F (PowerLoss, SomeUnsyncedIsLostInAMix)
{
  everything = false;
  fail_again_and_again ();
}

class PowerLossSmall : public PowerLoss
{
protected:
  void
  plan () override
  {
    for (int i = 0; i < 60; i++)
      add ("small", pick (0, 60000), 0);
  }
};

TEST_F (PowerLossSmall, AllUnsyncedIsLost)
{
  fail_again_and_again ();
}

TEST_F (PowerLossSmall, SomeUnsyncedIsLost)
{
  everything = false;
  fail_again_and_again ();
}
