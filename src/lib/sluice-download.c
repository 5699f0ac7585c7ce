/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A download as a client sees it: its properties, kept current by the manager, and its calls. */
#include "config.h"

#include "base/error.h"
#include "call.h"
#include "download-private.h"
#include "enums-private.h"

#include <sluice-dbus.h>

/**
 * SluiceDownload:
 *
 * One download of the service.
 *
 * Objects come from [class@Sluice.Manager], one for each download; as long as the program holds one
 * it gets the same again. Each has a GObject property for every property of the D-Bus interface
 * `org.sluice.Sluice1.Download`, named in lower case with dashes (`LocalPath` is `local-path`),
 * which notifies when it changes. [property@Sluice.Download:state] and
 * [property@Sluice.Download:priority] are enumerations, lists of words are `GStrv`, and what is
 * composed is a [struct@GLib.Variant].
 *
 * The properties cannot be set directly: [method@Sluice.Download.set_async] asks the service, and
 * the property notifies when it has been done. They have been read when the manager returns the
 * object; only if the service ended or forgot the download just then, what is not known is %NULL, 0
 * or unknown, and the size %G_MAXUINT64.
 *
 * While the service is away the properties stay as they were; when it is back they are read again.
 * A download that it does not know any more, and that had not ended, becomes %SLUICE_STATE_ABORTED
 * with the error %SLUICE_ERROR_NOT_FOUND.
 *
 * The calls have no time limit. Their errors are those of [error@Sluice.Error], of the bus
 * (%G_DBUS_ERROR), such as %G_DBUS_ERROR_NO_REPLY when the service ended meanwhile, and
 * %G_IO_ERROR_CANCELLED; a call that was cancelled may have been performed nevertheless. What a
 * call that succeeded has changed survives a restart of the service and a power cut, unless
 * [property@Sluice.Download:persistent] is %FALSE.
 */
struct _SluiceDownload {
  GObject parent_instance;

  SlObject *object; /* (owned) */
  SlBus *bus;       /* (owned) (nullable): NULL for one that no manager made */
  GObject *manager; /* (owned) (nullable): kept for the program, and not used */
};

enum { STATUS_CHANGED, RANGE_TRANSFERRED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SluiceDownload, sluice_download, G_TYPE_OBJECT)

/* State and progress travel by StatusChanged; the rest by PropertiesChanged. */
static void
handle_status (SluiceDownload *self, GVariant *args)
{
  const char *state;
  const char *error;
  guint64 transferred;
  guint64 total;

  g_variant_get (args, "(&stt&s)", &state, &transferred, &total, &error);
  g_object_freeze_notify (G_OBJECT (self));
  sl_object_store (self->object, "BytesTransferred", g_variant_new_uint64 (transferred));
  sl_object_store (self->object, "BytesTotal", g_variant_new_uint64 (total));
  sl_object_store (self->object, "State", g_variant_new_string (state));
  g_object_thaw_notify (G_OBJECT (self));
  g_signal_emit (self, signals[STATUS_CHANGED], 0, sl_enum_from_nick (SLUICE_TYPE_STATE, state),
                 transferred, total, error);
}

static void
handle_signal (gpointer self, const char *signal, GVariant *args)
{
  if (g_str_equal (signal, "StatusChanged") &&
      g_variant_is_of_type (args, G_VARIANT_TYPE ("(stts)"))) {
    handle_status (self, args);
  } else if (g_str_equal (signal, "RangeTransferred") &&
             g_variant_is_of_type (args, G_VARIANT_TYPE ("(tt)"))) {
    guint64 offset;
    guint64 length;
    g_variant_get (args, "(tt)", &offset, &length);
    g_signal_emit (self, signals[RANGE_TRANSFERRED], 0, offset, length);
  }
}

