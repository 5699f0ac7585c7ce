/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SluiceDownload: a download as a client sees it, with its last known properties and its signals. */
#include "config.h"

#include "base/error.h"
#include "sluice-download-private.h"
#include "sluice-enums-private.h"

#include <sluice-dbus.h>

/**
 * SluiceDownload:
 *
 * One download of the service.
 *
 * [class@Sluice.Manager] makes these objects, one for each download; while the program holds one,
 * it gets the same one again. Each has a GObject property for every property of the D-Bus interface
 * `org.sluice.Sluice1.Download`, named in lower case with dashes (`LocalPath` is `local-path`),
 * which notifies when it changes. [property@Sluice.Download:state] and
 * [property@Sluice.Download:priority] are enumerations, lists of words are `GStrv`, and values of other
 * container types are a [struct@GLib.Variant].
 *
 * The properties cannot be set directly: [method@Sluice.Download.set_async] asks the service, and
 * the property notifies when the service has changed it. When the manager returns the object, its
 * properties have been read. Only if the service ended or forgot the download at that moment, they are
 * %NULL, 0 or unknown, and the size is %G_MAXUINT64. [method@Sluice.Download.dup_error] makes a
 * [struct@GLib.Error] of [property@Sluice.Download:error] and
 * [property@Sluice.Download:error-message].
 *
 * While the service is away, the properties stay as they were; when it is back, they are read again.
 * If it does not know the download any more, and the download had not ended, the state becomes
 * %SLUICE_STATE_ABORTED with the error %SLUICE_ERROR_NOT_FOUND.
 *
 * The calls have no time limit. Their errors are those of [error@Sluice.Error], of the bus
 * (%G_DBUS_ERROR), such as %G_DBUS_ERROR_NO_REPLY if the service ended before it replied, and
 * %G_IO_ERROR_CANCELLED. A cancelled call may have been carried out nevertheless. The changes of a
 * successful call survive a restart of the service and a power cut, unless
 * [property@Sluice.Download:persistent] is %FALSE.
 */
struct _SluiceDownload {
  GObject parent_instance;

  SlObject *object; /* (owned) */
  SlBus *bus;       /* (owned) (nullable): NULL if no manager made it */
  GObject *manager; /* (owned) (nullable): kept alive for its signals */
};

enum { STATUS_CHANGED, RANGE_TRANSFERRED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SluiceDownload, sluice_download, G_TYPE_OBJECT)

/* StatusChanged announces state and progress; PropertiesChanged announces the rest. */
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

/* The service forgets a download a day after it ended; such a download keeps its state. */
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

/* What the XML of the interface does not say about the properties. */
static const SlPropertyNote notes[] = {
    {"State", .get_type = sluice_state_get_type},
    {"Priority", .get_type = sluice_priority_get_type},
    {"BytesTotal", .unknown = G_MAXUINT64},
    {NULL},
};

static SlKind download_kind = {
    .info = &sluice_dbus_download_interface,
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
   * @total: the size in bytes; %G_MAXUINT64 if it is unknown
   * @error: the D-Bus name of the error; empty for none. In state %SLUICE_STATE_TRANSFERRING, why the download
   *   began again
   *
   * Emitted on every change of the state. While bytes arrive, also emitted as often as
   * [property@Sluice.Download:progress-interval] and [property@Sluice.Download:progress-percent] say.
   *
   * The properties for the state and the bytes have their new values then; others, such as those of
   * the error, may change later. This signal is not emitted for changes while the service was away;
   * the properties notify then.
   */
  signals[STATUS_CHANGED] =
      g_signal_new ("status-changed", SLUICE_TYPE_DOWNLOAD, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 4, SLUICE_TYPE_STATE, G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
  /**
   * SluiceDownload::range-transferred:
   * @download: the download
   * @offset: where the range begins in the file, in bytes
   * @length: how many bytes it has
   *
   * A range that was given to [method@Sluice.Download.start_async] is on disk. For a whole file this
   * is emitted once, at the end. It is not emitted for ranges that were complete before the program could
   * receive it: see [property@Sluice.Download:transferred-ranges].
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

/* Reading without a call */

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
 * The value of [property@Sluice.Download:id], with which [method@Sluice.Manager.get_download_async]
 * finds the download again, even in another program.
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
 * Returns: (transfer none) (nullable): where the file will be published, valid until the property
 *   changes. Ends in a slash while the name of the file is not known yet; empty if it was not set;
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
 * Returns: (transfer full) (array zero-terminated=1): words that say why the download waits; empty
 *   if it does not wait
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
 * Returns: the size of the file, or of the wanted ranges, in bytes; %G_MAXUINT64 while it is unknown
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
 * The last error as a [struct@GLib.Error]. In state %SLUICE_STATE_FAILED it is final, in state
 * %SLUICE_STATE_RETRYING it may pass. As last heard; no call is made.
 *
 * Returns: (transfer full) (nullable): the error, of the domain %SLUICE_ERROR; %NULL if there is none
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
 * Returns: when the service tries again, in microseconds since 1970 (UTC), as
 *   [func@GLib.get_real_time] counts; 0 unless the state is %SLUICE_STATE_RETRYING
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
 * One property by its name on the bus, with its type there. As last heard; no call is made.
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
 * All known properties, by their names on the bus. As last heard; no call is made.
 *
 * Returns: (transfer full): `a{sv}`, not floating
 */
GVariant *
sluice_download_dup_values (SluiceDownload *self)
{
  g_return_val_if_fail (SLUICE_IS_DOWNLOAD (self), NULL);
  return sl_object_dup_values (self->object);
}
