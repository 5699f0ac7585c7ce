/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* queue: the policy cache, which keeps decisions, and the use of a month's volume. */
#include "unit.h"

#include "queue/policy-cache.h"
#include "queue/usage.h"

namespace
{

/* A cache with two links: the primary, index 2, and another, index 3. */
class PolicyCache : public testing::Test
{
protected:
  SlPolicySettings settings;
  SlConditions *conditions = sl_conditions_new ();
  SlLink *primary = sl_link_new (2, "wlan0"), *other = sl_link_new (3, "eth0");
  SlPolicyCache *cache;
  SlPolicyKey key;
  gint64 now = g_get_real_time ();

  PolicyCache ()
  {
    sl_policy_settings_init (&settings);
    primary->primary = TRUE;
    g_ptr_array_add (conditions->links, primary);
    g_ptr_array_add (conditions->links, other);
    g_free (primary->uuid);
    primary->uuid = g_strdup ("first");
    g_free (other->uuid);
    other->uuid = g_strdup ("second");
    cache = sl_policy_cache_new (&settings);
    SlPolicyKeyParts parts = {};
    parts.priority = SL_PRIORITY_NORMAL;
    parts.comfort_counts = TRUE;
    key = sl_policy_key_pack (&parts);
    sl_policy_cache_set_conditions (cache, conditions);
  }
  ~PolicyCache () override
  {
    sl_policy_cache_free (cache);
    sl_conditions_free (conditions);
    sl_policy_settings_clear (&settings);
  }
  bool
  tell ()
  {
    sl_policy_cache_set_conditions (cache, conditions);
    return sl_policy_cache_refresh (cache, now);
  }
  void
  set_user_data (SlLink *link, const char *text)
  {
    g_clear_pointer (&link->user_data, g_variant_unref);
    if (text != nullptr)
      link->user_data = g_variant_ref_sink (g_variant_new_parsed (text));
  }
};

} // namespace

TEST_F (PolicyCache, DecidesForEachWay)
{
  primary->metered = SL_METERED_YES;
  tell ();
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_METERED);
  EXPECT_EQ (sl_policy_cache_decide (cache, 0, key), SL_REASON_METERED);
  EXPECT_EQ (sl_policy_cache_decide (cache, 3, key), SL_REASON_NONE);
  EXPECT_EQ (sl_policy_cache_decide (cache, 9, key), SL_REASON_METERED) << "as the primary";
}

TEST_F (PolicyCache, TellsOfChangesOnly)
{
  EXPECT_EQ (sl_policy_cache_decide (cache, 0, key), SL_REASON_NONE);
  EXPECT_EQ (sl_policy_cache_get_held_since (cache, 0, key), 0);
  EXPECT_FALSE (tell ());
  primary->metered = SL_METERED_YES;
  now += 5;
  EXPECT_TRUE (tell ());
  EXPECT_EQ (sl_policy_cache_get_held_since (cache, 0, key), now);
  EXPECT_TRUE (sl_policy_cache_holds_only_for (cache, SL_REASON_METERED));
  EXPECT_FALSE (sl_policy_cache_holds_only_for (cache, SL_REASON_BATTERY));
  gint64 since = now;
  now += 5;
  EXPECT_FALSE (tell ());
  /* a different reason does not begin a new hold */
  primary->roaming = TRUE;
  EXPECT_TRUE (tell ());
  EXPECT_TRUE (sl_policy_cache_holds_only_for (cache, SL_REASON_ROAMING));
  EXPECT_FALSE (sl_policy_cache_holds_only_for (cache, SL_REASON_METERED));
  EXPECT_EQ (sl_policy_cache_get_held_since (cache, 0, key), since);
  primary->metered = SL_METERED_NO;
  primary->roaming = FALSE;
  EXPECT_TRUE (tell ());
  EXPECT_EQ (sl_policy_cache_get_held_since (cache, 0, key), 0);
}

TEST_F (PolicyCache, FollowsTheHoursAndSaysWhenTheyChange)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

  settings.window = sl_hours_parse ("08:00-18:00", nullptr);
  sl_policy_cache_set_zone (cache, utc);
  now = G_GINT64_CONSTANT (1748851200) * G_USEC_PER_SEC; /* 08:00 */
  sl_policy_cache_refresh (cache, now);
  EXPECT_EQ (sl_policy_cache_decide (cache, 0, key), SL_REASON_NONE);
  EXPECT_EQ (sl_policy_cache_get_next_change (cache), now + 10 * G_TIME_SPAN_HOUR);
  now = sl_policy_cache_get_next_change (cache);
  EXPECT_TRUE (sl_policy_cache_refresh (cache, now));
  EXPECT_EQ (sl_policy_cache_decide (cache, 0, key), SL_REASON_OUTSIDE_WINDOW);
  /* a jump of the clock back */
  EXPECT_TRUE (sl_policy_cache_refresh (cache, now - 1));
  EXPECT_EQ (sl_policy_cache_decide (cache, 0, key), SL_REASON_NONE);
}

