/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SluiceManager: the service as a client sees it. */
#pragma once

#include <gio/gio.h>
#include <sluice/sluice-download.h>

G_BEGIN_DECLS

#define SLUICE_TYPE_MANAGER (sluice_manager_get_type ())
G_DECLARE_FINAL_TYPE (SluiceManager, sluice_manager, SLUICE, MANAGER, GObject)

void sluice_manager_new_async (GBusType bus,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
SluiceManager *sluice_manager_new_finish (GAsyncResult *result, GError **error);

const char *sluice_manager_get_version (SluiceManager *manager);
gboolean sluice_manager_get_connected (SluiceManager *manager);
GVariant *sluice_manager_dup_conditions (SluiceManager *manager);
gboolean sluice_manager_get_suspended (SluiceManager *manager);
char **sluice_manager_dup_config_problems (SluiceManager *manager);

void sluice_manager_create_download_async (SluiceManager *manager,
                                           const char *uri,
                                           GVariant *properties,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
SluiceDownload *sluice_manager_create_download_finish (SluiceManager *manager,
                                                       GAsyncResult *result,
                                                       GError **error);

void sluice_manager_create_downloads_async (SluiceManager *manager,
                                            GVariant *requests,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
GPtrArray *sluice_manager_create_downloads_finish (SluiceManager *manager,
                                                   GAsyncResult *result,
                                                   GError **error);

void sluice_manager_list_downloads_async (SluiceManager *manager,
                                          GVariant *filter,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
GPtrArray *
sluice_manager_list_downloads_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_find_downloads_async (SluiceManager *manager,
                                          const char *prefix,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
GPtrArray *
sluice_manager_find_downloads_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_get_download_async (SluiceManager *manager,
                                        const char *id,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
SluiceDownload *
sluice_manager_get_download_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_subscribe_async (SluiceManager *manager,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean
sluice_manager_subscribe_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_refresh_async (SluiceManager *manager,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean
sluice_manager_refresh_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_set_suspended_async (SluiceManager *manager,
                                         gboolean suspended,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean
sluice_manager_set_suspended_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_reload_config_async (SluiceManager *manager,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean
sluice_manager_reload_config_finish (SluiceManager *manager, GAsyncResult *result, GError **error);

void sluice_manager_get_effective_config_async (SluiceManager *manager,
                                                GCancellable *cancellable,
                                                GAsyncReadyCallback callback,
                                                gpointer user_data);
GVariant *sluice_manager_get_effective_config_finish (SluiceManager *manager,
                                                      GAsyncResult *result,
                                                      GError **error);

G_END_DECLS
