/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The differences of file systems, in one place: what some can't do, and what is done instead. */
#pragma once

#include "base/stamp.h"

G_BEGIN_DECLS

/*
 * The strictest alignment that file systems require for O_DIRECT (statx(2), stx_dio_mem_align, stx_dio_offset_align).
 */
#define SL_FS_DIRECT_ALIGN 4096

/*
 * Whether @err says that the kernel, the file system or a sandbox lacks the operation or the flag, so that it must be
 * done in another way or left out. The file itself is fine.
 */
gboolean sl_fs_is_unsupported (int err);
/* Whether @err, from opening a file by its name, says that the file is gone, or no regular file. */
gboolean sl_fs_is_lost (int err);

/*
 * Opens the regular file @name in @dir_fd without blocking and without following a link, and takes its stamp and
 * device number. -1 with errno set; EINVAL for a pipe, a device, a socket or a directory.
 */
int sl_fs_open_regular (int dir_fd, const char *name, int flags, SlStamp *stamp, guint64 *device);

/* Like fdatasync () and fsync (); succeed if the file system lacks them. */
int sl_fs_sync_data (int fd);
int sl_fs_sync (int fd);
/* Like fsync () of a directory, which several file systems refuse. */
int sl_fs_sync_directory (int fd);

/* An error for @err, with our own text where the system's does not say what to do. */
void sl_fs_set_error (GError **error, int err, const char *what, const char *path);

G_END_DECLS
