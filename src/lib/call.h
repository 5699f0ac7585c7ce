/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The frame that all asynchronous functions of the library have in common: the task of one, and its end. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full): the task of @begin, a function …_async () of @self */
GTask *sl_call_new (gpointer self,
                    gpointer begin,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data);
/* (transfer full) (nullable): what the task of @begin got: a reply, a tuple, for a call; NULL with @error */
gpointer
sl_call_finish_pointer (gpointer self, GAsyncResult *result, gpointer begin, GError **error);
/* The same for a call whose reply says nothing. */
gboolean sl_call_finish (gpointer self, GAsyncResult *result, gpointer begin, GError **error);

G_END_DECLS
