/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* policy: the decision, compared with the tables of the manual; and the debouncing of hints. */
#include "unit.h"

#include "policy/debounce.h"
#include "policy/decision.h"

#include <map>
#include <random>
#include <set>
#include <sstream>

namespace
{

using Row = std::vector<std::string>;

/* The rows of a table of sluice.conf(5), the heading first; two spaces separate cells. */
std::vector<Row>
read_table (const std::string &name)
{
  std::ifstream file (std::string (SLUICE_MANUAL) + "/sluice.conf.5.rst");
  std::vector<Row> rows;
  bool inside = false;

  for (std::string line; std::getline (file, line);) {
    if (line == ".. " + name + ": begin")
      inside = true;
    else if (line == ".. " + name + ": end")
      inside = false;
    if (!inside || line.empty () || line[0] == '=' || line[0] == '.')
      continue;
    Row row;
    for (std::size_t at = 0; at < line.size ();) {
      std::size_t end = std::min (line.find ("  ", at), line.size ());
      row.push_back (line.substr (at, end - at));
      at = std::min (line.find_first_not_of (' ', end), line.size ());
    }
    rows.push_back (row);
  }
  return rows;
}

const SlCostState kStates[] = {
    SL_COST_UNRESTRICTED,     SL_COST_CAPPED_USAGE_UNKNOWN, SL_COST_BELOW_CAP,   SL_COST_NEAR_CAP,
    SL_COST_OVER_CAP_CHARGED, SL_COST_OVER_CAP_THROTTLED,   SL_COST_USAGE_BASED, SL_COST_ROAMING,
};

/* A plan, for the table of states: its settings, and its name in the table. */
struct Plan {
  const char *name;
  guint64 cap;
  guint64 used;
  SlOverCap over_cap;
  bool tariff, forbidden, free;
};

const guint64 kCap = 1000000;
const Plan kPlans[] = {
    {"none", SL_CAP_NONE, 5000, SL_OVER_CAP_CHARGED, false, false, false},
    {"every byte charged", 0, 5000, SL_OVER_CAP_CHARGED, false, false, false},
    {"below 80 %", kCap, 799999, SL_OVER_CAP_CHARGED, false, false, false},
    {"below 80 %", kCap, 0, SL_OVER_CAP_THROTTLED, false, false, false},
    {"from 80 %", kCap, 800000, SL_OVER_CAP_CHARGED, false, false, false},
    {"from 80 %", kCap, 999999, SL_OVER_CAP_THROTTLED, false, false, false},
    {"used up, charged", kCap, 1000000, SL_OVER_CAP_CHARGED, false, false, false},
    {"used up, throttled", kCap, 2000000, SL_OVER_CAP_THROTTLED, false, false, false},
    {"downloads forbidden", SL_CAP_NONE, 0, SL_OVER_CAP_CHARGED, false, true, false},
    {"downloads forbidden", kCap, 0, SL_OVER_CAP_THROTTLED, true, true, true},
    {"allowed when metered", kCap, 2000000, SL_OVER_CAP_CHARGED, false, false, true},
    {"tariff, unlimited", SL_CAP_NONE, 5000, SL_OVER_CAP_CHARGED, true, false, false},
    {"tariff, below 80 %", kCap, 5000, SL_OVER_CAP_CHARGED, true, false, false},
    {"tariff, from 80 %", kCap, 900000, SL_OVER_CAP_CHARGED, true, false, true},
    {"tariff, used up, charged", kCap, 1000000, SL_OVER_CAP_CHARGED, true, false, false},
    {"tariff, used up, throttled", kCap, 1000000, SL_OVER_CAP_THROTTLED, true, false, false},
};

class Policy : public testing::Test
{
public:
  SlPolicySettings settings;
  SlConditions *conditions = sl_conditions_new ();
  SlLink *link = sl_link_new (2, "eth0");
  SlAccount account = {};
  SlPolicyContext context = {};
  SlPath path = {};
  SlPolicyKeyParts parts = {};

