/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies the content of a file into another file, in the cheapest way that the file systems know. Blocks. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Replaces the content of @to by the first @size bytes of @from: shares the blocks (ioctl_ficlone(2)), has the kernel copy them
 * (copy_file_range(2)), or reads and writes. FALSE with errno set; then @to is empty, if it can be emptied.
 */
gboolean sl_copy_content (int from, int to, guint64 size);

G_END_DECLS