/* What ended is forgotten a day later, and keeps the state that it had. */
static void
set_gone (gpointer data)
{
  SluiceDownload *self = data;
  g_autofree char *name = sl_error_dbus_name (SLUICE_ERROR_NOT_FOUND);
  SluiceState state = sluice_download_get_state (self);

  if (state == SLUICE_STATE_FINALIZED || state == SLUICE_STATE_ABORTED)
    return;
  g_object_freeze_notify (G_OBJECT (self));
  sl_object_store (self->object, "Error", g_variant_new_string (name));
  sl_object_store (self->object, "ErrorMessage",
                   g_variant_new_string (sl_error_text (SLUICE_ERROR_NOT_FOUND)));
  sl_object_store (self->object, "State", g_variant_new_string ("aborted"));
  g_object_thaw_notify (G_OBJECT (self));
}

/* What the interface does not say of the properties. */
static const SlPropertyNote notes[] = {
    {"State", .get_type = sluice_state_get_type},
    {"Priority", .get_type = sluice_priority_get_type},
    {"BytesTotal", .unknown = G_MAXUINT64},
    {NULL},
};

static SlKind download_kind = {
    .get_info = sluice_dbus_download_interface_info,
    .notes = notes,
    .first_id = 1,
    .handle_signal = handle_signal,
    .set_gone = set_gone,
};

SluiceDownload *
sl_lib_download_get (SlBus *bus, GObject *manager, const char *path)
{
  SlObject *known = sl_bus_lookup (bus, path);
  SluiceDownload *self;

  if (known != NULL && SLUICE_IS_DOWNLOAD (sl_object_get_self (known)))
    return g_object_ref (sl_object_get_self (known));
  self = g_object_new (SLUICE_TYPE_DOWNLOAD, NULL);
  self->bus = sl_bus_ref (bus);
  self->manager = g_object_ref (manager);
  sl_object_set_path (self->object, path);
  sl_bus_add (bus, self->object);
  return self;
}

SlBus *
sl_lib_download_get_bus (SluiceDownload *self)
{
  return self->bus;
}

SlObject *
sl_lib_download_get_object (SluiceDownload *self)
{
  return self->object;
}

static void
sluice_download_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  sl_object_get_property (SLUICE_DOWNLOAD (object)->object, id, value, spec);
}

static void
sluice_download_dispose (GObject *object)
{
  SluiceDownload *self = SLUICE_DOWNLOAD (object);

  if (self->bus != NULL)
    sl_bus_remove (self->bus, self->object);
  g_clear_pointer (&self->bus, sl_bus_unref);
  g_clear_object (&self->manager);
  G_OBJECT_CLASS (sluice_download_parent_class)->dispose (object);
}

static void
sluice_download_finalize (GObject *object)
{
  SluiceDownload *self = SLUICE_DOWNLOAD (object);

  sl_object_free (self->object);
  G_OBJECT_CLASS (sluice_download_parent_class)->finalize (object);
}

