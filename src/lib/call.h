/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all asynchronous functions of the library share: how their task begins and ends. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full): a task for @begin, a function …_async () of @self */
GTask *sl_call_new (gpointer self,
                    gpointer begin,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data);
/*
 * (transfer full) (nullable): the result of the task of @begin, which for a call is the reply, a tuple; NULL with
 * @error
 */
gpointer
sl_call_finish_pointer (gpointer self, GAsyncResult *result, gpointer begin, GError **error);
/* The same for a call whose reply is empty. */
gboolean sl_call_finish (gpointer self, GAsyncResult *result, gpointer begin, GError **error);

G_END_DECLS
