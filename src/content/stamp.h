/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Taking and comparing the stamps of files. */
#pragma once

#include "base/stamp.h"

G_BEGIN_DECLS

/* Of the file @name in @dir_fd (@name "" for @dir_fd itself), not following a link. FALSE with errno set. */
gboolean sl_stamp_take (SlStamp *stamp, int dir_fd, const char *name);
/* The same, and the number of the device that it's on. */
gboolean sl_stamp_take_on (SlStamp *stamp, guint64 *device, int dir_fd, const char *name);
/* whether both are of the same file, whatever is in it */
gboolean sl_stamp_same_file (const SlStamp *a, const SlStamp *b);
/* whether both are of the same file, and neither size nor modification time differ */
gboolean sl_stamp_same_content (const SlStamp *a, const SlStamp *b);
/*
 * The same, and the file's inode hasn't been changed either since @recorded was taken. Who changes the content can set
 * the modification time back, but not this; yet a rename, another mode or another link change it too.
 */
gboolean sl_stamp_is_untouched (const SlStamp *recorded, const SlStamp *found);

G_END_DECLS
