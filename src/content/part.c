/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part file: opening and checking it, writing, syncing, and the limit of what is not recorded. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/part-private.h"

#include "base/error.h"
#include "content/file-system.h"
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNC_INTERVAL G_TIME_SPAN_SECOND
/* Larger writes have the kernel take memory in larger pieces, which it hasn't got at hand; nothing is gained. */
#define WRITE_SIZE (32 * 1024)
/*
 * Of a large file, pieces this long are written directly: that takes half the CPU, and the page cache stays with the
 * programs that use what is in it. The alignment is the strictest that file systems ask for (statx(2),
 * stx_dio_mem_align and stx_dio_offset_align).
 */
#define DIRECT_PIECE (256 * 1024)

void
sl_synced_clear (SlSynced *synced)
{
  g_clear_pointer (&synced->ranges, sl_ranges_free);
}

void
sl_part_set_errno (SlPart *part, int err, const char *what, GError **error)
{
  sl_fs_set_error (error, err, what, part->path);
}

/* (transfer full): all holes of the file */
static SlRanges *
find_all_holes (int fd, guint64 size)
{
  SlRanges *holes = sl_ranges_new ();
  guint64 position = 0;

  do {
    g_autoptr (SlRanges) some = sl_holes_find (fd, size, &position);
    sl_ranges_add_all (holes, some);
  } while (position != 0);
  return holes;
}

/*
 * What of the claim is really in the file. Of one that was sealed, and that nobody has touched since, all is. Of any other,
 * what lies in holes is not believed: it may have been truncated, and have grown again.
 */
static SlRanges *
check_claim (const SlStamp *recorded,
             const SlStamp *found,
             const SlRanges *claimed,
             const SlRanges *holes)
{
  g_autoptr (SlRanges) ranges = sl_ranges_copy (claimed);

  if (recorded->inode == 0 || !sl_stamp_same_file (recorded, found) ||
      (recorded->sealed && !sl_stamp_is_untouched (recorded, found))) {
    sl_ranges_clear (ranges);
  } else if (!recorded->sealed) {
    sl_ranges_remove (ranges, found->size, SL_SIZE_UNKNOWN);
    sl_ranges_remove_all (ranges, holes);
  }
  return g_steal_pointer (&ranges);
}

void
sl_part_close_direct (SlPart *part)
{
  sl_fd_clear (&part->direct_fd);
}

/* A file of our own, never one that is there. */
static gboolean
create (SlPart *part, GError **error)
{
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;

  sl_part_close_direct (part);
  sl_fd_clear (&part->fd);
  part->fd = openat (part->dir_fd, part->name, flags, 0600);
  if (part->fd < 0 && errno == EEXIST && unlinkat (part->dir_fd, part->name, 0) == 0)
    part->fd = openat (part->dir_fd, part->name, flags, 0600);
  if (part->fd < 0 || !sl_stamp_take_on (&part->stamp, &part->device, part->fd, "")) {
    sl_part_set_errno (part, errno, "make", error);
    return FALSE;
  }
  part->dir_synced = FALSE;
  return TRUE;
}

/* Believes what of the claim is there. */
static void
take_over (SlPart *part, const SlStamp *stamp, const SlRanges *claimed)
{
  g_autoptr (SlRanges) holes = find_all_holes (part->fd, part->stamp.size);
  g_autoptr (SlRanges) data = NULL;

  sl_ranges_free (part->written);
  part->written = check_claim (stamp, &part->stamp, claimed, holes);
  data = sl_ranges_copy (part->written);
  sl_ranges_remove_all (data, holes);
  sl_blocks_note_ranges (part->blocks, data);
  part->n_written = part->n_synced = part->n_recorded = sl_ranges_total (part->written);
}

static gboolean
open_or_create (SlPart *part, const SlStamp *stamp, const SlRanges *claimed, GError **error)
{
  if (stamp->inode == 0)
    return create (part, error);
  part->fd = sl_fs_open_regular (part->dir_fd, part->name, O_RDWR, &part->stamp, &part->device);
  /* what is there may be good, and must not be dropped for want of memory or descriptors */
  if (part->fd < 0 && !sl_fs_is_other (errno)) {
    sl_part_set_errno (part, errno, "open", error);
    return FALSE;
  }
  if (part->fd < 0)
    return create (part, error);
  take_over (part, stamp, claimed);
  return sl_ranges_count (part->written) > 0 || create (part, error);
}

SlPart *
sl_part_open (const SlPlace *place, const SlStamp *stamp, const SlRanges *claimed, GError **error)
{
  g_autoptr (SlPart) part = g_new0 (SlPart, 1);

  g_atomic_ref_count_init (&part->ref_count);
  g_mutex_init (&part->mutex);
  g_mutex_init (&part->write_mutex);
  g_cond_init (&part->room);
  part->name = g_strdup (place->part_name);
  part->path = g_build_filename (place->directory, place->part_name, NULL);
  part->fd = part->direct_fd = -1;
  part->written = sl_ranges_new ();
  part->reserved = sl_ranges_new ();
  part->blocks = sl_blocks_new ();
  part->synced_at = g_get_monotonic_time ();
  part->dir_fd = sl_place_open_directory (place, error);
  if (part->dir_fd < 0 || !open_or_create (part, stamp, claimed, error))
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
  sl_fd_clear (&part->fd);
  sl_fd_clear (&part->dir_fd);
  g_clear_pointer (&part->written, sl_ranges_free);
  g_clear_pointer (&part->reserved, sl_ranges_free);
  g_clear_pointer (&part->blocks, sl_blocks_free);
  g_clear_pointer (&part->digest, sl_digest_free);
  sl_part_close_direct (part);
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
}

