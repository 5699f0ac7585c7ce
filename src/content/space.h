/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Free space on file systems; a reserve stays free for other programs (MinimumFree). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The free space of a file system, in bytes. */
typedef struct {
  guint64 available; /* available to this user */
  guint64 minimum;   /* must stay available */
} SlSpace;

/* Reads the space of the file system of @fd. @minimum_free: as in SlSettings. FALSE if it is unknown. */
gboolean sl_space_read (SlSpace *space, int fd, guint64 minimum_free);
/* How many bytes may be used. */
guint64 sl_space_get_room (const SlSpace *space);
/* Sets an error: the file system of @path has no room for @needed bytes. */
void sl_space_set_error (GError **error, const SlSpace *space, const char *path, guint64 needed);

/*
 * For writes that reserve no space: counts @length bytes on @device, for all files together. FALSE if it is time to
 * check the space again; report the result to sl_space_grant ().
 */
gboolean sl_space_spend (guint64 device, gsize length);
void sl_space_grant (guint64 device, guint64 room);

G_END_DECLS
