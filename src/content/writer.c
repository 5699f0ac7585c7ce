/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes a file: reserves space in steps and releases the rest, keeps a minimum free, and writes past the page cache.
 */
#define G_LOG_DOMAIN "sluice-content"

#include "content/writer.h"

#include "base/error.h"
#include "content/file-system.h"
#include "content/space.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reserving or tracking less than this costs more than it gains. */
#define RESERVE_MIN (1024 * 1024)
/*
 * How much is reserved ahead of a writer: as much as has arrived, within these bounds. A server that only promises
 * costs the first; one that sends soon gets the second, which is enough to keep a file in few extents.
 */
#define STEP_MIN (4 * 1024 * 1024)
#define STEP_MAX (64 * 1024 * 1024)
/* In a file of at least this size, long pieces are written past the page cache. */
#define DIRECT_FILE (16 * 1024 * 1024)
/* Every relevant file system supports files of this size. */
#define SURE_SIZE (G_GUINT64_CONSTANT (1) << 31)

/* Larger writes make the kernel allocate memory in larger pieces, which it has to find first; nothing is gained. */
#define WRITE_SIZE (32 * 1024)
/*
 * In a large file, pieces of at least this length are written directly: that takes half the CPU time, and leaves the
 * page cache to programs that use its content.
 */
#define DIRECT_PIECE (256 * 1024)

void
sl_writer_init (SlWriter *writer, const char *path, SlWritten *written)
{
  *writer = (SlWriter){.path = path, .written = written, .fd = -1, .direct_fd = -1};
  g_rw_lock_init (&writer->writing);
  g_mutex_init (&writer->mutex);
  writer->reserved = sl_ranges_new ();
}

void
sl_writer_clear (SlWriter *writer)
{
  sl_fd_clear (&writer->direct_fd);
  g_clear_pointer (&writer->reserved, sl_ranges_unref);
  g_rw_lock_clear (&writer->writing);
  g_mutex_clear (&writer->mutex);
}

void
sl_writer_set_direct (SlWriter *writer, int fd)
{
  g_rw_lock_writer_lock (&writer->writing);
  sl_fd_clear (&writer->direct_fd);
  writer->direct_fd = fd;
  g_rw_lock_writer_unlock (&writer->writing);
}

void
sl_writer_set_file (SlWriter *writer, int fd, guint64 device)
{
  sl_writer_set_direct (writer, -1);
  g_mutex_lock (&writer->mutex);
  writer->fd = fd;
  writer->device = device;
  writer->reserves = writer->looked = FALSE;
  sl_ranges_clear (writer->reserved);
  g_mutex_unlock (&writer->mutex);
}

gboolean
sl_writer_wants_direct (guint64 size)
{
  return size >= DIRECT_FILE;
}

static void
set_errno (SlWriter *writer, int err, const char *what, GError **error)
{
  sl_fs_set_error (error, err, what, writer->path);
}

/*
 * Whether the file system supports files of this size, which it says when a hole is made up to the end. Only for an
 * empty file: nothing that exists may be touched, neither bytes nor times.
 */
static gboolean
is_possible (SlWriter *writer, guint64 size, guint64 written)
{
  return size <= SURE_SIZE || written > 0 ||
         fallocate (writer->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)size - 1, 1) ==
             0 ||
         errno != EFBIG;
}

static gboolean
check_size (SlWriter *writer, guint64 size, guint64 written, GError **error)
{
  struct rlimit limit;

  if ((getrlimit (RLIMIT_FSIZE, &limit) != 0 || size <= limit.rlim_cur) && size <= G_MAXINT64 &&
      is_possible (writer, size, written))
    return TRUE;
  set_errno (writer, EFBIG, "make", error);
  return FALSE;
}

gboolean
sl_writer_reserve (SlWriter *writer, guint64 size, GError **error)
{
  guint64 written = sl_written_get_total (writer->written);
  SlSpace space;

  if (size >= RESERVE_MIN) {
    if (!check_size (writer, size, written, error))
      return FALSE;
    if (size > written && sl_space_read (&space, writer->fd, writer->minimum_free) &&
        size - written > sl_space_get_room (&space)) {
      sl_space_set_error (error, &space, writer->path, size - written);
      return FALSE;
    }
  }
  g_mutex_lock (&writer->mutex);
  writer->size = size;
  writer->reserves = size >= RESERVE_MIN;
  g_mutex_unlock (&writer->mutex);
  return TRUE;
}

