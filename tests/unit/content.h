/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A part file in a temporary directory, and a file system that fails as the tests want. Include it only once in a
 * program: it replaces the program's calls.
 */
#pragma once

#include "unit.h"

#include "base/digest.h"
#include "base/error.h"
#include "content/part.h"
#include "content/stamp.h"

#include <atomic>
#include <fcntl.h>
#include <map>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static std::atomic<int> direct_writes;
static bool refuse_direct;
/* How many writes are under way, and what was seen of that; direct ones take their time if told to. */
static std::atomic<int> direct_now, buffered_now, most_direct;
static std::atomic<bool> writes_met;
static bool slow_direct;
/* The calls that fail, with their errno; 0 ends the process there. */
static std::map<std::string, int> failing;
/* The whole file is a hole. */
static bool all_is_hole;

static bool
fails (const char *call)
{
  auto found = failing.find (call);

  if (found == failing.end ())
    return false;
  if (found->second == 0)
    _exit (0);
  errno = found->second;
  return true;
}

static void
look_at_writes ()
{
  int direct = direct_now, buffered = buffered_now, most = most_direct;

  if (buffered > 1 || (buffered > 0 && direct > 0))
    writes_met = true;
  while (direct > most && !most_direct.compare_exchange_weak (most, direct))
    ;
}

/* Counts and executes each write, or refuses it like a file system. */
extern "C" ssize_t
pwrite64 (int fd, const void *data, size_t length, off64_t offset)
{
  bool direct = (fcntl (fd, F_GETFL) & O_DIRECT) != 0;

  if (direct) {
    if (refuse_direct) {
      errno = EINVAL;
      return -1;
    }
    direct_writes++;
  }
  (direct ? direct_now : buffered_now)++;
  look_at_writes ();
  if (direct && slow_direct)
    g_usleep (5000);
  ssize_t n = syscall (SYS_pwrite64, fd, data, length, offset);
  (direct ? direct_now : buffered_now)--;
  return n;
}

extern "C" int
renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned flags) noexcept
{
  return fails ("renameat2") ? -1 : (int)syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
}

extern "C" int
renameat (int from_fd, const char *from, int to_fd, const char *to) noexcept
{
  return fails ("renameat") ? -1 : (int)syscall (SYS_renameat2, from_fd, from, to_fd, to, 0);
}

extern "C" int
linkat (int from_fd, const char *from, int to_fd, const char *to, int flags) noexcept
{
  return fails ("linkat") ? -1 : (int)syscall (SYS_linkat, from_fd, from, to_fd, to, flags);
}

extern "C" int
fdatasync (int fd)
{
  return fails ("fdatasync") ? -1 : (int)syscall (SYS_fdatasync, fd);
}

extern "C" int
fsync (int fd)
{
  return fails ("fsync") ? -1 : (int)syscall (SYS_fsync, fd);
}

extern "C" int
fstatfs64 (int fd, struct statfs64 *found) noexcept
{
  int result = (int)syscall (SYS_fstatfs, fd, found);
  auto available = failing.find ("f_bavail");

  /* like a file system with this many MiB left */
  if (result == 0 && available != failing.end ())
    found->f_bavail = (guint64)available->second * 1024 * 1024 / (guint64)found->f_frsize;
  return result;
}

extern "C" off64_t
lseek64 (int fd, off64_t offset, int whence) noexcept
{
  if (all_is_hole && whence == SEEK_HOLE)
    return offset;
  if (all_is_hole && whence == SEEK_DATA) {
    errno = ENXIO;
    return -1;
  }
  return syscall (SYS_lseek, fd, offset, whence);
}

inline const guint64 KIB = 1024, MIB = 1024 * KIB;
inline const char NAME[] = ".3f2504e0-4f89-41d3-9a0c-0305e82c3301.sluice-part";

/* The place of a part file in @directory; its target is "target". */
inline SlPlace *
make_place (const std::string &directory, const char *name = "target")
{
  SlId id;

  EXPECT_TRUE (sl_id_parse (&id, std::string (NAME + 1, SL_ID_LENGTH).c_str ()));
  return sl_place_new ((directory + "/" + name).c_str (), &id);
}

inline std::string
pattern (guint64 offset, gsize length)
{
  std::string bytes (length, '\0');

  for (gsize i = 0; i < length; i++)
    bytes[i] = (char)('!' + (offset + i) * 7919 / 64 % 90);
  return bytes;
}

inline std::string
print (SlRanges *ranges)
{
  std::string text = take (sl_ranges_to_string (ranges));
  sl_ranges_unref (ranges);
  return text;
}

