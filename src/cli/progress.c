/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines that show the progress of downloads. */
#include "config.h"

#include "progress.h"

#include "text.h"

#include <glib/gi18n.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Columns of a line: the most that the numbers take, and the fewest that are left for the name. */
#define NUMBERS_WIDTH  56
#define NAME_WIDTH_MIN 12

void
rate_update (Rate *rate, guint64 bytes)
{
  gint64 now = g_get_monotonic_time ();
  double seconds = (double)(now - rate->last_time) / G_USEC_PER_SEC;

  /* the service reports about once a second; between two reports the rate stays */
  if (rate->last_time != 0 && (seconds < 0.3 || (bytes == rate->last_bytes && seconds < 3)))
    return;
  if (rate->last_time != 0 && bytes >= rate->last_bytes) {
    double current = (double)(bytes - rate->last_bytes) / seconds;
    rate->rate = rate->rate > 0 ? rate->rate * 0.6 + current * 0.4 : current;
  }
  rate->last_bytes = bytes;
  rate->last_time = now;
}

static int
terminal_width (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void
append_moving (GString *line, guint64 done, guint64 total, double rate)
{
  g_autofree char *speed = text_size ((guint64)rate);

  g_string_append_printf (line, "  %s/s", speed);
  if (total != G_MAXUINT64 && rate >= 1 && total >= done) {
    g_autofree char *left = text_duration ((guint64)((double)(total - done) / rate));
    g_string_append (line, "  ");
    /* TRANSLATORS: %s is a time such as 0:12 */
    g_string_append_printf (line, _ ("%s left"), left);
  }
}

char *
progress_line (SluiceDownload *download, const Rate *rate)
{
  guint64 total = sluice_download_get_bytes_total (download);
  guint64 done = sluice_download_get_bytes_transferred (download);
  SluiceState state = sluice_download_get_state (download);
  const char *path = text_path (download);
  g_autofree char *name =
      path != NULL ? g_path_get_basename (path) : g_strdup (sluice_download_get_uri (download));
  g_autofree char *bytes = text_size (done);
  g_autofree char *size = text_size (total);
  g_autofree char *reason = text_reason (download);
  g_autofree char *short_name = NULL;
  g_autofree char *safe = NULL;
  g_autoptr (GString) line = g_string_new (NULL);

  if (total != G_MAXUINT64 && total > 0)
    g_string_append_printf (line, "%3u %%  ", (guint)((double)done * 100 / (double)total));
  short_name = text_shorten (name, MAX (terminal_width () - NUMBERS_WIDTH, NAME_WIDTH_MIN));
  g_string_append_printf (line, "%s  %s / %s", short_name, bytes, size);
  if (state == SLUICE_STATE_TRANSFERRING)
    append_moving (line, done, total, rate->rate);
  else
    g_string_append_printf (line, "  %s", text_state (state));
  if (*reason != '\0' && state != SLUICE_STATE_TRANSFERRING)
    g_string_append_printf (line, ": %s", reason);
  safe = text_safe (line->str);
  return g_steal_pointer (&safe);
}

void
progress_draw (GPtrArray *lines, guint drawn_before)
{
  int columns = terminal_width () - 1;

  if (drawn_before > 0)
    g_printerr ("\033[%uA", drawn_before);
  for (guint i = 0; i < lines->len; i++) {
    g_autofree char *line = text_shorten (lines->pdata[i], columns);
    g_printerr ("\r%s\033[K\n", line);
  }
}
