/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a file: with room reserved ahead and a minimum kept free, and long pieces past the page cache. Pieces may come
 * from several threads.
 */
#pragma once

#include "base/fd.h"
#include "content/written.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  const char *path;     /* for messages */
  SlWritten *written;   /* what has been written; the owner adds to it */
  int fd;               /* of the file; the owner closes it */
  guint64 device;       /* that it's on */
  guint64 minimum_free; /* as in SlSettings; before the first write */

  /*
   * Direct and buffered writes must not meet: a page that is read into the cache, changed there and written back takes with
   * it what a direct write has put beside the change. So direct writes are readers, and each buffered write is alone.
   */
  GRWLock writing;
  SlFd direct_fd; /* (owned) the same file, past the page cache; -1 for none; guarded by writing */

  GMutex mutex;       /* guards what follows */
  guint64 size;       /* that was announced */
  SlRanges *reserved; /* (owned) beside what is written */
  gboolean reserves;  /* the size is known, worth it, and the file system can */
  gboolean looked;    /* whether there is room, since the file has got large */
} SlWriter;

/* A piece of a file. */
typedef struct {
  guint64 offset;
  const guint8 *data;
  gsize length;
  gboolean read_soon; /* so that it had better stay in memory */
} SlPiece;

/* @path and @written are to outlive the writer. */
void sl_writer_init (SlWriter *writer, const char *path, SlWritten *written);
void sl_writer_clear (SlWriter *writer);
/* A new file, of which nothing is reserved; when nobody writes. */
void sl_writer_set_file (SlWriter *writer, int fd, guint64 device);
/* (transfer full) @fd: the same file, opened with O_DIRECT; -1 where that can't be had */
void sl_writer_set_direct (SlWriter *writer, int fd);
/* Whether a file of @size bytes is worth a descriptor for writes past the page cache. */
gboolean sl_writer_wants_direct (guint64 size);

/*
 * The file is going to have @size bytes: an error if there is no room for them above what has to stay free, or if no file
 * can be so large. From here on, room is reserved a step ahead of what is written; where the file system can't, that's no
 * error.
 */
gboolean sl_writer_reserve (SlWriter *writer, guint64 size, GError **error);
/* Writes all of @piece. */
gboolean sl_writer_write (SlWriter *writer, const SlPiece *piece, GError **error);
/* With no writer: gives back what was reserved and not written. */
void sl_writer_give_back (SlWriter *writer);

G_END_DECLS
