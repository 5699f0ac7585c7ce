/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads that there are: by id, in order of creation, and how many each owner has. */
#pragma once

#include "queue/entry.h"

G_BEGIN_DECLS

typedef struct _SlRegistry SlRegistry;

/* @limit: so many downloads one owner may have */
SlRegistry *sl_registry_new (guint limit);
void sl_registry_free (SlRegistry *registry);

/* Keeps room for @n downloads that @owner is about to have; FALSE with LIMIT_EXCEEDED when there is not as much. */
gboolean sl_registry_reserve (SlRegistry *registry, guint32 owner, guint n, GError **error);
/* Gives it back: they have been added, or don't come. */
void sl_registry_unreserve (SlRegistry *registry, guint32 owner, guint n);

/* (transfer full) @download (transfer none): its entry; whether there is room is not asked */
SlEntry *sl_registry_add (SlRegistry *registry, SlDownload *download);
void sl_registry_remove (SlRegistry *registry, SlEntry *entry);
/* (transfer none) (nullable) */
SlEntry *sl_registry_find (SlRegistry *registry, const SlId *id);
/* (transfer none) (nullable): the one created next after @entry; the first of all after NULL */
SlEntry *sl_registry_get_next (SlRegistry *registry, const SlEntry *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRegistry, sl_registry_free)

G_END_DECLS
