/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The policy key of a download at a moment, made from its record and the settings. */
#pragma once

#include "policy/decision.h"
#include "store/record.h"

G_BEGIN_DECLS

/*
 * The comfort deadline: until then the download may be held for the user's comfort (Unix µs); G_MAXINT64: for ever.
 */
gint64 sl_policy_key_get_comfort_deadline (const SlRecord *record,
                                           const SlPolicySettings *settings);
/* @now: Unix µs */
SlPolicyKey sl_policy_key_of (const SlRecord *record, const SlPolicySettings *settings, gint64 now);
/* Whether a download with @key is urgent: somebody waits for it, or its comfort deadline has passed. */
gboolean sl_policy_key_is_urgent (SlPolicyKey key);

G_END_DECLS
