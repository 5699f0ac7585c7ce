/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The objects /org/sluice/Sluice1/download/ID on the bus. They are a registered subtree: an object costs nothing
 * until somebody calls it, so that a hundred thousand of them can be there.
 */
#pragma once

#include "queue/queue.h"

G_BEGIN_DECLS

typedef struct _SlDownloadObjects SlDownloadObjects;

/* (transfer full) (nullable): @queue outlives it */
SlDownloadObjects *
sl_download_objects_export (GDBusConnection *connection, SlQueue *queue, GError **error);
void sl_download_objects_free (SlDownloadObjects *objects);

G_END_DECLS
