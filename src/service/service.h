/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service as a whole: configuration, queue, bus name, and an orderly end. */
#pragma once

#include "service/configuration.h"

G_BEGIN_DECLS

typedef struct {
  char *state_directory;              /* (owned) */
  SlConfigurationPaths configuration; /* (owned) */
  gboolean replace;                   /* take the name from a running service */
} SlServiceOptions;

/* Runs until SIGTERM, SIGINT or the loss of the bus name. The exit code of the process. */
int sl_service_run (const SlServiceOptions *options);

G_END_DECLS
