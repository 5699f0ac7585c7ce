/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counts bytes against the volumes of connections, and reports the counts to the policy cache, whose decisions depend
 * on them.
 */
#pragma once

#include "queue/policy-cache.h"
#include "queue/usage.h"

G_BEGIN_DECLS

typedef struct _SlAccounting SlAccounting;

/* All (transfer none), and must outlive it. */
SlAccounting *
sl_accounting_new (SlStore *store, SlPolicyCache *cache, const SlPolicySettings *settings);
void sl_accounting_free (SlAccounting *accounting);

/* @zone: (transfer none); takes effect with the next sl_accounting_refresh () */
void sl_accounting_set_zone (SlAccounting *accounting, GTimeZone *zone);
/* Reports to the cache what was used in the month and tariff period of @now (Unix µs). */
void sl_accounting_refresh (SlAccounting *accounting, gint64 now);
/* Counts @bytes that arrived over the interface @route (0: unknown). */
void sl_accounting_add (SlAccounting *accounting, guint route, guint64 bytes);
/* Whether any decision depends on the counts. */
gboolean sl_accounting_matters (SlAccounting *accounting);
/* How many bytes of this month's volume arrived over @link. */
guint64 sl_accounting_get_used (SlAccounting *accounting, const SlLink *link);
/* When the month ends (Unix µs). */
gint64 sl_accounting_get_end (SlAccounting *accounting);
/* Has the store write all counts. */
void sl_accounting_flush (SlAccounting *accounting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlAccounting, sl_accounting_free)

G_END_DECLS
