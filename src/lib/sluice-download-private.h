/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions on a download that are private to the library. */
#pragma once

#include "bus.h"

#include <sluice/sluice-download.h>

G_BEGIN_DECLS

/*
 * (transfer full): the only object for @path; its properties may not have been read yet. It owns a reference to
 * @manager, so that a program that holds only downloads still receives the manager's signals.
 */
SluiceDownload *sl_lib_download_get (SlBus *bus, GObject *manager, const char *path);
SlBus *sl_lib_download_get_bus (SluiceDownload *download);
SlObject *sl_lib_download_get_object (SluiceDownload *download);

G_END_DECLS
