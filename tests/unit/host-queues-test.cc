/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: who runs next; only the host queues, with downloads that do nothing. */
#include "unit.h"

#include "queue/host-queues.h"

#include <map>
#include <random>

namespace
{

class HostQueues : public testing::Test
{
protected:
  SlSettings settings = {};
  SlPolicySettings policy;
  SlPolicyCache *cache;
  SlHostQueues *queues;
  SlDownloadContext context = {};
  std::vector<SlEntry *> entries;

  HostQueues ()
  {
    settings.max_active = 100;
    settings.max_connections = 100;
    settings.max_connections_per_host = 100;
    context.settings = &settings;
    sl_policy_settings_init (&policy);
    cache = sl_policy_cache_new (&policy);
    queues = sl_host_queues_new (&settings, cache);
  }
  ~HostQueues () override
  {
    for (SlEntry *entry : entries) {
      if (entry->has_slot)
        sl_host_queues_return_slot (queues, entry);
      sl_host_queues_remove_waiting (queues, entry);
      sl_entry_free (entry);
    }
    EXPECT_EQ (sl_host_queues_get_active (queues), 0u);
    sl_host_queues_free (queues);
    sl_policy_cache_free (cache);
    sl_policy_settings_clear (&policy);
  }
  SlEntry *
  add (const std::string &host, SlPriority priority = SL_PRIORITY_NORMAL, guint32 owner = 0)
  {
    SlRecord *record = sl_record_new ();
    record->owner = owner;
    sl_id_init_random (&record->id);
    record->seq = (gint64)entries.size ();
    record->asked.uri =
        g_strdup (host.find ("://") != std::string::npos ? host.c_str ()
                                                         : ("http://" + host + "/file").c_str ());
    record->asked.priority = priority;
    entries.push_back (sl_entry_new (sl_download_new (record, &context)));
    wait (entries.back ());
    return entries.back ();
  }
  static SlPolicyKey
  key (SlEntry *entry, bool only_when_idle = false)
  {
    SlPolicyKeyParts parts = {};

    parts.priority = sl_download_get_record (entry->download)->asked.priority;
    parts.only_when_idle = only_when_idle;
    parts.comfort_counts = TRUE;
    return sl_policy_key_pack (&parts);
  }
  void
  wait (SlEntry *entry)
  {
    sl_host_queues_add_waiting (queues, entry, key (entry));
  }
  /* Sets the conditions of the cache. */
  void
  set_conditions (bool idle, SlMetered metered = SL_METERED_NO)
  {
    g_autoptr (SlConditions) conditions = sl_conditions_new ();

    conditions->user_idle = idle;
    for (guint index : {2, 3}) {
      SlLink *link = sl_link_new (index, "");
      link->primary = index == 2;
      link->metered = index == 2 ? metered : SL_METERED_NO;
      g_ptr_array_add (conditions->links, link);
    }
    sl_policy_cache_set_conditions (cache, conditions);
    sl_policy_cache_refresh (cache, g_get_real_time ());
    sl_host_queues_update (queues);
  }
  SlEntry *
  next ()
  {
    return sl_host_queues_take_next (queues);
  }
  static std::string
  host (SlEntry *entry)
  {
    return entry != nullptr
               ? std::string (sl_download_get_record (entry->download)->asked.uri).substr (7, 1)
               : "-";
  }
};

} // namespace

TEST_F (HostQueues, EmptyHasNone)
{
  EXPECT_EQ (next (), nullptr);
  EXPECT_EQ (sl_host_queues_get_active (queues), 0u);
}

TEST_F (HostQueues, FirstComeFirstServed)
{
  SlEntry *a = add ("a"), *b = add ("a"), *c = add ("a");

  EXPECT_EQ (next (), a);
  EXPECT_EQ (next (), b);
  EXPECT_EQ (next (), c);
  EXPECT_EQ (next (), nullptr);
  EXPECT_EQ (sl_host_queues_get_active (queues), 3u);
  EXPECT_TRUE (a->has_slot);
}

TEST_F (HostQueues, PrioritiesGoBeforeAge)
{
  SlEntry *low = add ("a", SL_PRIORITY_LOW), *normal = add ("a"),
          *high = add ("b", SL_PRIORITY_HIGH), *foreground = add ("a", SL_PRIORITY_FOREGROUND);

  EXPECT_EQ (next (), foreground);
  EXPECT_EQ (next (), high);
  EXPECT_EQ (next (), normal);
  EXPECT_EQ (next (), low);
}

