/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a download demands of the conditions at a moment, as its record and the settings have it. */
#pragma once

#include "policy/decision.h"
#include "store/record.h"

G_BEGIN_DECLS

/* When the comfort of others has held it for long enough (Unix µs); G_MAXINT64 for never. */
gint64 sl_demand_get_patience_end (const SlRecord *record, const SlPolicySettings *settings);
/* @now: Unix µs */
SlDemand sl_demand_of (const SlRecord *record, const SlPolicySettings *settings, gint64 now);
/* Whether somebody waits for what has @demand: a person, or a point in time. */
gboolean sl_demand_is_urgent (SlDemand demand);

G_END_DECLS