  Policy ()
  {
    sl_policy_settings_init (&settings);
    g_ptr_array_add (conditions->links, link);
    link->primary = TRUE;
    conditions->connectivity = SL_CONNECTIVITY_FULL;
    context.conditions = conditions;
    context.settings = &settings;
    context.in_window = TRUE;
    path = {link, &account, TRUE};
    parts.priority = SL_PRIORITY_NORMAL;
    parts.comfort_counts = TRUE;
  }
  ~Policy () override
  {
    sl_conditions_free (conditions);
    sl_policy_settings_clear (&settings);
  }
  SlReasons
  decide ()
  {
    return sl_decide (&context, &path, sl_policy_key_pack (&parts));
  }
  /* Puts the link into @state. */
  void
  set_state (SlCostState state)
  {
    link->roaming = state == SL_COST_ROAMING;
    link->metered = state == SL_COST_UNRESTRICTED ? SL_METERED_NO : SL_METERED_YES;
    settings.monthly_cap = state == SL_COST_CAPPED_USAGE_UNKNOWN ? SL_CAP_NONE : kCap;
    if (state == SL_COST_USAGE_BASED)
      settings.monthly_cap = 0;
    settings.over_cap =
        state == SL_COST_OVER_CAP_THROTTLED ? SL_OVER_CAP_THROTTLED : SL_OVER_CAP_CHARGED;
    account.used = state == SL_COST_BELOW_CAP  ? 0
                   : state == SL_COST_NEAR_CAP ? kCap / 10 * 9
                                               : kCap;
    ASSERT_EQ (sl_cost_get_state (link, &account, &settings), state);
  }
  void
  set_plan (const Plan &plan)
  {
    account = {};
    account.used = plan.tariff ? 0 : plan.used;
    account.period_used = plan.tariff ? plan.used : 0;
    account.in_tariff = plan.tariff;
    account.tariff.capacity = plan.cap;
    account.forbidden = plan.forbidden;
    account.free = plan.free;
    settings.monthly_cap = plan.cap;
    settings.over_cap = plan.over_cap;
  }
  /* A random moment, and a random key. */
  void
  randomize (std::mt19937 *random)
  {
    auto pick = [random] (unsigned n) { return (unsigned)((*random) () % n); };
    conditions->connectivity = (SlConnectivity)pick (5);
    conditions->vpn = (gboolean)pick (2);
    conditions->on_battery = (gboolean)pick (2);
    conditions->battery_level = pick (101);
    conditions->battery_critical = (gboolean)pick (2);
    conditions->power_saver = (gboolean)pick (2);
    conditions->user_idle = (gboolean)pick (2);
    conditions->game_mode = (gboolean)pick (2);
    link->cellular = (gboolean)pick (2);
    link->busy = (gboolean)pick (2);
    link->roaming = (gboolean)pick (2);
    link->metered = (SlMetered)pick (5);
    context.in_window = (gboolean)pick (2);
    context.suspended = (gboolean)pick (2);
    set_plan (kPlans[pick (G_N_ELEMENTS (kPlans))]);
    settings.limits[SL_PERIOD_ALWAYS].rate[SL_CLASS_BACKGROUND] = pick (2) ? 0 : 1000;
    parts.priority = (SlPriority)pick (SL_N_PRIORITIES);
    parts.cost_policy = (SlCostPolicy)pick (SL_N_COST_POLICIES);
    parts.disallow_on_cellular = (gboolean)pick (2);
    parts.only_when_idle = (gboolean)pick (2);
    parts.only_on_external_power = (gboolean)pick (2);
    parts.comfort_counts = (gboolean)pick (2);
    parts.ignore_conditions = pick (8) == 0;
    SlPrioritySettings *imposed = &settings.priorities[parts.priority];
    imposed->cost_limit = (SlCostPolicy)(1 + pick (SL_N_COST_POLICIES - 1));
    imposed->disallow_on_cellular = (gboolean)pick (2);
    imposed->only_when_idle = (gboolean)pick (2);
    imposed->only_on_external_power = (gboolean)pick (2);
    imposed->hold_on_power_saver = (gboolean)pick (2);
    imposed->hold_in_game_mode = (gboolean)pick (2);
    imposed->hold_when_busy = (gboolean)pick (2);
    imposed->hold_on_vpn = (gboolean)pick (2);
  }
};

} // namespace

