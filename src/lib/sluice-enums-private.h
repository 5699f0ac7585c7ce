/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns words of the D-Bus interface into enumeration values. */
#pragma once

#include <sluice/sluice-enums.h>

G_BEGIN_DECLS

/* The value of the enumeration @type with the word @nick; 0, which is "unknown", if there is none. */
int sl_enum_from_nick (GType type, const char *nick);

G_END_DECLS
