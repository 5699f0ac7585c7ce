/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads members of a dictionary, a{sv}. A member that is missing or has the wrong type is empty, 0 or FALSE. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean values_get_flag (GVariant *values, const char *name);
/* (transfer none): valid as long as @values; "" if it is missing */
const char *values_get_text (GVariant *values, const char *name);
guint64 values_get_number (GVariant *values, const char *name);
gint64 values_get_time (GVariant *values, const char *name);
double values_get_double (GVariant *values, const char *name);

G_END_DECLS
