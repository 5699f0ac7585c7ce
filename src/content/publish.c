/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Publishes: checks the sealed file, renames it without overwriting, and syncs. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/publish.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/fd.h"
#include "content/copy.h"
#include "content/file-system.h"
#include "content/rename.h"
#include "content/stamp.h"
#include "content/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* (transfer full) (nullable): NULL with @error */
static char *
compute_digest (int fd, const char *expected, GError **error)
{
  g_autoptr (SlDigest) digest = sl_digest_new (expected);

  if (sl_digest_read (digest, fd, G_MAXUINT64))
    return sl_digest_finish (digest);
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE, "Could not read the file back: %s",
               g_strerror (errno));
  return NULL;
}

/* Whether the digest computed at the seal is of the expected kind. */
static gboolean
is_computed (const SlPublication *publication)
{
  gsize length = strcspn (publication->expected, ":") + 1;

  return publication->computed != NULL &&
         strncmp (publication->computed, publication->expected, length) == 0;
}

static SlPublishOutcome
check_digest (const SlPublication *publication, int fd, GError **error)
{
  g_autofree char *computed = NULL;

  if (publication->expected == NULL)
    return SL_PUBLISH_DONE;
  computed = is_computed (publication) ? g_strdup (publication->computed)
                                       : compute_digest (fd, publication->expected, error);
  if (computed == NULL)
    return SL_PUBLISH_REFUSED;
  if (!g_str_equal (computed, publication->expected)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_DIGEST_MISMATCH,
                 "The content has the digest %s instead of %s; it was dropped", computed,
                 publication->expected);
    return SL_PUBLISH_WRONG;
  }
  return SL_PUBLISH_DONE;
}

/* FALSE with errno set, or with @error if the target must not be replaced. */
static gboolean
replace (const SlPublication *publication, int dir_fd, GError **error)
{
  const char *from = publication->place->part_name, *to = publication->place->target_name;
  struct stat target;

  if (fstatat (dir_fd, to, &target, AT_SYMLINK_NOFOLLOW) == 0) {
    if (sl_target_is_special (&target)) {
      sl_target_set_special (error, publication->place->directory, to);
      return FALSE;
    }
    if (target.st_ino == publication->stamp->inode && sl_rename_is_done (dir_fd, from, to))
      return unlinkat (dir_fd, from, 0) == 0;
  }
  return renameat (dir_fd, from, dir_fd, to) == 0;
}

static SlPublishOutcome
move (const SlPublication *publication, int dir_fd, GError **error)
{
  const char *to = publication->place->target_name;
  g_autoptr (GError) special = NULL;
  gboolean ok = publication->overwrite
                    ? replace (publication, dir_fd, &special)
                    : sl_rename_exclusively (dir_fd, publication->place->part_name, to);
  int err = errno;

  if (ok)
    return SL_PUBLISH_DONE;
  if (special != NULL)
    g_propagate_error (error, g_steal_pointer (&special));
  else if (err == EEXIST)
    sl_target_set_exists (error, publication->place->directory, to);
  else
    sl_fs_set_error (error, err, "publish", to);
  return SL_PUBLISH_REFUSED;
}

static gboolean
sync_directory (int dir_fd, const char *directory, GError **error)
{
  if (sl_fs_sync_directory (dir_fd) == 0)
    return TRUE;
  sl_error_set_errno (error, errno, "sync the directory", directory);
  return FALSE;
}

/* Whether an earlier call published it. Compares without the time of the inode's change, which a rename sets. */
static gboolean
is_published (const SlPublication *publication, int dir_fd)
{
  const char *name = publication->place->target_name;
  SlStamp target;

  return name != NULL && sl_stamp_take (&target, dir_fd, name) &&
         sl_stamp_same_content (&target, publication->stamp);
}

static SlPublishOutcome
set_changed (const SlPublication *publication, GError **error)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
               "“%s/%s” was deleted or changed by another program; it is being fetched again",
               publication->place->directory, publication->place->part_name);
  return SL_PUBLISH_CHANGED;
}

/* Whether nobody has touched the part file since it had the stamp @found. */
static gboolean
is_as_found (const SlPublication *publication, int dir_fd, const SlStamp *found)
{
  SlStamp now;

  return sl_stamp_take (&now, dir_fd, publication->place->part_name) &&
         sl_stamp_is_untouched (found, &now);
}

/* FALSE with @error: @fd is nothing that a file can be copied into. */
static gboolean
check_descriptor (int fd, GError **error)
{
  struct stat target;
  int flags = fcntl (fd, F_GETFL);

  if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && !(flags & O_APPEND) &&
      fstat (fd, &target) == 0 && S_ISREG (target.st_mode))
    return TRUE;
  g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_LOCAL_FILE,
                       "The descriptor for the file is not that of a regular file that was opened "
                       "for writing, and not for appending");
  return FALSE;
}

