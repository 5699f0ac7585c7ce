/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Debounces hints: worse news counts at once, better news only after it has lasted a while, and longer after each
 * relapse. So a hint that flaps neither costs money nor starts and stops transfers.
 */
#pragma once

#include "hints/conditions.h"

G_BEGIN_DECLS

typedef struct _SlDebounce SlDebounce;

SlDebounce *sl_debounce_new (void);
void sl_debounce_free (SlDebounce *debounce);

/* (transfer full): the debounced conditions to act on at @now (monotonic, µs), given the raw @conditions */
SlConditions *sl_debounce_apply (SlDebounce *debounce, const SlConditions *conditions, gint64 now);
/* When sl_debounce_apply () could change its result although the hints stay (monotonic, µs); G_MAXINT64 for never. */
gint64 sl_debounce_get_next_change (const SlDebounce *debounce);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDebounce, sl_debounce_free)

G_END_DECLS