TEST_F (HostQueues, HostsTakeTurns)
{
  std::string order;

  for (const char *name : {"a", "a", "a", "a", "b", "b", "c"})
    add (name);
  for (int i = 0; i < 7; i++)
    order += host (next ());
  EXPECT_EQ (order, "abcabaa");
}

TEST_F (HostQueues, TurnsGoOnWhenOneEndsAndAnotherComes)
{
  std::map<std::string, int> served;

  settings.max_active = 1;
  for (int i = 0; i < 50; i++) {
    add ("a");
    add (i % 2 == 0 ? "b" : "c");
  }
  for (int i = 0; i < 30; i++) {
    SlEntry *entry = next ();
    ASSERT_NE (entry, nullptr);
    served[host (entry)]++;
    sl_host_queues_return_slot (queues, entry);
    add ("a");
  }
  EXPECT_EQ (served["a"], 10);
  EXPECT_EQ (served["b"], 10);
  EXPECT_EQ (served["c"], 10);
}

TEST_F (HostQueues, AFullHostHoldsUpNobodyElse)
{
  SlEntry *first, *b;

  settings.max_connections_per_host = 2;
  first = add ("a");
  add ("a");
  SlEntry *third = add ("a", SL_PRIORITY_HIGH);
  EXPECT_EQ (next (), third);
  EXPECT_EQ (next (), first);
  EXPECT_EQ (next (), nullptr);
  b = add ("b", SL_PRIORITY_LOW);
  EXPECT_EQ (next (), b);
  EXPECT_EQ (next (), nullptr);
  sl_host_queues_return_slot (queues, first);
  EXPECT_EQ (host (next ()), "a");
}

TEST_F (HostQueues, HostIsNameAndPort)
{
  settings.max_connections_per_host = 1;
  add ("http://a/x");
  add ("http://A/y?z");
  add ("http://a:8080/x");
  add ("https://a?x");
  add ("http://b");
  EXPECT_NE (next (), nullptr);
  EXPECT_NE (next (), nullptr);
  EXPECT_NE (next (), nullptr);
  EXPECT_EQ (next (), nullptr);
}

TEST_F (HostQueues, NoMoreThanMayBeActive)
{
  SlEntry *first;

  settings.max_active = 2;
  first = add ("a");
  add ("b");
  add ("c");
  EXPECT_EQ (next (), first);
  EXPECT_NE (next (), nullptr);
  EXPECT_EQ (next (), nullptr);
  EXPECT_EQ (sl_host_queues_get_active (queues), 2u);
  sl_host_queues_return_slot (queues, first);
  EXPECT_EQ (host (next ()), "c");
}

TEST_F (HostQueues, ForegroundHasSlotsOfItsOwn)
{
  SlEntry *foreground;

  settings.max_active = 1;
  add ("a");
  add ("a");
  ASSERT_NE (next (), nullptr);
  EXPECT_EQ (next (), nullptr);
  foreground = add ("a", SL_PRIORITY_FOREGROUND);
  EXPECT_EQ (next (), foreground);
  add ("b", SL_PRIORITY_FOREGROUND);
  EXPECT_EQ (next (), nullptr);
  sl_host_queues_return_slot (queues, foreground);
  EXPECT_EQ (host (next ()), "b");
}

TEST_F (HostQueues, OwnersTakeTurns)
{
  std::vector<SlEntry *> first;

  for (int i = 0; i < 10; i++)
    first.push_back (add ("a", SL_PRIORITY_NORMAL, 1000));
  SlEntry *second = add ("a", SL_PRIORITY_NORMAL, 1001), *low = add ("a", SL_PRIORITY_LOW, 1002);

  EXPECT_EQ (next (), first[0]);
  EXPECT_EQ (next (), second) << "it waits for all of another owner";
  for (int i = 1; i < 10; i++)
    EXPECT_EQ (next (), first[(std::size_t)i]);
  EXPECT_EQ (next (), low) << "the priority comes first";
}

