/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call to the service, as a task. */
#include "sluice-private.h"

#include <sluice/sluice-error.h>

static void
on_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL) {
    g_dbus_error_strip_remote_error (error);
    g_task_return_error (task, error);
  } else if (GPOINTER_TO_INT (g_task_get_task_data (task))) {
    g_task_return_pointer (task, reply, (GDestroyNotify)g_variant_unref);
  } else {
    g_variant_unref (reply);
    g_task_return_boolean (task, TRUE);
  }
}

void
_sluice_call (GDBusConnection *connection,
              const char *path,
              const char *interface,
              const char *method,
              GVariant *parameters,
              const char *reply_type,
              GTask *task)
{
  /* the domain has to be registered before the first error comes */
  sluice_error_quark ();
  g_task_set_task_data (task, GINT_TO_POINTER (reply_type != NULL), NULL);
  g_dbus_connection_call (connection, SLUICE_BUS_NAME, path, interface, method, parameters,
                          reply_type != NULL ? G_VARIANT_TYPE (reply_type) : NULL,
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, g_task_get_cancellable (task), on_reply,
                          task);
}
