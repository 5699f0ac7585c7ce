/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Steadiness: worse news counts at once, better news when it has lasted a while, and the longer the more often it
 * has turned out to be none. So a hint that flaps neither costs money nor starts and stops transfers.
 */
#pragma once

#include "hints/conditions.h"

G_BEGIN_DECLS

typedef struct _SlSteady SlSteady;

SlSteady *sl_steady_new (void);
void sl_steady_free (SlSteady *steady);

/* (transfer full): @now (monotonic, µs): what is to be gone by while the hints say @conditions */
SlConditions *sl_steady_apply (SlSteady *steady, const SlConditions *conditions, gint64 now);
/* When the next apply () could say something else though the hints don't change (monotonic); G_MAXINT64 for never. */
gint64 sl_steady_get_next_change (const SlSteady *steady);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlSteady, sl_steady_free)

G_END_DECLS
