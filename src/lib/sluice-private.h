/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share and do not export. */
#pragma once

#include <sluice/sluice-manager.h>

G_BEGIN_DECLS

#define SLUICE_BUS_NAME           "org.sluice.Sluice1"
#define SLUICE_ROOT_PATH          "/org/sluice/Sluice1"
#define SLUICE_MANAGER_INTERFACE  "org.sluice.Sluice1.Manager"
#define SLUICE_DOWNLOAD_INTERFACE "org.sluice.Sluice1.Download"
#define SLUICE_PROPERTIES         "org.freedesktop.DBus.Properties"

/* (transfer full): not read yet; @manager is kept alive by it */
SluiceDownload *_sluice_download_new (SluiceManager *manager, const char *path);
/* A signal of the object has come. */
void _sluice_download_handle_signal (SluiceDownload *download,
                                     const char *interface,
                                     const char *signal,
                                     GVariant *parameters);

/* (transfer none) */
GDBusConnection *_sluice_manager_get_connection (SluiceManager *manager);
void _sluice_manager_forget (SluiceManager *manager, const char *path);

/*
 * Calls a method and ends @task (transfer full) with TRUE, or with its reply when @reply_type is not NULL, or with
 * the error of the bus in the words of SLUICE_ERROR.
 */
void _sluice_call (GDBusConnection *connection,
                   const char *path,
                   const char *interface,
                   const char *method,
                   GVariant *parameters,
                   const char *reply_type,
                   GTask *task);

G_END_DECLS
