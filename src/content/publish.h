/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishing: gives a sealed part file its final name. All functions block; not for the main loop. */
#pragma once

#include "base/stamp.h"
#include "content/place.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  const SlPlace *place;
  const SlStamp *stamp; /* of the sealed part file */
  const char *expected; /* (nullable) digest in normal form */
  const char *computed; /* (nullable) digest of the sealed content, if known */
  gboolean overwrite;
} SlPublication;

typedef enum {
  SL_PUBLISH_DONE,
  SL_PUBLISH_REFUSED, /* nothing changed; the error says why */
  SL_PUBLISH_CHANGED, /* the part file is not the sealed one: fetch again */
  SL_PUBLISH_WRONG,   /* the digest differs */
} SlPublishOutcome;

/*
 * Checks the part file and its digest, renames it, and syncs the directory. If an earlier call did that but its
 * success was not recorded, this call finds the file under its final name and succeeds. A digest computed at the seal
 * counts as long as the file was not touched since.
 *
 * Where the place has a descriptor, the content is copied into that file, which is synced and stays open; the part file stays too,
 * and sl_place_discard () deletes it once the end is recorded. After an error that file is empty.
 */
SlPublishOutcome sl_publish (const SlPublication *publication, GError **error);

G_END_DECLS
