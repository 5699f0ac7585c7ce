/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions on a manager that are private to the library. */
#pragma once

#include "bus.h"

#include <sluice/sluice-manager.h>

G_BEGIN_DECLS

SlBus *sl_lib_manager_get_bus (SluiceManager *manager);
SlObject *sl_lib_manager_get_object (SluiceManager *manager);

G_END_DECLS
