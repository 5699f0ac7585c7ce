/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* download ADDRESS FILE: by libsluice, in one call. cc download.c $(pkg-config --cflags --libs sluice) */
#include <locale.h>
#include <sluice/sluice.h>

typedef struct {
  GMainLoop *loop;
  gboolean done;
} Example;

static void
on_progress (goffset current, goffset total, gpointer data)
{
  g_printerr ("\r%" G_GOFFSET_FORMAT " of %" G_GOFFSET_FORMAT " bytes", current, total);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Example *example = data;
  g_autoptr (GError) error = NULL;

  example->done = sluice_fetch_file_finish (result, &error);
  g_printerr ("\n");
  if (!example->done)
    g_printerr ("%s\n", error->message);
  g_main_loop_quit (example->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GFile) target = NULL;
  Example example = {loop, FALSE};

  setlocale (LC_ALL, "");
  if (argc != 3) {
    g_printerr ("usage: download ADDRESS FILE\n");
    return 2;
  }
  target = g_file_new_for_commandline_arg (argv[2]);
  sluice_fetch_file_async (argv[1], target, NULL, NULL, on_progress, NULL, NULL, on_done, &example);
  g_main_loop_run (loop);
  return example.done ? 0 : 1;
}
