/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration: files of the distribution, of the administrator and of the user, one over the other. The
 * user's can tighten what those before have set, and not loosen it. Of every value it's known which file it is from.
 */
#pragma once

#include "service/keys.h"

G_BEGIN_DECLS

typedef struct _SlConfiguration SlConfiguration;

/* Where the files are: in each directory sluice.conf, then sluice.conf.d/ *.conf by name; later files win. */
typedef struct {
  char *
      vendor; /* (owned) of the distribution; a file of the same name in the administrator's masks one of its */
  char *admin; /* (owned) */
  char *user;  /* (owned) (nullable) of the user; NULL for a service of the system */
} SlConfigurationPaths;

void sl_configuration_paths_clear (SlConfigurationPaths *paths);

/* (transfer full): with the defaults; @paths is copied */
SlConfiguration *sl_configuration_new (const SlConfigurationPaths *paths);
void sl_configuration_free (SlConfiguration *configuration);

/*
 * Reads all files. What is unknown, bad, or looser than allowed is warned about by name and left out. FALSE with
 * @error, which names file and line, when a file can't be parsed: then what the user's files set stays as it was, or
 * what all those of distribution and administrator set, whichever it is among.
 */
gboolean sl_configuration_load (SlConfiguration *configuration, GError **error);
/* The same, but a file that can't be parsed is warned about and left out, as at the start of the service. */
void sl_configuration_load_what_works (SlConfiguration *configuration);

/* (transfer none): the same place for the life of @configuration, changed in place */
const SlConfigured *sl_configuration_get (SlConfiguration *configuration);
/* (transfer floating): a(ssvs): group, key, value, file or "default" */
GVariant *sl_configuration_describe (SlConfiguration *configuration);

/* (transfer full): what was wrong with the files at the last reading, and left out; by file, in sentences, the first 100 */
char **sl_configuration_dup_problems (SlConfiguration *configuration);

/* One text as a further file @name of the administrator; for tests. */
gboolean sl_configuration_parse (SlConfiguration *configuration,
                                 const char *text,
                                 gsize length,
                                 const char *name,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlConfiguration, sl_configuration_free)

G_END_DECLS
