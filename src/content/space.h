/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room on file systems, of which a reserve stays free for everybody else (MinimumFree). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a file system stands. */
typedef struct {
  guint64 available; /* to this user */
  guint64 minimum;   /* of which so much has to stay */
} SlSpace;

/* Of the file system that @fd is on. @minimum_free as in SlSettings. FALSE when the file system doesn't tell. */
gboolean sl_space_look (SlSpace *space, int fd, guint64 minimum_free);
/* How much may be taken. */
guint64 sl_space_get_room (const SlSpace *space);
/* Says that @needed bytes are too many for the file system that @path is on. */
void sl_space_set_error (GError **error, const SlSpace *space, const char *path, guint64 needed);

/*
 * For what is written without being reserved: counts @length bytes on @device, for all files there together. FALSE when
 * so many have been written since somebody looked that it's time to look again; sl_space_grant () says the outcome.
 */
gboolean sl_space_spend (guint64 device, gsize length);
void sl_space_grant (guint64 device, guint64 room);

G_END_DECLS
