/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads: by id, in order of creation, and how many each owner has. */
#pragma once

#include "queue/entry.h"

G_BEGIN_DECLS

typedef struct _SlRegistry SlRegistry;

/* @limit: how many downloads one owner may have */
SlRegistry *sl_registry_new (guint limit);
void sl_registry_free (SlRegistry *registry);

/* Reserves places for @n downloads of @owner; FALSE with LIMIT_EXCEEDED if there are too few. */
gboolean sl_registry_reserve (SlRegistry *registry, guint32 owner, guint n, GError **error);
/* Returns the places, when the downloads have been added or refused. */
void sl_registry_unreserve (SlRegistry *registry, guint32 owner, guint n);

/* Adds @download (transfer full), and returns its entry (transfer none). Does not check the limit. */
SlEntry *sl_registry_add (SlRegistry *registry, SlDownload *download);
void sl_registry_remove (SlRegistry *registry, SlEntry *entry);
/* (transfer none) (nullable) */
SlEntry *sl_registry_find (SlRegistry *registry, const SlId *id);
/* (transfer none) (nullable): the entry created after @entry; the first one after NULL */
SlEntry *sl_registry_get_next (SlRegistry *registry, const SlEntry *entry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlRegistry, sl_registry_free)

G_END_DECLS