gboolean
sl_part_reset (SlPart *part, GError **error)
{
  gboolean ok;

  g_mutex_lock (&part->mutex);
  ok = create (part, error);
  sl_ranges_clear (part->written);
  sl_ranges_clear (part->reserved);
  part->reserves = part->looked = FALSE;
  sl_blocks_clear (part->blocks);
  part->sync_error = 0;
  part->checked = 0;
  part->n_written = part->n_synced = part->n_recorded = 0;
  /* once completed it's gone, and publishing computes it from the file */
  if (part->digest != NULL && sl_digest_get_position (part->digest) > 0) {
    SlDigest *fresh = sl_digest_renew (part->digest);
    sl_digest_free (part->digest);
    part->digest = fresh;
  }
  g_cond_broadcast (&part->room);
  g_mutex_unlock (&part->mutex);
  return ok;
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
    if (n < 0 && sl_fs_cannot (errno) && fd == part->direct_fd) {
      sl_part_close_direct (part);
      continue;
    }
    if (n <= 0) {
      sl_part_set_errno (part, n < 0 ? errno : EIO, "write", error);
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
  in_order = part->digest != NULL && sl_digest_get_position (part->digest) == offset;
  direct = part->digest == NULL || in_order; /* the rest will be read back */
  g_mutex_lock (&part->write_mutex);
  ok = sl_part_make_room (part, offset, length, error) &&
       pwrite_all (part, offset, data, length, direct, error);
  g_mutex_unlock (&part->write_mutex);
  if (in_order && ok)
    sl_digest_update (part->digest, data, length);

  g_mutex_lock (&part->mutex);
  if (ok) {
    sl_ranges_add (part->written, offset, offset + length);
    sl_blocks_note (part->blocks, offset, data, length);
  }
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

/*
 * Whether a hole has taken the place of something that was written: the file was truncated, and has grown again by our own
 * writes.
 */
static gboolean
has_lost_something (SlPart *part, const SlRanges *written, guint64 size)
{
  g_autoptr (SlRanges) holes = sl_holes_find (part->fd, size, &part->checked);
  gboolean lost;

  g_mutex_lock (&part->mutex);
  lost = sl_blocks_are_in (part->blocks, holes, written, size);
  g_mutex_unlock (&part->mutex);
  return lost;
}

/* At each sync a part of a file with very many holes; the next one goes on there. */
static gboolean
has_holes (SlPart *part, const SlRanges *written, guint64 size, gboolean thorough)
{
  if (thorough)
    part->checked = 0;
  do {
    guint64 from = part->checked;
    if (!has_lost_something (part, written, size))
      continue;
    /* once more: a block of zeros may have got its other half between the two looks */
    part->checked = from;
    if (has_lost_something (part, written, size))
      return TRUE;
  } while (thorough && part->checked != 0);
  return FALSE;
}

gboolean
sl_part_check (
    SlPart *part, SlStamp *stamp, const SlRanges *written, gboolean thorough, GError **error)
{
  if (sl_stamp_take (stamp, part->dir_fd, part->name) && sl_stamp_same_file (stamp, &part->stamp) &&
      stamp->size >= sl_ranges_end (written) && !has_holes (part, written, stamp->size, thorough))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
               "“%s” was deleted, replaced or truncated by somebody else", part->path);
  g_mutex_lock (&part->mutex);
  part->lost = TRUE;
  g_mutex_unlock (&part->mutex);
  return FALSE;
}

/* The directory has to be synced once, for the file's name to last. */
static gboolean
sync_directory (SlPart *part, GError **error)
{
  if (part->dir_synced)
    return TRUE;
  if (sl_fs_sync_directory (part->dir_fd) != 0) {
    sl_part_set_errno (part, errno, "sync the directory of", error);
    return FALSE;
  }
  part->dir_synced = TRUE;
  return TRUE;
}

gboolean
sl_part_sync_by (SlPart *part, int (*sync) (int fd), GError **error)
{
  int err;

  g_mutex_lock (&part->mutex);
  err = part->sync_error;
  g_mutex_unlock (&part->mutex);
  /* the kernel tells of what it could not write once, and then takes it for written */
  if (err == 0 && sync (part->fd) != 0) {
    err = errno;
    g_mutex_lock (&part->mutex);
    part->sync_error = err;
    g_mutex_unlock (&part->mutex);
  }
  if (err != 0) {
    sl_part_set_errno (part, err, "sync", error);
    return FALSE;
  }
  return sync_directory (part, error);
}

gboolean
sl_part_sync (SlPart *part, SlSynced *synced, GError **error)
{
  gboolean ok;

  g_mutex_lock (&part->mutex);
  synced->ranges = sl_ranges_copy (part->written);
  g_mutex_unlock (&part->mutex);

  ok = sl_part_sync_by (part, sl_fs_sync_data, error) &&
       sl_part_check (part, &synced->stamp, synced->ranges, FALSE, error);
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
sl_part_set_recorded (SlPart *part, guint64 total)
{
  g_mutex_lock (&part->mutex);
  part->n_recorded = total;
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