static void
sluice_download_class_init (SluiceDownloadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = sluice_download_get_property;
  object_class->dispose = sluice_download_dispose;
  object_class->finalize = sluice_download_finalize;
  sl_kind_install (&download_kind, object_class);

  /**
   * SluiceDownload::status-changed:
   * @download: the download
   * @state: its state
   * @transferred: how many bytes have been written
   * @total: of how many; %G_MAXUINT64 is unknown
   * @error: the D-Bus name of the error; empty for none. With %SLUICE_STATE_TRANSFERRING, why the download
   *   began again
   *
   * Emitted on every change of state; and while bytes flow, as often as
   * [property@Sluice.Download:progress-interval] and [property@Sluice.Download:progress-percent] say.
   *
   * The properties for the state and the bytes have their new values then; the others, those of the
   * error among them, may follow. For what changed while the service was away the properties notify,
   * and this signal is not emitted.
   */
  signals[STATUS_CHANGED] =
      g_signal_new ("status-changed", SLUICE_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 4, SLUICE_TYPE_STATE, G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
  /**
   * SluiceDownload::range-transferred:
   * @download: the download
   * @offset: where it begins in the file, in bytes
   * @length: how many bytes
   *
   * A range that [method@Sluice.Download.start_async] asked for is on disk. For a whole file it is
   * emitted once, at the end. Not emitted for what arrived unseen: see
   * [property@Sluice.Download:transferred-ranges].
   */
  signals[RANGE_TRANSFERRED] =
      g_signal_new ("range-transferred", SLUICE_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
sluice_download_init (SluiceDownload *self)
{
  self->object = sl_object_new (&download_kind, self);
}

/* What can be read without a call */

/**
 * sluice_download_get_object_path:
 * @download: a download
 *
 * The path of the download's object on the bus. It is made from the id, so a restart of the service
 * does not change it.
 *
 * Returns: (transfer none): the object path
 */
const char *
sluice_download_get_object_path (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  return sl_object_get_path (self->object);
}

/**
 * sluice_download_get_id: (get-property id)
 * @download: a download
 *
 * The value of [property@Sluice.Download:id], by which [method@Sluice.Manager.get_download_async]
 * finds the download again, also in another program.
 *
 * Returns: (transfer none) (nullable): the id, a UUID; %NULL if the download could not be read
 */
const char *
sluice_download_get_id (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  return sl_object_peek_string (self->object, "Id");
}

/**
 * sluice_download_get_uri: (get-property uri)
 * @download: a download
 *
 * The value of [property@Sluice.Download:uri]. As last heard; no call is made.
 *
 * Returns: (transfer none) (nullable): the address, valid until the property changes; %NULL if the
 *   download could not be read
 */
const char *
sluice_download_get_uri (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  return sl_object_peek_string (self->object, "Uri");
}

/**
 * sluice_download_get_local_path: (get-property local-path)
 * @download: a download
 *
 * The value of [property@Sluice.Download:local-path]. As last heard; no call is made.
 *
 * Returns: (transfer none) (nullable): where the file is going to be, valid until the property
 *   changes. Ends in a slash while the name of the file is not known yet; empty while none was given;
 *   %NULL if the download could not be read
 */
const char *
sluice_download_get_local_path (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  return sl_object_peek_string (self->object, "LocalPath");
}

/**
 * sluice_download_get_state: (get-property state)
 * @download: a download
 *
 * The value of [property@Sluice.Download:state]. As last heard; no call is made.
 *
 * Returns: the state; %SLUICE_STATE_UNKNOWN if the download could not be read, or the service is
 *   newer and has other states
 */
SluiceState
sluice_download_get_state (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), SLUICE_STATE_UNKNOWN);
  return (SluiceState)sl_enum_from_nick (SLUICE_TYPE_STATE,
                                         sl_object_peek_string (self->object, "State"));
}

/**
 * sluice_download_dup_state_reasons:
 * @download: a download
 *
 * The value of [property@Sluice.Download:state-reasons]. As last heard; no call is made.
 *
 * Returns: (transfer full) (array zero-terminated=1): words that say why it does not move; empty
 *   when it does
 */
char **
sluice_download_dup_state_reasons (SluiceDownload *self)
{
  GVariant *value;

  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  value = sl_object_peek (self->object, "StateReasons");
  return value == NULL ? g_new0 (char *, 1) : g_variant_dup_strv (value, NULL);
}

/**
 * sluice_download_get_bytes_total: (get-property bytes-total)
 * @download: a download
 *
 * The value of [property@Sluice.Download:bytes-total]. As last heard; no call is made.
 *
 * Returns: the size of what was asked for, in bytes; %G_MAXUINT64 while it is unknown
 */
guint64
sluice_download_get_bytes_total (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), G_MAXUINT64);
  return sl_object_peek_uint64 (self->object, "BytesTotal", G_MAXUINT64);
}

/**
 * sluice_download_get_bytes_transferred: (get-property bytes-transferred)
 * @download: a download
 *
 * The value of [property@Sluice.Download:bytes-transferred]. As last heard; no call is made.
 *
 * Returns: how many bytes have been written
 */
guint64
sluice_download_get_bytes_transferred (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), 0);
  return sl_object_peek_uint64 (self->object, "BytesTransferred", 0);
}

/**
 * sluice_download_dup_error:
 * @download: a download
 *
 * The last error as a [struct@GLib.Error]: final in state %SLUICE_STATE_FAILED, one that may pass
 * in state %SLUICE_STATE_RETRYING. As last heard; no call is made.
 *
 * Returns: (transfer full) (nullable): the error, of the domain %SLUICE_ERROR; %NULL for none
 */
