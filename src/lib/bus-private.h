/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names on the bus, and what manager and downloads tell each other. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

#define SL_BUS_NAME           "org.sluice.Sluice1"
#define SL_MANAGER_INTERFACE  "org.sluice.Sluice1.Manager"
#define SL_DOWNLOAD_INTERFACE "org.sluice.Sluice1.Download"
#define SL_PROPERTIES         "org.freedesktop.DBus.Properties"

/* Called by a download that goes away. */
void sl_lib_manager_forget (SluiceManager *manager, SluiceDownload *download, const char *path);
GDBusConnection *sl_lib_manager_get_connection (SluiceManager *manager);
/* (transfer full): the one object that stands for @path */
SluiceDownload *sl_lib_manager_get_object (SluiceManager *manager, const char *path);

SluiceDownload *sl_lib_download_new (SluiceManager *manager, const char *path);
SluiceManager *sl_lib_download_get_manager (SluiceDownload *download);
/* Takes in a signal of the object. */
void sl_lib_download_handle_signal (SluiceDownload *download, const char *signal, GVariant *args);
/* The service does not know the object any more. */
void sl_lib_download_set_gone (SluiceDownload *download);

/* Calls a method without a time limit; @task is (transfer full) and gets the reply, a tuple. */
void sl_lib_call (GDBusConnection *connection,
                  const char *path,
                  const char *iface,
                  const char *method,
                  GVariant *args,
                  GTask *task);

G_END_DECLS
