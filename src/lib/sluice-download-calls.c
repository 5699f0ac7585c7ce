/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SluiceDownload: its calls, each a pair of functions. */
#include "config.h"

#include "call.h"
#include "sluice-download-private.h"
#include "sluice-enums-private.h"

static void
call (SluiceDownload *self, const char *method, GVariant *args, GTask *task)
{
  sl_bus_call (sl_lib_download_get_bus (self), sl_lib_download_get_object (self), method, args,
               task);
}

/**
 * sluice_download_start_async:
 * @download: a download
 * @ranges: (nullable): `a(tt)`, offset and length of each wanted range; %NULL for the whole file, or for
 *   the ranges requested before
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Starts the download, or resumes it: the state becomes %SLUICE_STATE_QUEUED. In state
 * %SLUICE_STATE_RETRYING this ends the wait, in %SLUICE_STATE_FAILED it tries again, and in
 * %SLUICE_STATE_TRANSFERRED it can request further ranges. While the download is queued or
 * transferring, a call with the same ranges or %NULL changes nothing.
 *
 * A length of %G_MAXUINT64 means up to the end of the file. Ranges are written at their own offsets
 * in the file, and must not overlap. A floating @ranges is consumed.
 *
 * Errors are %SLUICE_ERROR_INVALID_STATE, %SLUICE_ERROR_INVALID_ARGUMENT (ranges overlap, or the
 * path is not set), %SLUICE_ERROR_FILE_EXISTS (the file exists and may not be overwritten, or another
 * download has the same path) and %SLUICE_ERROR_LOCAL_FILE (the directory is missing or not
 * writable).
 */
void
sluice_download_start_async (SluiceDownload *self,
                             GVariant *ranges,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  g_return_if_fail (ranges == NULL || g_variant_is_of_type (ranges, G_VARIANT_TYPE ("a(tt)")));
  if (ranges == NULL)
    ranges = g_variant_new_array (G_VARIANT_TYPE ("(tt)"), NULL, 0);
  call (self, "Start", g_variant_new ("(@a(tt))", ranges),
        sl_call_new (self, sluice_download_start_async, cancellable, callback, user_data));
}

/**
 * sluice_download_start_finish:
 * @download: a download
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.start_async].
 *
 * Returns: whether the download is started now, or was already; %FALSE with @error
 */
gboolean
sluice_download_start_finish (SluiceDownload *self, GAsyncResult *result, GError **error)
{
  return sl_call_finish (self, result, sluice_download_start_async, error);
}

/**
 * sluice_download_pause_async:
 * @download: a download
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Pauses the download. When this succeeds, no further byte is read. The fetched bytes are kept, and
 * [method@Sluice.Download.start_async] continues the download. It stays paused when the service
 * restarts. If it is paused already, nothing changes.
 *
 * Fails with %SLUICE_ERROR_INVALID_STATE if the download is not queued, transferring or retrying.
 */
void
sluice_download_pause_async (SluiceDownload *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  call (self, "Pause", NULL,
        sl_call_new (self, sluice_download_pause_async, cancellable, callback, user_data));
}

/**
 * sluice_download_pause_finish:
 * @download: a download
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.pause_async].
 *
 * Returns: whether the download is paused; %FALSE with @error
 */
gboolean
sluice_download_pause_finish (SluiceDownload *self, GAsyncResult *result, GError **error)
{
  return sl_call_finish (self, result, sluice_download_pause_async, error);
}

/**
 * sluice_download_abort_async:
 * @download: a download
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Ends the download and deletes the fetched bytes. If it is aborted already, nothing changes; fails
 * with %SLUICE_ERROR_INVALID_STATE if it is finalized.
 */
void
sluice_download_abort_async (SluiceDownload *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  call (self, "Abort", NULL,
        sl_call_new (self, sluice_download_abort_async, cancellable, callback, user_data));
}

/**
 * sluice_download_abort_finish:
 * @download: a download
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.abort_async].
 *
 * Returns: whether the download is aborted; %FALSE with @error
 */
gboolean
sluice_download_abort_finish (SluiceDownload *self, GAsyncResult *result, GError **error)
{
  return sl_call_finish (self, result, sluice_download_abort_async, error);
}

/**
 * sluice_download_finalize_async:
 * @download: a download
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Publishes the file under its path and ends the download, which must be in state
 * %SLUICE_STATE_TRANSFERRED. When this succeeds, the file is durably on disk, and has the digest
 * that the download's property `Digest` demands. It also succeeds if the download is finalized
 * already. If the service ends before it replies, call this again when it is back.
 *
 * Errors are %SLUICE_ERROR_INVALID_STATE; %SLUICE_ERROR_FILE_EXISTS, %SLUICE_ERROR_NO_SPACE and
 * %SLUICE_ERROR_LOCAL_FILE, after which the state is the same and you can try again; and
 * %SLUICE_ERROR_DIGEST_MISMATCH, which deletes the content and sets the state to %SLUICE_STATE_FAILED.
 * If another program has changed the content on disk, the error is %SLUICE_ERROR_LOCAL_FILE, and the
 * download is queued and fetched again.
 */
