/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SluiceManager: creates, lists and finds downloads. Each function makes its call, reads the properties of the
 * downloads, and then ends the caller's task.
 */
#include "config.h"

#include "call.h"
#include "sluice-download-private.h"
#include "sluice-manager-private.h"

#include <string.h>

/* How many downloads are read at the same time: a bus limits a connection's calls without a reply. */
#define MAX_READS 64

typedef struct {
  char *prefix;         /* (owned) (nullable): only objects whose id begins with it */
  GPtrArray *downloads; /* (owned) (element-type SluiceDownload) */
  guint begun;
  guint done;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_free (reading->prefix);
  g_ptr_array_unref (reading->downloads);
  g_free (reading);
}

static void on_read (GObject *source, GAsyncResult *result, gpointer data);

/* Reads the next downloads, or ends @task when all have been read. */
static void
read_next (GTask *task)
{
  Reading *reading = g_task_get_task_data (task);
  GPtrArray *downloads = reading->downloads;

  if (reading->done == downloads->len)
    g_task_return_pointer (task, g_ptr_array_ref (downloads), (GDestroyNotify)g_ptr_array_unref);
  while (reading->begun < downloads->len && reading->begun - reading->done < MAX_READS)
    sluice_download_refresh_async (downloads->pdata[reading->begun++],
                                   g_task_get_cancellable (task), on_read, g_object_ref (task));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */

  /* if the service forgot the download between the two calls, its state stays unknown */
  sluice_download_refresh_finish (SLUICE_DOWNLOAD (source), result, NULL);
  ((Reading *)g_task_get_task_data (task))->done++;
  read_next (task);
}

/* Whether the id in @path begins with @prefix: the last part of the path is the id, with underscores for dashes. */
static gboolean
is_wanted (const char *path, const char *prefix)
{
  const char *id = strrchr (path, '/') + 1;

  for (; prefix != NULL && *prefix != '\0'; prefix++, id++) {
    if (*id != (*prefix == '-' ? '_' : *prefix))
      return FALSE;
  }
  return TRUE;
}

static void
on_paths (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data; /* (owned) */
  Reading *reading = g_task_get_task_data (task);
  g_autoptr (GVariant) paths = NULL;
  GError *error = NULL;
  g_autoptr (GVariant) reply = g_task_propagate_pointer (G_TASK (result), &error);
  gboolean single;

  if (reply == NULL) {
    g_task_return_error (task, error);
    return;
  }
  paths = g_variant_get_child_value (reply, 0);
  single = g_variant_is_of_type (paths, G_VARIANT_TYPE_OBJECT_PATH);
  for (gsize i = 0; i < (single ? 1 : g_variant_n_children (paths)); i++) {
    g_autoptr (GVariant) child =
        single ? g_variant_ref (paths) : g_variant_get_child_value (paths, i);
    const char *path = g_variant_get_string (child, NULL);
    if (is_wanted (path, reading->prefix))
      g_ptr_array_add (reading->downloads,
                       sl_lib_download_get (sl_lib_manager_get_bus (SLUICE_MANAGER (source)),
                                            source, path));
  }
  read_next (task);
}

static void
call_for_objects (SluiceManager *manager, const char *method, GVariant *parameters, GTask *task)
{
  GTask *inner = g_task_new (manager, g_task_get_cancellable (task), on_paths, task);
  Reading *reading = g_task_get_task_data (task);

  if (reading == NULL) {
    reading = g_new0 (Reading, 1);
    g_task_set_task_data (task, reading, reading_free);
  }
  reading->downloads = g_ptr_array_new_with_free_func (g_object_unref);
  sl_bus_call (sl_lib_manager_get_bus (manager), sl_lib_manager_get_object (manager), method,
               parameters, inner);
}

/* (transfer full) (nullable): the only download in @found, which is (transfer full) (nullable) */
static SluiceDownload *
take_single (GPtrArray *found)
{
  g_autoptr (GPtrArray) downloads = found;

  return downloads != NULL ? g_object_ref (downloads->pdata[0]) : NULL;
}

/* (transfer floating): @properties, or an empty dictionary */
static GVariant *
dict_or_empty (GVariant *values)
{
  return values != NULL ? values : g_variant_new ("a{sv}", NULL);
}

/**
 * sluice_manager_create_download_async:
 * @manager: the manager
 * @uri: an http or https address, of at most 8192 bytes, without a user name or password in it
 * @properties: (nullable): `a{sv}`, writable properties of the D-Bus interface org.sluice.Sluice1.Download by
 *   name; a floating reference is consumed
 * @cancellable: (nullable): to give up waiting
 * @callback: called when the service has committed the new download to disk
 * @user_data: for @callback
 *
 * Creates a download. [method@Sluice.Download.start_async] starts it, or the property `AutoStart`
 * starts it at once. It cannot be started without the property `LocalPath`. If one property is not
 * accepted, no download is created. When this succeeds, the download survives a power cut and
 * a restart of the service, unless `Persistent` is %FALSE. If the service ended before it answered
 * (%G_DBUS_ERROR_NO_REPLY), it may have created the download: list downloads by address and path.
 *
 * Errors are %SLUICE_ERROR_INVALID_URI, %SLUICE_ERROR_INVALID_ARGUMENT (the message names the
 * property), %SLUICE_ERROR_FILE_EXISTS (another download has the same path; or with `AutoStart`,
 * the file exists and may not be overwritten), %SLUICE_ERROR_LOCAL_FILE (with `AutoStart`: the
 * directory is missing or not writable) and %SLUICE_ERROR_LIMIT_EXCEEDED.
 */
