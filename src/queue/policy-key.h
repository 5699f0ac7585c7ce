/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy key of a download at a moment, as its record and the settings have it. */
#pragma once

#include "policy/decision.h"
#include "store/record.h"

G_BEGIN_DECLS

/* Its comfort deadline: until then it may be held for the comfort of others (Unix µs); G_MAXINT64 for ever. */
gint64 sl_policy_key_get_comfort_deadline (const SlRecord *record,
                                           const SlPolicySettings *settings);
/* @now: Unix µs */
SlPolicyKey sl_policy_key_of (const SlRecord *record, const SlPolicySettings *settings, gint64 now);
/* Whether somebody waits for what has @key: a person, or a point in time. */
gboolean sl_policy_key_is_urgent (SlPolicyKey key);

G_END_DECLS
