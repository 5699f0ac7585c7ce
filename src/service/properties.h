/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of a Download: of each its name, how it's read, how and in which states it's written. */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

/* (transfer full) (nullable): NULL with INVALID_ARGUMENT for an unknown name */
GVariant *sl_properties_get (SlDownload *download, const char *name, GError **error);

/*
 * (transfer none) (nullable): the option that can be written as @name, to a download in @state, with a @value of this type;
 * NULL with @error, which says why not
 */
const SlOption *
sl_properties_check_access (const char *name, GVariant *value, SlState state, GError **error);
/* Writes @value, after the access was checked, into @record; FALSE with @error when it's not acceptable. */
gboolean
sl_properties_set (SlRecord *record, const SlOption *option, GVariant *value, GError **error);

/* (transfer full): a new record from what CreateDownload was given */
SlRecord *
sl_properties_make_record (const char *uri, GVariant *properties, guint32 owner, GError **error);

/* (transfer full) (element-type GVariant): what all options read as now, to be compared later */
GPtrArray *sl_properties_dup_options (SlDownload *download);
/* Those that read otherwise than @before: writing one can change what another reads as. */
guint64 sl_properties_compare_options (SlDownload *download, GPtrArray *before);

/* Adds all properties that @changes covers, or simply all without it (nullable), to a builder of a{sv}. */
void
sl_properties_collect (SlDownload *download, const SlChanges *changes, GVariantBuilder *builder);

G_END_DECLS
