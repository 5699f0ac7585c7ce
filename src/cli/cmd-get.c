/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sluicectl get and wait: wait for downloads. The service publishes the files by itself, even if this program ends. */
#include "config.h"

#include "commands.h"

#include "client.h"
#include "create-options.h"
#include "exit-code.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "text.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unistd.h>

#define GRACE_SECONDS 2

typedef struct Get Get;

typedef struct {
  Get *get;                 /* (unowned) */
  SluiceDownload *download; /* (owned) */
  Rate rate;
  enum { RUNNING, READING_END, ENDED } phase;
  gboolean published; /* on a terminal, its path is printed at the end */
} Item;

struct Get {
  GMainLoop *loop;         /* (owned) */
  SluiceManager *manager;  /* (unowned) */
  GPtrArray *items;        /* (owned) (element-type Item) */
  GCancellable *giving_up; /* (owned): cancels calls whose results are not needed any more */
  guint waiting;
  guint drawn;
  guint grace;
  guint interrupts;
  gboolean over;
  gboolean terminal;
  gboolean made; /* this program created the downloads, and aborts those that fail */
  int code;
};

static void
item_free (gpointer data)
{
  Item *item = data;

  g_signal_handlers_disconnect_by_data (item->download, item);
  g_object_unref (item->download);
  g_free (item);
}

static void
draw (Get *get)
{
  g_autoptr (GPtrArray) lines = NULL;

  if (!get->terminal || get->interrupts > 0)
    return;
  lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < get->items->len; i++) {
    Item *item = get->items->pdata[i];
    rate_update (&item->rate, sluice_download_get_bytes_transferred (item->download));
    g_ptr_array_add (lines, progress_line (item->download, &item->rate));
  }
  if (!sluice_manager_get_connected (get->manager))
    g_ptr_array_add (lines, g_strdup (_ ("Waiting for the download service to come back")));
  while (lines->len < get->drawn)
    g_ptr_array_add (lines, g_strdup (""));
  progress_draw (lines, get->drawn);
  get->drawn = lines->len;
}

static void
end_item (Item *item, int code)
{
  Get *get = item->get;

  if (item->phase == ENDED)
    return;
  item->phase = ENDED;
  if (code != EXIT_OK && get->code != EXIT_INTERRUPTED)
    get->code = code;
  if (--get->waiting == 0)
    g_main_loop_quit (get->loop);
}

/* Whether to keep a failed download: if it failed on this machine, or took too long, it can be resumed. */
static gboolean
is_worth_keeping (SluiceDownload *download, const GError *error)
{
  return sluice_download_get_bytes_transferred (download) > 0 &&
         (g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_NO_PROGRESS) ||
          g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_NO_SPACE) ||
          g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE) ||
          g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_FILE_EXISTS) ||
          g_error_matches (error, SLUICE_ERROR, SLUICE_ERROR_MAXIMUM_TIME));
}

static void
on_discarded (GObject *source, GAsyncResult *result, gpointer data)
{
  sluice_download_abort_finish (SLUICE_DOWNLOAD (source), result, NULL);
  end_item (data, EXIT_TRANSFER);
}

static void
fail_item (Item *item)
{
  g_autoptr (GError) error = sluice_download_dup_error (item->download);

  if (error == NULL)
    error = g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_INTERNAL, _ ("The transfer failed"));
  client_report (sluice_download_get_uri (item->download), error);
  if (!item->get->made || is_worth_keeping (item->download, error)) {
    g_printerr (_ ("“sluicectl start %s” resumes it, “sluicectl abort %s” deletes it.\n"),
                sluice_download_get_id (item->download), sluice_download_get_id (item->download));
    end_item (item, EXIT_TRANSFER);
    return;
  }
  sluice_download_abort_async (item->download, NULL, on_discarded, item);
}

static void on_change (SluiceDownload *download, GParamSpec *spec, gpointer data);

/* The download was started again while its error was being read. */
static void
resume_item (Item *item)
{
  item->phase = RUNNING;
  on_change (item->download, NULL, item);
}

/* The service announces the error and the state separately, so both are read together. */
static void
on_failure_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Item *item = data;

  sluice_download_refresh_finish (item->download, result, NULL);
  if (sluice_download_get_state (item->download) == SLUICE_STATE_FAILED)
    fail_item (item);
  else
    resume_item (item);
}

