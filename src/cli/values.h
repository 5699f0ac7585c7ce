/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Members of a dictionary of the bus: what is missing, or of another type, is nothing. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean values_get_flag (GVariant *values, const char *name);
/* (transfer none): as long as @values is; "" if it's missing */
const char *values_get_text (GVariant *values, const char *name);
guint64 values_get_number (GVariant *values, const char *name);
gint64 values_get_time (GVariant *values, const char *name);
double values_get_double (GVariant *values, const char *name);

G_END_DECLS
