/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of downloads. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/download-signals.h"

#include "base/error.h"
#include "service/properties.h"
#include "service/signals.h"

#define INTERFACE "org.sluice.Sluice1.Download"
/* Changed properties are gathered for this long (ms): a small file comes and goes in less. */
#define GATHER_TIME 50
/* They are sent for this many downloads at a time. The next follow when the bus has passed these on, so that answers to
 * calls don't wait for all of them. */
#define STRETCH 128

struct _SlDownloadSignals {
  GDBusConnection *connection; /* (owned) */
  SlQueue *queue;
  GHashTable *changed; /* (owned) SlDownload → SlChanges (owned) that were not sent yet */
  GQueue order;    /* (owned) (element-type SlDownload) these, as they came, and some sent since */
  guint gather_id; /* 0 while nothing is gathered */
  GCancellable *cancellable; /* (owned) of the question to the bus */
  gboolean asking;           /* the bus has not said yet that it passed on what was sent last */
};

static void
emit (SlDownloadSignals *signals, SlDownload *download, const char *name, GVariant *parameters)
{
  const SlRecord *record = sl_download_get_record (download);
  g_autofree char *path = sl_id_to_path (&record->id);
  SlSignalSource source = {record->owner, path, INTERFACE};

  sl_signals_emit (signals->connection, &source, name, parameters);
}

/* Changed properties. */

static void
send_changes (SlDownloadSignals *signals, SlDownload *download, const SlChanges *changes)
{
  const SlRecord *record = sl_download_get_record (download);
  g_autofree char *path = sl_id_to_path (&record->id);
  SlSignalSource source = {record->owner, path, INTERFACE};
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sv}"));

  sl_properties_collect (download, changes, &values);
  sl_signals_emit_changed (signals->connection, &source, g_variant_builder_end (&values));
}

void
sl_download_signals_flush (SlDownloadSignals *signals, SlDownload *download)
{
  const SlChanges *changes = g_hash_table_lookup (signals->changed, download);

  if (changes != NULL)
    send_changes (signals, download, changes);
  g_hash_table_remove (signals->changed, download);
}

static void
flush_first (SlDownloadSignals *signals)
{
  g_autoptr (SlDownload) download = g_queue_pop_head (&signals->order);

  sl_download_signals_flush (signals, download);
}

void
sl_download_signals_flush_all (SlDownloadSignals *signals)
{
  while (!g_queue_is_empty (&signals->order))
    flush_first (signals);
}

static void send_stretch (SlDownloadSignals *signals);

static void
on_pong (GObject *connection, GAsyncResult *result, gpointer data)
{
  SlDownloadSignals *signals = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) G_GNUC_UNUSED reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  signals->asking = FALSE;
  send_stretch (signals);
}

static void
send_stretch (SlDownloadSignals *signals)
{
  for (guint i = 0; i < STRETCH && !g_queue_is_empty (&signals->order); i++)
    flush_first (signals);
  if (g_queue_is_empty (&signals->order))
    return;
  signals->asking = TRUE;
  g_dbus_connection_call (signals->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, signals->cancellable, on_pong,
                          signals);
}

static gboolean
on_gathered (gpointer data)
{
  SlDownloadSignals *signals = data;

  signals->gather_id = 0;
  send_stretch (signals);
  return G_SOURCE_REMOVE;
}

/* What downloads report. */

static void
on_changed (SlDownload *download, SlChanges changes, gpointer data)
{
  SlDownloadSignals *signals = data;
  SlChanges *gathered = g_hash_table_lookup (signals->changed, download);

  if (gathered == NULL) {
    gathered = g_new0 (SlChanges, 1);
    g_hash_table_insert (signals->changed, download, gathered);
    g_queue_push_tail (&signals->order, sl_download_ref (download));
  }
  gathered->options |= changes.options;
  gathered->facts |= changes.facts;
  if (signals->gather_id == 0 && !signals->asking)
    signals->gather_id = g_timeout_add (GATHER_TIME, on_gathered, signals);
}

static void
on_status (SlDownload *download, int cause, gpointer data)
{
  const SlRecord *record = sl_download_get_record (download);
  int code = cause != SL_NO_ERROR ? cause : record->error;
  g_autofree char *error = code != SL_NO_ERROR ? sl_error_dbus_name ((SluiceError)code) : NULL;

  emit (data, download, "StatusChanged",
        g_variant_new ("(stts)", sl_state_to_string (record->state),
                       sl_download_get_transferred (download), sl_download_get_total (download),
                       error != NULL ? error : ""));
}

static void
on_range (SlDownload *download, guint64 offset, guint64 length, gpointer data)
{
  emit (data, download, "RangeTransferred", g_variant_new ("(tt)", offset, length));
}

static const SlDownloadObserver observer = {
    .changed = on_changed,
    .status = on_status,
    .range = on_range,
};

/* Life. */

SlDownloadSignals *
sl_download_signals_new (GDBusConnection *connection, SlQueue *queue)
{
  SlDownloadSignals *signals = g_new0 (SlDownloadSignals, 1);

  signals->connection = g_object_ref (connection);
  signals->queue = queue;
  signals->cancellable = g_cancellable_new ();
  signals->changed = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, g_free);
  sl_queue_set_observer (queue, &observer, signals);
  return signals;
}

void
sl_download_signals_free (SlDownloadSignals *signals)
{
  sl_queue_set_observer (signals->queue, NULL, NULL);
  g_clear_handle_id (&signals->gather_id, g_source_remove);
  g_cancellable_cancel (signals->cancellable);
  g_object_unref (signals->cancellable);
  g_hash_table_unref (signals->changed);
  g_queue_clear_full (&signals->order, (GDestroyNotify)sl_download_unref);
  g_object_unref (signals->connection);
  g_free (signals);
}