/* Every combination of NetworkManager's values, settings and plans, compared with the manual. */
TEST_F (Policy, StatesAreThoseOfTheManual)
{
  std::vector<Row> table = read_table ("table of states");
  std::set<std::size_t> used_rows;
  int n = 0;

  ASSERT_GT (table.size (), 10u);
  for (int metered = SL_METERED_UNKNOWN; metered <= SL_METERED_GUESS_NO; metered++) {
    for (int answer = SL_TRISTATE_AUTO; answer <= SL_TRISTATE_NO; answer++) {
      for (int bits = 0; bits < 8; bits++) {
        for (const Plan &plan : kPlans) {
          set_plan (plan);
          link->metered = (SlMetered)metered;
          link->roaming = bits & 1;
          link->cellular = bits >> 1 & 1;
          settings.trust_guess = bits >> 2 & 1;
          settings.metered = (SlTristate)answer;
          bool counts = answer == SL_TRISTATE_YES ||
                        (answer == SL_TRISTATE_AUTO &&
                         (metered == SL_METERED_YES ||
                          (metered == SL_METERED_GUESS_YES && settings.trust_guess)));
          const std::string cells[] = {counts ? "yes" : "no", link->roaming ? "yes" : "no",
                                       plan.name};
          std::string expected = "no row";
          for (std::size_t i = 1; i < table.size () && expected == "no row"; i++) {
            bool fits = true;
            for (int j = 0; j < 3; j++)
              fits = fits && (table[i][j] == "\\*" || table[i][j] == cells[j]);
            if (fits) {
              expected = table[i][3];
              used_rows.insert (i);
            }
          }
          ASSERT_EQ (sl_cost_state_to_string (sl_cost_get_state (link, &account, &settings)),
                     expected)
              << "metered " << metered << ", Metered=" << answer << ", bits " << bits << ", "
              << plan.name;
          n++;
        }
      }
    }
  }
  EXPECT_EQ (used_rows.size (), table.size () - 1) << "a row of the manual is never used";
  EXPECT_EQ (n, 5 * 3 * 8 * (int)G_N_ELEMENTS (kPlans));
}

/* All cost policies, in all cost states, on a cellular network and not, at all priorities. */
TEST_F (Policy, CostPoliciesAreThoseOfTheManual)
{
  std::vector<Row> table = read_table ("table of policies");
  std::map<std::string, Row> rows;

  ASSERT_EQ (table.size (), 10u);
  for (const Row &row : table)
    rows[row[0]] = row;
  for (int priority = 0; priority < SL_N_PRIORITIES; priority++) {
    for (int policy = SL_COST_POLICY_ALWAYS; policy < SL_N_COST_POLICIES; policy++) {
      for (SlCostState state : kStates) {
        for (int cellular = 0; cellular < 2; cellular++) {
          auto column = std::find (table[0].begin (), table[0].end (),
                                   sl_cost_policy_to_string ((SlCostPolicy)policy));
          ASSERT_NE (column, table[0].end ());
          auto at = column - table[0].begin ();
          set_state (state);
          link->cellular = cellular;
          parts.priority = (SlPriority)priority;
          parts.cost_policy = (SlCostPolicy)policy;
          bool runs = rows[sl_cost_state_to_string (state)][at] == "runs" &&
                      (!cellular || rows["cellular"][at] == "runs");
          SlReasons reasons = decide ();
          ASSERT_EQ (reasons == SL_REASON_NONE, runs)
              << sl_cost_policy_to_string ((SlCostPolicy)policy) << " in "
              << sl_cost_state_to_string (state) << ", cellular " << cellular;
          /* if unset, the default of the priority counts */
          if (policy == SL_COST_POLICY_STANDARD && priority != SL_PRIORITY_FOREGROUND) {
            parts.cost_policy = SL_COST_POLICY_UNSET;
            ASSERT_EQ (decide (), reasons);
          }
        }
      }
    }
  }
}

TEST_F (Policy, EachCostHasItsReason)
{
  const struct {
    SlCostState state;
    SlReasons reason;
  } rows[] = {{SL_COST_CAPPED_USAGE_UNKNOWN, SL_REASON_METERED},
              {SL_COST_USAGE_BASED, SL_REASON_METERED},
              {SL_COST_NEAR_CAP, SL_REASON_DATA_CAP},
              {SL_COST_OVER_CAP_CHARGED, SL_REASON_DATA_CAP},
              {SL_COST_ROAMING, SL_REASON_ROAMING}};

  for (const auto &row : rows) {
    set_state (row.state);
    EXPECT_EQ (decide (), row.reason) << sl_cost_state_to_string (row.state);
  }
  set_state (SL_COST_ROAMING);
  link->cellular = TRUE;
  parts.cost_policy = SL_COST_POLICY_NO_CELLULAR;
  EXPECT_EQ (decide (), SL_REASON_CELLULAR);
}

