/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The gate: what is decided at the moment for each policy key over each link. Decisions are kept until something
 * that they follow from changes, so asking is cheap however many wait.
 */
#pragma once

#include "policy/decision.h"

G_BEGIN_DECLS

typedef struct _SlGate SlGate;

/* (transfer none) @settings, which may change in place; sl_gate_refresh () then. */
SlGate *sl_gate_new (const SlPolicySettings *settings);
void sl_gate_free (SlGate *gate);

/* Each takes effect with the next sl_gate_refresh (). */
void sl_gate_set_conditions (SlGate *gate, const SlConditions *conditions);
void sl_gate_set_suspended (SlGate *gate, gboolean suspended);
/* (transfer none) @zone */
void sl_gate_set_zone (SlGate *gate, GTimeZone *zone);
/* How many bytes have come over the connection @uuid in this month, and in the present period of its tariff. */
void sl_gate_set_used (SlGate *gate, const char *uuid, guint64 month, guint64 period);
/* When the present period of the tariff of @link began (Unix µs); 0: it has none. */
gint64 sl_gate_get_period (SlGate *gate, const SlLink *link);
/* Decides anew; TRUE if anything has changed. @now: Unix µs */
gboolean sl_gate_refresh (SlGate *gate, gint64 now);

/* Why what goes to a host behind the interface @route (0: not known) with @key is held; NONE: it may run. */
SlReasons sl_gate_decide (SlGate *gate, guint route, SlPolicyKey key);
/* Since when (Unix µs); 0 when it is not held. */
gint64 sl_gate_get_held_since (SlGate *gate, guint route, SlPolicyKey key);

/* Whether anything that was asked for is held by @reason alone. */
gboolean sl_gate_holds_only_for (SlGate *gate, SlReasons reason);
SlCostState sl_gate_get_cost (SlGate *gate, const SlLink *link);
const SlPolicyContext *sl_gate_get_context (SlGate *gate);
/* When the decisions will change by themselves (Unix µs); G_MAXINT64 for never. */
gint64 sl_gate_get_next_change (SlGate *gate);
/* When the hours in which the background may run begin or end next, likewise. */
gint64 sl_gate_get_window_change (SlGate *gate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlGate, sl_gate_free)

G_END_DECLS
