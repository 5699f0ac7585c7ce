/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The answer to calls that succeed without a value, or fail. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* An SlDone whose data is the call's GDBusMethodInvocation (transfer full). */
void sl_answer_done (const GError *error, gpointer invocation);

/* (transfer full) @invocation: fails it with @error, whose message is made clean and cut to what somebody can read */
void sl_answer_error (GDBusMethodInvocation *invocation, const GError *error);

G_END_DECLS