TEST_F (Policy, OneConditionEach)
{
  const struct {
    const char *name;
    void (*set) (Policy *self, gboolean bad);
    SlReasons reason;
    bool lifted_by_deadline;
  } rows[] = {
      {"idle",
       [] (Policy *self, gboolean bad) {
         self->parts.only_when_idle = TRUE;
         self->conditions->user_idle = !bad;
       },
       SL_REASON_USER_ACTIVE, true},
      {"external power",
       [] (Policy *self, gboolean bad) {
         self->parts.only_on_external_power = TRUE;
         self->conditions->on_battery = bad;
       },
       SL_REASON_BATTERY, true},
      {"cellular",
       [] (Policy *self, gboolean bad) {
         self->parts.disallow_on_cellular = TRUE;
         self->link->cellular = bad;
       },
       SL_REASON_CELLULAR, false},
      {"power saver", [] (Policy *self, gboolean bad) { self->conditions->power_saver = bad; },
       SL_REASON_POWER_SAVER, true},
      {"game mode", [] (Policy *self, gboolean bad) { self->conditions->game_mode = bad; },
       SL_REASON_GAME_MODE, true},
      {"low battery",
       [] (Policy *self, gboolean bad) {
         self->conditions->on_battery = TRUE;
         self->conditions->battery_level = bad ? 19 : 20;
       },
       SL_REASON_BATTERY, true},
      {"critical battery",
       [] (Policy *self, gboolean bad) {
         self->conditions->on_battery = bad;
         self->conditions->battery_critical = bad;
       },
       SL_REASON_BATTERY, false},
      {"busy link",
       [] (Policy *self, gboolean bad) {
         self->parts.priority = SL_PRIORITY_LOW;
         self->link->busy = bad;
       },
       SL_REASON_LINK_BUSY, true},
      {"vpn",
       [] (Policy *self, gboolean bad) {
         self->settings.priorities[SL_PRIORITY_NORMAL].hold_on_vpn = TRUE;
         self->conditions->vpn = bad;
       },
       SL_REASON_VPN, true},
      {"window", [] (Policy *self, gboolean bad) { self->context.in_window = !bad; },
       SL_REASON_OUTSIDE_WINDOW, true},
      {"rate",
       [] (Policy *self, gboolean bad) {
         self->settings.limits[SL_PERIOD_ALWAYS].rate[SL_CLASS_BACKGROUND] = bad ? 0 : 1;
       },
       SL_REASON_RATE_ZERO, false},
      {"share",
       [] (Policy *self, gboolean bad) {
         self->settings.limits[SL_PERIOD_ALWAYS].share[SL_CLASS_BACKGROUND] = bad ? 0 : 1;
       },
       SL_REASON_RATE_ZERO, false},
      {"portal",
       [] (Policy *self, gboolean bad) {
         self->conditions->connectivity = bad ? SL_CONNECTIVITY_PORTAL : SL_CONNECTIVITY_FULL;
       },
       SL_REASON_CAPTIVE_PORTAL, false},
      {"network",
       [] (Policy *self, gboolean bad) {
         self->conditions->connectivity = bad ? SL_CONNECTIVITY_NONE : SL_CONNECTIVITY_FULL;
         self->path.routed = !bad;
       },
       SL_REASON_NO_NETWORK, false},
      {"suspended", [] (Policy *self, gboolean bad) { self->context.suspended = bad; },
       SL_REASON_SUSPENDED, false},
  };

  for (const auto &row : rows) {
    row.set (this, TRUE);
    EXPECT_EQ (decide (), row.reason) << row.name;
    parts.comfort_counts = FALSE;
    EXPECT_EQ (decide (), row.lifted_by_deadline ? SL_REASON_NONE : row.reason) << row.name;
    parts.comfort_counts = TRUE;
    row.set (this, FALSE);
    EXPECT_EQ (decide (), SL_REASON_NONE) << row.name;
    parts = {};
    parts.priority = SL_PRIORITY_NORMAL;
    parts.comfort_counts = TRUE;
    conditions->on_battery = FALSE;
    conditions->battery_level = 100;
  }
}

