/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Begins and ends the task of an asynchronous function. */
#include "config.h"

#include "call.h"

GTask *
sl_call_new (gpointer self,
             gpointer begin,
             GCancellable *cancellable,
             GAsyncReadyCallback callback,
             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  /* in parentheses, because the macro of this name would name each task “begin” */
  (g_task_set_source_tag) (task, begin);
  return task;
}

gpointer
sl_call_finish_pointer (gpointer self, GAsyncResult *result, gpointer begin, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, begin), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
sl_call_finish (gpointer self, GAsyncResult *result, gpointer begin, GError **error)
{
  g_autoptr (GVariant) reply = sl_call_finish_pointer (self, result, begin, error);

  return reply != NULL;
}
