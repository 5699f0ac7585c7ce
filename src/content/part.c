/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part file: opening and checking it, writing, syncing, and the limit of what is not recorded. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/part.h"

#include "base/digest.h"
#include "base/error.h"
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reserving less than this costs more than it is good for. */
#define RESERVE_MIN   (1024 * 1024)
#define SYNC_INTERVAL G_TIME_SPAN_SECOND
#define READ_SIZE     (1024 * 1024)
/* Larger writes have the kernel take memory in larger pieces, which it hasn't got at hand; nothing is gained. */
#define WRITE_SIZE (32 * 1024)
/*
 * Of a file this large, pieces this long are written directly: that takes half the CPU, and the page cache stays with
 * the programs that use what is in it. The alignment is the strictest that file systems ask for (statx(2),
 * stx_dio_mem_align and stx_dio_offset_align).
 */
#define DIRECT_FILE  (16 * 1024 * 1024)
#define DIRECT_PIECE (256 * 1024)

struct _SlPart {
  gatomicrefcount ref_count;
  char *name;    /* (owned) within the directory */
  char *path;    /* (owned) for messages */
  int dir_fd;    /* (owned) */
  int fd;        /* (owned) replaced by a reset, when no other thread writes */
  SlStamp stamp; /* which file it is; content fields unused */

  GMutex write_mutex; /* held while writing: direct and buffered writes must not meet */
  int direct_fd; /* (owned) the same file, past the page cache; -1 for none; guarded by write_mutex */

  GMutex mutex;
  GCond room;          /* signalled when something was recorded or cancelled */
  SlRanges *written;   /* (owned) guarded by mutex */
  guint64 n_written;   /* total of written; guarded by mutex */
  guint64 n_writing;   /* what writers have been let in with; guarded by mutex */
  guint64 n_recorded;  /* guarded by mutex */
  guint64 n_synced;    /* of the last sync; guarded by mutex */
  gint64 synced_at;    /* monotonic; guarded by mutex */
  gboolean syncing;    /* guarded by mutex */
  SlDigest *digest;    /* (owned) (nullable) used by the writer at digest_end alone */
  guint64 digest_end;  /* the digest covers the file up to here; guarded by mutex */
  gboolean lost;       /* guarded by mutex */
  gboolean dir_synced; /* guarded by mutex */
};

void
sl_synced_clear (SlSynced *synced)
{
  g_clear_pointer (&synced->ranges, sl_ranges_free);
}

static void
set_error (GError **error, SlPart *part, int err, const char *what)
{
  sl_error_set_errno (error, err, what, part->path);
}

/* Takes out of @ranges what lies in holes: a file that was truncated and grew again has them. */
static void
remove_holes (int fd, SlRanges *ranges, guint64 size)
{
  off_t position = 0;

  sl_ranges_remove (ranges, size, SL_SIZE_UNKNOWN);
  while ((guint64)position < size) {
    off_t hole = lseek (fd, position, SEEK_HOLE);
    off_t data = hole < 0 ? -1 : lseek (fd, hole, SEEK_DATA);
    if (hole < 0 || (guint64)hole >= size)
      return;
    /* ENXIO: no data behind the hole */
    sl_ranges_remove (ranges, (guint64)hole, data < 0 ? size : (guint64)data);
    if (data < 0)
      return;
    position = data;
  }
}

/* What of the claim is really in the file. */
static SlRanges *
check_claim (int fd, const SlStamp *recorded, const SlStamp *found, const SlRanges *claimed)
{
  g_autoptr (SlRanges) ranges = sl_ranges_copy (claimed);

  if (recorded->inode == 0 || !sl_stamp_same_file (recorded, found) ||
      (recorded->sealed && !sl_stamp_same_content (recorded, found)))
    sl_ranges_clear (ranges);
  else
    remove_holes (fd, ranges, found->size);
  return g_steal_pointer (&ranges);
}

static void
close_direct (SlPart *part)
{
  if (part->direct_fd >= 0)
    close (part->direct_fd);
  part->direct_fd = -1;
}

/* Where the file system can't, all is written through the page cache. */
static void
open_direct (SlPart *part)
{
  SlStamp stamp;

  g_mutex_lock (&part->write_mutex);
  close_direct (part);
  part->direct_fd = openat (part->dir_fd, part->name, O_WRONLY | O_DIRECT | O_NOFOLLOW | O_CLOEXEC);
  if (part->direct_fd >= 0 &&
      (!sl_stamp_take (&stamp, part->direct_fd, "") || !sl_stamp_same_file (&stamp, &part->stamp)))
    close_direct (part);
  g_mutex_unlock (&part->write_mutex);
}

