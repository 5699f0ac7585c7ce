/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call that does everything: download an address to a file. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void sluice_fetch_file_async (const char *uri,
                              GFile *target,
                              GVariant *properties,
                              GCancellable *cancellable,
                              GFileProgressCallback progress_callback,
                              gpointer progress_data,
                              GDestroyNotify progress_data_free,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean sluice_fetch_file_finish (GAsyncResult *result, GError **error);

G_END_DECLS
