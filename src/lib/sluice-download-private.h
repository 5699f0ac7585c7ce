/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the library's own files may do with a download. */
#pragma once

#include "bus.h"

#include <sluice/sluice-download.h>

G_BEGIN_DECLS

/*
 * (transfer full): the one object that stands for @path; its properties may not have been read yet. @manager lives as
 * long as it: a program that holds downloads alone goes on hearing the manager's signals.
 */
SluiceDownload *sl_lib_download_get (SlBus *bus, GObject *manager, const char *path);
SlBus *sl_lib_download_get_bus (SluiceDownload *download);
SlObject *sl_lib_download_get_object (SluiceDownload *download);

G_END_DECLS
