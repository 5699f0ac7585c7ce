/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a file: with space reserved ahead, a minimum kept free, and long pieces written past the page cache. Several
 * threads may write; one piece is written at a time.
 */
#pragma once

#include "base/fd.h"
#include "content/written.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  const char *path;     /* for messages */
  SlWritten *written;   /* what has been written; the owner updates it */
  int fd;               /* the file; the owner closes it */
  guint64 device;       /* device of the file */
  guint64 minimum_free; /* as in SlSettings; set before the first write */

  /*
   * Direct and buffered writes must not meet: a page that is read into the cache, changed there and written back takes with
   * it what a direct write has put beside the change. So direct writes are readers, and each buffered write is alone.
   */
  GRWLock writing;
  SlFd direct_fd; /* (owned) the same file with O_DIRECT; -1: none */

  GMutex mutex;       /* guards what follows */
  guint64 size;       /* announced size */
  SlRanges *reserved; /* (owned) reserved ranges that are not written */
  gboolean reserves;  /* the size is known and large enough, and the file system supports it */
  gboolean looked;    /* the space was checked since the file became large */
} SlWriter;

/* A piece of a file. */
typedef struct {
  guint64 offset;
  const guint8 *data;
  gsize length;
  gboolean read_soon; /* better kept in the page cache, because it will be read soon */
} SlPiece;

/* @path and @written must outlive the writer. */
void sl_writer_init (SlWriter *writer, const char *path, SlWritten *written);
void sl_writer_clear (SlWriter *writer);
/* Sets a new file without reserved space; call it only while nobody writes. */
void sl_writer_set_file (SlWriter *writer, int fd, guint64 device);
/* @fd: (transfer full): the same file, opened with O_DIRECT; -1: not supported */
void sl_writer_set_direct (SlWriter *writer, int fd);
/* Whether a file of @size bytes is worth a second descriptor for writes past the page cache. */
gboolean sl_writer_wants_direct (guint64 size);

/*
 * Announces that the file will have @size bytes. FALSE with @error if there is no space for them beyond what must
 * stay free, or if the file system does not support that size. From then on, space is reserved a step ahead of the
 * writes; a file system that can't do that is no error.
 */
gboolean sl_writer_reserve (SlWriter *writer, guint64 size, GError **error);
/* Writes all of @piece. */
gboolean sl_writer_write (SlWriter *writer, const SlPiece *piece, GError **error);
/* Releases reserved space that was not written; call it only while nobody writes. */
void sl_writer_give_back (SlWriter *writer);

G_END_DECLS
