/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The hints on cellular networks, from ModemManager on the system bus: which links go over a modem, whether it is
 * roaming, and the operator's name. It adds these to the links that other sources made.
 */
#pragma once

#include "hints/source.h"

G_BEGIN_DECLS

typedef struct _SlModem SlModem;

SlModem *sl_modem_new (GDBusConnection *system, SlSourceChanged changed, gpointer user_data);
/* Call it after the sources that make links. */
void sl_modem_fold (SlModem *modem, SlConditions *conditions);
void sl_modem_free (SlModem *modem);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlModem, sl_modem_free)

G_END_DECLS