TEST_F (HostQueues, NoMoreConnectionsThanAllMayHave)
{
  SlEntry *a = add ("a");

  settings.max_connections = 3;
  ASSERT_EQ (next (), a);
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "a"));
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "a"));
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, "a"));
  add ("b");
  EXPECT_EQ (next (), nullptr);
  sl_host_queues_release_connection (queues, "a");
  EXPECT_EQ (host (next ()), "b");
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, "a"));
  sl_host_queues_release_connection (queues, "a");
}

TEST_F (HostQueues, NoMoreConnectionsThanAHostMayHave)
{
  SlEntry *a = add ("a"), *b = add ("b");

  settings.max_connections_per_host = 2;
  ASSERT_EQ (next (), a);
  ASSERT_EQ (next (), b);
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "a"));
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, "a"));
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "b"));
  sl_host_queues_release_connection (queues, "a");
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "a"));
  sl_host_queues_release_connection (queues, "a");
  sl_host_queues_release_connection (queues, "b");
}

/* A source need not be at the host that its download waited for. */
TEST_F (HostQueues, ConnectionsAreCountedAtTheirHost)
{
  SlEntry *a = add ("a");

  settings.max_connections_per_host = 1;
  ASSERT_EQ (next (), a);
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, "a"));
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "mirror"));
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, "mirror"));
  add ("mirror");
  EXPECT_EQ (next (), nullptr) << "its host has the one connection that it may have";
  sl_host_queues_return_slot (queues, a);
  EXPECT_EQ (next (), nullptr);
  sl_host_queues_release_connection (queues, "mirror");
  SlEntry *b = next ();
  ASSERT_NE (b, nullptr);
  sl_host_queues_return_slot (queues, b);
}

TEST_F (HostQueues, WhoWaitsComesBeforeAFurtherConnection)
{
  SlEntry *a = add ("a");

  ASSERT_EQ (next (), a);
  add ("a");
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, "a"));
  ASSERT_NE (next (), nullptr);
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "a"));
  sl_host_queues_release_connection (queues, "a");
  /* a connection that stays unused does not help a download that waits for a slot */
  settings.max_active = 2;
  add ("a");
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, "a"));
  sl_host_queues_release_connection (queues, "a");
}

TEST_F (HostQueues, WhoLeavesIsNotTaken)
{
  SlEntry *a = add ("a"), *b = add ("a"), *c = add ("b");

  sl_host_queues_remove_waiting (queues, a);
  sl_host_queues_remove_waiting (queues, a);
  sl_host_queues_remove_waiting (queues, c);
  EXPECT_EQ (next (), b);
  EXPECT_EQ (next (), nullptr);
  wait (a);
  EXPECT_EQ (next (), a);
}

/* Downloads come and go at random: the limits hold, none is lost, and none waits that could run. */
TEST_F (HostQueues, LimitsHoldWhateverHappens)
{
  std::mt19937 random (5);
  std::vector<SlEntry *> active;
  std::map<std::string, guint> of_host;
  gsize added = 0, ended = 0;

  settings.max_active = 6;
  settings.max_connections = 9;
  settings.max_connections_per_host = 3;
  for (int step = 0; step < 5000; step++) {
    if (random () % 2 == 0 && added < 1000) {
      add (std::string (1, (char)('a' + random () % 6)), (SlPriority)(random () % SL_N_PRIORITIES));
      added++;
    } else if (!active.empty ()) {
      gsize n = random () % active.size ();
      of_host[host (active[n])]--;
      sl_host_queues_return_slot (queues, active[n]);
      active.erase (active.begin () + (long)n);
      ended++;
    }
    while (SlEntry *entry = next ()) {
      active.push_back (entry);
      ASSERT_LE (++of_host[host (entry)], 3u);
    }
    ASSERT_LE (active.size (), 9u);
    ASSERT_EQ (sl_host_queues_get_active (queues), active.size ());
  }
  while (!active.empty ()) {
    sl_host_queues_return_slot (queues, active.back ());
    active.pop_back ();
    ended++;
    while (SlEntry *entry = next ())
      active.push_back (entry);
  }
  EXPECT_EQ (ended, added);
}

/* Holding. */

TEST_F (HostQueues, WhatIsHeldWaitsAndTheOthersGo)
{
  set_conditions (false);
  SlEntry *held = add ("a"), *other = add ("a");
  sl_host_queues_set_key (queues, held, key (held, true));

  EXPECT_TRUE (sl_host_queues_has_held (queues));
  EXPECT_EQ (next (), other);
  EXPECT_EQ (next (), nullptr);
  EXPECT_EQ (sl_host_queues_get_waiting (queues), 1u);
  set_conditions (true);
  EXPECT_FALSE (sl_host_queues_has_held (queues));
  EXPECT_EQ (next (), held);
}

