/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many bytes have come over each connection in this month of the plan; kept over restarts. */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

typedef struct _SlUsage SlUsage;

/* (transfer none) @store */
SlUsage *sl_usage_new (SlStore *store);
/* Has what was not yet given to the store written. */
void sl_usage_free (SlUsage *usage);

/*
 * Counts for the month that begins on @day (1 to 28) and that @now (Unix µs) is in; what was counted for earlier ones
 * is dropped when a new one begins. TRUE if another month has begun.
 */
gboolean sl_usage_set_time (SlUsage *usage, gint64 now, GTimeZone *zone, guint day);
/* When the next month begins (Unix µs). */
gint64 sl_usage_get_end (SlUsage *usage);

/* @connection: its UUID */
void sl_usage_add (SlUsage *usage, const char *connection, guint64 bytes);
guint64 sl_usage_get (SlUsage *usage, const char *connection);
/* Gives the store what has changed. */
void sl_usage_flush (SlUsage *usage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlUsage, sl_usage_free)

G_END_DECLS