GError *
sluice_download_dup_error (SluiceDownload *self)
{
  const char *name;
  const char *message;
  SluiceError code;

  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  name = sl_object_peek_string (self->object, "Error");
  message = sl_object_peek_string (self->object, "ErrorMessage");
  if (name == NULL || *name == '\0')
    return NULL;
  if (!sl_error_from_dbus_name (name, &code))
    code = SLUICE_ERROR_INTERNAL;
  return g_error_new_literal (SLUICE_ERROR, code,
                              message != NULL && *message != '\0' ? message : sl_error_text (code));
}

/**
 * sluice_download_get_retry_at: (get-property retry-at)
 * @download: a download
 *
 * The value of [property@Sluice.Download:retry-at]. As last heard; no call is made.
 *
 * Returns: when it is tried again, in microseconds since 1970 (UTC), as [func@GLib.get_real_time]
 *   counts; 0 unless it is in state %SLUICE_STATE_RETRYING
 */
gint64
sluice_download_get_retry_at (SluiceDownload *self)
{
  GVariant *value;

  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), 0);
  value = sl_object_peek (self->object, "RetryAt");
  return value == NULL ? 0 : g_variant_get_int64 (value);
}

/**
 * sluice_download_dup_value:
 * @download: a download
 * @name: a property's name on the bus, such as `BytesTotal`
 *
 * One property by its name on the bus, as the bus has it. As last heard; no call is made.
 *
 * Returns: (transfer full) (nullable): the value, not floating; %NULL if there is no such property
 *   or it could not be read
 */
GVariant *
sluice_download_dup_value (SluiceDownload *self, const char *name)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  return sl_object_dup_value (self->object, name);
}

/**
 * sluice_download_dup_values:
 * @download: a download
 *
 * All properties that are known, by their names on the bus. As last heard; no call is made.
 *
 * Returns: (transfer full): `a{sv}`, not floating
 */
GVariant *
sluice_download_dup_values (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  return sl_object_dup_values (self->object);
}

/* Calls */

/**
 * sluice_download_start_async:
 * @download: a download
 * @ranges: (nullable): offset and length of each part that is wanted, a(tt); %NULL is the whole file, or what was asked for before
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Starts the download, or resumes it: the state becomes %SLUICE_STATE_QUEUED. In state
 * %SLUICE_STATE_RETRYING it ends the wait, in %SLUICE_STATE_FAILED it tries again, and in
 * %SLUICE_STATE_TRANSFERRED further ranges can be asked for. While it is queued or transferring,
 * the same ranges or none change nothing.
 *
 * A length of %G_MAXUINT64 reaches to the end. Ranges are written at their own offsets in the file,
 * and must not overlap. A floating @ranges is consumed.
 *
 * Errors are %SLUICE_ERROR_INVALID_STATE, %SLUICE_ERROR_INVALID_ARGUMENT (overlapping ranges, or no
 * path was given), %SLUICE_ERROR_FILE_EXISTS (the file is there and may not be overwritten, or
 * another download has the same path) and %SLUICE_ERROR_LOCAL_FILE (the directory is missing or not
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
  sl_bus_call (self->bus, self->object, "Start", g_variant_new ("(@a(tt))", ranges),
               sl_call_new (self, sluice_download_start_async, cancellable, callback, user_data));
}

/**
 * sluice_download_start_finish:
 * @download: a download
 * @result: what the callback got
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.start_async].
 *
 * Returns: whether the download is started, or was; %FALSE with @error
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
 * Pauses the download. When it is done no further byte is read; what has been fetched is kept, and
 * [method@Sluice.Download.start_async] goes on. A paused download stays paused over a restart of
 * the service. Nothing changes if it is paused already.
 *
 * %SLUICE_ERROR_INVALID_STATE if it is not queued, transferring or retrying.
 */
void
sluice_download_pause_async (SluiceDownload *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  sl_bus_call (self->bus, self->object, "Pause", NULL,
               sl_call_new (self, sluice_download_pause_async, cancellable, callback, user_data));
}

