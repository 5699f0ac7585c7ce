/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sluice_fetch_file_async (): one call that creates a download, waits for it even when the service restarts, and
 * finalizes it.
 */
#include "config.h"

#include "call.h"

#include <sluice/sluice.h>

/*
 * The data of the caller's task. The fetch owns one reference to the task: each callback gets it as its data and passes
 * it on, until end () drops it.
 */
typedef struct {
  char *uri;              /* (owned) */
  char *path;             /* (owned) */
  GVariant *properties;   /* (owned) */
  SluiceManager *manager; /* (owned) (nullable) */
  GFileProgressCallback progress;
  gpointer progress_data;
  GDestroyNotify progress_data_free; /* (nullable) */
  SluiceDownload *download;          /* (owned) (nullable) */
  GError
      *failure; /* (owned) (nullable): the error because of which the download is being aborted */
  gulong changed;
  gulong connected;
  gulong cancelled;
  gboolean reading_failure;
  gboolean ended;
} Fetch;

static void
fetch_free (gpointer data)
{
  Fetch *fetch = data;

  g_free (fetch->uri);
  g_free (fetch->path);
  g_clear_pointer (&fetch->properties, g_variant_unref);
  g_clear_object (&fetch->download);
  g_clear_object (&fetch->manager);
  g_clear_error (&fetch->failure);
  if (fetch->progress_data_free != NULL)
    fetch->progress_data_free (fetch->progress_data);
  g_free (fetch);
}

static void
on_aborted (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */
  Fetch *fetch = g_task_get_task_data (task);

  /* the caller gets the error that came first, not one of the clean-up */
  sluice_download_abort_finish (SLUICE_DOWNLOAD (source), result, NULL);
  g_task_return_error (task, g_steal_pointer (&fetch->failure));
}

/* Ends the fetch. @task: (transfer full): the fetch's reference; @error: (transfer full) (nullable) */
static void
end (GTask *task, GError *error)
{
  Fetch *fetch = g_task_get_task_data (task);

  fetch->ended = TRUE;
  if (fetch->download != NULL)
    g_clear_signal_handler (&fetch->changed, fetch->download);
  if (fetch->manager != NULL)
    g_clear_signal_handler (&fetch->connected, fetch->manager);
  g_cancellable_disconnect (g_task_get_cancellable (task), fetch->cancelled);
  fetch->cancelled = 0;
  if (error != NULL && fetch->download != NULL) {
    fetch->failure = error;
    sluice_download_abort_async (fetch->download, NULL, on_aborted, task);
    return;
  }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* The service announces the state before the error, so both are read together. */
static void
on_failure_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */
  Fetch *fetch = g_task_get_task_data (task);
  gboolean read = sluice_download_refresh_finish (SLUICE_DOWNLOAD (source), result, NULL);
  GError *error;

  fetch->reading_failure = FALSE;
  if (fetch->ended || sluice_download_get_state (fetch->download) != SLUICE_STATE_FAILED)
    return;
  error = sluice_download_dup_error (fetch->download);
  /* if the service has gone meanwhile, the properties are read when it is back, and then the error notifies */
  if (error == NULL && !read)
    return;
  if (error == NULL)
    error = g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_INTERNAL, "The download failed");
  end (task, error);
}

static void
on_changed (SluiceDownload *download, gpointer data)
{
  GTask *task = data;
  Fetch *fetch = g_task_get_task_data (task);
  guint64 total = sluice_download_get_bytes_total (download);

  if (fetch->ended)
    return;
  if (fetch->progress != NULL)
    fetch->progress ((goffset)sluice_download_get_bytes_transferred (download),
                     total == G_MAXUINT64 ? -1 : (goffset)total, fetch->progress_data);
  switch (sluice_download_get_state (download)) {
  case SLUICE_STATE_FINALIZED:
    end (task, NULL);
    break;
  case SLUICE_STATE_FAILED:
    if (!fetch->reading_failure) {
      fetch->reading_failure = TRUE;
      sluice_download_refresh_async (download, NULL, on_failure_read, g_object_ref (task));
    }
    break;
  case SLUICE_STATE_ABORTED:
    end (task, g_error_new_literal (SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                                    "Another program aborted the download"));
    break;
  default:
    break;
  }
}

