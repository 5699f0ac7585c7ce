/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of `get` and `add`, which create downloads, as properties of these downloads. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct CreateOptions CreateOptions;

/* (transfer full): without any option given */
CreateOptions *create_options_new (void);
void create_options_free (CreateOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CreateOptions, create_options_free)

/* (transfer none): for options_parse (), which stores the given values in @options */
const GOptionEntry *create_options_get_entries (const CreateOptions *options);
/* Checks the options; FALSE after an error was printed. */
gboolean create_options_check (const CreateOptions *options, int n_uris);
/* (transfer full) (nullable): the properties, a{sv}; NULL after an error was printed */
GVariant *create_options_properties (const CreateOptions *options,
                                     const char *default_priority,
                                     gboolean auto_finalize);

G_END_DECLS
