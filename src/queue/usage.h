/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How many bytes arrived over each connection in this month of the plan, and in the present period of its tariff.
 * Survives restarts.
 */
#pragma once

#include "store/store.h"

G_BEGIN_DECLS

typedef struct _SlUsage SlUsage;

/* (transfer none) @store */
SlUsage *sl_usage_new (SlStore *store);
/* Has the store write what it lacks. */
void sl_usage_free (SlUsage *usage);

/* Counts for the month that contains @now (Unix µs); months begin on @day (1 to 28). */
void sl_usage_set_time (SlUsage *usage, gint64 now, GTimeZone *zone, guint day);
/* When the next month begins (Unix µs). */
gint64 sl_usage_get_end (SlUsage *usage);

/* @connection: its UUID; @period: when the present tariff period began (Unix µs); 0: no tariff */
void sl_usage_add (SlUsage *usage, const char *connection, gint64 period, guint64 bytes);
guint64 sl_usage_get_month (SlUsage *usage, const char *connection);
guint64 sl_usage_get_period (SlUsage *usage, const char *connection, gint64 period);
/* Gives changed counts to the store. */
void sl_usage_flush (SlUsage *usage);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlUsage, sl_usage_free)

G_END_DECLS