TEST_F (HostQueues, AKeyMayChangeWhileItWaits)
{
  set_conditions (false);
  SlEntry *a = add ("a");

  sl_host_queues_set_key (queues, a, key (a, true));
  EXPECT_EQ (next (), nullptr);
  sl_host_queues_set_key (queues, a, key (a, false));
  EXPECT_FALSE (sl_host_queues_has_held (queues));
  EXPECT_EQ (next (), a);
}

/* A held download neither blocks its host nor keeps further connections from running ones. */
TEST_F (HostQueues, HeldOnesTakeNothing)
{
  set_conditions (false);
  SlEntry *runs = add ("a"), *held = add ("a");

  sl_host_queues_set_key (queues, held, key (held, true));
  EXPECT_EQ (next (), runs);
  EXPECT_TRUE (sl_host_queues_acquire_connection (queues, host (runs).c_str ()));
  sl_host_queues_release_connection (queues, host (runs).c_str ());
  set_conditions (true);
  EXPECT_FALSE (sl_host_queues_acquire_connection (queues, host (runs).c_str ()))
      << "it could begin now";
}

TEST_F (HostQueues, EachHostHasItsRoute)
{
  std::vector<std::string> asked;

  set_conditions (true, SL_METERED_YES);
  sl_host_queues_set_route_wanted (
      queues,
      [] (const char *host, gpointer data) {
        ((std::vector<std::string> *)data)->push_back (host);
      },
      &asked);
  SlEntry *metered = add ("a:80"), *free = add ("b");
  EXPECT_EQ (asked, std::vector<std::string> ({"a:80", "b"}));
  EXPECT_EQ (next (), nullptr) << "what is not known goes the primary way";
  EXPECT_TRUE (sl_host_queues_set_route (queues, "b", 3));
  EXPECT_FALSE (sl_host_queues_set_route (queues, "b", 3));
  EXPECT_EQ (next (), free);
  EXPECT_EQ (next (), nullptr);
  EXPECT_EQ (sl_host_queues_get_route (queues, free), 3u);
  EXPECT_EQ (sl_host_queues_get_route (queues, metered), 0u);
  /* remembered while the host has no downloads */
  sl_host_queues_return_slot (queues, free);
  EXPECT_EQ (sl_host_queues_get_route (queues, free), 3u);
  wait (free);
  EXPECT_EQ (next (), free);
  EXPECT_EQ (asked.size (), 2u);
  sl_host_queues_forget_routes (queues);
  EXPECT_EQ (asked.size (), 4u);
}

TEST_F (HostQueues, TheForegroundIsBlockedByConnectionsOnly)
{
  settings.max_connections_per_host = 2;
  SlEntry *a = add ("a"), *b = add ("a");
  EXPECT_EQ (next (), a);
  EXPECT_EQ (next (), b);
  EXPECT_FALSE (sl_host_queues_foreground_is_blocked (queues));
  SlEntry *elsewhere = add ("b");
  EXPECT_EQ (next (), elsewhere);
  SlEntry *foreground = add ("a", SL_PRIORITY_FOREGROUND);
  EXPECT_TRUE (sl_host_queues_foreground_is_blocked (queues));
  EXPECT_TRUE (sl_host_queues_blocks_foreground (queues, a));
  EXPECT_FALSE (sl_host_queues_blocks_foreground (queues, elsewhere)) << "that would not help";
  sl_host_queues_return_slot (queues, a);
  EXPECT_FALSE (sl_host_queues_foreground_is_blocked (queues));
  EXPECT_EQ (next (), foreground);
  /* a held one waits for something else */
  settings.max_connections = 3;
  SlEntry *held = add ("c", SL_PRIORITY_FOREGROUND);
  EXPECT_TRUE (sl_host_queues_foreground_is_blocked (queues));
  EXPECT_TRUE (sl_host_queues_blocks_foreground (queues, elsewhere));
  EXPECT_FALSE (sl_host_queues_blocks_foreground (queues, foreground));
  set_conditions (false);
  sl_host_queues_set_key (queues, held, key (held, true));
  EXPECT_FALSE (sl_host_queues_foreground_is_blocked (queues));
}

