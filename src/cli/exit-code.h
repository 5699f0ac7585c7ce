/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The exit codes. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  EXIT_OK = 0,
  EXIT_GENERAL = 1,
  EXIT_USAGE = 2,
  EXIT_TRANSFER = 3,
  EXIT_NO_SERVICE = 4,
  EXIT_NOT_FOUND = 5,
  EXIT_INTERRUPTED = 130,
} ExitCode;

G_END_DECLS
