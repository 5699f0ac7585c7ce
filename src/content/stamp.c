/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes and compares stamps of files. */
#include "content/stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static gint64
to_ns (const struct statx_timestamp *time)
{
  return time->tv_sec * G_GINT64_CONSTANT (1000000000) + time->tv_nsec;
}

gboolean
sl_stamp_take_on (SlStamp *stamp, guint64 *device, int dir_fd, const char *name)
{
  struct statx stat;
  int flags = AT_SYMLINK_NOFOLLOW | (*name == '\0' ? AT_EMPTY_PATH : 0);

  if (statx (dir_fd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &stat) != 0)
    return FALSE;
  if (!S_ISREG (stat.stx_mode)) {
    errno = EINVAL;
    return FALSE;
  }
  /* An open file without a name can't be published. */
  if (stat.stx_nlink == 0) {
    errno = ENOENT;
    return FALSE;
  }
  stamp->inode = stat.stx_ino;
  stamp->birth = stat.stx_mask & STATX_BTIME ? to_ns (&stat.stx_btime) : 0;
  stamp->modified = to_ns (&stat.stx_mtime);
  stamp->changed = to_ns (&stat.stx_ctime);
  stamp->size = stat.stx_size;
  stamp->sealed = TRUE;
  *device = makedev (stat.stx_dev_major, stat.stx_dev_minor);
  return TRUE;
}

gboolean
sl_stamp_take (SlStamp *stamp, int dir_fd, const char *name)
{
  guint64 device;

  return sl_stamp_take_on (stamp, &device, dir_fd, name);
}

gboolean
sl_stamp_same_file (const SlStamp *a, const SlStamp *b)
{
  return a->inode == b->inode && a->birth == b->birth;
}

gboolean
sl_stamp_same_content (const SlStamp *a, const SlStamp *b)
{
  return sl_stamp_same_file (a, b) && a->modified == b->modified && a->size == b->size;
}

gboolean
sl_stamp_is_untouched (const SlStamp *recorded, const SlStamp *found)
{
  if (!sl_stamp_same_content (recorded, found))
    return FALSE;
  /*
   * FAT and others keep no time of the inode's change, and report the modification time instead, sometimes only after
   * the inode is read again. No program can fake that, because none can set the time of the inode's change.
   */
  return recorded->changed == 0 || found->changed == recorded->changed ||
         found->changed == found->modified;
}
