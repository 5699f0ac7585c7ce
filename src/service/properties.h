/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The properties of a Download: their names, how they are read and written, and in which states. They have numbers: the options,
 * which can be written, have their own, and the properties that are only read follow.
 */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

/* How many properties there are. */
guint sl_properties_count (void);
/* (transfer none): of the property @number */
const char *sl_properties_get_name (guint number);
/* (transfer full): its value now */
GVariant *sl_properties_get (SlDownload *download, guint number);

/* FALSE with @error when @option can't be written in @state, or when @value doesn't have its type. */
gboolean
sl_properties_check_access (const SlOption *option, GVariant *value, SlState state, GError **error);
/* Writes @value into @record, after the access was checked; FALSE with @error when it's not acceptable. */
gboolean
sl_properties_set (SlRecord *record, const SlOption *option, GVariant *value, GError **error);

/* (transfer full) (nullable): a new record from what CreateDownload was given; NULL with @error */
SlRecord *
sl_properties_make_record (const char *uri, GVariant *properties, guint32 owner, GError **error);

/* (transfer full) (element-type GVariant): the values of all options now, to be compared later */
GPtrArray *sl_properties_dup_options (SlDownload *download);
/* A set of SL_OPTION_BIT (): the options whose values differ from @before. Writing one can change another. */
guint64 sl_properties_compare_options (SlDownload *download, GPtrArray *before);

/* Adds all properties that @changes covers to a builder of a{sv}. */
void
sl_properties_collect (SlDownload *download, const SlChanges *changes, GVariantBuilder *builder);

G_END_DECLS