TEST_F (PolicyCache, WhatIsUsedIsOfEachConnection)
{
  settings.monthly_cap = 1000;
  primary->metered = other->metered = SL_METERED_YES;
  tell ();
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_NONE);
  sl_policy_cache_set_used (cache, "first", 800, 0);
  EXPECT_FALSE (sl_policy_cache_refresh (cache, now) &&
                sl_policy_cache_decide (cache, 3, key) != 0);
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_DATA_CAP);
  EXPECT_EQ (sl_policy_cache_decide (cache, 3, key), SL_REASON_NONE);
  EXPECT_EQ (sl_policy_cache_get_cost (cache, primary), SL_COST_NEAR_CAP);
  EXPECT_EQ (sl_policy_cache_get_cost (cache, other), SL_COST_BELOW_CAP);
}

/* With a tariff whose period began an hour ago, the bytes in that period count, not those of the month. */
TEST_F (PolicyCache, TariffsCountByPeriod)
{
  g_autofree char *tariff =
      g_strdup_printf ("('Mogwai tariff', uint16 1, <('t', [(uint64 %" G_GINT64_FORMAT
                       ", uint64 %" G_GINT64_FORMAT ", uint16 0, uint32 0, uint64 1000)])>)",
                       now / G_USEC_PER_SEC - 3600, now / G_USEC_PER_SEC + 3600);
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&builder, "{ss}", "connection.tariff-enabled", "1");
  g_variant_builder_add (&builder, "{ss}", "connection.tariff", tariff);
  primary->user_data = g_variant_ref_sink (g_variant_builder_end (&builder));
  primary->metered = SL_METERED_YES;
  tell ();
  EXPECT_EQ (sl_policy_cache_get_period (cache, primary) / G_USEC_PER_SEC,
             now / G_USEC_PER_SEC - 3600);
  sl_policy_cache_set_used (cache, "first", 50000, 700);
  sl_policy_cache_refresh (cache, now);
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_NONE);
  sl_policy_cache_set_used (cache, "first", 50000, 1000);
  sl_policy_cache_refresh (cache, now);
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_DATA_CAP);
  EXPECT_LE (sl_policy_cache_get_next_change (cache), now + 3600 * (gint64)G_USEC_PER_SEC);
  /* after the period the tariff says nothing */
  sl_policy_cache_refresh (cache, now + 3601 * (gint64)G_USEC_PER_SEC);
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_METERED);
}

TEST_F (PolicyCache, ConnectionsHaveTheirWord)
{
  primary->metered = SL_METERED_YES;
  tell ();
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_METERED);
  set_user_data (primary, "{'connection.allow-downloads-when-metered': '1'}");
  EXPECT_TRUE (tell ());
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_NONE);
  set_user_data (primary, "{'connection.allow-downloads': '0'}");
  EXPECT_TRUE (tell ());
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_DATA_CAP);
  set_user_data (primary, nullptr);
  EXPECT_TRUE (tell ());
  EXPECT_EQ (sl_policy_cache_decide (cache, 2, key), SL_REASON_METERED);
}

namespace
{

class Usage : public testing::Test
{
protected:
  Directory directory;
  SlStore *store = nullptr;
  SlUsage *usage = nullptr;
  GTimeZone *zone = g_time_zone_new_identifier ("Europe/Berlin");

  ~Usage () override
  {
    close ();
    g_time_zone_unref (zone);
  }
  void
  close ()
  {
    g_clear_pointer (&usage, sl_usage_free);
    g_clear_pointer (&store, sl_store_close);
  }
  /* Like a service that starts on that day at noon. */
  void
  open (int year, int month, int day, guint cap_day = 1)
  {
    close ();
    store = sl_store_open (
        directory.c_str (), [] (SlRecord *record, gpointer) { sl_record_free (record); }, nullptr,
        nullptr);
    usage = sl_usage_new (store);
    set (year, month, day, cap_day);
  }
  void
  set (int year, int month, int day, guint cap_day = 1)
  {
    g_autoptr (GDateTime) time = g_date_time_new (zone, year, month, day, 12, 0, 0);

    sl_usage_set_time (usage, g_date_time_to_unix (time) * G_USEC_PER_SEC, zone, cap_day);
  }
  std::string
  end ()
  {
    g_autoptr (GDateTime) utc =
        g_date_time_new_from_unix_utc (sl_usage_get_end (usage) / G_USEC_PER_SEC);
    g_autoptr (GDateTime) local = g_date_time_to_timezone (utc, zone);
    return take (g_date_time_format (local, "%Y-%m-%d %H:%M"));
  }
};

} // namespace

