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
 * Whether @download may have @path (nullable: none). FALSE with FILE_EXISTS, which names the id, when another one of its owner
 * has it. A directory, which ends in a slash, is anybody's.
 */
gboolean sl_destinations_check (SlDestinations *destinations,
                                SlDownload *download,
                                const char *path,
                                GError **error);
/* Gives the LocalPath of its record, which was checked, to @download. */
void sl_destinations_take (SlDestinations *destinations, SlDownload *download);
/* Takes the LocalPath of @download back, before its record has another. */
void sl_destinations_release (SlDestinations *destinations, SlDownload *download);
/* What downloads call, with the destinations as the user data. */
extern const SlDownloadPaths sl_destinations_paths;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDestinations, sl_destinations_free)

G_END_DECLS