/* (transfer full): the part of it that is neither reserved nor written yet */
static SlRanges *
find_missing (SlWriter *writer, guint64 start, guint64 end)
{
  SlRanges *missing = sl_ranges_new_range (start, end);

  sl_ranges_remove_all (missing, writer->reserved);
  sl_written_remove_from (writer->written, missing);
  return missing;
}

/* 0, or the errno; parts that could be allocated stay reserved. */
static int
allocate (SlWriter *writer, const SlRanges *missing)
{
  for (guint i = 0; i < sl_ranges_count (missing); i++) {
    const SlRange *range = sl_ranges_get (missing, i);
    int result;
    do
      result = fallocate (writer->fd, 0, (off_t)range->start, (off_t)(range->end - range->start));
    while (result != 0 && errno == EINTR);
    /* on a full file system a part may have been allocated */
    if (result == 0 || errno == ENOSPC || errno == EDQUOT)
      sl_ranges_add (writer->reserved, range->start, range->end);
    if (result != 0)
      return errno;
  }
  return 0;
}

/* Reserves from @offset up to @end, beyond the minimum that stays free; @error: (nullable) */
static gboolean
reserve (SlWriter *writer, guint64 offset, guint64 end, GError **error)
{
  g_autoptr (SlRanges) missing = find_missing (writer, offset, end);
  guint64 needed = sl_ranges_total (missing);
  SlSpace space;
  int err;

  if (needed > 0 && sl_space_read (&space, writer->fd, writer->minimum_free) &&
      needed > sl_space_get_room (&space)) {
    guint64 written = sl_written_get_total (writer->written);
    /* the useful number for readers is what the rest of the file needs */
    sl_space_set_error (error, &space, writer->path,
                        MAX (needed, writer->size > written ? writer->size - written : 0));
    return FALSE;
  }
  err = allocate (writer, missing);
  if (err == ENOSPC || err == EDQUOT || err == EFBIG) {
    set_errno (writer, err, "reserve space for", error);
    return FALSE;
  }
  /* writing will report other faults */
  if (err != 0)
    writer->reserves = FALSE;
  return TRUE;
}

/*
 * Writes without reserving: checks the space whenever all files together have written a few MiB, and when a file
 * turns out not to be small.
 */
static gboolean
spend (SlWriter *writer, gsize length, GError **error)
{
  gboolean small = sl_written_get_total (writer->written) + length <= RESERVE_MIN;
  SlSpace space = {G_MAXUINT64, 0};
  guint64 room;

  if (writer->minimum_free == 0 ||
      ((small || writer->looked) && sl_space_spend (writer->device, length)))
    return TRUE;
  writer->looked = TRUE;
  sl_space_read (&space, writer->fd, writer->minimum_free);
  room = sl_space_get_room (&space);
  if (room < length) {
    sl_space_set_error (error, &space, writer->path, length);
    return FALSE;
  }
  sl_space_grant (writer->device, room - length);
  return TRUE;
}

static gboolean
make_room (SlWriter *writer, guint64 offset, gsize length, GError **error)
{
  guint64 end = offset + length, step;

  if (!writer->reserves)
    return spend (writer, length, error);
  if (sl_ranges_contains (writer->reserved, offset, end))
    return TRUE;
  step = CLAMP (sl_written_get_total (writer->written), STEP_MIN, STEP_MAX);
  return reserve (writer, offset, MAX (end, MIN (offset + step, writer->size)), NULL) ||
         reserve (writer, offset, end, error);
}

/* How much of @piece may be written past the page cache now; 0 when none. With the lock held for reading or writing. */
static gsize
get_direct_length (const SlWriter *writer, const SlPiece *piece)
{
  if (piece->read_soon || writer->direct_fd < 0 || piece->length < DIRECT_PIECE ||
      piece->offset % SL_FS_DIRECT_ALIGN != 0 || (guintptr)piece->data % SL_FS_DIRECT_ALIGN != 0)
    return 0;
  return piece->length - piece->length % SL_FS_DIRECT_ALIGN;
}

