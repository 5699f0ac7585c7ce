/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part file: its identity, the check of its record, syncing and sealing. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/part.h"

#include "base/digest.h"
#include "base/error.h"
#include "content/budget.h"
#include "content/file-system.h"
#include "content/stamp.h"
#include "content/writer.h"
#include "content/written.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

struct _SlPart {
  gatomicrefcount ref_count;
  char *name;    /* (owned) within the directory */
  char *path;    /* (owned) for messages */
  SlFd dir_fd;   /* (owned) */
  SlFd fd;       /* (owned) replaced by a reset, while no other thread writes */
  SlStamp stamp; /* identity of the file; the fields about content are unused */

  SlWritten written;
  SlBudget budget;
  SlWriter writer;
  SlDigest *digest;      /* (owned) (nullable) fed only by the thread that writes at its position */
  _Atomic gboolean lost; /* another program deleted, replaced or truncated it */
  _Atomic int sync_error; /* errno of a failed sync: what is on disk is unknown */

  /* used by the one thread that syncs */
  guint64 checked; /* where the search for holes continues */
  gboolean dir_synced;
  gboolean publication_follows; /* sl_part_expect_publication () */
};

void
sl_synced_clear (SlSynced *synced)
{
  g_clear_pointer (&synced->ranges, sl_ranges_unref);
}

static void
set_errno (SlPart *part, int err, const char *what, GError **error)
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
 * The part of the claim that is really in the file. If the file was sealed and not touched since, all of it is.
 * Otherwise ranges in holes are not believed: the file may have been truncated and extended again.
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

/* Creates a new file; never opens an existing one. */
static gboolean
create (SlPart *part, GError **error)
{
  const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  guint64 device;

  sl_writer_set_file (&part->writer, -1, 0);
  sl_fd_clear (&part->fd);
  part->fd = openat (part->dir_fd, part->name, flags, 0600);
  if (part->fd < 0 && errno == EEXIST && unlinkat (part->dir_fd, part->name, 0) == 0)
    part->fd = openat (part->dir_fd, part->name, flags, 0600);
  if (part->fd < 0 || !sl_stamp_take_on (&part->stamp, &device, part->fd, "")) {
    set_errno (part, errno, "make", error);
    return FALSE;
  }
  sl_writer_set_file (&part->writer, part->fd, device);
  part->dir_synced = FALSE;
  return TRUE;
}

/* Whether a part of the claim is in the file; that part is believed then. */
static gboolean
take_over (SlPart *part, const SlStamp *stamp, const SlRanges *claimed)
{
  g_autoptr (SlRanges) holes = find_all_holes (part->fd, part->stamp.size);
  g_autoptr (SlRanges) held = check_claim (stamp, &part->stamp, claimed, holes);

  if (sl_ranges_count (held) == 0)
    return FALSE;
  sl_budget_reset (&part->budget, sl_ranges_total (held));
  sl_written_take (&part->written, g_steal_pointer (&held), holes);
  return TRUE;
}

static gboolean
open_or_create (SlPart *part, const SlStamp *stamp, const SlRanges *claimed, GError **error)
{
  guint64 device;

  if (stamp->inode == 0)
    return create (part, error);
  part->fd = sl_fs_open_regular (part->dir_fd, part->name, O_RDWR, &part->stamp, &device);
  /* the existing file may be good, and must not be dropped for lack of memory or descriptors */
  if (part->fd < 0 && !sl_fs_is_lost (errno)) {
    set_errno (part, errno, "open", error);
    return FALSE;
  }
  if (part->fd < 0 || !take_over (part, stamp, claimed))
    return create (part, error);
  sl_writer_set_file (&part->writer, part->fd, device);
  return TRUE;
}

