/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One method call to the service, and what its errors mean. */
#include "config.h"

#include "bus-private.h"

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data; /* (owned) */
  g_autoptr (GError) error = NULL;
  GVariant *reply;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL) {
    g_dbus_error_strip_remote_error (error);
    g_task_return_error (task, g_steal_pointer (&error));
  } else {
    g_task_return_pointer (task, reply, (GDestroyNotify)g_variant_unref);
  }
}

/* No time limit: Finalize() of a large file reads all of it, and the bus tells when the service dies. */
void
sl_lib_call (GDBusConnection *connection,
             const char *path,
             const char *iface,
             const char *method,
             GVariant *args,
             GTask *task)
{
  g_dbus_connection_call (connection, SL_BUS_NAME, path, iface, method, args, NULL,
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task), on_reply,
                          task);
}
