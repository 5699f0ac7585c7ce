/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl monitor: prints a line for each event. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "text.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

typedef struct {
  SluiceManager *manager; /* (unowned) */
  GHashTable *downloads;  /* (owned) (element-type utf8 Watched): by object path */
  GMainLoop *loop;        /* (owned) */
} Monitor;

/* The last line of a download: the same state and reason are not printed again. */
typedef struct {
  Monitor *monitor;         /* (unowned) */
  SluiceDownload *download; /* (owned) */
  SluiceState state;
  guint64 bytes;
  char *reason; /* (owned) (nullable) */
} Watched;

static void
watched_free (gpointer data)
{
  Watched *watched = data;

  g_signal_handlers_disconnect_by_data (watched->download, watched);
  g_object_unref (watched->download);
  g_free (watched->reason);
  g_free (watched);
}

static void
print_json (SluiceDownload *download)
{
  static const char *const names[] = {
      "Id",           "State",   "StateReasons", "BytesTransferred", "BytesTotal", "Error",
      "ErrorMessage", "RetryAt", "Uri",          "LocalPath",
  };
  g_autoptr (GVariant) values = sluice_download_dup_values (download);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_node_take_object (root, object);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GVariant) value = g_variant_lookup_value (values, names[i], NULL);
    if (value != NULL)
      json_object_set_member (object, names[i], output_node (value));
  }
  output_print_json (root, FALSE);
}

static void
print_line (SluiceDownload *download, const char *reason)
{
  guint64 done = sluice_download_get_bytes_transferred (download);
  guint64 total = sluice_download_get_bytes_total (download);
  g_autofree char *id = g_strndup (sluice_download_get_id (download), 8);
  g_autofree char *bytes = text_size (done);
  g_autofree char *size = text_size (total);
  g_autofree char *name = text_name (download);
  g_autofree char *safe = text_safe (reason);

  output_cell (id, 8, FALSE);
  output_cell (text_state (sluice_download_get_state (download)), text_state_width (), FALSE);
  output_cell (bytes, 10, TRUE);
  output_cell (size, 10, TRUE);
  g_print ("%s%s%s%s\n", name, *safe != '\0' ? "  (" : "", safe, *safe != '\0' ? ")" : "");
}

static void
print_event (Watched *watched)
{
  SluiceDownload *download = watched->download;
  SluiceState state = sluice_download_get_state (download);
  guint64 bytes = sluice_download_get_bytes_transferred (download);
  g_autofree char *reason = text_reason (download);

  if (watched->reason != NULL && watched->state == state && watched->bytes == bytes &&
      g_str_equal (watched->reason, reason))
    return;
  watched->state = state;
  watched->bytes = bytes;
  g_free (watched->reason);
  watched->reason = g_steal_pointer (&reason);
  if (output_is_json ())
    print_json (download);
  else
    print_line (download, watched->reason);
}

static void
on_refreshed (GObject *source, GAsyncResult *result, gpointer data)
{
  Monitor *monitor = data;
  SluiceDownload *download = SLUICE_DOWNLOAD (source);
  Watched *watched =
      g_hash_table_lookup (monitor->downloads, sluice_download_get_object_path (download));

  sluice_download_refresh_finish (download, result, NULL);
  if (watched != NULL && watched->download == download)
    print_event (watched);
}

/* The service announces reasons and errors apart from the state, so all are read together. */
static void
on_status (SluiceDownload *download,
           SluiceState state,
           guint64 transferred,
           guint64 total,
           const char *error,
           gpointer data)
{
  Watched *watched = data;

  if (state != watched->state || state == SLUICE_STATE_RETRYING || state == SLUICE_STATE_QUEUED)
    sluice_download_refresh_async (download, NULL, on_refreshed, watched->monitor);
  else
    print_event (watched);
}

/* While a download waits, its reasons can change without its state. */
static void
on_reasons (SluiceDownload *download, GParamSpec *spec, gpointer data)
{
  if (sluice_download_get_state (download) == SLUICE_STATE_QUEUED)
    print_event (data);
}

static void
watch (Monitor *monitor, SluiceDownload *download, gboolean print)
{
  const char *path = sluice_download_get_object_path (download);
  Watched *watched;

  if (g_hash_table_contains (monitor->downloads, path))
    return;
  watched = g_new0 (Watched, 1);
  watched->monitor = monitor;
  watched->download = g_object_ref (download);
  g_hash_table_insert (monitor->downloads, g_strdup (path), watched);
  g_signal_connect (download, "status-changed", G_CALLBACK (on_status), watched);
  g_signal_connect (download, "notify::state-reasons", G_CALLBACK (on_reasons), watched);
  if (print)
    print_event (watched);
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SluiceDownload) download =
      sluice_manager_get_download_finish (SLUICE_MANAGER (source), result, NULL);

  if (download != NULL)
    watch (data, download, TRUE);
}

/* The service has gone, or is back. */
static void
on_connected (SluiceManager *manager, GParamSpec *spec, gpointer data)
{
  if (sluice_manager_get_connected (manager))
    g_printerr (_ ("The download service is back.\n"));
  else
    g_printerr (_ ("The download service has stopped; waiting for it to come back.\n"));
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

/* Runs until interrupted. Returns the exit code. */
static int
follow (Monitor *monitor)
{
  g_autoptr (GPtrArray) downloads = NULL;
  int code = EXIT_INTERRUPTED;

  /* before the list is read: a download that is created meanwhile may not be in the list */
  g_signal_connect (monitor->manager, "download-added", G_CALLBACK (on_added), monitor);
  g_signal_connect (monitor->manager, "download-removed", G_CALLBACK (on_removed), monitor);
  downloads = client_list (monitor->manager, NULL, &code);
  if (downloads == NULL)
    return code;
  g_signal_connect (monitor->manager, "notify::connected", G_CALLBACK (on_connected), monitor);
  for (guint i = 0; i < downloads->len; i++)
    watch (monitor, downloads->pdata[i], FALSE);
  g_unix_signal_add (SIGINT, on_signal, monitor);
  g_unix_signal_add (SIGTERM, on_signal, monitor);
  g_main_loop_run (monitor->loop);
  return code;
}

int
cmd_monitor (const Command *command, int argc, char **argv)
{
  g_autoptr (SluiceManager) manager = NULL;
  Monitor monitor = {0};
  int code = EXIT_OK;

  if (!options_parse (command, NULL, NULL, &argc, &argv) || !options_take_no_arguments (argc))
    return EXIT_USAGE;
  manager = client_connect (&code);
  if (manager == NULL)
    return code;
  monitor.manager = manager;
  monitor.downloads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, watched_free);
  monitor.loop = g_main_loop_new (NULL, FALSE);
  code = follow (&monitor);
  g_signal_handlers_disconnect_by_data (manager, &monitor);
  g_hash_table_unref (monitor.downloads);
  g_main_loop_unref (monitor.loop);
  return code;
}
