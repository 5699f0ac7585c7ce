/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sentences about the reasons for which a download waits. */
#include "config.h"

#include "why-reasons.h"

#include "text.h"
#include "values.h"
#include "when.h"

#include <glib/gi18n.h>

/* Whether a reason applies to @link. */
typedef gboolean (*Fits) (GVariant *link);

typedef struct {
  const char *reason;
  About about;
  const char *sentence;   /* (nullable) */
  void (*say) (Why *why); /* (nullable) used instead, if one sentence does not fit all cases */
} Explanation;

/* Links. */

static gboolean
has_cost (GVariant *link, const char *const *costs)
{
  return g_strv_contains (costs, values_get_text (link, "Cost"));
}

static gboolean
is_metered (GVariant *link)
{
  static const char *const costs[] = {"capped-usage-unknown", "usage-based", "below-cap", NULL};

  return has_cost (link, costs);
}

static gboolean
is_capped (GVariant *link)
{
  static const char *const costs[] = {"near-cap", "over-cap-charged", "over-cap-throttled", NULL};

  return has_cost (link, costs);
}

static gboolean
is_roaming (GVariant *link)
{
  static const char *const costs[] = {"roaming", NULL};

  return has_cost (link, costs);
}

static gboolean
is_cellular (GVariant *link)
{
  return values_get_flag (link, "Cellular");
}

static gboolean
is_busy (GVariant *link)
{
  return values_get_flag (link, "LinkBusy");
}

/*
 * (transfer full) (nullable): the link because of which the download waits, which is the only one that @fits. NULL if
 * there is none, because the conditions have changed since, or if there are several: which of them leads to the host is
 * not known here.
 */
static GVariant *
find_link (Why *why, Fits fits)
{
  g_autoptr (GVariant) links = NULL;
  g_autoptr (GVariant) found = NULL;
  guint n = 0;

  if (why->facts->conditions != NULL)
    links = g_variant_lookup_value (why->facts->conditions, "Links", G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; links != NULL && i < g_variant_n_children (links); i++) {
    g_autoptr (GVariant) link = g_variant_get_child_value (links, i);
    if (!fits (link))
      continue;
    n++;
    g_clear_pointer (&found, g_variant_unref);
    found = g_steal_pointer (&link);
  }
  why->outdated |= n == 0;
  return n == 1 ? g_steal_pointer (&found) : NULL;
}

/* (transfer full): the subject of a sentence about @link (nullable) */
static char *
subject_of (GVariant *link)
{
  const char *name = link != NULL ? values_get_text (link, "Connection") : "";
  const char *interface = link != NULL ? values_get_text (link, "Interface") : "";
  const char *operator_ = link != NULL ? values_get_text (link, "Operator") : "";

  if (*name != '\0' && *operator_ != '\0')
    /* TRANSLATORS: the connection's name, its interface, its operator; a sentence begins with it */
    return g_strdup_printf (_ ("The connection “%s” (%s, %s)"), name, interface, operator_);
  if (*name != '\0')
    return g_strdup_printf (_ ("The connection “%s” (%s)"), name, interface);
  if (*interface != '\0')
    return g_strdup_printf (_ ("The network on %s"), interface);
  return g_strdup (_ ("The network"));
}

static void
say_metered (Why *why)
{
  g_autoptr (GVariant) link = find_link (why, is_metered);
  g_autofree char *subject = subject_of (link);
  const char *cost = link != NULL ? values_get_text (link, "Cost") : "";

  /* TRANSLATORS: %s is “The connection …” or “The network” */
  if (g_str_equal (cost, "usage-based"))
    why_take (why, g_strdup_printf (_ ("%s charges for every byte."), subject));
  else if (g_str_equal (cost, "below-cap"))
    why_take (why, g_strdup_printf (_ ("%s is metered, and its volume is limited."), subject));
  else
    why_take (why, g_strdup_printf (_ ("%s is metered."), subject));
}

static void
say_roaming (Why *why)
{
  g_autoptr (GVariant) link = find_link (why, is_roaming);
  g_autofree char *subject = subject_of (link);

  why_take (why, g_strdup_printf (_ ("%s is roaming."), subject));
}

static void
say_cellular (Why *why)
{
  g_autoptr (GVariant) link = find_link (why, is_cellular);
  g_autofree char *subject = subject_of (link);

  why_take (why, g_strdup_printf (_ ("%s is cellular."), subject));
}

static void
say_busy (Why *why)
{
  g_autoptr (GVariant) link = find_link (why, is_busy);
  g_autofree char *subject = subject_of (link);

  why_take (why, g_strdup_printf (_ ("%s is busy with other traffic."), subject));
}

