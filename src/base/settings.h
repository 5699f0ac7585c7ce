/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings of all rooms; the service reads them from configuration files. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The rate that stands for no limit. */
#define SL_RATE_UNLIMITED G_MAXUINT64
/* A twentieth of the file system, but at most 1 GiB. */
#define SL_MINIMUM_FREE_AUTO     G_MAXUINT64
#define SL_MINIMUM_FREE_AUTO_MAX (G_GUINT64_CONSTANT (1) << 30)

typedef struct {
  guint max_active;      /* slots of each class */
  guint max_connections; /* of all transfers together */
  guint max_connections_per_host;
  guint connections_foreground; /* a transfer, at the most */
  guint connections_background; /* a transfer, at the most */
  guint first_byte_timeout;     /* ms, from the request to the response's head */
  guint stall_timeout;          /* s, of a connection without a byte */
  guint retry_delay_min;        /* ms */
  guint retry_delay_max;        /* ms */
  guint disk_full_retry;        /* ms between two checks for free space */
  guint64 minimum_free;         /* bytes to leave free on each file system */
} SlSettings;

/* The documented defaults, in the order of the members. */
#define SL_SETTINGS_DEFAULT                                                                        \
  {                                                                                                \
    16, 32, 8, 4, 1, 30000, 60, 1000, 600000, 5000, SL_MINIMUM_FREE_AUTO                           \
  }

G_END_DECLS
