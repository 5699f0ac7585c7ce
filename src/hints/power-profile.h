/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hint that the machine saves power: power-profiles-daemon on the system bus, under its old or its new name.
 * Without a system bus, as in a sandbox, the portal on the session bus. (GPowerProfileMonitor knows both, but blocks
 * while it connects to the portal.)
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlPowerProfile SlPowerProfile;

/* @session: (nullable): for the portal; used only where @system is NULL */
SlPowerProfile *sl_power_profile_new (GDBusConnection *session,
                                      GDBusConnection *system,
                                      SlSourceChanged changed,
                                      gpointer user_data);
void sl_power_profile_fold (SlPowerProfile *profile, SlConditions *conditions);
void sl_power_profile_free (SlPowerProfile *profile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPowerProfile, sl_power_profile_free)

G_END_DECLS
