/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SluiceDownload: one download of the service. */
#pragma once

#include <gio/gio.h>
#include <sluice/sluice-enums.h>

G_BEGIN_DECLS

#define SLUICE_TYPE_DOWNLOAD (sluice_download_get_type ())
G_DECLARE_FINAL_TYPE (SluiceDownload, sluice_download, SLUICE, DOWNLOAD, GObject)

const char *sluice_download_get_object_path (SluiceDownload *download);
const char *sluice_download_get_id (SluiceDownload *download);
const char *sluice_download_get_uri (SluiceDownload *download);
const char *sluice_download_get_local_path (SluiceDownload *download);
SluiceState sluice_download_get_state (SluiceDownload *download);
char **sluice_download_dup_state_reasons (SluiceDownload *download);
guint64 sluice_download_get_bytes_total (SluiceDownload *download);
guint64 sluice_download_get_bytes_transferred (SluiceDownload *download);
GError *sluice_download_dup_error (SluiceDownload *download);
gint64 sluice_download_get_retry_at (SluiceDownload *download);
GVariant *sluice_download_dup_value (SluiceDownload *download, const char *name);
GVariant *sluice_download_dup_values (SluiceDownload *download);

void sluice_download_start_async (SluiceDownload *download,
                                  GVariant *ranges,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean
sluice_download_start_finish (SluiceDownload *download, GAsyncResult *result, GError **error);
void sluice_download_pause_async (SluiceDownload *download,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean
sluice_download_pause_finish (SluiceDownload *download, GAsyncResult *result, GError **error);
void sluice_download_abort_async (SluiceDownload *download,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean
sluice_download_abort_finish (SluiceDownload *download, GAsyncResult *result, GError **error);
void sluice_download_finalize_async (SluiceDownload *download,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean
sluice_download_finalize_finish (SluiceDownload *download, GAsyncResult *result, GError **error);
void sluice_download_set_async (SluiceDownload *download,
                                const char *name,
                                GVariant *value,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean
sluice_download_set_finish (SluiceDownload *download, GAsyncResult *result, GError **error);
void sluice_download_get_status_async (SluiceDownload *download,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
gboolean sluice_download_get_status_finish (SluiceDownload *download,
                                            GAsyncResult *result,
                                            SluiceState *state,
                                            guint64 *transferred,
                                            guint64 *total,
                                            GError **error);
void sluice_download_refresh_async (SluiceDownload *download,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean
sluice_download_refresh_finish (SluiceDownload *download, GAsyncResult *result, GError **error);

G_END_DECLS