/*
 * Copies the part file, with the stamp @found, into the descriptor. The part file stays: it can be copied again until the end is
 * recorded.
 */
static SlPublishOutcome
deliver (const SlPublication *publication, int dir_fd, int fd, const SlStamp *found, GError **error)
{
  int to = publication->place->target_fd;

  if (!check_descriptor (to, error))
    return SL_PUBLISH_REFUSED;
  if (!sl_copy_content (fd, to, found->size) || sl_fs_sync (to) != 0) {
    sl_fs_set_error (error, errno, "publish", publication->place->part_name);
    return SL_PUBLISH_REFUSED;
  }
  if (is_as_found (publication, dir_fd, found))
    return SL_PUBLISH_DONE;
  /* while it was copied; nobody may take that for the file */
  if (ftruncate (to, 0) != 0)
    g_message ("Could not empty a file with wrong content: %s", g_strerror (errno));
  return set_changed (publication, error);
}

/*
 * Call it when the inode changed after the seal: a different mode, a further link, or different bytes with the time
 * set back. Only a digest can tell them apart.
 */
static SlPublishOutcome
verify (const SlPublication *publication, int fd, GError **error)
{
  const char *known = publication->computed != NULL ? publication->computed : publication->expected;
  g_autofree char *digest = NULL;

  if (known != NULL && (digest = compute_digest (fd, known, error)) == NULL)
    return SL_PUBLISH_REFUSED;
  return g_strcmp0 (digest, known) == 0 && digest != NULL ? SL_PUBLISH_DONE
                                                          : set_changed (publication, error);
}

/* Whether the part file, with the stamp @found, is the sealed one, and has the digest. */
static SlPublishOutcome
check (const SlPublication *publication, int dir_fd, int fd, const SlStamp *found, GError **error)
{
  gboolean touched = !sl_stamp_is_untouched (publication->stamp, found);
  gboolean reads = touched || (publication->expected != NULL && !is_computed (publication));
  SlPublishOutcome outcome;

  if (!sl_stamp_same_content (found, publication->stamp))
    return set_changed (publication, error);
  outcome = touched ? verify (publication, fd, error) : SL_PUBLISH_DONE;
  if (outcome == SL_PUBLISH_DONE)
    outcome = check_digest (publication, fd, error);
  /* others may have changed the file during the reading */
  if (outcome == SL_PUBLISH_DONE && reads && !is_as_found (publication, dir_fd, found))
    return set_changed (publication, error);
  return outcome;
}

/* The same after opening the part file; @fd: -1 with errno if that failed. */
static SlPublishOutcome
check_opened (
    const SlPublication *publication, int dir_fd, int fd, const SlStamp *found, GError **error)
{
  if (fd >= 0)
    return check (publication, dir_fd, fd, found, error);
  if (sl_fs_is_lost (errno))
    return set_changed (publication, error);
  /* a lack of descriptors or memory is no reason to fetch again */
  sl_fs_set_error (error, errno, "open", publication->place->part_name);
  return SL_PUBLISH_REFUSED;
}

SlPublishOutcome
sl_publish (const SlPublication *publication, GError **error)
{
  const SlPlace *place = publication->place;
  g_auto (SlFd) dir_fd = sl_place_open_directory (place, error);
  g_auto (SlFd) fd = -1;
  SlPublishOutcome outcome;
  SlStamp found;
  guint64 device;

  if (dir_fd < 0)
    return SL_PUBLISH_REFUSED;
  fd = sl_fs_open_regular (dir_fd, place->part_name, O_RDONLY, &found, &device);
  if (fd < 0 && errno == ENOENT && is_published (publication, dir_fd)) {
    outcome = SL_PUBLISH_DONE;
  } else {
    outcome = check_opened (publication, dir_fd, fd, &found, error);
    if (outcome == SL_PUBLISH_DONE)
      outcome = place->target_fd >= 0 ? deliver (publication, dir_fd, fd, &found, error)
                                      : move (publication, dir_fd, error);
  }
  /* nothing will replace the placeholder for now */
  if (outcome == SL_PUBLISH_CHANGED && place->target_name != NULL)
    sl_placeholder_remove (dir_fd, place->part_name, place->target_name);
  if (outcome == SL_PUBLISH_DONE && !sync_directory (dir_fd, place->directory, error))
    outcome = SL_PUBLISH_REFUSED;
  return outcome;
}
