/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The answer to calls that succeed without a value, or fail. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/answer.h"

void
sl_answer_done (const GError *error, gpointer invocation)
{
  if (error != NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}
