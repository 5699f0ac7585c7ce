/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All sources of hints together, folded into one value. */
#pragma once

#include "hints/network.h"
#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlHints SlHints;

/* Settings of the sources; they can change. */
typedef struct {
  guint idle_seconds; /* without input, after which the user is idle */
  guint busy_share;   /* percent of a link's capacity that others must use for it to be busy */
} SlHintsSettings;

/* The buses on which the sources are. */
typedef struct {
  GDBusConnection *session; /* (nullable) */
  GDBusConnection *system;  /* (nullable) */
} SlBuses;

typedef struct {
  /* sl_hints_get () returns something different now. */
  void (*changed) (gpointer user_data);
  /* The network changed: routes and addresses may differ, and what failed before may work now. */
  SlNetworkSettled network_changed;
} SlHintsEvents;

SlHints *sl_hints_new (const SlBuses *buses,
                       const SlHintsSettings *settings,
                       const SlHintsEvents *events,
                       gpointer user_data);
void sl_hints_free (SlHints *hints);
void sl_hints_set_settings (SlHints *hints, const SlHintsSettings *settings);

/* (transfer none): valid until changed () or the next call */
const SlConditions *sl_hints_get (SlHints *hints);

/* @active: measure how busy links are */
void sl_hints_set_watching_traffic (SlHints *hints, gboolean active);
/* @bytes of downloads came over the interface @index; 0: over the primary link */
void sl_hints_add_own_traffic (SlHints *hints, guint index, guint64 bytes);

/* The hint's name on the bus, such as "OnBattery". */
const char *sl_hint_to_string (SlHint hint);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlHints, sl_hints_free)

G_END_DECLS
