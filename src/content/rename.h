/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Renaming without overwriting, where the kernel can do that (RENAME_NOREPLACE), else by a link, and where there are no
 * links either by a placeholder: a small file that takes the name, so that nobody else can, and that is then renamed over.
 * It says that it's ours, so that after a death in between the next try goes on.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* FALSE with errno set, EEXIST when there is something that is not ours. */
gboolean sl_rename_exclusively (int dir_fd, const char *from, const char *to);
/* Whether both are names of one file, as after a link that a death came behind; a rename then does nothing at all. */
gboolean sl_rename_is_done (int dir_fd, const char *from, const char *to);
/* Deletes @to if it's the placeholder for @from. */
void sl_placeholder_remove (int dir_fd, const char *from, const char *to);

G_END_DECLS
