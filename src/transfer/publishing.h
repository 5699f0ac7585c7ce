/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Publishes the file of a download in a worker, or discards its part file. Also checks whether the target can be used.
 */
#pragma once

#include "content/publish.h"
#include "store/store.h"
#include "transfer/life.h"

G_BEGIN_DECLS

/* For Start: whether a file may be created at the LocalPath of @record. */
gboolean sl_publishing_check_target (const SlRecord *record, SlStore *store, GError **error);
/* For Finalize: whether the transferred file can be published. */
gboolean sl_publishing_check (const SlRecord *record, SlStore *store, GError **error);

/* On the main loop; @error unless @outcome is DONE */
typedef void (*SlPublished) (SlPublishOutcome outcome, const GError *error, gpointer user_data);
/* Publishes the file of @record, which may be freed meanwhile. */
void sl_publishing_start (const SlRecord *record, SlPublished published, gpointer user_data);
/*
 * Changes the state as the outcome demands. @automatic: AutoFinalize published it. No caller waits for an answer then,
 * so the download itself reports the error.
 */
void sl_publishing_apply (SlLife *life,
                          SlPublishOutcome outcome,
                          const GError *error,
                          gboolean automatic);

/* Deletes the part file, and removes it from @record. */
void sl_publishing_discard (SlRecord *record);

G_END_DECLS
