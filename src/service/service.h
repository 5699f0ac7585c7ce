/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service as a whole: its configuration, queue and bus name, from the start to an orderly end. */
#pragma once

#include "service/configuration.h"

G_BEGIN_DECLS

typedef struct {
  char *state_directory;              /* (owned) */
  SlConfigurationPaths configuration; /* (owned) */
  gboolean replace;                   /* take the name from a running service */
} SlServiceOptions;

/* Runs until SIGTERM, SIGINT or the loss of the bus name. Returns the exit code of the process. */
int sl_service_run (const SlServiceOptions *options);

G_END_DECLS