TEST_F (Usage, IsKeptOverRestarts)
{
  open (2025, 11, 21);
  sl_usage_add (usage, "a", 0, 100);
  sl_usage_add (usage, "a", 0, 50);
  sl_usage_add (usage, "b", 0, 7);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 150u);
  open (2025, 11, 30);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 150u);
  EXPECT_EQ (sl_usage_get_month (usage, "b"), 7u);
  EXPECT_EQ (sl_usage_get_month (usage, "c"), 0u);
}

TEST_F (Usage, BeginsAnewWithTheMonth)
{
  open (2025, 11, 21);
  EXPECT_EQ (end (), "2025-12-01 00:00");
  sl_usage_add (usage, "a", 0, 100);
  set (2025, 11, 30);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 100u);
  set (2025, 12, 1);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 0u);
  sl_usage_add (usage, "a", 0, 3);
  open (2025, 12, 31);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 3u);
  EXPECT_EQ (end (), "2026-01-01 00:00");
}

/* Also across a change of daylight saving, and if the service was not running when the month began. */
TEST_F (Usage, TheMonthMayBeginOnAnotherDay)
{
  open (2025, 3, 14, 15);
  EXPECT_EQ (end (), "2025-03-15 00:00");
  sl_usage_add (usage, "a", 0, 1);
  set (2025, 3, 15, 15);
  EXPECT_EQ (end (), "2025-04-15 00:00");
  sl_usage_add (usage, "a", 0, 2);
  open (2025, 4, 14, 15);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 2u);
  open (2025, 4, 15, 15);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 0u);
  open (2025, 1, 3, 28);
  EXPECT_EQ (end (), "2025-01-28 00:00");
}

/* A crash forgets only bytes since the last write. */
TEST_F (Usage, MuchIsWrittenAtOnce)
{
  open (2025, 11, 21);
  sl_usage_add (usage, "a", 0, 100 << 20);
  sl_usage_add (usage, "a", 0, 5);
  std::string name;
  sl_store_foreach_number (
      store,
      [] (const char *found, gint64 value, gpointer data) {
        if (value == 100 << 20)
          *(std::string *)data = found;
      },
      &name);
  EXPECT_EQ (name, "used month 001761951600 a");
}

TEST_F (Usage, PeriodsAreCountedApart)
{
  const gint64 day = 86400 * (gint64)G_USEC_PER_SEC, first = 20413 * day;
  int n = 0;

  open (2025, 11, 21);
  sl_usage_add (usage, "a", first, 10);
  sl_usage_add (usage, "a", first, 10);
  sl_usage_add (usage, "a", first + day, 3);
  sl_usage_add (usage, "b", first, 5);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 23u);
  EXPECT_EQ (sl_usage_get_period (usage, "a", first + day), 3u);
  EXPECT_EQ (sl_usage_get_period (usage, "b", first), 5u);
  EXPECT_EQ (sl_usage_get_period (usage, "a", first + 2 * day), 0u);
  open (2025, 11, 21);
  EXPECT_EQ (sl_usage_get_period (usage, "a", first + day), 3u);
  /* old periods are finally forgotten */
  for (int i = 2; i < 40; i++)
    sl_usage_add (usage, "a", first + i * day, 1);
  sl_store_foreach_number (
      store, [] (const char *, gint64, gpointer data) { ++*(int *)data; }, &n);
  EXPECT_LE (n, 2 + 1 + 13) << "two months, and for a connection a dozen periods that are over";
}

/* A machine without a hardware clock starts in 1970, until it learns the time. */
TEST_F (Usage, AWrongClockForgetsNothing)
{
  open (2025, 11, 21);
  sl_usage_add (usage, "a", 0, 5);
  open (1970, 1, 1);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 0u);
  set (2025, 11, 21);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 5u);
  /* and a clock that is ahead for a while must not free the month */
  set (2026, 3, 1);
  sl_usage_add (usage, "a", 0, 1);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 1u);
  set (2025, 11, 21);
  EXPECT_EQ (sl_usage_get_month (usage, "a"), 5u);
}
