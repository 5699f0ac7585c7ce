/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says in sentences why a download runs or waits: what holds it, since when, and what releases it. */
#include "config.h"

#include "why.h"

#include "text.h"
#include "values.h"
#include "when.h"
#include "why-reasons.h"

#include <glib/gi18n.h>

/* What the download's own options demand. */
static void
say_wishes (Why *why, const char *const *reasons)
{
  const char *policy = values_get_text (why->values, "CostPolicy");

  if (g_strv_contains (reasons, "admin-policy"))
    return;
  if (g_strv_contains (reasons, "user-active") && values_get_flag (why->values, "OnlyWhenIdle"))
    why_say (why, _ ("It is set to run only while the user is idle (OnlyWhenIdle)."));
  if (g_strv_contains (reasons, "battery") && values_get_flag (why->values, "OnlyOnExternalPower"))
    why_say (why, _ ("It is set to run only on external power (OnlyOnExternalPower)."));
  if (g_strv_contains (reasons, "cellular") && values_get_flag (why->values, "DisallowOnCellular"))
    why_say (why, _ ("It is set not to run on cellular networks (DisallowOnCellular)."));
  else if (why->about & ABOUT_MONEY)
    why_take (why, g_strdup_printf (_ ("Its CostPolicy “%s” does not allow this."), policy));
}

/* Release. */

/* What ends the wait for comfort, if nothing else does. */
static void
say_patience (Why *why)
{
  gint64 deadline = values_get_time (why->values, "Deadline");
  g_autofree char *max_wait = why_facts_find_setting (why->facts, "Conditions", "MaxWait", NULL);
  gboolean is_limited = max_wait != NULL && g_ascii_strtoull (max_wait, NULL, 10) > 0;

  if (deadline > g_get_real_time () && is_limited) {
    g_autofree char *at = when_ahead (deadline);
    why_take (why, g_strdup_printf (
                       /* TRANSLATORS: a time, and a duration such as 7d */
                       _ ("After its deadline, %s, or after it has waited for %s (MaxWait), only "
                          "cost and a nearly empty battery can hold it."),
                       at, max_wait));
  } else if (deadline > g_get_real_time ()) {
    g_autofree char *at = when_ahead (deadline);
    why_take (why,
              g_strdup_printf (
                  _ ("After its deadline, %s, only cost and a nearly empty battery can hold it."),
                  at));
  } else if (deadline == 0 && is_limited) {
    why_take (why,
              g_strdup_printf (
                  _ ("After it has waited for %s (MaxWait), only cost and a nearly empty battery "
                     "can hold it; “sluicectl set %s Deadline=+8h” sets an earlier time."),
                  max_wait, why->id));
  } else if (deadline == 0) {
    why_take (why, g_strdup_printf (
                       _ ("This wait has no limit; “sluicectl set %s Deadline=+8h” sets one."),
                       why->id));
  }
}

static void
say_release (Why *why)
{
  About about = why->about;

  if (why->outdated)
    why_say (why, _ ("This has just changed. An improvement counts after it has lasted a moment, "
                     "or up to a minute if there were many changes."));
  if ((about & ABOUT_MONEY) && (about & ABOUT_COMFORT))
    why_say (why, _ ("It continues when none of this applies any more."));
  else if (about & ABOUT_MONEY)
    why_say (why, _ ("It continues over another network, or when this one costs less. A deadline "
                     "does not change this."));
  else if (about & ABOUT_COMFORT)
    why_say (why, _ ("It continues when this is over."));
  if (about & ABOUT_COMFORT)
    say_patience (why);
  if ((about & (ABOUT_MONEY | ABOUT_COMFORT | ABOUT_RATE)) && !why->facts->suspended)
    why_take (why,
              g_strdup_printf (
                  _ ("“sluicectl start --now %s” continues it at once, whatever the conditions."),
                  why->id));
}

static void
explain_waiting (Why *why, SluiceDownload *download)
{
  g_auto (GStrv) reasons = sluice_download_dup_state_reasons (download);
  gint64 since = values_get_time (why->values, "HeldSince");

  why_explain_reasons (why, (const char *const *)reasons);
  say_wishes (why, (const char *const *)reasons);
  if (since != 0) {
    g_autofree char *ago = when_ago (since);
    why_take (why, g_strdup_printf (_ ("It has been held since %s."), ago));
  }
  say_release (why);
}

/* Downloads that do not wait. */

