/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be in the place of a file that is to be published. */
#pragma once

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/* A link is replaced itself, not what it leads to. Devices, pipes and sockets stay. */
gboolean sl_target_is_special (const struct stat *target);
void sl_target_set_special (GError **error, const char *directory, const char *name);
void sl_target_set_exists (GError **error, const char *directory, const char *name);

G_END_DECLS