static void
print_end (SluiceDownload *download)
{
  g_autoptr (GVariant) values = sluice_download_dup_values (download);

  if (output_is_json ()) {
    g_autoptr (JsonNode) node = output_node (values);
    output_print_json (node, FALSE);
  } else {
    g_autofree char *path = text_safe (sluice_download_get_local_path (download));
    g_print ("%s\n", path);
  }
}

/* The server may have chosen the name, which is announced apart from the state, so both are read together. */
static void
on_end_read (GObject *source, GAsyncResult *result, gpointer data)
{
  Item *item = data;

  sluice_download_refresh_finish (item->download, result, NULL);
  if (item->phase != READING_END)
    return;
  draw (item->get);
  item->published = TRUE;
  /* on a terminal the redrawn lines of progress would overwrite the path, so it is printed at the end */
  if (!item->get->terminal)
    print_end (item->download);
  end_item (item, EXIT_OK);
}

static gboolean
is_finalized_by_service (SluiceDownload *download)
{
  g_autoptr (GVariant) values = sluice_download_dup_values (download);
  gboolean automatic = FALSE;

  g_variant_lookup (values, "AutoFinalize", "b", &automatic);
  return automatic;
}

static void
on_change (SluiceDownload *download, GParamSpec *spec, gpointer data)
{
  Item *item = data;

  draw (item->get);
  if (item->phase != RUNNING)
    return;
  switch (sluice_download_get_state (download)) {
  case SLUICE_STATE_TRANSFERRED:
    if (is_finalized_by_service (download))
      break;
    /* fall through */
  case SLUICE_STATE_FINALIZED:
    item->phase = READING_END;
    sluice_download_refresh_async (download, NULL, on_end_read, item);
    break;
  case SLUICE_STATE_ABORTED:
    g_printerr (_ ("sluicectl: The download was aborted.\n"));
    end_item (item, EXIT_TRANSFER);
    break;
  case SLUICE_STATE_FAILED:
    item->phase = READING_END;
    sluice_download_refresh_async (download, NULL, on_failure_read, item);
    break;
  default:
    break;
  }
}

static gboolean
on_tick (gpointer data)
{
  draw (data);
  return G_SOURCE_CONTINUE;
}

/* Stops waiting. */
static void
give_up (Get *get)
{
  get->over = TRUE;
  g_cancellable_cancel (get->giving_up);
  g_main_loop_quit (get->loop);
}

static gboolean
on_grace_over (gpointer data)
{
  Get *get = data;

  get->grace = 0;
  give_up (get);
  return G_SOURCE_REMOVE;
}

static void
on_aborted (GObject *source, GAsyncResult *result, gpointer data)
{
  Item *item = data;
  SluiceDownload *download = SLUICE_DOWNLOAD (source);
  g_autoptr (GError) error = NULL;

  if (sluice_download_abort_finish (download, result, &error))
    g_printerr (_ ("Aborted: %s\n"), sluice_download_get_id (download));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  else
    client_report (sluice_download_get_id (download), error);
  end_item (item, EXIT_INTERRUPTED);
}

static void
abort_all (Get *get)
{
  for (guint i = 0; i < get->items->len; i++) {
    Item *item = get->items->pdata[i];

    if (item->phase == ENDED)
      continue;
    g_signal_handlers_disconnect_by_data (item->download, item);
    item->phase = RUNNING;
    sluice_download_abort_async (item->download, get->giving_up, on_aborted, item);
  }
}

static void
print_remaining (Get *get)
{
  for (guint i = 0; i < get->items->len; i++) {
    Item *item = get->items->pdata[i];
    const char *id = sluice_download_get_id (item->download);
    if (item->phase != ENDED)
      g_printerr (_ ("“sluicectl wait %s” waits for it again, “sluicectl abort %s” aborts it.\n"),
                  id, id);
  }
}

static void
leave_to_service (Get *get)
{
  g_printerr ("\n%s\n",
              _ ("The service continues in the background. Press Ctrl+C again to abort instead."));
  print_remaining (get);
  get->grace = g_timeout_add_seconds (GRACE_SECONDS, on_grace_over, get);
}

/* SIGTERM comes from another program, which will not press Ctrl+C a second time. */
static gboolean
on_terminate (gpointer data)
{
  Get *get = data;

  get->code = EXIT_INTERRUPTED;
  g_printerr ("\n%s\n", _ ("The service continues in the background."));
  print_remaining (get);
  give_up (get);
  return G_SOURCE_CONTINUE;
}