/* What may make it slow. */
static void
say_limits (Why *why)
{
  gboolean foreground = why_is_foreground (why->values);
  const char *const groups[] = {"Limits", "Work", "Maintenance"};
  guint64 own = values_get_number (why->values, "MaxBytesPerSecond");
  gboolean limited = FALSE;

  if (own > 0) {
    g_autofree char *rate = text_size (own);
    why_take (why, g_strdup_printf (_ ("It is limited to %s/s (MaxBytesPerSecond)."), rate));
  }
  if (why->facts->foreground > 0 && !foreground)
    why_say (why, _ ("Foreground downloads are running too, and come first."));
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++) {
    g_autofree char *rate =
        why_facts_find_setting (why->facts, groups[i],
                                foreground ? "ForegroundRate" : "BackgroundRate", NULL);
    g_autofree char *share =
        why_facts_find_setting (why->facts, groups[i],
                                foreground ? "ForegroundShare" : "BackgroundShare", NULL);
    limited |= (rate != NULL && !g_str_equal (rate, "unlimited")) ||
               (share != NULL && !g_str_equal (share, "100%"));
  }
  if (limited)
    why_say (why,
             _ ("The configuration limits the rate; “sluicectl config Limits Work Maintenance” "
                "shows how."));
}

static void
explain_transferring (Why *why, SluiceDownload *download)
{
  g_autofree char *done = text_size (sluice_download_get_bytes_transferred (download));
  g_autofree char *total = text_size (sluice_download_get_bytes_total (download));
  g_autofree char *rate = text_size (values_get_number (why->values, "BytesPerSecond"));

  /* TRANSLATORS: three sizes */
  why_take (why, g_strdup_printf (_ ("Transferring: %s of %s at %s/s."), done, total, rate));
  if (values_get_flag (why->values, "IgnoreConditions"))
    why_say (why, _ ("It ignores the conditions (IgnoreConditions)."));
  say_limits (why);
}

static void
explain_failed (Why *why)
{
  why_take (why,
            g_strdup_printf (_ ("It failed: %s"), why->error != NULL ? why->error->message : "?"));
  why_take (
      why, g_strdup_printf (_ ("“sluicectl start %s” tries again, “sluicectl abort %s” aborts it."),
                            why->id, why->id));
}

static void
explain_transferred (Why *why)
{
  if (values_get_flag (why->values, "AutoFinalize"))
    why_say (why, _ ("All data is on the disk; the service is about to publish the file."));
  else
    why_take (why, g_strdup_printf (
                       _ ("All data is on the disk; “sluicectl finalize %s” publishes the file."),
                       why->id));
}

static void
explain_end (Why *why, SluiceDownload *download, gboolean published)
{
  if (published)
    why_take (why, g_strdup_printf (_ ("It is done: the file is %s."),
                                    sluice_download_get_local_path (download)));
  else if (why->error != NULL)
    why_take (why, g_strdup_printf (_ ("It was aborted: %s"), why->error->message));
  else
    why_say (why, _ ("It was aborted."));
}

static void
explain (Why *why, SluiceDownload *download)
{
  SluiceState state = sluice_download_get_state (download);

  switch (state) {
  case SLUICE_STATE_CREATED:
    why_take (why, g_strdup_printf (_ ("It has not been started; “sluicectl start %s” starts it."),
                                    why->id));
    break;
  case SLUICE_STATE_QUEUED:
  case SLUICE_STATE_RETRYING:
    explain_waiting (why, download);
    break;
  case SLUICE_STATE_TRANSFERRING:
    explain_transferring (why, download);
    break;
  case SLUICE_STATE_PAUSED:
    why_take (why, g_strdup_printf (_ ("It has been paused; “sluicectl start %s” resumes it."),
                                    why->id));
    break;
  case SLUICE_STATE_FAILED:
    explain_failed (why);
    break;
  case SLUICE_STATE_TRANSFERRED:
    explain_transferred (why);
    break;
  case SLUICE_STATE_FINALIZED:
  case SLUICE_STATE_ABORTED:
    explain_end (why, download, state == SLUICE_STATE_FINALIZED);
    break;
  case SLUICE_STATE_UNKNOWN:
  default:
    why_say (why, _ ("This version does not know its state; the service is a newer version."));
    break;
  }
}

/* Whether the download has to be started; while all downloads are suspended, a start alone would not run it. */
static gboolean
is_stopped (SluiceDownload *download)
{
  SluiceState state = sluice_download_get_state (download);

  return state == SLUICE_STATE_CREATED || state == SLUICE_STATE_PAUSED ||
         state == SLUICE_STATE_RETRYING || state == SLUICE_STATE_FAILED;
}

GPtrArray *
why_explain (const WhyFacts *facts, SluiceDownload *download)
{
  Why why = {.facts = facts};

  why.values = sluice_download_dup_values (download);
  why.error = sluice_download_dup_error (download);
  why.id = g_strndup (sluice_download_get_id (download), 8);
  why.said = g_ptr_array_new_with_free_func (g_free);
  explain (&why, download);
  if (facts->suspended && is_stopped (download))
    why_say (&why, _ (SUSPENDED));
  g_variant_unref (why.values);
  g_clear_error (&why.error);
  g_free (why.id);
  return why.said;
}
