/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The settings that the rooms work by; read from configuration files by the service. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The rate that stands for no limit. */
#define SL_RATE_UNLIMITED G_MAXUINT64
/* A twentieth of the file system, and 1 GiB at most. */
#define SL_MINIMUM_FREE_AUTO     G_MAXUINT64
#define SL_MINIMUM_FREE_AUTO_MAX (G_GUINT64_CONSTANT (1) << 30)

typedef struct {
  guint max_active;      /* transfers with a slot */
  guint max_connections; /* of all transfers */
  guint max_connections_per_host;
  guint connections_foreground; /* a transfer, at the most */
  guint connections_background; /* a transfer, at the most */
  guint first_byte_timeout;     /* ms, from the request to the response's head */
  guint stall_timeout;          /* s without a byte on a connection */
  guint retry_delay_min;        /* ms */
  guint retry_delay_max;        /* ms */
  guint disk_full_retry;        /* ms between two looks whether there is room */
  guint64 minimum_free;         /* bytes of each file system that aren't ours to take */
} SlSettings;

/* The documented defaults, in the order of the members. */
#define SL_SETTINGS_DEFAULT                                                                        \
  {                                                                                                \
    16, 32, 8, 4, 1, 30000, 60, 1000, 600000, 5000, SL_MINIMUM_FREE_AUTO                           \
  }

G_END_DECLS