static void
on_notify (SluiceDownload *download, GParamSpec *pspec, gpointer data)
{
  on_changed (download, data);
}

static GError *
new_cancelled (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The download was cancelled");
}

static gboolean
on_cancelled_later (gpointer data)
{
  GTask *task = data;
  Fetch *fetch = g_task_get_task_data (task);

  /* during CreateDownload(), waits for the reply, because the new download has to be aborted */
  if (!fetch->ended && (fetch->download != NULL || fetch->connected != 0))
    end (task, new_cancelled ());
  return G_SOURCE_REMOVE;
}

/* Runs in the thread that cancels; the rest is done in the task's own context. */
static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_cancelled_later, g_object_ref (data), g_object_unref);
  g_source_attach (source, g_task_get_context (data));
}

static void create (GTask *task);

/* Follows the download to its end. */
static void
follow (GTask *task, SluiceDownload *download)
{
  Fetch *fetch = g_task_get_task_data (task);

  fetch->download = g_object_ref (download);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task))) {
    end (task, new_cancelled ());
    return;
  }
  fetch->changed = g_signal_connect (download, "notify", G_CALLBACK (on_notify), task);
  on_changed (download, task);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  SluiceManager *manager = SLUICE_MANAGER (source);
  GError *error = NULL;
  g_autoptr (GPtrArray) found = sluice_manager_list_downloads_finish (manager, result, &error);

  for (guint i = 0; found != NULL && i < found->len; i++) {
    SluiceState state = sluice_download_get_state (found->pdata[i]);
    if (state != SLUICE_STATE_FINALIZED && state != SLUICE_STATE_ABORTED) {
      follow (task, found->pdata[i]);
      return;
    }
  }
  if (found != NULL)
    create (task);
  else
    end (task, error);
}

/* The service is back. It may have created the download before it went away. */
static void
on_connected (SluiceManager *manager, GParamSpec *spec, gpointer data)
{
  GTask *task = data;
  Fetch *fetch = g_task_get_task_data (task);
  GVariantDict filter;

  if (!sluice_manager_get_connected (manager))
    return;
  g_clear_signal_handler (&fetch->connected, manager);
  g_variant_dict_init (&filter, NULL);
  g_variant_dict_insert (&filter, "Uri", "s", fetch->uri);
  g_variant_dict_insert (&filter, "LocalPath", "s", fetch->path);
  sluice_manager_list_downloads_async (manager, g_variant_dict_end (&filter), NULL, on_listed,
                                       task);
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Fetch *fetch = g_task_get_task_data (task);
  SluiceManager *manager = SLUICE_MANAGER (source);
  GError *error = NULL;
  g_autoptr (SluiceDownload) download =
      sluice_manager_create_download_finish (manager, result, &error);

  if (download != NULL) {
    follow (task, download);
  } else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) &&
             !g_cancellable_is_cancelled (g_task_get_cancellable (task))) {
    /* the service ended before it answered */
    g_error_free (error);
    fetch->connected =
        g_signal_connect (manager, "notify::connected", G_CALLBACK (on_connected), task);
    on_connected (manager, NULL, task);
  } else {
    end (task, error);
  }
}

static void
create (GTask *task)
{
  Fetch *fetch = g_task_get_task_data (task);

  sluice_manager_create_download_async (fetch->manager, fetch->uri, fetch->properties, NULL,
                                        on_created, task);
}