SlPart *
sl_part_open (const SlPlace *place, const SlStamp *stamp, const SlRanges *claimed, GError **error)
{
  g_autoptr (SlPart) part = g_new0 (SlPart, 1);

  g_atomic_ref_count_init (&part->ref_count);
  part->name = g_strdup (place->part_name);
  part->path = g_build_filename (place->directory, place->part_name, NULL);
  part->fd = -1;
  sl_written_init (&part->written);
  sl_budget_init (&part->budget, SL_PART_MAX_UNRECORDED, SL_PART_SYNC_EVERY);
  sl_writer_init (&part->writer, part->path, &part->written);
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
  sl_writer_clear (&part->writer);
  sl_budget_clear (&part->budget);
  sl_written_clear (&part->written);
  g_clear_pointer (&part->digest, sl_digest_free);
  sl_fd_clear (&part->fd);
  sl_fd_clear (&part->dir_fd);
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
  gboolean ok = create (part, error);

  sl_written_reset (&part->written);
  part->sync_error = 0;
  part->checked = 0;
  /* a completed digest is gone; publishing computes it from the file */
  if (part->digest != NULL && sl_digest_get_position (part->digest) > 0) {
    SlDigest *fresh = sl_digest_renew (part->digest);
    sl_digest_free (part->digest);
    part->digest = fresh;
  }
  sl_budget_reset (&part->budget, 0);
  return ok;
}

void
sl_part_set_minimum_free (SlPart *part, guint64 minimum_free)
{
  part->writer.minimum_free = minimum_free;
}

/* If the file system does not support it, everything is written through the page cache. */
static void
open_direct (SlPart *part)
{
  g_auto (SlFd) fd = -1;
  SlStamp stamp;
  guint64 device;

  fd = sl_fs_open_regular (part->dir_fd, part->name, O_WRONLY | O_DIRECT, &stamp, &device);
  if (fd >= 0 && sl_stamp_same_file (&stamp, &part->stamp))
    sl_writer_set_direct (&part->writer, sl_fd_steal (&fd));
}

gboolean
sl_part_reserve (SlPart *part, guint64 size, GError **error)
{
  if (!sl_writer_reserve (&part->writer, size, error))
    return FALSE;
  if (sl_writer_wants_direct (size))
    open_direct (part);
  return TRUE;
}

gboolean
sl_part_write (SlPart *part,
               guint64 offset,
               gconstpointer data,
               gsize length,
               GCancellable *cancellable,
               GError **error)
{
  gboolean in_order = part->digest != NULL && sl_digest_get_position (part->digest) == offset;
  /* bytes that arrive out of order will be read back for the digest */
  SlPiece piece = {offset, data, length, part->digest != NULL && !in_order};
  guint64 added = 0;
  gboolean ok;

  sl_budget_enter (&part->budget, length, cancellable);
  ok = sl_writer_write (&part->writer, &piece, error);
  if (ok && in_order)
    sl_digest_update (part->digest, data, length);
  if (ok)
    added = sl_written_add (&part->written, offset, data, length);
  sl_budget_leave (&part->budget, length, added);
  return ok;
}

gboolean
sl_part_wants_sync (SlPart *part)
{
  return sl_budget_wants_sync (&part->budget);
}

/* Whether a hole replaced written data: the file was truncated, and our own writes extended it again. */
static gboolean
has_lost_something (SlPart *part, const SlRanges *written, guint64 size)
{
  g_autoptr (SlRanges) holes = sl_holes_find (part->fd, size, &part->checked);

  return sl_written_is_in (&part->written, holes, written, size);
}

/* Each sync checks a part of a file with very many holes; the next one continues there. */
static gboolean
has_holes (SlPart *part, const SlRanges *written, guint64 size, gboolean thorough)
{
  if (thorough)
    part->checked = 0;
  do {
    guint64 from = part->checked;
    if (!has_lost_something (part, written, size))
      continue;
    /* check again: the other half of a block of zeros may have been written meanwhile */
    part->checked = from;
    if (has_lost_something (part, written, size))
      return TRUE;
  } while (thorough && part->checked != 0);
  return FALSE;
}

/* Checks that the file still has our name, and has lost nothing. @thorough: check all of it */
static gboolean
check (SlPart *part, SlStamp *stamp, const SlRanges *written, gboolean thorough, GError **error)
{
  if (sl_stamp_take (stamp, part->dir_fd, part->name) && sl_stamp_same_file (stamp, &part->stamp) &&
      stamp->size >= sl_ranges_end (written) && !has_holes (part, written, stamp->size, thorough))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
               "“%s” was deleted, replaced or truncated by another program", part->path);
  part->lost = TRUE;
  return FALSE;
}

/* Syncs the directory once, to make the file's name durable. */
static gboolean
sync_directory (SlPart *part, GError **error)
{
  if (part->dir_synced)
    return TRUE;
  if (sl_fs_sync_directory (part->dir_fd) != 0) {
    set_errno (part, errno, "sync the directory of", error);
    return FALSE;
  }
  part->dir_synced = TRUE;
  return TRUE;
}

