/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The place of a file: where its part file is, and where publishing takes it: to a name beside, or into a descriptor. */
#pragma once

#include "base/fd.h"
#include "base/id.h"

G_BEGIN_DECLS

typedef struct {
  char *directory;   /* (owned) of the part file, and of the target if that has a name */
  char *part_name;   /* (owned) name of the part file */
  char *target_name; /* (owned) (nullable) name after publishing; NULL: not known yet, or none */
  SlFd target_fd;    /* -1; or the file into which publishing copies the content */
} SlPlace;

/* Whether @local_path is only a directory, and the name is not known yet. */
gboolean sl_place_is_open (const char *local_path);

/* (transfer full): the place of a download to @local_path; its part file is in the same directory */
SlPlace *sl_place_new (const char *local_path, const SlId *id);
/*
 * (transfer full): a place whose part file is in the directory @spool, and which is published into @target_fd (transfer full), a
 * file that somebody else opened for writing
 */
SlPlace *sl_place_new_spooled (const char *spool, const SlId *id, int target_fd);
void sl_place_free (SlPlace *place);
/* (transfer full): a descriptor of the directory; -1 with @error */
int sl_place_open_directory (const SlPlace *place, GError **error);
/* Deletes the part file, if it exists. */
void sl_place_discard (const SlPlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPlace, sl_place_free)

G_END_DECLS
