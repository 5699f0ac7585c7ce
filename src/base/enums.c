/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The enumerations' names. */
#include "base/enums.h"

static const char *const state_names[] = {
    [SL_STATE_CREATED] = "created",           [SL_STATE_QUEUED] = "queued",
    [SL_STATE_TRANSFERRING] = "transferring", [SL_STATE_PAUSED] = "paused",
    [SL_STATE_RETRYING] = "retrying",         [SL_STATE_FAILED] = "failed",
    [SL_STATE_TRANSFERRED] = "transferred",   [SL_STATE_FINALIZED] = "finalized",
    [SL_STATE_ABORTED] = "aborted",
};
G_STATIC_ASSERT (G_N_ELEMENTS (state_names) == SL_N_STATES);

static const char *const priority_names[] = {"foreground", "high", "normal", "low"};
G_STATIC_ASSERT (G_N_ELEMENTS (priority_names) == SL_N_PRIORITIES);

static const char *const redirect_names[] = {"allow", "report", "refuse"};

static const char *const cost_policy_names[] = {
    "", "always", "unrestricted", "standard", "no-roaming", "no-surcharge", "no-cellular",
};
G_STATIC_ASSERT (G_N_ELEMENTS (cost_policy_names) == SL_N_COST_POLICIES);

/* Names of sets: the n-th name is the n-th bit. */
static const char *const reason_names[] = {
    "no-network", "captive-portal", "metered",     "roaming",      "cellular",
    "vpn",        "battery",        "power-saver", "user-active",  "game-mode",
    "link-busy",  "outside-window", "rate-zero",   "data-cap",     "suspended",
    "slots-full", "backoff",        "disk-full",   "admin-policy", "starting-over",
};
G_STATIC_ASSERT (G_N_ELEMENTS (reason_names) == SL_N_REASONS);

static const char *const security_names[] = {"ignore-unknown-ca", "ignore-common-name",
                                             "ignore-date", "allow-private-redirect"};

#define WORDS(names)                                                                               \
  {                                                                                                \
    names, G_N_ELEMENTS (names)                                                                    \
  }

const SlWords sl_state_words = WORDS (state_names);
const SlWords sl_priority_words = WORDS (priority_names);
const SlWords sl_redirect_policy_words = WORDS (redirect_names);
const SlWords sl_cost_policy_words = WORDS (cost_policy_names);
const SlWords sl_security_words = WORDS (security_names);
static const SlWords reason_words = WORDS (reason_names);

gboolean
sl_words_find (const SlWords *words, const char *text, guint *value)
{
  for (guint i = 0; i < words->n; i++) {
    if (g_str_equal (words->words[i], text)) {
      *value = i;
      return TRUE;
    }
  }
  return FALSE;
}

const char **
sl_words_to_strv (const SlWords *words, guint set)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; i < words->n; i++) {
    if (set & (1u << i))
      g_ptr_array_add (found, (gpointer)words->words[i]);
  }
  g_ptr_array_add (found, NULL);
  return (const char **)g_ptr_array_free (g_steal_pointer (&found), FALSE);
}

gboolean
sl_words_from_strv (const SlWords *words, const char *const *list, guint *set)
{
  guint found = 0;

  for (; *list != NULL; list++) {
    guint bit;
    if (!sl_words_find (words, *list, &bit))
      return FALSE;
    found |= 1u << bit;
  }
  *set = found;
  return TRUE;
}

const char *
sl_state_to_string (SlState state)
{
  return sl_state_words.words[state];
}

SlClass
sl_class_of (SlPriority priority)
{
  return priority == SL_PRIORITY_FOREGROUND ? SL_CLASS_FOREGROUND : SL_CLASS_BACKGROUND;
}

const char *
sl_cost_policy_to_string (SlCostPolicy policy)
{
  return sl_cost_policy_words.words[policy];
}

const char **
sl_reasons_to_strv (SlReasons reasons)
{
  return sl_words_to_strv (&reason_words, reasons);
}
