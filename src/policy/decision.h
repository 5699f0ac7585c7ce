/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The decision: may a download run now, and if not, why. Pure functions of what the machine says, what is
 * configured, and what the download asks for; the time comes as an argument.
 */
#pragma once

#include "policy/cost.h"

G_BEGIN_DECLS

/*
 * All that the decision depends on of a download, packed into one small number. Downloads with the same key share a
 * decision: however many wait, there are at most SL_N_POLICY_KEYS decisions for each link.
 */
typedef guint16 SlPolicyKey;
#define SL_N_POLICY_KEYS 1024

typedef struct {
  SlPriority priority;
  SlCostPolicy cost_policy; /* UNSET: the default of its priority */
  gboolean disallow_on_cellular;
  gboolean only_when_idle;
  gboolean only_on_external_power;
  gboolean comfort_counts;    /* before its deadline, and held for less than MaxWait */
  gboolean ignore_conditions; /* the owner wants it to run whatever the conditions */
} SlPolicyKeyParts;

SlPolicyKey sl_policy_key_pack (const SlPolicyKeyParts *parts);
SlPolicyKeyParts sl_policy_key_unpack (SlPolicyKey key);

/* What is the same for all downloads at one moment. */
typedef struct {
  const SlConditions *conditions;
  const SlPolicySettings *settings;
  gboolean suspended;
  gboolean in_window;
  SlPeriod period;
} SlPolicyContext;

/* Fills in what follows from the time; @now: Unix µs */
void sl_policy_context_set_time (SlPolicyContext *context, gint64 now, GTimeZone *zone);
/* When the result of sl_policy_context_set_time () changes next: Unix µs; G_MAXINT64 for never */
gint64
sl_policy_context_get_next_change (const SlPolicyContext *context, gint64 now, GTimeZone *zone);

/* The path of a transfer. */
typedef struct {
  const SlLink *link;       /* (nullable) */
  const SlAccount *account; /* (nullable) */
  gboolean routed;          /* the kernel knows a route to the host */
} SlPath;

/* Why a download of @key may not run now; SL_REASON_NONE if it may. */
SlReasons sl_decide (const SlPolicyContext *context, const SlPath *path, SlPolicyKey key);

/* The limit of a class, bytes a second; SL_RATE_UNLIMITED: none. @capacity: of the link; 0: unknown. */
guint64 sl_decide_rate (const SlPolicyContext *context, SlClass class_, guint64 capacity);

G_END_DECLS
