/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The configuration: the files of the distribution, then of the administrator, then of the user; later ones count. The
 * user's can tighten what the others have set, and not loosen it. For each value the file is known that set it.
 */
#pragma once

#include "service/keys.h"

G_BEGIN_DECLS

typedef struct _SlConfiguration SlConfiguration;

/* The directories of the files: in each sluice.conf, then sluice.conf.d/ *.conf by name; later files count. */
typedef struct {
  /* (owned) the distribution's: a file there is masked by one of the same name in the administrator's */
  char *vendor;
  char *admin; /* (owned) the administrator's */
  char *user;  /* (owned) (nullable) the user's; NULL for a service of the system */
} SlConfigurationPaths;

void sl_configuration_paths_clear (SlConfigurationPaths *paths);

/* (transfer full): has the defaults until the files are read; @paths is copied */
SlConfiguration *sl_configuration_new (const SlConfigurationPaths *paths);
void sl_configuration_free (SlConfiguration *configuration);

/*
 * Reads all files. A key or value that is unknown, bad, or looser than allowed is named in the log and left out. FALSE with
 * @error, which names file and line, when a file can't be parsed. Then, if it is one of the user's, all that the user's files
 * set stays as it was; otherwise all that the files of distribution and administrator set.
 */
gboolean sl_configuration_load (SlConfiguration *configuration, GError **error);
/* The same, but a file that can't be parsed is named in the log and left out, as is done when the service starts. */
void sl_configuration_load_what_works (SlConfiguration *configuration);

/* (transfer none): the pointer stays the same for the life of @configuration; what it points to changes */
const SlConfigured *sl_configuration_get (SlConfiguration *configuration);
/* (transfer floating): a(ssvs): group, key, value, and the file or "default" */
GVariant *sl_configuration_describe (SlConfiguration *configuration);

/* (transfer full): the faults of the files that were read last, which were left out: by file, in sentences, the first 100 */
char **sl_configuration_dup_problems (SlConfiguration *configuration);

/* Reads @text as one more file @name of the administrator; for tests. */
gboolean sl_configuration_parse (SlConfiguration *configuration,
                                 const char *text,
                                 gsize length,
                                 const char *name,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlConfiguration, sl_configuration_free)

G_END_DECLS
