/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes and compares stamps of files. */
#pragma once

#include "base/stamp.h"

G_BEGIN_DECLS

/*
 * Takes the stamp of the file @name in @dir_fd (@name "": @dir_fd itself), without following a link. FALSE with errno
 * set.
 */
gboolean sl_stamp_take (SlStamp *stamp, int dir_fd, const char *name);
/* The same, and its device number. */
gboolean sl_stamp_take_on (SlStamp *stamp, guint64 *device, int dir_fd, const char *name);
/* Whether both are of the same file, with any content. */
gboolean sl_stamp_same_file (const SlStamp *a, const SlStamp *b);
/* Whether both are of the same file with the same size and modification time. */
gboolean sl_stamp_same_content (const SlStamp *a, const SlStamp *b);
/*
 * The same, and the inode was not changed since @recorded was taken. A program that changes the content can reset the
 * modification time, but not this one. But a rename, a new mode or a new link change it, too.
 */
gboolean sl_stamp_is_untouched (const SlStamp *recorded, const SlStamp *found);

G_END_DECLS