void
sluice_download_finalize_async (SluiceDownload *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  call (self, "Finalize", g_variant_new ("(a{sv})", NULL),
        sl_call_new (self, sluice_download_finalize_async, cancellable, callback, user_data));
}

/**
 * sluice_download_finalize_finish:
 * @download: a download
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.finalize_async].
 *
 * Returns: whether the file is published; %FALSE with @error
 */
gboolean
sluice_download_finalize_finish (SluiceDownload *self, GAsyncResult *result, GError **error)
{
  return sl_call_finish (self, result, sluice_download_finalize_async, error);
}

/**
 * sluice_download_set_async:
 * @download: a download
 * @name: the property's name on the bus, such as `Priority`
 * @value: its new value, of the property's type on the bus
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Changes a property. The documentation of each property says in which states that is possible.
 * When this succeeds, the new value is on disk. A floating @value is consumed.
 *
 * Errors are %SLUICE_ERROR_INVALID_ARGUMENT (there is no such property, it cannot be written, or
 * the value is not valid) and %SLUICE_ERROR_INVALID_STATE; for `Uri` also
 * %SLUICE_ERROR_INVALID_URI, and for `LocalPath` also %SLUICE_ERROR_FILE_EXISTS, if another download
 * has that path.
 */
void
sluice_download_set_async (SluiceDownload *self,
                           const char *name,
                           GVariant *value,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (value != NULL);
  sl_bus_set (sl_lib_download_get_bus (self), sl_lib_download_get_object (self), name, value,
              sl_call_new (self, sluice_download_set_async, cancellable, callback, user_data));
}

/**
 * sluice_download_set_finish:
 * @download: a download
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.set_async].
 *
 * Returns: whether the property has the new value; %FALSE with @error
 */
gboolean
sluice_download_set_finish (SluiceDownload *self, GAsyncResult *result, GError **error)
{
  return sl_call_finish (self, result, sluice_download_set_async, error);
}

/**
 * sluice_download_get_status_async:
 * @download: a download
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks the service for the present state and progress. Unlike
 * [method@Sluice.Download.refresh_async], this does not update the properties.
 */
void
sluice_download_get_status_async (SluiceDownload *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  call (self, "GetStatus", NULL,
        sl_call_new (self, sluice_download_get_status_async, cancellable, callback, user_data));
}

/**
 * sluice_download_get_status_finish:
 * @download: a download
 * @result: the result that the callback received
 * @state: (out) (optional): return location for the state
 * @transferred: (out) (optional): return location for the bytes written
 * @total: (out) (optional): return location for the size; %G_MAXUINT64 if it is unknown
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.get_status_async].
 *
 * Returns: whether the service answered; %FALSE with @error, and nothing is stored then
 */
gboolean
sluice_download_get_status_finish (SluiceDownload *self,
                                   GAsyncResult *result,
                                   SluiceState *state,
                                   guint64 *transferred,
                                   guint64 *total,
                                   GError **error)
{
  g_autoptr (GVariant) reply =
      sl_call_finish_pointer (self, result, sluice_download_get_status_async, error);
  const char *word;
  guint64 all;
  guint64 done;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(&stt&s&s)", &word, &all, &done, NULL, NULL);
  if (state != NULL)
    *state = (SluiceState)sl_enum_from_nick (SLUICE_TYPE_STATE, word);
  if (transferred != NULL)
    *transferred = done;
  if (total != NULL)
    *total = all;
  return TRUE;
}

/**
 * sluice_download_refresh_async:
 * @download: a download
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Reads all properties again, including those that do not notify, such as
 * [property@Sluice.Download:bytes-per-second]. When this succeeds, they are up to date.
 *
 * If the service does not know the download any more, this fails with %SLUICE_ERROR_NOT_FOUND, and
 * the state becomes %SLUICE_STATE_ABORTED unless the download had ended.
 */
void
sluice_download_refresh_async (SluiceDownload *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  sl_bus_read (sl_lib_download_get_bus (self), sl_lib_download_get_object (self),
               sl_call_new (self, sluice_download_refresh_async, cancellable, callback, user_data));
}

/**
 * sluice_download_refresh_finish:
 * @download: a download
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.refresh_async].
 *
 * Returns: whether the properties were read; %FALSE with @error
 */
gboolean
sluice_download_refresh_finish (SluiceDownload *self, GAsyncResult *result, GError **error)
{
  return sl_call_finish (self, result, sluice_download_refresh_async, error);
}
