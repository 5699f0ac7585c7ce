/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* CreateDownload and CreateDownloads: new downloads, which are the caller's. */
#pragma once

#include "queue/queue.h"
#include "service/door.h"

G_BEGIN_DECLS

/* Both answer @call when the downloads are on disk, or when they are refused. */
void sl_create_download (SlQueue *queue, const SlCall *call);
void sl_create_downloads (SlQueue *queue, const SlCall *call);

G_END_DECLS