/* What a sync has failed for is never claimed, even if the next one succeeds. */
static gboolean
sync_by (SlPart *part, int (*sync) (int fd), GError **error)
{
  /* the kernel reports a failed write once, and then treats it as written */
  if (part->sync_error == 0 && sync (part->fd) != 0)
    part->sync_error = errno;
  if (part->sync_error != 0) {
    set_errno (part, part->sync_error, "sync", error);
    return FALSE;
  }
  return TRUE;
}

gboolean
sl_part_sync (SlPart *part, SlSynced *synced, GError **error)
{
  gboolean ok;

  synced->ranges = sl_written_dup (&part->written);
  ok = sync_by (part, sl_fs_sync_data, error) && sync_directory (part, error) &&
       check (part, &synced->stamp, synced->ranges, FALSE, error);
  synced->stamp.sealed = FALSE;
  sl_budget_synced (&part->budget, ok ? sl_ranges_total (synced->ranges) : 0);
  return ok;
}

/* Reads back what arrived out of order. */
static gboolean
complete_digest (SlPart *part, guint64 end, char **digest, GError **error)
{
  gboolean ok = sl_digest_read (part->digest, part->fd, end);

  if (!ok || sl_digest_get_position (part->digest) < end) {
    set_errno (part, ok ? EIO : errno, "read back", error);
    return FALSE;
  }
  *digest = sl_digest_finish (part->digest);
  g_clear_pointer (&part->digest, sl_digest_free);
  return TRUE;
}

/* The mode that other programs of the user give to new files. */
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
set_attributes (SlPart *part, guint64 size, gint64 modified, GError **error)
{
  struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = modified}};
  struct stat stat;
  off_t end = (off_t)size;

  /* reserved space after the end, if the file turned out shorter */
  if (fstat (part->fd, &stat) != 0 || (stat.st_size > end && ftruncate (part->fd, end) != 0)) {
    set_errno (part, errno, "set the size of", error);
    return FALSE;
  }
  if (fchmod (part->fd, get_file_mode ()) != 0)
    g_debug ("%s: could not set the mode: %s", part->path, g_strerror (errno));
  if (modified != 0 && futimens (part->fd, times) != 0)
    g_debug ("%s: could not set the modification time: %s", part->path, g_strerror (errno));
  return TRUE;
}

/* The times must be on disk, too, because they identify the file later. */
static gboolean
sync_and_stamp (SlPart *part, gboolean sync_name, SlSynced *synced, GError **error)
{
  return sync_by (part, sl_fs_sync, error) && (!sync_name || sync_directory (part, error)) &&
         check (part, &synced->stamp, synced->ranges, TRUE, error);
}

gboolean
sl_part_pause (SlPart *part, SlSynced *synced, GError **error)
{
  synced->ranges = sl_written_dup (&part->written);
  sl_writer_give_back (&part->writer);
  return sync_and_stamp (part, TRUE, synced, error);
}

void
sl_part_expect_publication (SlPart *part)
{
  part->publication_follows = TRUE;
}

gboolean
sl_part_seal (SlPart *part, gint64 modified, SlSynced *synced, char **digest, GError **error)
{
  guint64 end;

  *digest = NULL;
  synced->ranges = sl_written_dup (&part->written);
  end = sl_ranges_end (synced->ranges);
  if (part->digest != NULL && sl_ranges_contains (synced->ranges, 0, end) &&
      !complete_digest (part, end, digest, error))
    return FALSE;
  return set_attributes (part, end, modified, error) &&
         sync_and_stamp (part, !part->publication_follows || end > SL_PART_MAX_UNRECORDED, synced,
                         error);
}

void
sl_part_set_recorded (SlPart *part, guint64 total)
{
  sl_budget_recorded (&part->budget, total);
}

gboolean
sl_part_is_lost (SlPart *part)
{
  return part->lost;
}

guint64
sl_part_get_written (SlPart *part)
{
  return sl_written_get_total (&part->written);
}

SlRanges *
sl_part_dup_written (SlPart *part)
{
  return sl_written_dup (&part->written);
}

gboolean
sl_part_find_missing (
    SlPart *part, const SlRanges *wanted, guint64 size, const SlRanges *taken, SlRange *missing)
{
  return sl_written_find_missing (&part->written, wanted, size, taken, missing);
}