/* The first Ctrl+C leaves the downloads to the service, the second aborts them, the third does not wait for that. */
static gboolean
on_interrupt (gpointer data)
{
  Get *get = data;

  get->code = EXIT_INTERRUPTED;
  switch (get->interrupts++) {
  case 0:
    leave_to_service (get);
    break;
  case 1:
    g_clear_handle_id (&get->grace, g_source_remove);
    abort_all (get);
    if (get->waiting == 0)
      give_up (get);
    break;
  default:
    give_up (get);
    break;
  }
  return G_SOURCE_CONTINUE;
}

/* (transfer full) @download */
static void
add_item (Get *get, SluiceDownload *download)
{
  Item *item = g_new0 (Item, 1);

  item->get = get;
  item->download = download;
  g_ptr_array_add (get->items, item);
  get->waiting++;
  g_signal_connect (download, "notify", G_CALLBACK (on_change), item);
}

static void
create_items (Get *get, int argc, char **argv, GVariant *properties)
{
  for (int i = 1; i < argc && get->interrupts == 0; i++) {
    g_autoptr (GAsyncResult) result = NULL;
    g_autoptr (GError) error = NULL;
    SluiceDownload *download;

    sluice_manager_create_download_async (get->manager, argv[i], properties, get->giving_up,
                                          client_store_result, &result);
    download = sluice_manager_create_download_finish (get->manager, client_wait (&result), &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      return;
    if (download == NULL) {
      get->code = client_report_creation (argv[i], error);
      continue;
    }
    add_item (get, download);
  }
}

static void
find_items (Get *get, int argc, char **argv)
{
  for (int i = 1; i < argc && get->interrupts == 0; i++) {
    SluiceDownload *download = client_find (get->manager, argv[i], &get->code);
    if (download != NULL)
      add_item (get, download);
  }
}

/* @properties: (nullable): of the downloads to create; NULL to wait for existing ones */
static int
get_all (int argc, char **argv, GVariant *properties)
{
  Get get = {.terminal = isatty (STDERR_FILENO) && !output_json, .made = properties != NULL};
  g_autoptr (SluiceManager) manager = client_connect (&get.code);
  guint sources[3] = {0};

  if (manager == NULL)
    return get.code;
  get.manager = manager;
  get.loop = g_main_loop_new (NULL, FALSE);
  get.giving_up = g_cancellable_new ();
  get.items = g_ptr_array_new_with_free_func (item_free);
  sources[0] = g_unix_signal_add (SIGINT, on_interrupt, &get);
  sources[1] = g_unix_signal_add (SIGTERM, on_terminate, &get);
  if (get.made)
    create_items (&get, argc, argv, properties);
  else
    find_items (&get, argc, argv);
  for (guint i = 0; i < get.items->len; i++)
    on_change (((Item *)get.items->pdata[i])->download, NULL, get.items->pdata[i]);
  if (get.terminal)
    sources[2] = g_timeout_add (1000, on_tick, &get);
  if (get.waiting > 0 && !get.over)
    g_main_loop_run (get.loop);
  draw (&get);
  for (guint i = 0; get.terminal && i < get.items->len; i++) {
    Item *item = get.items->pdata[i];
    if (item->published)
      print_end (item->download);
  }
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_clear_handle_id (&sources[i], g_source_remove);
  g_clear_handle_id (&get.grace, g_source_remove);
  g_ptr_array_unref (get.items);
  g_object_unref (get.giving_up);
  g_main_loop_unref (get.loop);
  return get.code;
}

int
cmd_wait (const Command *command, int argc, char **argv)
{
  if (!options_parse (command, NULL,
                      _ ("It ends when the downloads are finalized. Those that are not finalized "
                         "automatically need only be transferred."),
                      &argc, &argv))
    return EXIT_USAGE;
  if (!options_take_ids (argc))
    return EXIT_USAGE;
  return get_all (argc, argv, NULL);
}

int
cmd_get (const Command *command, int argc, char **argv)
{
  g_autoptr (CreateOptions) options = create_options_new ();
  int code = EXIT_USAGE;

  if (options_parse (command, create_options_get_entries (options),
                     _ ("Press Ctrl+C to leave the download to the service, and again within two "
                        "seconds to abort it."),
                     &argc, &argv) &&
      create_options_check (options, argc - 1)) {
    g_autoptr (GVariant) properties = create_options_properties (options, "foreground", TRUE);
    if (properties != NULL)
      code = get_all (argc, argv, properties);
  }
  return code;
}