static void
say_data_cap (Why *why)
{
  g_autoptr (GVariant) link = find_link (why, is_capped);
  g_autofree char *subject = subject_of (link);
  g_autofree char *used = text_size (link != NULL ? values_get_number (link, "Used") : 0);
  const char *cost = link != NULL ? values_get_text (link, "Cost") : "";

  /* TRANSLATORS: “The connection …” or “The network”, and a size */
  if (g_str_equal (cost, "near-cap"))
    why_take (why, g_strdup_printf (_ ("%s has nearly used up its data volume: %s this month."),
                                    subject, used));
  else if (g_str_equal (cost, "over-cap-throttled"))
    why_take (why,
              g_strdup_printf (_ ("%s has used up its data volume (%s this month) and is slow."),
                               subject, used));
  else if (link != NULL)
    why_take (why, g_strdup_printf (_ ("%s has used up its data volume (%s this month), or allows "
                                       "no downloads at this time."),
                                    subject, used));
  else
    why_take (why, g_strdup_printf (_ ("%s has used up its data volume, or nearly so."), subject));
}

/* Other reasons. */

static void
note_outdated (Why *why, const char *hint, gboolean holding)
{
  if (why->facts->conditions != NULL && values_get_flag (why->facts->conditions, hint) != holding)
    why->outdated = TRUE;
}

static void
say_battery (Why *why)
{
  GVariant *conditions = why->facts->conditions;
  double level = conditions != NULL ? values_get_double (conditions, "BatteryLevel") : 100;
  g_autofree char *minimum =
      why_facts_find_setting (why->facts, "Conditions", "MinimumBattery", NULL);

  note_outdated (why, "OnBattery", TRUE);
  if (level < 100)
    why_take (why, g_strdup_printf (_ ("The machine runs on battery; %.0f %% is left."), level));
  else
    why_say (why, _ ("The machine runs on battery."));
  if (minimum != NULL && level < g_ascii_strtod (minimum, NULL) && !why_is_foreground (why->values))
    /* TRANSLATORS: a share such as 20% */
    why_take (why, g_strdup_printf (_ ("Background downloads need at least %s (MinimumBattery)."),
                                    minimum));
}

static void
say_user_active (Why *why)
{
  note_outdated (why, "UserIdle", FALSE);
  why_say (why, _ ("Somebody is using the machine."));
}

static void
say_power_saver (Why *why)
{
  note_outdated (why, "PowerSaver", TRUE);
  why_say (why, _ ("Power is being saved."));
}

static void
say_game_mode (Why *why)
{
  note_outdated (why, "GameMode", TRUE);
  why_say (why, _ ("A game is being played."));
}

static void
say_vpn (Why *why)
{
  note_outdated (why, "Vpn", TRUE);
  why_say (why, _ ("A VPN is active."));
}

static void
say_outside_window (Why *why)
{
  g_autofree char *hours = why_facts_find_setting (why->facts, "Conditions", "Hours", NULL);
  GVariant *conditions = why->facts->conditions;
  gint64 begin = conditions != NULL ? values_get_time (conditions, "WindowChange") : 0;

  note_outdated (why, "InWindow", FALSE);
  why_take (why, g_strdup_printf (_ ("Background downloads may run only in these hours: %s."),
                                  hours != NULL ? hours : "-"));
  if (begin > 0) {
    g_autofree char *at = when_ahead (begin);
    why_take (why, g_strdup_printf (_ ("The next of them begin at %s."), at));
  }
}

static void
say_slots_full (Why *why)
{
  why_take (
      why,
      g_strdup_printf (
          _ ("Other downloads come first: %u are running, and %u are waiting, including this one."),
          why->facts->active, why->facts->queued));
}

static void
say_backoff (Why *why)
{
  g_autofree char *at = when_ahead (values_get_time (why->values, "RetryAt"));

  if (why->error != NULL)
    why_take (why, g_strdup_printf (_ ("The last attempt failed: %s"), why->error->message));
  why_take (why, g_strdup_printf (_ ("It tries again at %s; “sluicectl start %s” tries at once."),
                                  at, why->id));
}

/* The settings of a priority that impose a reason. */
static const struct {
  const char *reason;
  const char *key;
  const char *loose; /* the value that does not impose it */
} imposing[] = {
    {"metered", "CostLimit", "always"},          {"roaming", "CostLimit", "always"},
    {"data-cap", "CostLimit", "always"},         {"cellular", "CostLimit", "always"},
    {"cellular", "DisallowOnCellular", "false"}, {"user-active", "OnlyWhenIdle", "false"},
    {"battery", "OnlyOnExternalPower", "false"},
};

