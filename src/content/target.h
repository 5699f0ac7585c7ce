/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The place where a file is to be published: whether it can be, and under which name. */
#pragma once

#include "content/place.h"

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* A link is replaced itself, not what it leads to. Devices, pipes and sockets stay. */
gboolean sl_target_is_special (const struct stat *target);
void sl_target_set_special (GError **error, const char *directory, const char *name);
void sl_target_set_exists (GError **error, const char *directory, const char *name);

/*
 * Whether a file can be made in the directory of @place, and, unless @overwrite, none has the target's name there.
 * Looks only, and is quick: may be called from the main loop.
 */
gboolean sl_target_check (const SlPlace *place, gboolean overwrite, GError **error);

/* (transfer full): @name, shortened to what @directory takes */
char *sl_target_fit_name (const char *directory, const char *name);
/* (transfer full): the same, with a number added to it if it's taken in @directory */
char *sl_target_free_name (const char *directory,
                           const char *name,
                           gboolean (*taken) (const char *path, gpointer user_data),
                           gpointer user_data);

G_END_DECLS
