/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of writing: for now, or for good with the digest, the times and the mode. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/file-system.h"
#include "content/part-private.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads back what arrived out of order. */
static gboolean
complete_digest (SlPart *part, guint64 end, char **digest, GError **error)
{
  gboolean ok = sl_digest_read (part->digest, part->fd, end);

  if (!ok || sl_digest_get_position (part->digest) < end) {
    sl_part_set_errno (part, ok ? EIO : errno, "read back", error);
    return FALSE;
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
    sl_part_set_errno (part, errno, "set the size of", error);
    return FALSE;
  }
  if (fchmod (part->fd, get_file_mode ()) != 0)
    g_debug ("%s: could not set the mode: %s", part->path, g_strerror (errno));
  if (modified != 0 && futimens (part->fd, times) != 0)
    g_debug ("%s: could not set the modification time: %s", part->path, g_strerror (errno));
  return TRUE;
}

gboolean
sl_part_rest (SlPart *part, SlSynced *synced, GError **error)
{
  synced->ranges = sl_part_dup_written (part);
  sl_part_give_back (part);
  /* the times too have to be on disk, as it's known by them again */
  return sl_part_sync_by (part, sl_fs_sync, error) &&
         sl_part_check (part, &synced->stamp, synced->ranges, TRUE, error);
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
  return sl_part_sync_by (part, sl_fs_sync, error) &&
         sl_part_check (part, &synced->stamp, synced->ranges, TRUE, error);
}
