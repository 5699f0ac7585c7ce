/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What file systems can't do, in one place, and what is done instead. */
#pragma once

#include "base/stamp.h"

G_BEGIN_DECLS

/* The strictest alignment that file systems ask for with O_DIRECT (statx(2), stx_dio_mem_align, stx_dio_offset_align). */
#define SL_FS_DIRECT_ALIGN 4096

/*
 * Whether @err says that the kernel, the file system or a sandbox doesn't know the operation or the flag, so that it's
 * to be done in another way or left. It doesn't mean that something is wrong with the file.
 */
gboolean sl_fs_cannot (int err);
/* Whether @err, of opening a file by its name, says that it's gone, or another thing than it was. */
gboolean sl_fs_is_other (int err);

/*
 * Opens the regular file @name in @dir_fd, never waiting for anybody and not following a link, and takes its stamp, with
 * the number of its device; -1 with errno set, EINVAL when it's a pipe, a device, a socket or a directory.
 */
int sl_fs_open_regular (int dir_fd, const char *name, int flags, SlStamp *stamp, guint64 *device);

/* As fdatasync () and fsync (); that the file system has no such thing is no failure. */
int sl_fs_sync_data (int fd);
int sl_fs_sync (int fd);
/* As fsync () of a directory, which several file systems refuse. */
int sl_fs_sync_directory (int fd);

/* An error for @err, with words of our own where those of the system don't say what is to be done. */
void sl_fs_set_error (GError **error, int err, const char *what, const char *path);

G_END_DECLS