TEST_F (HostQueues, AQuestionTakesNobodysTurn)
{
  SlEntry *first = add ("a", SL_PRIORITY_FOREGROUND), *second = add ("b", SL_PRIORITY_FOREGROUND);

  EXPECT_FALSE (sl_host_queues_foreground_is_blocked (queues));
  EXPECT_EQ (next (), first);
  EXPECT_EQ (next (), second);
}

/* Downloads come and go at random during a walk: none that stays is skipped. */
TEST_F (HostQueues, AWalkPassesNobodyOver)
{
  std::mt19937 random (3);

  for (int round = 0; round < 50; round++) {
    std::map<SlEntry *, bool> stays;
    std::map<SlEntry *, int> seen;
    SlEntry *entry;

    for (int i = 0; i < 20; i++)
      stays[add (std::string (1, (char)('a' + i % 3)))] = true;
    sl_host_queues_begin_walk (queues);
    while ((entry = sl_host_queues_walk (queues)) != nullptr) {
      seen[entry]++;
      auto other = stays.begin ();
      std::advance (other, random () % stays.size ());
      if (other->second) {
        sl_host_queues_remove_waiting (queues, other->first);
        other->second = false;
      } else if (random () % 2 == 0) {
        wait (other->first);
        sl_host_queues_set_key (queues, other->first, key (other->first, true));
        sl_host_queues_remove_waiting (queues, other->first);
      }
    }
    for (auto [one, stayed] : stays) {
      EXPECT_TRUE (!stayed || seen[one] == 1);
      sl_host_queues_remove_waiting (queues, one);
    }
  }
}

TEST_F (HostQueues, ThoseThatWaitAreThereAsTheyCame)
{
  SlEntry *a = add ("a"), *b = add ("b", SL_PRIORITY_LOW), *c = add ("a", SL_PRIORITY_FOREGROUND);

  EXPECT_EQ (sl_host_queues_get_next_waiting (queues, nullptr), a);
  EXPECT_EQ (sl_host_queues_get_next_waiting (queues, a), b);
  EXPECT_EQ (sl_host_queues_get_next_waiting (queues, b), c);
  EXPECT_EQ (sl_host_queues_get_next_waiting (queues, c), nullptr);
  EXPECT_EQ (next (), c);
  EXPECT_EQ (sl_host_queues_get_next_waiting (queues, b), nullptr);
}

/* Downloads are held and released at random: those that may run do, held ones don't, and none is lost. */
TEST_F (HostQueues, HoldingLosesNobody)
{
  std::mt19937 random (7);
  std::map<SlEntry *, bool> wants_idle;
  std::vector<SlEntry *> active;
  bool idle = true;

  for (int i = 0; i < 60; i++) {
    SlEntry *entry = add (std::string (1, (char)('a' + i % 5)), (SlPriority)(i % 4));
    wants_idle[entry] = i % 3 == 0;
    sl_host_queues_set_key (queues, entry, key (entry, wants_idle[entry]));
  }
  for (int i = 0; i < 20000; i++) {
    switch (random () % 4) {
    case 0:
      idle = random () % 2 == 0;
      set_conditions (idle);
      break;
    case 1: {
      SlEntry *entry = next ();
      if (entry != nullptr) {
        ASSERT_TRUE (idle || !wants_idle[entry]);
        active.push_back (entry);
      }
      break;
    }
    case 2:
      if (!active.empty ()) {
        SlEntry *entry = active.back ();
        active.pop_back ();
        sl_host_queues_return_slot (queues, entry);
        sl_host_queues_add_waiting (queues, entry, key (entry, wants_idle[entry]));
      }
      break;
    default: {
      SlEntry *entry = entries[random () % entries.size ()];
      if (entry->class_queue != nullptr) {
        wants_idle[entry] = random () % 2 == 0;
        sl_host_queues_set_key (queues, entry, key (entry, wants_idle[entry]));
      }
    }
    }
    ASSERT_EQ (sl_host_queues_get_waiting (queues) + active.size (), entries.size ());
  }
  set_conditions (true);
  settings.max_active = settings.max_connections = settings.max_connections_per_host = 1000;
  while (next () != nullptr)
    ;
  EXPECT_EQ (sl_host_queues_get_waiting (queues), 0u);
}
