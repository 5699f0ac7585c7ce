/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Notices changed configuration files, also in directories that don't exist yet. It sleeps until something changes. */
#pragma once

#include "service/configuration.h"

G_BEGIN_DECLS

typedef struct _SlConfigWatch SlConfigWatch;

/* (transfer full): calls @changed on the main loop a moment after a file was written, made, moved or deleted; @paths is copied */
SlConfigWatch *sl_config_watch_new (const SlConfigurationPaths *paths,
                                    void (*changed) (gpointer user_data),
                                    gpointer user_data);
void sl_config_watch_free (SlConfigWatch *watch);

G_END_DECLS
