/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where downloads that have not ended are to go: no two of an owner's have the same path. Those of others are not
 * looked at, as nobody is to learn of them; between owners, who may write where is for the file system to say.
 */
#pragma once

#include "transfer/download.h"

G_BEGIN_DECLS

typedef struct _SlDestinations SlDestinations;

SlDestinations *sl_destinations_new (void);
void sl_destinations_free (SlDestinations *destinations);

/*
 * Gives @path (nullable: none) to @download, and takes back the LocalPath that its record has. A directory, which ends
 * in a slash, is anybody's. FALSE with FILE_EXISTS, which names the id, when another one of its owner has it.
 */
gboolean sl_destinations_claim (SlDestinations *destinations,
                                SlDownload *download,
                                const char *path,
                                GError **error);
/* The LocalPath of @download is free again. */
void sl_destinations_release (SlDestinations *destinations, SlDownload *download);
/* What downloads call, with the destinations as the user data. */
extern const SlDownloadPaths sl_destinations_paths;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDestinations, sl_destinations_free)

G_END_DECLS