void
sluice_manager_create_download_async (SluiceManager *manager,
                                      const char *uri,
                                      GVariant *properties,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  g_return_if_fail (uri != NULL);
  call_for_objects (manager, "CreateDownload",
                    g_variant_new ("(s@a{sv})", uri, dict_or_empty (properties)),
                    sl_call_new (manager, sluice_manager_create_download_async, cancellable,
                                 callback, user_data));
}

/**
 * sluice_manager_create_download_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.create_download_async].
 *
 * Returns: (transfer full): the download, with its properties read; %NULL with @error
 */
SluiceDownload *
sluice_manager_create_download_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return take_single (
      sl_call_finish_pointer (manager, result, sluice_manager_create_download_async, error));
}

/**
 * sluice_manager_create_downloads_async:
 * @manager: the manager
 * @requests: `a(sa{sv})`: address and properties of each; a floating reference is consumed
 * @cancellable: (nullable): to give up waiting
 * @callback: called when the service has committed all of them to disk
 * @user_data: for @callback
 *
 * Creates many downloads in one transaction: all of them, or none. Errors are those of
 * [method@Sluice.Manager.create_download_async]; the message names the index of the request,
 * counted from 0.
 */
void
sluice_manager_create_downloads_async (SluiceManager *manager,
                                       GVariant *requests,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  g_return_if_fail (requests != NULL);
  call_for_objects (manager, "CreateDownloads", g_variant_new ("(@a(sa{sv}))", requests),
                    sl_call_new (manager, sluice_manager_create_downloads_async, cancellable,
                                 callback, user_data));
}

/**
 * sluice_manager_create_downloads_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.create_downloads_async].
 *
 * Returns: (transfer container) (element-type SluiceDownload): the downloads in the order of the
 *   requests; %NULL with @error
 */
GPtrArray *
sluice_manager_create_downloads_finish (SluiceManager *manager,
                                        GAsyncResult *result,
                                        GError **error)
{
  return sl_call_finish_pointer (manager, result, sluice_manager_create_downloads_async, error);
}

/**
 * sluice_manager_list_downloads_async:
 * @manager: the manager
 * @filter: (nullable): `a{sv}` as for ListDownloads() of the D-Bus interface; a floating reference is consumed
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Lists the downloads of the user. Downloads that have ended are listed until their
 * [property@Sluice.Download:expiry-time].
 *
 * Keys of @filter, each matched exactly, are `Id`, `Uri`, `ContentId`, `DisplayName`, `LocalPath`
 * and `State`, which are strings; `Limit` (`u`), how many to return at most, 0 for no limit; and `After`
 * (`o`), an object path: only downloads created after that one, for paging. For an unknown key, the
 * error is %SLUICE_ERROR_INVALID_ARGUMENT.
 */
void
sluice_manager_list_downloads_async (SluiceManager *manager,
                                     GVariant *filter,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  call_for_objects (manager, "ListDownloads", g_variant_new ("(@a{sv})", dict_or_empty (filter)),
                    sl_call_new (manager, sluice_manager_list_downloads_async, cancellable,
                                 callback, user_data));
}

/**
 * sluice_manager_list_downloads_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.list_downloads_async].
 *
 * Returns: (transfer container) (element-type SluiceDownload): the downloads, oldest first; %NULL with @error
 */
GPtrArray *
sluice_manager_list_downloads_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return sl_call_finish_pointer (manager, result, sluice_manager_list_downloads_async, error);
}

/**
 * sluice_manager_find_downloads_async:
 * @manager: the manager
 * @prefix: the beginning of an id
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Finds the downloads whose ids begin with @prefix, and reads the properties of only these.
 * An empty @prefix finds all downloads.
 */
void
sluice_manager_find_downloads_async (SluiceManager *manager,
                                     const char *prefix,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task;
  Reading *reading;

  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  g_return_if_fail (prefix != NULL);
  task =
      sl_call_new (manager, sluice_manager_find_downloads_async, cancellable, callback, user_data);
  reading = g_new0 (Reading, 1);
  reading->prefix = g_strdup (prefix);
  g_task_set_task_data (task, reading, reading_free);
  call_for_objects (manager, "ListDownloads", g_variant_new ("(@a{sv})", dict_or_empty (NULL)),
                    task);
}

/**
 * sluice_manager_find_downloads_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.find_downloads_async].
 *
 * Returns: (transfer container) (element-type SluiceDownload): the downloads, oldest first; empty if no id
 *   begins with @prefix; %NULL with @error
 */
GPtrArray *
sluice_manager_find_downloads_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return sl_call_finish_pointer (manager, result, sluice_manager_find_downloads_async, error);
}

/**
 * sluice_manager_get_download_async:
 * @manager: the manager
 * @id: an id
 * @cancellable: (nullable): to give up waiting
 * @callback: called when done
 * @user_data: for @callback
 *
 * Finds a download by its id. Fails with %SLUICE_ERROR_NOT_FOUND if there is none with that id, or if it
 * has ended and was forgotten.
 */
void
sluice_manager_get_download_async (SluiceManager *manager,
                                   const char *id,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_MANAGER (manager));
  g_return_if_fail (id != NULL);
  call_for_objects (manager, "GetDownload", g_variant_new ("(s)", id),
                    sl_call_new (manager, sluice_manager_get_download_async, cancellable, callback,
                                 user_data));
}

/**
 * sluice_manager_get_download_finish:
 * @manager: the manager
 * @result: the result
 * @error: return location for an error
 *
 * Ends [method@Sluice.Manager.get_download_async].
 *
 * Returns: (transfer full): the download, with its properties read; %NULL with @error
 */
SluiceDownload *
sluice_manager_get_download_finish (SluiceManager *manager, GAsyncResult *result, GError **error)
{
  return take_single (
      sl_call_finish_pointer (manager, result, sluice_manager_get_download_async, error));
}
