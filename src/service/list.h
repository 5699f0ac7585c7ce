/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ListDownloads and GetDownload: the downloads that the caller may know. */
#pragma once

#include "queue/queue.h"
#include "service/door.h"

G_BEGIN_DECLS

/* Both answer @call. */
void sl_list_downloads (SlQueue *queue, const SlCall *call);
void sl_list_get_download (SlQueue *queue, const SlCall *call);

G_END_DECLS
