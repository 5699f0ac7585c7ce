/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The objects /org/sluice/Sluice1/download/ID on the bus. They are a registered subtree: an object costs nothing
 * until somebody calls it, so that there can be a hundred thousand of them.
 */
#pragma once

#include "queue/queue.h"
#include "service/door.h"

G_BEGIN_DECLS

typedef struct _SlDownloadObjects SlDownloadObjects;

/* (transfer full) (nullable): @queue outlives it; @callers are freed before it */
SlDownloadObjects *sl_download_objects_export (GDBusConnection *connection,
                                               SlCallers *callers,
                                               SlQueue *queue,
                                               GError **error);
void sl_download_objects_free (SlDownloadObjects *objects);

/* (transfer none): their interface; the server of the calls is the SlDownloadObjects */
const SlInterface *sl_download_objects_get_interface (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDownloadObjects, sl_download_objects_free)

G_END_DECLS
