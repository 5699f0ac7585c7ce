/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Downloads that wait for their next try. One timer for all of them; none when nothing waits. */
#pragma once

#include "queue/entry.h"

G_BEGIN_DECLS

typedef struct _SlRetries SlRetries;

/* The time of @entry has come; it does not wait here any more. */
typedef void (*SlRetryDue) (SlEntry *entry, gpointer user_data);

SlRetries *sl_retries_new (SlRetryDue due, gpointer user_data);
void sl_retries_free (SlRetries *retries);

/* @entry waits until @at (monotonic, µs), instead of an earlier time. */
void sl_retries_set (SlRetries *retries, SlEntry *entry, gint64 at);
void sl_retries_remove (SlRetries *retries, SlEntry *entry);
/* Ends the wait of all that wait now. */
void sl_retries_run_all (SlRetries *retries);
guint sl_retries_get_length (const SlRetries *retries);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRetries, sl_retries_free)

G_END_DECLS
