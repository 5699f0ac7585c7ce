/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration files: GKeyFile, one main file and a directory of further ones, later ones winning. */
#pragma once

#include "base/settings.h"

G_BEGIN_DECLS

/*
 * Reads sluice.conf and then sluice.conf.d/ *.conf, by name, in @directory. What is missing stays as it is in
 * @settings. Unknown keys and bad values are warned about by name. FALSE with @error, and @settings untouched, when
 * a file can't be parsed.
 */
gboolean sl_configuration_load (const char *directory, SlSettings *settings, GError **error);
/* The same for one text; @name is what warnings call it. */
gboolean sl_configuration_parse (
    const char *text, gsize length, const char *name, SlSettings *settings, GError **error);

G_END_DECLS
