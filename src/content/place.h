/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The place of a file: where its part file lies, and under which name it's to end up. */
#pragma once

#include "base/id.h"

G_BEGIN_DECLS

typedef struct {
  char *directory;   /* (owned) that the part file lies in */
  char *part_name;   /* (owned) of the part file in it */
  char *target_name; /* (owned) (nullable) that publishing gives to the file in it; NULL: open */
} SlPlace;

/* Whether @local_path says only in which directory, and leaves the name of the file open. */
gboolean sl_place_is_open (const char *local_path);

/* (transfer full): of a download that is to end up at @local_path; its part file lies beside that */
SlPlace *sl_place_new (const char *local_path, const SlId *id);
void sl_place_free (SlPlace *place);
/* (transfer full): a descriptor of the directory, -1 with @error */
int sl_place_open_directory (const SlPlace *place, GError **error);
/* Deletes the part file; that it's missing is no error. */
void sl_place_discard (const SlPlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlPlace, sl_place_free)

G_END_DECLS
