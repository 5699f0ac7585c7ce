/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A download's way out of its part file: whether the file can go where it shall, publishing it in a worker, and what is done
 * with a part file that is not going to be published.
 */
#pragma once

#include "content/publish.h"
#include "store/store.h"
#include "transfer/life.h"

G_BEGIN_DECLS

/* For Start: whether a file may be made where @record says. */
gboolean sl_publishing_check_target (const SlRecord *record, SlStore *store, GError **error);
/* For Finalize: whether what was transferred can be published. */
gboolean sl_publishing_check (const SlRecord *record, SlStore *store, GError **error);

/* On the main loop; @error unless @outcome is DONE */
typedef void (*SlPublished) (SlPublishOutcome outcome, const GError *error, gpointer user_data);
/* Publishes the file of @record, which may go away meanwhile. */
void sl_publishing_start (const SlRecord *record, SlPublished published, gpointer user_data);
/*
 * What the outcome means for the state. @automatic: AutoFinalize published it; nobody waits for an answer, so the download itself
 * has to say what is wrong.
 */
void sl_publishing_apply (SlLife *life,
                          SlPublishOutcome outcome,
                          const GError *error,
                          gboolean automatic);

/* Deletes the part file, and forgets it. */
void sl_publishing_discard (SlRecord *record);

G_END_DECLS
