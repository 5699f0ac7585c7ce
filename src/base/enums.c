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

static gboolean
find_name (const char *const *names, gsize n_names, const char *text, guint *found)
{
  for (guint i = 0; i < n_names; i++) {
    if (g_str_equal (names[i], text)) {
      *found = i;
      return TRUE;
    }
  }
  return FALSE;
}

static const char **
set_to_strv (const char *const *names, gsize n_names, guint set)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (gsize i = 0; i < n_names; i++) {
    if (set & (1u << i))
      g_ptr_array_add (found, (gpointer)names[i]);
  }
  g_ptr_array_add (found, NULL);
  return (const char **)g_ptr_array_free (g_steal_pointer (&found), FALSE);
}

const char *
sl_state_to_string (SlState state)
{
  return state_names[state];
}

gboolean
sl_state_from_string (const char *text, SlState *state)
{
  guint found;

  if (!find_name (state_names, G_N_ELEMENTS (state_names), text, &found))
    return FALSE;
  *state = (SlState)found;
  return TRUE;
}

const char *
sl_priority_to_string (SlPriority priority)
{
  return priority_names[priority];
}

gboolean
sl_priority_from_string (const char *text, SlPriority *priority)
{
  guint found;

  if (!find_name (priority_names, G_N_ELEMENTS (priority_names), text, &found))
    return FALSE;
  *priority = (SlPriority)found;
  return TRUE;
}

const char *
sl_redirect_policy_to_string (SlRedirectPolicy policy)
{
  return redirect_names[policy];
}

gboolean
sl_redirect_policy_from_string (const char *text, SlRedirectPolicy *policy)
{
  guint found;

  if (!find_name (redirect_names, G_N_ELEMENTS (redirect_names), text, &found))
    return FALSE;
  *policy = (SlRedirectPolicy)found;
  return TRUE;
}

const char *
sl_cost_policy_to_string (SlCostPolicy policy)
{
  return cost_policy_names[policy];
}

gboolean
sl_cost_policy_from_string (const char *text, SlCostPolicy *policy)
{
  guint found;

  if (!find_name (cost_policy_names, G_N_ELEMENTS (cost_policy_names), text, &found))
    return FALSE;
  *policy = (SlCostPolicy)found;
  return TRUE;
}

const char **
sl_reasons_to_strv (SlReasons reasons)
{
  return set_to_strv (reason_names, G_N_ELEMENTS (reason_names), reasons);
}

const char **
sl_security_flags_to_strv (SlSecurityFlags flags)
{
  return set_to_strv (security_names, G_N_ELEMENTS (security_names), flags);
}

gboolean
sl_security_flags_from_strv (const char *const *names, SlSecurityFlags *flags)
{
  guint set = 0;

  for (; *names != NULL; names++) {
    guint found;
    if (!find_name (security_names, G_N_ELEMENTS (security_names), *names, &found))
      return FALSE;
    set |= 1u << found;
  }
  *flags = (SlSecurityFlags)set;
  return TRUE;
}