/* A file of our own, never one that is there. */
static gboolean
create (SlPart *part, GError **error)
{
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

  close_direct (part);
  if (part->fd >= 0)
    close (part->fd);
  part->fd = openat (part->dir_fd, part->name, flags, 0600);
  if (part->fd < 0 && errno == EEXIST && unlinkat (part->dir_fd, part->name, 0) == 0)
    part->fd = openat (part->dir_fd, part->name, flags, 0600);
  if (part->fd < 0 || !sl_stamp_take (&part->stamp, part->fd, "")) {
    set_error (error, part, errno, "make");
    return FALSE;
  }
  part->dir_synced = FALSE;
  return TRUE;
}

static gboolean
open_or_create (SlPart *part, const SlStamp *stamp, const SlRanges *claimed, GError **error)
{
  if (stamp->inode != 0)
    part->fd = openat (part->dir_fd, part->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
  if (part->fd < 0 || !sl_stamp_take (&part->stamp, part->fd, ""))
    return create (part, error);
  g_clear_pointer (&part->written, sl_ranges_free);
  part->written = check_claim (part->fd, stamp, &part->stamp, claimed);
  if (sl_ranges_count (part->written) == 0)
    return create (part, error);
  part->n_written = part->n_synced = part->n_recorded = sl_ranges_total (part->written);
  return TRUE;
}

SlPart *
sl_part_open (const char *directory,
              const char *name,
              const SlStamp *stamp,
              const SlRanges *claimed,
              GError **error)
{
  g_autoptr (SlPart) part = g_new0 (SlPart, 1);

  g_atomic_ref_count_init (&part->ref_count);
  g_mutex_init (&part->mutex);
  g_mutex_init (&part->write_mutex);
  g_cond_init (&part->room);
  part->name = g_strdup (name);
  part->path = g_build_filename (directory, name, NULL);
  part->fd = part->direct_fd = -1;
  part->written = sl_ranges_new ();
  part->synced_at = g_get_monotonic_time ();
  part->dir_fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (part->dir_fd < 0) {
    sl_error_set_errno (error, errno, "open the directory", directory);
    return NULL;
  }
  if (!open_or_create (part, stamp, claimed, error))
    return NULL;
  return g_steal_pointer (&part);
}

SlPart *
sl_part_ref (SlPart *part)
{
  g_atomic_ref_count_inc (&part->ref_count);
  return part;
}

void
sl_part_unref (SlPart *part)
{
  if (!g_atomic_ref_count_dec (&part->ref_count))
    return;
  if (part->fd >= 0)
    close (part->fd);
  if (part->dir_fd >= 0)
    close (part->dir_fd);
  g_clear_pointer (&part->written, sl_ranges_free);
  g_clear_pointer (&part->digest, sl_digest_free);
  close_direct (part);
  g_mutex_clear (&part->mutex);
  g_mutex_clear (&part->write_mutex);
  g_cond_clear (&part->room);
  g_free (part->name);
  g_free (part->path);
  g_free (part);
}

void
sl_part_compute_digest (SlPart *part, const char *expected)
{
  part->digest = sl_digest_new (expected);
  part->digest_end = 0;
}

gboolean
sl_part_reset (SlPart *part, GError **error)
{
  gboolean ok;

  g_mutex_lock (&part->mutex);
  ok = create (part, error);
  sl_ranges_clear (part->written);
  part->n_written = part->n_synced = part->n_recorded = 0;
  /* once completed it's gone, and publishing computes it from the file */
  if (part->digest != NULL && part->digest_end > 0) {
    SlDigest *fresh = sl_digest_renew (part->digest);
    sl_digest_free (part->digest);
    part->digest = fresh;
    part->digest_end = 0;
  }
  g_cond_broadcast (&part->room);
  g_mutex_unlock (&part->mutex);
  return ok;
}

gboolean
sl_part_reserve (SlPart *part, guint64 size, GError **error)
{
  struct stat stat;

  if (size >= DIRECT_FILE)
    open_direct (part);
  if (size < RESERVE_MIN || size > G_MAXINT64)
    return TRUE;
  if (fallocate (part->fd, 0, 0, (off_t)size) == 0)
    return TRUE;
  if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG) {
    int err = errno;
    /* give back what it took before it found out */
    if (fstat (part->fd, &stat) == 0 && (guint64)stat.st_size > sl_ranges_end (part->written) &&
        ftruncate (part->fd, (off_t)sl_ranges_end (part->written)) != 0)
      g_debug ("ftruncate: %s", g_strerror (errno));
    set_error (error, part, err, "reserve space for");
    return FALSE;
  }
  return TRUE;
}