/* (transfer full): the group of settings for the download's priority: "Normal" for "normal" */
static char *
get_group (const Why *why)
{
  char *group = g_strdup (values_get_text (why->values, "Priority"));

  group[0] = g_ascii_toupper (group[0]);
  return group;
}

static void
say_admin_policy (Why *why)
{
  g_autofree const char **reasons = NULL;
  g_autoptr (GVariant) list =
      g_variant_lookup_value (why->values, "StateReasons", G_VARIANT_TYPE ("as"));
  g_autofree char *group = get_group (why);
  gboolean found = FALSE;

  reasons = g_variant_get_strv (list, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (imposing); i++) {
    const char *file = NULL, *key = imposing[i].key;
    g_autofree char *value = why_facts_find_setting (why->facts, group, key, &file);
    if (value == NULL || g_str_equal (value, imposing[i].loose) ||
        !g_strv_contains (reasons, imposing[i].reason))
      continue;
    found = TRUE;
    /* TRANSLATORS: key, value, group, file, group, key */
    why_take (why, g_strdup_printf (_ ("This is set by the configuration, with %s=%s in [%s] of "
                                       "%s; “sluicectl config %s.%s” shows it."),
                                    key, value, group, file, group, key));
  }
  if (!found)
    why_say (why, _ ("This is set by the configuration; “sluicectl config” shows the settings."));
}

static const Explanation explanations[] = {
    {"suspended", ABOUT_NOTHING, SUSPENDED, NULL},
    {"no-network", ABOUT_NOTHING,
     N_ ("There is no network; the download continues as soon as there is one."), NULL},
    {"captive-portal", ABOUT_NOTHING,
     N_ ("The network requires a login in a browser; the download continues after that."), NULL},
    {"metered", ABOUT_MONEY, NULL, say_metered},
    {"roaming", ABOUT_MONEY, NULL, say_roaming},
    {"cellular", ABOUT_MONEY, NULL, say_cellular},
    {"data-cap", ABOUT_MONEY, NULL, say_data_cap},
    {"vpn", ABOUT_COMFORT, NULL, say_vpn},
    {"battery", ABOUT_COMFORT, NULL, say_battery},
    {"power-saver", ABOUT_COMFORT, NULL, say_power_saver},
    {"user-active", ABOUT_COMFORT, NULL, say_user_active},
    {"game-mode", ABOUT_COMFORT, NULL, say_game_mode},
    {"link-busy", ABOUT_COMFORT, NULL, say_busy},
    {"outside-window", ABOUT_COMFORT, NULL, say_outside_window},
    {"rate-zero", ABOUT_RATE,
     N_ ("The rate limit is 0 at this time; “sluicectl config Limits Work Maintenance” shows the "
         "limits."),
     NULL},
    {"slots-full", ABOUT_NOTHING, NULL, say_slots_full},
    {"disk-full", ABOUT_NOTHING,
     N_ ("The disk is full; the download continues as soon as there is room."), NULL},
    {"backoff", ABOUT_NOTHING, NULL, say_backoff},
    {"admin-policy", ABOUT_NOTHING, NULL, say_admin_policy},
    {"starting-over", ABOUT_NOTHING,
     N_ ("The download had to start over often, so it continues slowly and with one connection. If "
         "it has to start over too often, it fails."),
     NULL},
};

static gboolean
is_known (const char *reason)
{
  for (gsize i = 0; i < G_N_ELEMENTS (explanations); i++) {
    if (g_str_equal (explanations[i].reason, reason))
      return TRUE;
  }
  return FALSE;
}

/* In the order of the table, in which the more important reasons come first. */
void
why_explain_reasons (Why *why, const char *const *reasons)
{
  for (gsize i = 0; i < G_N_ELEMENTS (explanations); i++) {
    const Explanation *explanation = &explanations[i];
    if (!g_strv_contains (reasons, explanation->reason))
      continue;
    why->about |= explanation->about;
    if (explanation->say != NULL)
      explanation->say (why);
    else
      why_say (why, _ (explanation->sentence));
  }
  for (; *reasons != NULL; reasons++) {
    if (!is_known (*reasons))
      /* TRANSLATORS: %s is a word of a newer service */
      why_take (why,
                g_strdup_printf (_ ("It waits for a reason that this version does not know: “%s”."),
                                 *reasons));
  }
}