static void
on_manager (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Fetch *fetch = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  fetch->manager = sluice_manager_new_finish (result, &error);
  if (fetch->manager == NULL) {
    end (task, error);
    return;
  }
  if (cancellable != NULL)
    fetch->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), task, NULL);
  create (task);
}

/* (transfer full): the properties that the caller gave, with those that this call sets; @path may be NULL */
static GVariant *
complete_properties (GVariant *given, const char *path)
{
  g_autoptr (GVariant) owned = given != NULL ? g_variant_ref_sink (given) : NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, owned);
  g_variant_dict_insert (&dict, "LocalPath", "s", path != NULL ? path : "");
  g_variant_dict_insert (&dict, "AutoStart", "b", TRUE);
  g_variant_dict_insert (&dict, "AutoFinalize", "b", TRUE);
  if (!g_variant_dict_contains (&dict, "Priority"))
    g_variant_dict_insert (&dict, "Priority", "s", "foreground");
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/**
 * sluice_fetch_file_async:
 * @uri: an http or https address
 * @target: a local file, which must not exist unless @properties has `Overwrite`
 * @properties: (nullable): `a{sv}`, further properties of the download, such as `Digest`; a floating reference
 *   is consumed
 * @cancellable: (nullable): cancelling aborts the download
 * @progress_callback: (nullable) (scope notified) (closure progress_data) (destroy progress_data_free): called with
 *   the progress; a total of -1 is unknown
 * @progress_data: for @progress_callback
 * @progress_data_free: (nullable): frees @progress_data when the call has ended
 * @callback: (scope async): called when the file is complete and synced to disk, or the call has failed
 * @user_data: for @callback
 *
 * Downloads @uri to @target: creates a download, waits for it even when the service restarts, and
 * finalizes it. If it fails or is cancelled, the download is aborted, and nothing is left behind. If
 * the program ends first, the service continues, and publishes the file all the same.
 *
 * This call sets the properties `LocalPath`, `AutoStart` and `AutoFinalize`, whatever @properties has
 * for them. `Priority` is `foreground` unless @properties has another value.
 *
 * Errors are those of [error@Sluice.Error], %G_IO_ERROR_CANCELLED, and those of the bus.
 * The error is %SLUICE_ERROR_INVALID_STATE if another program aborted the download, and
 * %SLUICE_ERROR_INVALID_ARGUMENT if @target is no local file. An error that may pass is not
 * reported, because the service tries again until `NoProgressTimeout` is over.
 */
void
sluice_fetch_file_async (const char *uri,
                         GFile *target,
                         GVariant *properties,
                         GCancellable *cancellable,
                         GFileProgressCallback progress_callback,
                         gpointer progress_data,
                         GDestroyNotify progress_data_free,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autofree char *path = NULL;
  GTask *task;
  Fetch *fetch;

  g_return_if_fail (uri != NULL);
  g_return_if_fail (G_IS_FILE (target));
  task = sl_call_new (NULL, sluice_fetch_file_async, cancellable, callback, user_data);
  path = g_file_get_path (target);
  g_task_set_check_cancellable (task, FALSE);
  fetch = g_new0 (Fetch, 1);
  fetch->progress = progress_callback;
  fetch->progress_data = progress_data;
  fetch->progress_data_free = progress_data_free;
  fetch->properties = complete_properties (properties, path);
  g_task_set_task_data (task, fetch, fetch_free);
  if (path == NULL) {
    g_task_return_new_error (task, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                             "The target is no local file");
    g_object_unref (task);
    return;
  }
  fetch->uri = g_strdup (uri);
  fetch->path = g_steal_pointer (&path);
  sluice_manager_new_async (G_BUS_TYPE_SESSION, cancellable, on_manager, task);
}

/**
 * sluice_fetch_file_finish:
 * @result: the result
 * @error: return location for an error
 *
 * Ends [func@Sluice.fetch_file_async].
 *
 * Returns: %TRUE if the file is there; %FALSE with @error
 */
gboolean
sluice_fetch_file_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
