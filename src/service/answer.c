/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a call is answered. */
#define G_LOG_DOMAIN "sluice-service"

#include "service/answer.h"

#include "base/text.h"

/* In bytes. A message repeats what the caller gave, which may be 100 MB, or a path that somebody else chose. */
#define MESSAGE_MAX 1024

void
sl_answer_error (GDBusMethodInvocation *invocation, const GError *error)
{
  g_autofree char *message = sl_text_clean (error->message, MESSAGE_MAX);

  g_dbus_method_invocation_return_error_literal (invocation, error->domain, error->code, message);
}

void
sl_answer_done (const GError *error, gpointer invocation)
{
  if (error != NULL)
    sl_answer_error (invocation, error);
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}