/* How much to write at once, and by which descriptor. */
static gsize
choose_piece (
    SlPart *part, guint64 offset, const guint8 *data, gsize length, gboolean direct, int *fd)
{
  gsize lead = (SL_PART_ALIGN - offset % SL_PART_ALIGN) % SL_PART_ALIGN;

  *fd = part->fd;
  if (!direct || part->direct_fd < 0 || length < lead + DIRECT_PIECE ||
      ((guintptr)data + lead) % SL_PART_ALIGN != 0)
    return MIN (length, WRITE_SIZE);
  if (lead > 0)
    return lead;
  *fd = part->direct_fd;
  return length - length % SL_PART_ALIGN;
}

/* With the write mutex held. */
static gboolean
pwrite_all (
    SlPart *part, guint64 offset, const guint8 *data, gsize length, gboolean direct, GError **error)
{
  while (length > 0) {
    int fd;
    gsize piece = choose_piece (part, offset, data, length, direct, &fd);
    gssize n = pwrite (fd, data, piece, (off_t)offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EINVAL && fd == part->direct_fd) {
      close_direct (part);
      continue;
    }
    if (n <= 0) {
      set_error (error, part, n < 0 ? errno : EIO, "write");
      return FALSE;
    }
    data += n;
    length -= (gsize)n;
    offset += (guint64)n;
  }
  return TRUE;
}

static void
wake_writers (GCancellable *cancellable, gpointer data)
{
  SlPart *part = data;

  g_mutex_lock (&part->mutex);
  g_cond_broadcast (&part->room);
  g_mutex_unlock (&part->mutex);
}

/* With the mutex held. */
static gboolean
has_room (SlPart *part, gsize length)
{
  return part->n_written + part->n_writing + length <= part->n_recorded + SL_PART_MAX_UNRECORDED;
}

/* Lets one more writer in: when there is room, or, as what it has would else be lost for sure, when it was cancelled. */
static void
wait_for_room (SlPart *part, gsize length, GCancellable *cancellable)
{
  gulong handler = 0;

  g_mutex_lock (&part->mutex);
  if (!has_room (part, length)) {
    g_mutex_unlock (&part->mutex);
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake_writers), part, NULL);
    g_mutex_lock (&part->mutex);
    while (!has_room (part, length) && !g_cancellable_is_cancelled (cancellable))
      g_cond_wait (&part->room, &part->mutex);
  }
  part->n_writing += length;
  g_mutex_unlock (&part->mutex);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
}

gboolean
sl_part_write (SlPart *part,
               guint64 offset,
               gconstpointer data,
               gsize length,
               GCancellable *cancellable,
               GError **error)
{
  gboolean ok, in_order, direct;

  wait_for_room (part, length, cancellable);
  g_mutex_lock (&part->mutex);
  in_order = part->digest != NULL && part->digest_end == offset;
  direct = part->digest == NULL || in_order; /* the rest will be read back */
  g_mutex_unlock (&part->mutex);
  g_mutex_lock (&part->write_mutex);
  ok = pwrite_all (part, offset, data, length, direct, error);
  g_mutex_unlock (&part->write_mutex);
  in_order = in_order && ok;

  /* only one writer can be where the digest ends, so it needs no lock for the computation */
  if (in_order)
    sl_digest_update (part->digest, data, length);

  g_mutex_lock (&part->mutex);
  if (in_order)
    part->digest_end = offset + length;
  if (ok)
    sl_ranges_add (part->written, offset, offset + length);
  part->n_written = sl_ranges_total (part->written);
  part->n_writing -= length;
  /* less has become new than was let in for: bytes that were there before, or a write that failed */
  g_cond_broadcast (&part->room);
  g_mutex_unlock (&part->mutex);
  return ok;
}

gboolean
sl_part_wants_sync (SlPart *part)
{
  gboolean wants;

  g_mutex_lock (&part->mutex);
  wants = !part->syncing && part->n_written > part->n_synced &&
          (part->n_written - part->n_synced >= SL_PART_SYNC_EVERY ||
           g_get_monotonic_time () - part->synced_at >= SYNC_INTERVAL);
  if (wants)
    part->syncing = TRUE;
  g_mutex_unlock (&part->mutex);
  return wants;
}

/* The file must still be the one that has our name: others may have deleted or replaced it. */
static gboolean
still_there (SlPart *part, SlStamp *stamp, const SlRanges *written, GError **error)
{
  g_autoptr (SlRanges) data = sl_ranges_copy (written);

  /* one that was truncated and has grown again by our own writes has a hole */
  remove_holes (part->fd, data, G_MAXINT64);
  if (!sl_stamp_take (stamp, part->dir_fd, part->name) ||
      !sl_stamp_same_file (stamp, &part->stamp) || stamp->size < sl_ranges_end (written) ||
      !sl_ranges_equal (data, written)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                 "“%s” was deleted, replaced or truncated by somebody else", part->path);
    g_mutex_lock (&part->mutex);
    part->lost = TRUE;
    g_mutex_unlock (&part->mutex);
    return FALSE;
  }
  return TRUE;
}