TEST_F (Policy, WhatTheAdministratorImposesIsSaid)
{
  SlPrioritySettings *imposed = &settings.priorities[SL_PRIORITY_NORMAL];

  imposed->cost_limit = SL_COST_POLICY_STANDARD;
  set_state (SL_COST_CAPPED_USAGE_UNKNOWN);
  parts.cost_policy = SL_COST_POLICY_ALWAYS;
  EXPECT_EQ (decide (), SL_REASON_METERED | SL_REASON_ADMIN_POLICY);
  /* a download that asks for the same is held by its own wish */
  parts.cost_policy = SL_COST_POLICY_STANDARD;
  EXPECT_EQ (decide (), SL_REASON_METERED);
  set_state (SL_COST_UNRESTRICTED);
  imposed->only_when_idle = TRUE;
  conditions->user_idle = FALSE;
  EXPECT_EQ (decide (), SL_REASON_USER_ACTIVE | SL_REASON_ADMIN_POLICY);
  parts.only_when_idle = TRUE;
  EXPECT_EQ (decide (), SL_REASON_USER_ACTIVE);
}

/* Another link leads around the network with the portal, or around the one that is down; then it is gone. */
TEST_F (Policy, OnlyTheWayThatIsTakenCounts)
{
  SlLink *other = sl_link_new (3, "eth1");

  g_ptr_array_add (conditions->links, other);
  conditions->connectivity = SL_CONNECTIVITY_PORTAL;
  EXPECT_EQ (decide (), SL_REASON_CAPTIVE_PORTAL);
  path.link = other;
  EXPECT_EQ (decide (), SL_REASON_NONE);
  conditions->connectivity = SL_CONNECTIVITY_NONE;
  EXPECT_EQ (decide (), SL_REASON_NONE);
  link->metered = SL_METERED_YES;
  EXPECT_EQ (decide (), SL_REASON_NONE);
  path.link = link;
  EXPECT_EQ (decide (), SL_REASON_METERED);
}

/* Tighter wishes or tighter limits never release a download. */
TEST_F (Policy, TighteningNeverReleases)
{
  std::mt19937 random (1);

  for (int i = 0; i < 200000; i++) {
    randomize (&random);
    SlReasons before = decide ();
    SlPrioritySettings *imposed = &settings.priorities[parts.priority];
    SlCostPolicy narrower = (SlCostPolicy)(1 + random () % (SL_N_COST_POLICIES - 1));
    switch (random () % 12) {
    case 0:
      parts.disallow_on_cellular = TRUE;
      break;
    case 1:
      parts.only_when_idle = TRUE;
      break;
    case 2:
      parts.only_on_external_power = TRUE;
      break;
    case 3:
      parts.comfort_counts = TRUE;
      break;
    case 4:
      parts.ignore_conditions = FALSE;
      break;
    case 5:
      if (sl_cost_policy_is_within (narrower, imposed->cost_limit))
        imposed->cost_limit = narrower;
      break;
    case 6:
      if (parts.cost_policy != SL_COST_POLICY_UNSET &&
          sl_cost_policy_is_within (narrower, parts.cost_policy))
        parts.cost_policy = narrower;
      break;
    case 7:
      imposed->hold_on_power_saver = imposed->hold_in_game_mode = TRUE;
      break;
    case 8:
      imposed->hold_when_busy = imposed->hold_on_vpn = TRUE;
      break;
    case 9:
      imposed->only_when_idle = imposed->only_on_external_power = TRUE;
      break;
    case 10:
      imposed->disallow_on_cellular = TRUE;
      break;
    default:
      context.suspended = TRUE;
    }
    if (before != SL_REASON_NONE) {
      ASSERT_NE (decide (), SL_REASON_NONE) << i;
    }
  }
}

/* A download without reasons runs, and the administrator's reason never stands alone. */
TEST_F (Policy, AReasonIsNeverTheAdministratorsAlone)
{
  std::mt19937 random (2);
  int held = 0;

  for (int i = 0; i < 200000; i++) {
    randomize (&random);
    SlReasons reasons = decide ();
    held += reasons != SL_REASON_NONE;
    ASSERT_NE (reasons, SL_REASON_ADMIN_POLICY) << i;
    ASSERT_EQ (reasons & (SL_REASON_SLOTS_FULL | SL_REASON_BACKOFF | SL_REASON_DISK_FULL), 0);
  }
  EXPECT_GT (held, 100000);
  EXPECT_LT (held, 200000);
}

