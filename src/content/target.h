/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The target of publishing: whether it can be used, and under which name. */
#pragma once

#include "content/place.h"

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* Whether @target is a device, pipe or socket, which is not replaced. A link counts itself, not its target. */
gboolean sl_target_is_special (const struct stat *target);
void sl_target_set_special (GError **error, const char *directory, const char *name);
void sl_target_set_exists (GError **error, const char *directory, const char *name);

/*
 * Whether a file can be created in the directory of @place, and, unless @overwrite, the target does not exist. Quick,
 * and changes nothing: may be called from the main loop.
 */
gboolean sl_target_check (const SlPlace *place, gboolean overwrite, GError **error);

/* (transfer full): @name, shortened to what @directory accepts */
char *sl_target_fit_name (const char *directory, const char *name);
/* (transfer full): the same, with a number added if it exists in @directory */
char *sl_target_free_name (const char *directory,
                           const char *name,
                           gboolean (*taken) (const char *path, gpointer user_data),
                           gpointer user_data);

G_END_DECLS
