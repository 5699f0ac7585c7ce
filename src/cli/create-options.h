/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The options of the sub-commands that make downloads: what `get` and `add` say of the downloads that they make. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct CreateOptions CreateOptions;

/* (transfer full): none is given yet */
CreateOptions *create_options_new (void);
void create_options_free (CreateOptions *options);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CreateOptions, create_options_free)

/* (transfer none): for options_parse (), which puts what is given into @options */
const GOptionEntry *create_options_get_entries (const CreateOptions *options);
/* FALSE after an error was printed: what was asked for can't be. */
gboolean create_options_check (const CreateOptions *options, int n_uris);
/* (transfer full): the properties, a{sv}; NULL after an error was printed */
GVariant *create_options_properties (const CreateOptions *options,
                                     const char *default_priority,
                                     gboolean auto_finalize);

G_END_DECLS
