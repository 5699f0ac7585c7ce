/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Room for a part file: reserving in steps, keeping the minimum free, giving back. */
#define G_LOG_DOMAIN "sluice-content"

#include "base/error.h"
#include "content/file-system.h"
#include "content/part-private.h"
#include "content/space.h"
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reserving, or looking after, less than this costs more than it is good for. */
#define RESERVE_MIN (1024 * 1024)
/*
 * So much is reserved ahead of a writer: as much as has arrived, and within these. A server that only promises gets the
 * first; one that sends gets the second soon, which is enough for a file that lies in few pieces.
 */
#define STEP_MIN (4 * 1024 * 1024)
#define STEP_MAX (64 * 1024 * 1024)
/* Of a file this large, long pieces are written past the page cache. */
#define DIRECT_FILE (16 * 1024 * 1024)
/* Every file system of interest takes files this large. */
#define SURE_SIZE (G_GUINT64_CONSTANT (1) << 31)

/* Where the file system can't, all is written through the page cache. */
static void
open_direct (SlPart *part)
{
  SlStamp stamp;
  guint64 device;

  g_mutex_lock (&part->write_mutex);
  sl_part_close_direct (part);
  part->direct_fd =
      sl_fs_open_regular (part->dir_fd, part->name, O_WRONLY | O_DIRECT, &stamp, &device);
  if (part->direct_fd >= 0 && !sl_stamp_same_file (&stamp, &part->stamp))
    sl_part_close_direct (part);
  g_mutex_unlock (&part->write_mutex);
}

void
sl_part_set_minimum_free (SlPart *part, guint64 minimum_free)
{
  part->minimum_free = minimum_free;
}

/*
 * Whether the file system may have files so large, which it says when a hole is to be made where the file will end. Only as
 * long as it's empty: what is there is not to be touched, neither its bytes nor its times.
 */
static gboolean
is_possible (SlPart *part, guint64 size, guint64 written)
{
  return size <= SURE_SIZE || written > 0 ||
         fallocate (part->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)size - 1, 1) ==
             0 ||
         errno != EFBIG;
}

static gboolean
check_size (SlPart *part, guint64 size, guint64 written, GError **error)
{
  struct rlimit limit;

  if ((getrlimit (RLIMIT_FSIZE, &limit) != 0 || size <= limit.rlim_cur) && size <= G_MAXINT64 &&
      is_possible (part, size, written))
    return TRUE;
  sl_part_set_errno (part, EFBIG, "make", error);
  return FALSE;
}

gboolean
sl_part_reserve (SlPart *part, guint64 size, GError **error)
{
  guint64 written = sl_part_get_written (part);
  SlSpace space;

  if (size >= RESERVE_MIN) {
    if (!check_size (part, size, written, error))
      return FALSE;
    if (size > written && sl_space_look (&space, part->fd, part->minimum_free) &&
        size - written > sl_space_get_room (&space)) {
      sl_space_set_error (error, &space, part->path, size - written);
      return FALSE;
    }
  }
  if (size >= DIRECT_FILE)
    open_direct (part);
  g_mutex_lock (&part->write_mutex);
  part->size = size;
  part->reserves = size >= RESERVE_MIN;
  g_mutex_unlock (&part->write_mutex);
  return TRUE;
}

/* (transfer full): what of that is neither reserved nor written yet */
static SlRanges *
find_missing (SlPart *part, guint64 start, guint64 end)
{
  SlRanges *missing = sl_ranges_new_range (start, end);

  sl_ranges_remove_all (missing, part->reserved);
  g_mutex_lock (&part->mutex);
  sl_ranges_remove_all (missing, part->written);
  g_mutex_unlock (&part->mutex);
  return missing;
}

/* 0, or the errno; what of it could be had is ours. */
static int
allocate (SlPart *part, const SlRanges *missing)
{
  for (guint i = 0; i < sl_ranges_count (missing); i++) {
    const SlRange *range = sl_ranges_get (missing, i);
    int result;
    do
      result = fallocate (part->fd, 0, (off_t)range->start, (off_t)(range->end - range->start));
    while (result != 0 && errno == EINTR);
    /* when it's full it may have taken a part */
    if (result == 0 || errno == ENOSPC || errno == EDQUOT)
      sl_ranges_add (part->reserved, range->start, range->end);
    if (result != 0)
      return errno;
  }
  return 0;
}

