/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of a Download: of each its name, how it's read, how and in which states it's written. */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

/* (transfer full) (nullable): NULL with INVALID_ARGUMENT for an unknown name */
GVariant *sl_properties_get (SlDownload *download, const char *name, GError **error);

/* Whether @name can be written to a download in @state with a @value of this type; says why not. */
gboolean
sl_properties_check_access (const char *name, GVariant *value, SlState state, GError **error);
/* Writes @value, after the access was checked, into @record; FALSE with @error when it's not acceptable. */
gboolean sl_properties_set (SlRecord *record, const char *name, GVariant *value, GError **error);

/* (transfer full): a new record from what CreateDownload was given */
SlRecord *
sl_properties_make_record (const char *uri, GVariant *properties, guint32 owner, GError **error);

/* Adds all properties that @changes covers to a builder of a{sv}. */
void sl_properties_collect (SlDownload *download, SlChanges changes, GVariantBuilder *builder);
/* Calls @each with the name of every property. */
void sl_properties_foreach (void (*each) (const char *name, gpointer user_data),
                            gpointer user_data);

G_END_DECLS
