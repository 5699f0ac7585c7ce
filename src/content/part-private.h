/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a part file consists of, for the files that make it up: part.c, part-space.c, part-seal.c. */
#pragma once

#include "base/digest.h"
#include "base/fd.h"
#include "content/blocks.h"
#include "content/part.h"

G_BEGIN_DECLS

struct _SlPart {
  gatomicrefcount ref_count;
  char *name;     /* (owned) within the directory */
  char *path;     /* (owned) for messages */
  SlFd dir_fd;    /* (owned) */
  guint64 device; /* that it's on */
  SlFd fd;        /* (owned) replaced by a reset, when no other thread writes */
  SlStamp stamp;  /* which file it is; content fields unused */

  GMutex write_mutex; /* held while writing: direct and buffered writes must not meet */
  SlFd
      direct_fd; /* (owned) the same file, past the page cache; -1 for none; guarded by write_mutex */
  guint64 minimum_free; /* as in SlSettings; before the first write */
  guint64 size;         /* that was announced; guarded by write_mutex, as those below */
  SlRanges *reserved;   /* (owned) beside what is written */
  gboolean reserves;    /* the size is known, worth it, and the file system can */
  gboolean looked;      /* whether there is room, since the file has got large */

  GMutex mutex;
  GCond room;         /* signalled when something was recorded or cancelled */
  SlRanges *written;  /* (owned) guarded by mutex */
  guint64 n_written;  /* total of written; guarded by mutex */
  SlBlocks *blocks;   /* (owned) with something in them; guarded by mutex */
  guint64 n_writing;  /* what writers have been let in with; guarded by mutex */
  guint64 n_recorded; /* guarded by mutex */
  guint64 n_synced;   /* of the last sync; guarded by mutex */
  gint64 synced_at;   /* monotonic; guarded by mutex */
  gboolean syncing;   /* guarded by mutex */
  SlDigest *digest;   /* (owned) (nullable) used by the writer at its position alone */
  gboolean lost;      /* guarded by mutex */
  int sync_error;  /* errno of a sync that failed: nobody knows what is on disk; guarded by mutex */
  guint64 checked; /* where to go on looking for holes; used by who syncs */
  gboolean dir_synced; /* guarded by mutex */
};

void sl_part_set_errno (SlPart *part, int err, const char *what, GError **error);
void sl_part_close_direct (SlPart *part);
/* With the write mutex held: sees to it that there is room for what is to be written. */
gboolean sl_part_make_room (SlPart *part, guint64 offset, gsize length, GError **error);
/* With no writer: gives back what was reserved and not written. */
void sl_part_give_back (SlPart *part);
/* The file must still be the one that has our name, and as whole as it was. @thorough: all of it */
gboolean sl_part_check (
    SlPart *part, SlStamp *stamp, const SlRanges *written, gboolean thorough, GError **error);
/* Syncs by @sync, and the directory once. What a sync has failed for is never claimed, even if the next one succeeds. */
gboolean sl_part_sync_by (SlPart *part, int (*sync) (int fd), GError **error);

G_END_DECLS