/**
 * sluice_download_pause_finish:
 * @download: a download
 * @result: what the callback got
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
 * Ends the download and deletes what has been fetched. Nothing changes if it is aborted already;
 * %SLUICE_ERROR_INVALID_STATE if it is finalized.
 */
void
sluice_download_abort_async (SluiceDownload *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  sl_bus_call (self->bus, self->object, "Abort", NULL,
               sl_call_new (self, sluice_download_abort_async, cancellable, callback, user_data));
}

/**
 * sluice_download_abort_finish:
 * @download: a download
 * @result: what the callback got
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
 * Publishes the file under its path and ends the download; possible in state
 * %SLUICE_STATE_TRANSFERRED. When this succeeds the file is on disk for good, with the digest that
 * was asked for. Succeeds when it is finalized already. If the service ends meanwhile, call it
 * again when it is back.
 *
 * Errors are %SLUICE_ERROR_INVALID_STATE; %SLUICE_ERROR_FILE_EXISTS, %SLUICE_ERROR_NO_SPACE and
 * %SLUICE_ERROR_LOCAL_FILE, which leave the state as it was, so that it can be tried again; and
 * %SLUICE_ERROR_DIGEST_MISMATCH, which drops the content and makes the state %SLUICE_STATE_FAILED.
 * If the content was changed on disk meanwhile, that is %SLUICE_ERROR_LOCAL_FILE, and the download
 * is queued to be fetched again.
 */
void
sluice_download_finalize_async (SluiceDownload *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  sl_bus_call (self->bus, self->object, "Finalize", g_variant_new ("(a{sv})", NULL),
               sl_call_new (self, sluice_download_finalize_async, cancellable, callback,
                            user_data));
}

/**
 * sluice_download_finalize_finish:
 * @download: a download
 * @result: what the callback got
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
 * @value: its new value, of the type that it has on the bus
 * @cancellable: (nullable): to give up waiting for the reply
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Changes a property; each says in which states that is possible. The new value is on disk when
 * this succeeds. A floating @value is consumed.
 *
 * Errors are %SLUICE_ERROR_INVALID_ARGUMENT (there is no such property, it cannot be written, or
 * the value is not acceptable), %SLUICE_ERROR_INVALID_STATE; for `Uri` also
 * %SLUICE_ERROR_INVALID_URI, and for `LocalPath` %SLUICE_ERROR_FILE_EXISTS if another download has
 * it.
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
  sl_bus_set (self->bus, self->object, name, value,
              sl_call_new (self, sluice_download_set_async, cancellable, callback, user_data));
}

/**
 * sluice_download_set_finish:
 * @download: a download
 * @result: what the callback got
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
 * Asks the service for the state and the progress at this moment.
 * [method@Sluice.Download.refresh_async] updates the properties; this does not.
 */
void
sluice_download_get_status_async (SluiceDownload *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  sl_bus_call (self->bus, self->object, "GetStatus", NULL,
               sl_call_new (self, sluice_download_get_status_async, cancellable, callback,
                            user_data));
}

/**
 * sluice_download_get_status_finish:
 * @download: a download
 * @result: what the callback got
 * @state: (out) (optional): return location for the state
 * @transferred: (out) (optional): return location for the bytes written
 * @total: (out) (optional): return location for the size; %G_MAXUINT64 is unknown
 * @error: return location for an error
 *
 * Ends [method@Sluice.Download.get_status_async].
 *
 * Returns: whether the service answered; %FALSE with @error, and then nothing is stored
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
 * Reads all properties again, those too whose changes are not announced, such as
 * [property@Sluice.Download:bytes-per-second]. They have been read when this ends.
 *
 * If the service does not know the download any more it is %SLUICE_ERROR_NOT_FOUND, and the state
 * becomes %SLUICE_STATE_ABORTED unless it had ended.
 */
void
sluice_download_refresh_async (SluiceDownload *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (SLUICE_IS_DOWNLOAD (self));
  sl_bus_read (self->bus, self->object,
               sl_call_new (self, sluice_download_refresh_async, cancellable, callback, user_data));
}

/**
 * sluice_download_refresh_finish:
 * @download: a download
 * @result: what the callback got
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
