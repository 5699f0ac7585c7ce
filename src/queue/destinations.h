/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The destinations of downloads that have not ended. No two of one owner's have the same path. Those of other owners
 * are not compared, because nobody may learn about them; the file system decides which owner may write where.
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
/* Gives the LocalPath of its record to @download, unless another one has it. */
void sl_destinations_take (SlDestinations *destinations, SlDownload *download);
/* Takes the LocalPath of @download back, before its record has another. */
void sl_destinations_release (SlDestinations *destinations, SlDownload *download);
/* The functions that downloads call; the user data is the SlDestinations. */
extern const SlDownloadPaths sl_destinations_paths;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlDestinations, sl_destinations_free)

G_END_DECLS
