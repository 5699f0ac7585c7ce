/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Renames without overwriting: with RENAME_NOREPLACE, or with a link, or, on file systems without links, with a
 * placeholder. That is a small file that occupies the name and is then renamed over. Its text identifies it as ours,
 * so that the next attempt can continue after a crash.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE with errno set; EEXIST if there is a file that is not ours. */
gboolean sl_rename_exclusively (int dir_fd, const char *from, const char *to);
/* Whether both are names of one file, as after a crash between linking and unlinking; a rename does nothing then. */
gboolean sl_rename_is_done (int dir_fd, const char *from, const char *to);
/* Deletes @to if it's the placeholder for @from. */
void sl_placeholder_remove (int dir_fd, const char *from, const char *to);

G_END_DECLS
