/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which bytes count against whose volume: keeps the usage of each connection, and tells the policy cache, which decides by it. */
#pragma once

#include "queue/policy-cache.h"
#include "queue/usage.h"

G_BEGIN_DECLS

typedef struct _SlAccounting SlAccounting;

/* All (transfer none), and outlive it */
SlAccounting *
sl_accounting_new (SlStore *store, SlPolicyCache *cache, const SlPolicySettings *settings);
void sl_accounting_free (SlAccounting *accounting);

/* (transfer none) @zone; takes effect with the next sl_accounting_refresh () */
void sl_accounting_set_zone (SlAccounting *accounting, GTimeZone *zone);
/* Tells the cache what has been used of the month and the period that @now (Unix µs) is in. */
void sl_accounting_refresh (SlAccounting *accounting, gint64 now);
/* Counts @bytes that came over the interface @route (0: not known). */
void sl_accounting_add (SlAccounting *accounting, guint route, guint64 bytes);
/* Whether any decision follows from what has been used. */
gboolean sl_accounting_matters (SlAccounting *accounting);
/* How many bytes of this month's volume have come over @link. */
guint64 sl_accounting_get_used (SlAccounting *accounting, const SlLink *link);
/* When the month ends (Unix µs). */
gint64 sl_accounting_get_end (SlAccounting *accounting);
/* Has all that was counted written. */
void sl_accounting_flush (SlAccounting *accounting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlAccounting, sl_accounting_free)

G_END_DECLS
