/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/sluice/Sluice1: makes, lists and finds downloads. */
#pragma once

#include "queue/queue.h"

G_BEGIN_DECLS

typedef struct _SlManager SlManager;

/* (transfer full) (nullable); @queue outlives it */
SlManager *sl_manager_export (GDBusConnection *connection, SlQueue *queue, GError **error);
void sl_manager_free (SlManager *manager);

void sl_manager_added (SlManager *manager, SlDownload *download);
void sl_manager_removed (SlManager *manager, SlDownload *download);

G_END_DECLS
