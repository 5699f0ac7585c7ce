/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the words of the bus to the enumerations; what is not known is 0. */
#pragma once

#include <sluice/sluice-enums.h>

G_BEGIN_DECLS

SluiceState sl_lib_state_from_string (const char *text);
SluicePriority sl_lib_priority_from_string (const char *text);

G_END_DECLS