TEST_F (Policy, WhoWantsItNowGetsIt)
{
  std::mt19937 random (3);

  for (int i = 0; i < 50000; i++) {
    randomize (&random);
    parts.ignore_conditions = TRUE;
    context.suspended = FALSE;
    conditions->connectivity = SL_CONNECTIVITY_FULL;
    ASSERT_EQ (decide (), SL_REASON_NONE);
  }
}

TEST_F (Policy, DemandsKeepAllTheyAreMadeOf)
{
  std::mt19937 random (4);
  std::set<SlPolicyKey> seen;

  for (int i = 0; i < 60000; i++) {
    randomize (&random);
    SlPolicyKey key = sl_policy_key_pack (&parts);
    SlPolicyKeyParts back = sl_policy_key_unpack (key);
    ASSERT_LT (key, SL_N_POLICY_KEYS);
    ASSERT_EQ (memcmp (&back, &parts, sizeof parts), 0);
    seen.insert (key);
  }
  EXPECT_EQ (seen.size (), 4u * 7 * 32);
}

TEST_F (Policy, RatesOfTheHour)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("Europe/Berlin");
  /* Monday, 2025-06-02, 10:00 and 20:00, and Sunday the 8th, 03:00 */
  const gint64 work = 1748851200, evening = 1748887200, night = 1749344400;

  settings.limits[SL_PERIOD_ALWAYS].rate[SL_CLASS_BACKGROUND] = 1000;
  settings.limits[SL_PERIOD_WORK].rate[SL_CLASS_BACKGROUND] = 100;
  settings.limits[SL_PERIOD_WORK].share[SL_CLASS_FOREGROUND] = 50;
  settings.hours[SL_PERIOD_WORK] = sl_hours_parse ("Mon-Sun 08:00-18:00", nullptr);
  settings.hours[SL_PERIOD_MAINTENANCE] = sl_hours_parse ("Sun 02:00-09:00", nullptr);
  settings.window = sl_hours_parse ("00:00-12:00", nullptr);
  auto rate = [&] (gint64 time, SlClass class_, guint64 capacity) {
    sl_policy_context_set_time (&context, time * G_USEC_PER_SEC, zone);
    return sl_decide_rate (&context, class_, capacity);
  };
  EXPECT_EQ (rate (work, SL_CLASS_BACKGROUND, 0), 100u);
  EXPECT_TRUE (context.in_window);
  EXPECT_EQ (rate (evening, SL_CLASS_BACKGROUND, 0), 1000u);
  EXPECT_FALSE (context.in_window);
  EXPECT_EQ (rate (night, SL_CLASS_BACKGROUND, 0), SL_RATE_UNLIMITED);
  EXPECT_EQ (rate (work, SL_CLASS_FOREGROUND, 0), SL_RATE_UNLIMITED) << "nothing is measured yet";
  EXPECT_EQ (rate (work, SL_CLASS_FOREGROUND, 1000000), 500000u);
  EXPECT_EQ (rate (evening, SL_CLASS_FOREGROUND, 1000000), SL_RATE_UNLIMITED);
  EXPECT_EQ (sl_policy_context_get_next_change (&context, work * G_USEC_PER_SEC, zone),
             (work + 2 * 3600) * G_USEC_PER_SEC);
}

namespace
{

const gint64 kSecond = G_USEC_PER_SEC;

/* A filter, and its input. */
class Debounce : public testing::Test
{
protected:
  SlDebounce *debounce = sl_debounce_new ();
  SlConditions *conditions = sl_conditions_new ();
  SlLink *link = sl_link_new (2, "eth0");

  Debounce ()
  {
    g_ptr_array_add (conditions->links, link);
    link->primary = TRUE;
  }
  ~Debounce () override
  {
    sl_conditions_free (conditions);
    sl_debounce_free (debounce);
  }
  bool
  is_metered (gint64 now)
  {
    g_autoptr (SlConditions) out = sl_debounce_apply (debounce, conditions, now);
    return ((SlLink *)out->links->pdata[0])->metered == SL_METERED_YES;
  }
  bool
  tell_metered (bool metered, gint64 now)
  {
    link->metered = metered ? SL_METERED_YES : SL_METERED_NO;
    return is_metered (now);
  }
};

} // namespace

