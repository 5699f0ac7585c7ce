/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the words of the bus to the enumerations. */
#pragma once

#include <sluice/sluice-enums.h>

G_BEGIN_DECLS

/* The value of the enumeration @type that has the word @nick; 0, which is "unknown", if there is none. */
int sl_enum_from_nick (GType type, const char *nick);

G_END_DECLS
