/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hints on the battery, from UPower on the system bus: whether the machine runs on it, and its level. */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlUPower SlUPower;

SlUPower *sl_upower_new (GDBusConnection *system, SlSourceChanged changed, gpointer user_data);
void sl_upower_fold (SlUPower *upower, SlConditions *conditions);
void sl_upower_free (SlUPower *upower);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlUPower, sl_upower_free)

G_END_DECLS
