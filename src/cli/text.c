/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text for people: sizes, times, states, and foreign text made safe for a terminal. */
#include "config.h"

#include "text.h"

#include <glib/gi18n.h>

gboolean
text_acts (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
         type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR ||
         type == G_UNICODE_UNASSIGNED || type == G_UNICODE_PRIVATE_USE;
}

char *
text_safe (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *safe = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c)) {
    gunichar u = g_utf8_get_char (c);
    g_string_append_unichar (safe, text_acts (u) ? 0xFFFD : u);
  }
  return g_string_free (safe, FALSE);
}

char *
text_size (guint64 bytes)
{
  return bytes == G_MAXUINT64 ? g_strdup ("?")
                              : g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
}

char *
text_duration (guint64 seconds)
{
  if (seconds >= 3600)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", seconds / 3600,
                            (guint)(seconds / 60 % 60), (guint)(seconds % 60));
  return g_strdup_printf ("%u:%02u", (guint)(seconds / 60), (guint)(seconds % 60));
}

char *
text_time (gint64 microseconds)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;

  if (microseconds > 0)
    utc = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  if (utc != NULL)
    local = g_date_time_to_local (utc);
  return local != NULL ? g_date_time_format (local, "%Y-%m-%d %H:%M:%S %z") : g_strdup ("-");
}

static const char *const state_words[] = {
    N_ ("unknown"),  N_ ("created"), N_ ("queued"),      N_ ("transferring"), N_ ("paused"),
    N_ ("retrying"), N_ ("failed"),  N_ ("transferred"), N_ ("finalized"),    N_ ("aborted"),
};

const char *
text_state (SluiceState state)
{
  return _ (state_words[MIN ((guint)state, G_N_ELEMENTS (state_words) - 1)]);
}

int
text_state_width (void)
{
  static int width = 0; /* computed once, because every line needs it */

  if (width > 0)
    return width;
  for (gsize i = 0; i < G_N_ELEMENTS (state_words); i++)
    width = MAX (width, text_width (_ (state_words[i])));
  return width;
}

const char *
text_path (SluiceDownload *download)
{
  const char *path = sluice_download_get_local_path (download);

  return path != NULL && *path != '\0' && !g_str_has_suffix (path, "/") ? path : NULL;
}

char *
text_name (SluiceDownload *download)
{
  const char *path = text_path (download);

  return text_safe (path != NULL ? path : sluice_download_get_uri (download));
}

/* A few words for each reason, to print after a state; in the order of the D-Bus interface. */
static const struct {
  const char *reason;
  const char *words;
} reason_words[] = {
    {"no-network", N_ ("no network")},
    {"captive-portal", N_ ("the network requires a login")},
    {"metered", N_ ("the network is metered")},
    {"roaming", N_ ("roaming")},
    {"cellular", N_ ("the network is cellular")},
    {"vpn", N_ ("a VPN is active")},
    {"battery", N_ ("on battery")},
    {"power-saver", N_ ("power is being saved")},
    {"user-active", N_ ("somebody is using the machine")},
    {"game-mode", N_ ("a game is being played")},
    {"link-busy", N_ ("the network is busy")},
    {"outside-window", N_ ("outside the allowed hours")},
    {"rate-zero", N_ ("the rate limit is 0")},
    {"data-cap", N_ ("the month’s data volume")},
    {"suspended", N_ ("all downloads are suspended")},
    {"slots-full", N_ ("other downloads come first")},
    {"backoff", N_ ("waiting to try again")},
    {"disk-full", N_ ("the disk is full")},
    {"admin-policy", N_ ("set by the configuration")},
    {"starting-over", N_ ("it had to start over")},
};

static const char *
reason_text (const char *reason)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reason_words); i++) {
    if (g_str_equal (reason_words[i].reason, reason))
      return _ (reason_words[i].words);
  }
  return reason;
}

char *
text_reason (SluiceDownload *download)
{
  g_auto (GStrv) reasons = sluice_download_dup_state_reasons (download);
  g_autoptr (GError) error = sluice_download_dup_error (download);
  gint64 wait = sluice_download_get_retry_at (download) - g_get_real_time ();
  GString *text = g_string_new (NULL);

  for (char **reason = reasons; *reason != NULL; reason++)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", reason_text (*reason));
  if (error != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", error->message);
  if (wait > 0) {
    g_autofree char *left = text_duration ((guint64)wait / G_USEC_PER_SEC + 1);
    g_string_append_printf (text, "%s", text->len > 0 ? "; " : "");
    /* TRANSLATORS: %s is a time such as 0:12 */
    g_string_append_printf (text, _ ("next try in %s"), left);
  }
  return g_string_free (text, FALSE);
}

int
text_width (const char *text)
{
  int width = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    gunichar u = g_utf8_get_char (text);
    width += g_unichar_iszerowidth (u) ? 0 : g_unichar_iswide (u) ? 2 : 1;
  }
  return width;
}

char *
text_shorten (const char *text, int columns)
{
  GString *kept = g_string_new (text);

  if (text_width (text) <= columns)
    return g_string_free (kept, FALSE);
  while (kept->len > 0 && text_width (kept->str) >= columns)
    g_string_truncate (kept, (gsize)(g_utf8_prev_char (kept->str + kept->len) - kept->str));
  g_string_append (kept, "…");
  return g_string_free (kept, FALSE);
}