TEST_F (Debounce, WhatIsGoodAtTheStartCountsAtOnce)
{
  EXPECT_FALSE (tell_metered (false, kSecond));
  EXPECT_EQ (sl_debounce_get_next_change (debounce), G_MAXINT64);
}

TEST_F (Debounce, WorseCountsAtOnceAndBetterWhenItLasts)
{
  tell_metered (false, kSecond);
  EXPECT_TRUE (tell_metered (true, kSecond + 1));
  EXPECT_EQ (sl_debounce_get_next_change (debounce), G_MAXINT64);
  EXPECT_TRUE (tell_metered (false, 10 * kSecond));
  gint64 change = sl_debounce_get_next_change (debounce);
  EXPECT_GT (change, 10 * kSecond);
  EXPECT_LE (change, 11 * kSecond) << "once is no flapping";
  EXPECT_TRUE (is_metered (change - 1));
  EXPECT_FALSE (is_metered (change));
  EXPECT_EQ (sl_debounce_get_next_change (debounce), G_MAXINT64);
}

/* A hint that changes twice a second is soon believed only if it stays. */
TEST_F (Debounce, FlappingIsHeld)
{
  gint64 now = kSecond;
  int releases = 0;
  bool held = false;

  for (int i = 0; i < 600; i++) {
    bool out = tell_metered (i % 2 == 0, now);
    releases += held && !out;
    held = out;
    now += kSecond / 2;
  }
  EXPECT_LE (releases, 3);
  EXPECT_TRUE (is_metered (now));
  tell_metered (false, now);
  gint64 change = sl_debounce_get_next_change (debounce);
  EXPECT_LE (change, now + 60 * kSecond);
  EXPECT_FALSE (is_metered (change));
  /* and after a while it is trusted again */
  now = change + 600 * kSecond;
  is_metered (now);
  tell_metered (true, now);
  tell_metered (false, now + kSecond);
  EXPECT_LE (sl_debounce_get_next_change (debounce), now + 2 * kSecond);
}

TEST_F (Debounce, LinksAreApart)
{
  SlLink *other = sl_link_new (3, "wlan0");

  g_ptr_array_add (conditions->links, other);
  other->metered = SL_METERED_YES;
  EXPECT_FALSE (tell_metered (false, kSecond));
  g_ptr_array_remove (conditions->links, other);
  EXPECT_FALSE (is_metered (2 * kSecond));
  EXPECT_FALSE (is_metered (3 * kSecond));
}

TEST_F (Debounce, EveryTroubleIsKept)
{
  conditions->connectivity = SL_CONNECTIVITY_NONE;
  conditions->on_battery = conditions->battery_critical = conditions->power_saver = TRUE;
  conditions->game_mode = conditions->vpn = TRUE;
  conditions->user_idle = FALSE;
  link->metered = SL_METERED_GUESS_YES;
  link->cellular = link->roaming = TRUE;
  sl_conditions_free (sl_debounce_apply (debounce, conditions, kSecond));
  g_autoptr (SlConditions) good = sl_conditions_new ();
  SlLink *fine = sl_link_new (2, "eth0");
  g_ptr_array_add (good->links, fine);
  fine->primary = TRUE;
  good->connectivity = SL_CONNECTIVITY_FULL;
  g_autoptr (SlConditions) out = sl_debounce_apply (debounce, good, 2 * kSecond);
  const SlLink *seen = (SlLink *)out->links->pdata[0];
  EXPECT_EQ (out->connectivity, SL_CONNECTIVITY_NONE);
  EXPECT_TRUE (out->on_battery && out->battery_critical && out->power_saver);
  EXPECT_TRUE (out->game_mode && out->vpn && !out->user_idle);
  EXPECT_TRUE (seen->metered == SL_METERED_YES && seen->cellular && seen->roaming);
  g_autoptr (SlConditions) later = sl_debounce_apply (debounce, good, 4 * kSecond);
  EXPECT_TRUE (sl_conditions_equal (later, good));
}
