/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluice monitor: what happens, a line for each event. */
#include "config.h"

#include "options.h"

#include <glib-unix.h>

typedef struct {
  SluiceManager *manager; /* (unowned) */
  GHashTable *downloads;  /* (owned) (element-type utf8 SluiceDownload): by object path */
  GMainLoop *loop;        /* (owned) */
} Monitor;

static void
print_event (SluiceDownload *download)
{
  const char *state = sluice_state_to_string (sluice_download_get_state (download));
  guint64 done = sluice_download_get_bytes_transferred (download);

  if (output_is_json ()) {
    g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
    JsonObject *object = json_object_new ();
    json_node_take_object (root, object);
    json_object_set_string_member (object, "Id", sluice_download_get_id (download));
    json_object_set_string_member (object, "State", state);
    json_object_set_int_member (object, "BytesTransferred", (gint64)done);
    if (sluice_download_get_bytes_total (download) != G_MAXUINT64)
      json_object_set_int_member (object, "BytesTotal",
                                  (gint64)sluice_download_get_bytes_total (download));
    output_print_json (root, FALSE);
  } else {
    g_autofree char *bytes = text_size (done);
    g_autofree char *uri = text_safe (sluice_download_get_uri (download));
    g_print ("%.8s  %-13s %10s  %s\n", sluice_download_get_id (download),
             text_state (sluice_download_get_state (download)), bytes, uri);
  }
}

static void
watch (Monitor *monitor, SluiceDownload *download)
{
  const char *path = sluice_download_get_object_path (download);

  if (g_hash_table_contains (monitor->downloads, path))
    return;
  g_hash_table_insert (monitor->downloads, g_strdup (path), g_object_ref (download));
  g_signal_connect (download, "status-changed", G_CALLBACK (print_event), NULL);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SluiceDownload) download =
      sluice_manager_get_download_finish (SLUICE_MANAGER (source), result, NULL);

  if (download == NULL)
    return;
  watch (data, download);
  print_event (download);
}

static void
on_added (SluiceManager *manager, const char *path, gpointer data)
{
  g_autofree char *id = g_path_get_basename (path);

  sluice_manager_get_download_async (manager, g_strdelimit (id, "_", '-'), NULL, on_found, data);
}

static void
on_removed (SluiceManager *manager, const char *path, gpointer data)
{
  g_hash_table_remove (((Monitor *)data)->downloads, path);
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (((Monitor *)data)->loop);
  return G_SOURCE_CONTINUE;
}

int
cmd_monitor (int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  g_autoptr (GPtrArray) downloads = NULL;
  Monitor monitor = {0};
  int code = EXIT_OK;

  if (!options_parse ("monitor", NULL, NULL, &argc, &argv) || !options_take_no_arguments (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  downloads = manager != NULL ? client_list (manager, &code) : NULL;
  if (downloads == NULL)
    return code;
  monitor.manager = manager;
  monitor.downloads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  monitor.loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect (manager, "download-added", G_CALLBACK (on_added), &monitor);
  g_signal_connect (manager, "download-removed", G_CALLBACK (on_removed), &monitor);
  for (guint i = 0; i < downloads->len; i++)
    watch (&monitor, downloads->pdata[i]);
  g_unix_signal_add (SIGINT, on_signal, &monitor);
  g_unix_signal_add (SIGTERM, on_signal, &monitor);
  g_main_loop_run (monitor.loop);
  g_signal_handlers_disconnect_by_data (manager, &monitor);
  g_hash_table_unref (monitor.downloads);
  g_main_loop_unref (monitor.loop);
  return EXIT_INTERRUPTED;
}