/* How much of @piece to write by the page cache at once: up to where the rest may be written past it, if that is so. */
static gsize
get_buffered_length (const SlWriter *writer, const SlPiece *piece)
{
  gsize lead = (SL_FS_DIRECT_ALIGN - piece->offset % SL_FS_DIRECT_ALIGN) % SL_FS_DIRECT_ALIGN;
  SlPiece rest = {piece->offset + lead, piece->data + lead, 0, piece->read_soon};

  if (lead == 0 || lead >= piece->length)
    return MIN (piece->length, WRITE_SIZE);
  rest.length = piece->length - lead;
  return get_direct_length (writer, &rest) > 0 ? lead : MIN (piece->length, WRITE_SIZE);
}

/* Writes once, and leaves the rest of @piece. 0, or the errno. */
static int
write_once (int fd, SlPiece *piece, gsize length)
{
  gssize n;

  do
    n = pwrite (fd, piece->data, length, (off_t)piece->offset);
  while (n < 0 && errno == EINTR);
  if (n <= 0)
    return n < 0 ? errno : EIO;
  piece->data += n;
  piece->length -= (gsize)n;
  piece->offset += (guint64)n;
  return 0;
}

/* Writes what of @left may be written past the page cache, beside others who do. 0, or the errno. */
static int
write_direct (SlWriter *writer, SlPiece *left)
{
  gsize length;
  int err = 0;

  g_rw_lock_reader_lock (&writer->writing);
  while (err == 0 && (length = get_direct_length (writer, left)) > 0)
    err = write_once (writer->direct_fd, left, length);
  g_rw_lock_reader_unlock (&writer->writing);
  if (!sl_fs_is_unsupported (err))
    return err;
  sl_writer_set_direct (writer, -1);
  return 0;
}

/* Writes what of @left may not, alone. 0, or the errno. */
static int
write_buffered (SlWriter *writer, SlPiece *left)
{
  int err = 0;

  g_rw_lock_writer_lock (&writer->writing);
  while (err == 0 && left->length > 0 && get_direct_length (writer, left) == 0)
    err = write_once (writer->fd, left, get_buffered_length (writer, left));
  g_rw_lock_writer_unlock (&writer->writing);
  return err;
}

static gboolean
pwrite_all (SlWriter *writer, SlPiece left, GError **error)
{
  int err = 0;

  while (err == 0 && left.length > 0) {
    err = write_direct (writer, &left);
    if (err == 0 && left.length > 0)
      err = write_buffered (writer, &left);
  }
  if (err != 0)
    set_errno (writer, err, "write", error);
  return err == 0;
}

gboolean
sl_writer_write (SlWriter *writer, const SlPiece *piece, GError **error)
{
  gboolean ok;

  g_mutex_lock (&writer->mutex);
  ok = make_room (writer, piece->offset, piece->length, error);
  g_mutex_unlock (&writer->mutex);
  return ok && pwrite_all (writer, *piece, error);
}

/* Frees the blocks that lie completely in @range. */
static void
punch (SlWriter *writer, const SlRange *range)
{
  guint64 start = (range->start + SL_FS_DIRECT_ALIGN - 1) / SL_FS_DIRECT_ALIGN * SL_FS_DIRECT_ALIGN;
  guint64 end = range->end / SL_FS_DIRECT_ALIGN * SL_FS_DIRECT_ALIGN;

  if (start < end && fallocate (writer->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                (off_t)start, (off_t)(end - start)) != 0)
    g_debug ("%s: could not give back space: %s", writer->path, g_strerror (errno));
}

void
sl_writer_give_back (SlWriter *writer)
{
  g_autoptr (SlRanges) written = sl_written_dup (writer->written);
  guint64 end = sl_ranges_end (written);
  struct stat stat;

  g_mutex_lock (&writer->mutex);
  /* also by a process that died, so regardless of what is known to be reserved */
  if (fstat (writer->fd, &stat) == 0 && (guint64)stat.st_size > end &&
      ftruncate (writer->fd, (off_t)end) != 0)
    g_debug ("%s: could not give back space: %s", writer->path, g_strerror (errno));
  sl_ranges_remove_all (writer->reserved, written);
  sl_ranges_remove (writer->reserved, end, SL_SIZE_UNKNOWN);
  for (guint i = 0; i < sl_ranges_count (writer->reserved); i++)
    punch (writer, sl_ranges_get (writer->reserved, i));
  sl_ranges_clear (writer->reserved);
  g_mutex_unlock (&writer->mutex);
}
