/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a call is answered that succeeds without a value, or fails. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An SlDone whose data is the call's GDBusMethodInvocation (transfer full). */
void sl_answer_done (const GError *error, gpointer invocation);

/* (transfer full) @invocation: fails with @error, whose message is made clean and is cut to a length that can be read. */
void sl_answer_error (GDBusMethodInvocation *invocation, const GError *error);

G_END_DECLS