/* The directory has to be synced once, for the file's name to last. */
static gboolean
sync_directory (SlPart *part, GError **error)
{
  if (part->dir_synced)
    return TRUE;
  if (fsync (part->dir_fd) != 0) {
    set_error (error, part, errno, "sync the directory of");
    return FALSE;
  }
  part->dir_synced = TRUE;
  return TRUE;
}

gboolean
sl_part_sync (SlPart *part, SlSynced *synced, GError **error)
{
  gboolean ok;

  g_mutex_lock (&part->mutex);
  synced->ranges = sl_ranges_copy (part->written);
  g_mutex_unlock (&part->mutex);

  ok = fdatasync (part->fd) == 0;
  if (!ok)
    set_error (error, part, errno, "sync");
  ok = ok && sync_directory (part, error) &&
       still_there (part, &synced->stamp, synced->ranges, error);
  synced->stamp.sealed = FALSE;

  g_mutex_lock (&part->mutex);
  if (ok)
    part->n_synced = sl_ranges_total (synced->ranges);
  part->synced_at = g_get_monotonic_time ();
  part->syncing = FALSE;
  g_mutex_unlock (&part->mutex);
  return ok;
}

void
sl_part_set_recorded (SlPart *part, const SlRanges *ranges)
{
  g_mutex_lock (&part->mutex);
  part->n_recorded = sl_ranges_total (ranges);
  g_cond_broadcast (&part->room);
  g_mutex_unlock (&part->mutex);
}

guint64
sl_part_get_written (SlPart *part)
{
  guint64 n;

  g_mutex_lock (&part->mutex);
  n = part->n_written;
  g_mutex_unlock (&part->mutex);
  return n;
}

gboolean
sl_part_is_lost (SlPart *part)
{
  gboolean lost;

  g_mutex_lock (&part->mutex);
  lost = part->lost;
  g_mutex_unlock (&part->mutex);
  return lost;
}

SlRanges *
sl_part_dup_written (SlPart *part)
{
  SlRanges *copy;

  g_mutex_lock (&part->mutex);
  copy = sl_ranges_copy (part->written);
  g_mutex_unlock (&part->mutex);
  return copy;
}

/* Reads back what arrived out of order. */
static gboolean
complete_digest (SlPart *part, guint64 end, char **digest, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (READ_SIZE);

  while (part->digest_end < end) {
    gssize n =
        pread (part->fd, buffer, MIN (READ_SIZE, end - part->digest_end), (off_t)part->digest_end);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      set_error (error, part, n < 0 ? errno : EIO, "read back");
      return FALSE;
    }
    sl_digest_update (part->digest, buffer, (gsize)n);
    part->digest_end += (guint64)n;
  }
  *digest = sl_digest_finish (part->digest);
  g_clear_pointer (&part->digest, sl_digest_free);
  return TRUE;
}

/* The mode that the user's other programs would give to a new file. */
static mode_t
get_file_mode (void)
{
  static gsize mode = 0;

  if (g_once_init_enter (&mode)) {
    mode_t mask = umask (077);
    umask (mask);
    g_once_init_leave (&mode, 0100000 | (0666 & ~mask));
  }
  return (mode_t)mode & 0666;
}

static gboolean
set_attributes (SlPart *part, gint64 modified, GError **error)
{
  struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = modified}};
  struct stat stat;
  off_t end = (off_t)sl_ranges_end (part->written);

  /* reserved space behind the end, when the file proved shorter */
  if (fstat (part->fd, &stat) != 0 || (stat.st_size > end && ftruncate (part->fd, end) != 0)) {
    set_error (error, part, errno, "set the size of");
    return FALSE;
  }
  if (fchmod (part->fd, get_file_mode ()) != 0)
    g_debug ("%s: could not set the mode: %s", part->path, g_strerror (errno));
  if (modified != 0 && futimens (part->fd, times) != 0)
    g_debug ("%s: could not set the modification time: %s", part->path, g_strerror (errno));
  return TRUE;
}

gboolean
sl_part_seal (SlPart *part, gint64 modified, SlSynced *synced, char **digest, GError **error)
{
  guint64 end = sl_ranges_end (part->written);

  *digest = NULL;
  synced->ranges = sl_ranges_copy (part->written);
  if (part->digest != NULL && sl_ranges_contains (part->written, 0, end) &&
      !complete_digest (part, end, digest, error))
    return FALSE;
  if (!set_attributes (part, modified, error))
    return FALSE;
  if (fsync (part->fd) != 0) {
    set_error (error, part, errno, "sync");
    return FALSE;
  }
  return sync_directory (part, error) && still_there (part, &synced->stamp, synced->ranges, error);
}