inline std::string
sha256 (const std::string &content)
{
  g_autoptr (SlDigest) digest = sl_digest_new ("sha256:");
  sl_digest_update (digest, content.data (), content.size ());
  return take (sl_digest_finish (digest));
}

/* A part file in a temporary directory. */
class Content : public testing::Test
{
protected:
  Directory directory;
  SlPlace *place = make_place (directory.c_str ());
  SlPart *part = nullptr;
  SlStamp none = {}; /* nothing was recorded */
  GCancellable *cancellable = g_cancellable_new ();
  Error error;

  ~Content () override
  {
    failing.clear ();
    all_is_hole = false;
    close ();
    g_object_unref (cancellable);
    sl_place_free (place);
  }
  void
  close ()
  {
    g_clear_pointer (&part, sl_part_unref);
  }
  void
  open (const SlStamp &stamp, const char *claimed)
  {
    g_autoptr (SlRanges) ranges = sl_ranges_from_string (claimed);
    close ();
    part = sl_part_open (place, &stamp, ranges, error.out ());
    ASSERT_NE (part, nullptr) << error.text ();
  }
  bool
  write (guint64 offset, const std::string &data)
  {
    return sl_part_write (part, offset, data.data (), data.size (), cancellable, error.out ());
  }
  bool
  write (guint64 offset, gsize length)
  {
    return write (offset, pattern (offset, length));
  }
  std::string
  written ()
  {
    return print (sl_part_dup_written (part));
  }
  /* The result of a sync, "failed" if it fails; stores the stamp in @synced_stamp. */
  std::string
  sync ()
  {
    g_auto (SlSynced) synced = {};
    if (!sl_part_sync (part, &synced, error.out ()))
      return "failed";
    synced_stamp = synced.stamp;
    return take (sl_ranges_to_string (synced.ranges));
  }
  void
  record ()
  {
    g_autoptr (SlRanges) ranges = sl_part_dup_written (part);
    sl_part_set_recorded (part, sl_ranges_total (ranges));
  }
  /* The digest of the sealed file, "none" if none was computed. */
  std::string
  seal (gint64 modified = 0)
  {
    g_auto (SlSynced) synced = {};
    char *digest = nullptr;
    if (!sl_part_seal (part, modified, &synced, &digest, error.out ()))
      return "failed";
    synced_stamp = synced.stamp;
    return digest != nullptr ? take (digest) : "none";
  }
  /* What a pause seals, "failed" if it fails. */
  std::string
  rest ()
  {
    g_auto (SlSynced) synced = {};
    if (!sl_part_pause (part, &synced, error.out ()))
      return "failed";
    synced_stamp = synced.stamp;
    return take (sl_ranges_to_string (synced.ranges));
  }
  std::string
  path () const
  {
    return directory / NAME;
  }
  guint64
  allocated () const
  {
    struct stat found;
    EXPECT_EQ (stat (path ().c_str (), &found), 0);
    return (guint64)found.st_blocks * 512;
  }
  void
  punch (guint64 from, guint64 to)
  {
    int fd = ::open (path ().c_str (), O_WRONLY | O_CLOEXEC);
    ASSERT_GE (fd, 0);
    EXPECT_EQ (fallocate (fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
                          (off_t)(to - from)),
               0);
    ::close (fd);
  }
  /* Overwrites in place, and restores the modification time. */
  void
  overwrite_and_set_back (const std::string &bytes)
  {
    struct stat found;
    ASSERT_EQ (stat (path ().c_str (), &found), 0);
    const timespec times[2] = {found.st_atim, found.st_mtim};
    int fd = ::open (path ().c_str (), O_WRONLY | O_CLOEXEC);
    ASSERT_EQ (pwrite (fd, bytes.data (), bytes.size (), 0), (ssize_t)bytes.size ());
    ASSERT_EQ (futimens (fd, times), 0);
    ::close (fd);
  }
  /* Replaces the part file with something that is not a regular file. */
  void
  replace (mode_t type)
  {
    unlink (path ().c_str ());
    if (type == S_IFIFO) {
      ASSERT_EQ (mkfifo (path ().c_str (), 0600), 0);
    } else if (type == S_IFDIR) {
      ASSERT_EQ (g_mkdir (path ().c_str (), 0700), 0);
    } else if (type == S_IFLNK) {
      ASSERT_EQ (symlink ("/dev/zero", path ().c_str ()), 0);
    } else {
      struct sockaddr_un address = {AF_UNIX, ""};
      int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      g_strlcpy (address.sun_path, path ().c_str (), sizeof address.sun_path);
      ASSERT_EQ (bind (fd, (struct sockaddr *)&address, sizeof address), 0);
      ::close (fd);
    }
  }
  SlStamp synced_stamp = {};
};