/* Reserves from @offset up to @end, above the minimum that stays free; @error may be NULL */
static gboolean
reserve (SlPart *part, guint64 offset, guint64 end, GError **error)
{
  g_autoptr (SlRanges) missing = find_missing (part, offset, end);
  guint64 needed = sl_ranges_total (missing);
  SlSpace space;
  int err;

  if (needed > 0 && sl_space_look (&space, part->fd, part->minimum_free) &&
      needed > sl_space_get_room (&space)) {
    guint64 written = sl_part_get_written (part);
    /* of use to whoever reads it is what the rest of the file needs */
    sl_space_set_error (error, &space, part->path,
                        MAX (needed, part->size > written ? part->size - written : 0));
    return FALSE;
  }
  err = allocate (part, missing);
  if (err == ENOSPC || err == EDQUOT || err == EFBIG) {
    sl_part_set_errno (part, err, "reserve space for", error);
    return FALSE;
  }
  /* what else may be wrong, writing will tell */
  if (err != 0)
    part->reserves = FALSE;
  return TRUE;
}

/*
 * Without reserving: looks every few MiB that all files together have written, and when a file proves not to be a small
 * one.
 */
static gboolean
spend (SlPart *part, gsize length, GError **error)
{
  gboolean small = sl_part_get_written (part) + length <= RESERVE_MIN;
  SlSpace space = {G_MAXUINT64, 0};
  guint64 room;

  if (part->minimum_free == 0 || ((small || part->looked) && sl_space_spend (part->device, length)))
    return TRUE;
  part->looked = TRUE;
  sl_space_look (&space, part->fd, part->minimum_free);
  room = sl_space_get_room (&space);
  if (room < length) {
    sl_space_set_error (error, &space, part->path, length);
    return FALSE;
  }
  sl_space_grant (part->device, room - length);
  return TRUE;
}

gboolean
sl_part_make_room (SlPart *part, guint64 offset, gsize length, GError **error)
{
  guint64 end = offset + length, step;

  if (!part->reserves)
    return spend (part, length, error);
  if (sl_ranges_contains (part->reserved, offset, end))
    return TRUE;
  step = CLAMP (sl_part_get_written (part), STEP_MIN, STEP_MAX);
  return reserve (part, offset, MAX (end, MIN (offset + step, part->size)), NULL) ||
         reserve (part, offset, end, error);
}

/* The blocks that lie in @range wholly. */
static void
punch (SlPart *part, const SlRange *range)
{
  guint64 start = (range->start + SL_PART_ALIGN - 1) / SL_PART_ALIGN * SL_PART_ALIGN;
  guint64 end = range->end / SL_PART_ALIGN * SL_PART_ALIGN;

  if (start < end && fallocate (part->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)start,
                                (off_t)(end - start)) != 0)
    g_debug ("%s: could not give back space: %s", part->path, g_strerror (errno));
}

void
sl_part_give_back (SlPart *part)
{
  g_autoptr (SlRanges) written = sl_part_dup_written (part);
  guint64 end = sl_ranges_end (written);
  struct stat stat;

  g_mutex_lock (&part->write_mutex);
  /* by somebody who died too, and so without a look at what is reserved */
  if (fstat (part->fd, &stat) == 0 && (guint64)stat.st_size > end &&
      ftruncate (part->fd, (off_t)end) != 0)
    g_debug ("%s: could not give back space: %s", part->path, g_strerror (errno));
  sl_ranges_remove_all (part->reserved, written);
  sl_ranges_remove (part->reserved, end, SL_SIZE_UNKNOWN);
  for (guint i = 0; i < sl_ranges_count (part->reserved); i++)
    punch (part, sl_ranges_get (part->reserved, i));
  sl_ranges_clear (part->reserved);
  g_mutex_unlock (&part->write_mutex);
}
