/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into the daemon, this is a disk that loses unsynced data at a power failure.
 *
 * Before a write changes bytes of a file below SLUICE_DROP_DIR, the old bytes are kept; a sync of that file drops
 * them. The same is done for names: a creation, rename or removal can be undone until the directory is synced. At the
 * power failure everything that is kept is restored, or, like on real disks, a random part of it, page by page; then
 * the process kills itself. The failure comes before operation number SLUICE_DROP_AFTER (write, sync, rename …).
 * SLUICE_DROP_SEED chooses the pages; 0 drops everything. The file SLUICE_DROP_LOG then lists what was undone, so
 * that a test can see that it tested something.
 *
 * Renaming a file back sets the time at which its inode changed, which a real failure does not. So this disk keeps no
 * such time: it reports the modification time instead, like FAT.
 *
 * Syncs are not carried out: nothing here has to survive the machine, and tests are faster. Shared memory maps are
 * not tracked. SQLite makes its index of the log anew after a crash, so that file is left alone; if it were
 * truncated, a thread that reads the map would die of SIGBUS instead of the power failure.
 */
/* each function is needed with both names: the plain one, and the one for large files */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

/* An operation to undo. The newest is first. */
typedef struct Undo {
  struct Undo *next;
  enum { BYTES, CREATED, RENAMED, REMOVED } kind;
  dev_t device; /* of the file (BYTES) or of the directory */
  ino_t inode;
  ino_t file;           /* names: inode of the file */
  char path[PATH_MAX];  /* BYTES: path of the file when it was opened; else the present name */
  char other[PATH_MAX]; /* RENAMED: the old name */
  off_t offset;
  off_t size; /* size of the file before */
  struct timespec modified;
  size_t length;
  uint8_t *bytes; /* BYTES: the old ones; names: path of a spare link to the old file */
} Undo;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Undo *undos;
static char base[PATH_MAX];
static size_t base_length;
static uint64_t seed;
static long countdown = -1; /* operations until the failure; -1: never */
static unsigned spares;
static char log_path[PATH_MAX];

__attribute__ ((constructor)) static void
prepare (void)
{
  const char *dir = getenv ("SLUICE_DROP_DIR");
  const char *after = getenv ("SLUICE_DROP_AFTER");
  const char *number = getenv ("SLUICE_DROP_SEED");
  const char *log = getenv ("SLUICE_DROP_LOG");

  if (dir == NULL || realpath (dir, base) == NULL)
    return;
  base_length = strlen (base);
  if (after != NULL)
    countdown = atol (after);
  if (number != NULL)
    seed = strtoull (number, NULL, 10);
  snprintf (log_path, sizeof log_path, "%s", log != NULL ? log : "/dev/null");
}

/* Logs belong to the test, not the daemon, so they stay; so does SQLite's shared memory. */
static int
is_below (const char *path)
{
  size_t length = strlen (path);

  return base_length > 0 && strncmp (path, base, base_length) == 0 && path[base_length] == '/' &&
         strcmp (path + length - 4, ".log") != 0 && strcmp (path + length - 4, "-shm") != 0;
}

/* The path of an open file; 0 if it is not below the directory. */
static int
get_path (int fd, char *path)
{
  char link[64];
  ssize_t n;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  n = syscall (SYS_readlink, link, path, PATH_MAX - 1);
  if (n <= 0)
    return 0;
  path[n] = '\0';
  return is_below (path);
}

static int
resolve (int dir_fd, const char *name, char *path)
{
  char dir[PATH_MAX];

  if (base_length == 0 || name == NULL)
    return 0;
  if (name[0] == '/')
    snprintf (path, PATH_MAX, "%s", name);
  else if (dir_fd == AT_FDCWD || !get_path (dir_fd, dir))
    return 0;
  else if (snprintf (path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
    return 0;
  return is_below (path);
}

/* The directory of @path. */
static int
stat_parent (const char *path, struct stat *found)
{
  char parent[PATH_MAX];

  snprintf (parent, sizeof parent, "%s", path);
  *strrchr (parent, '/') = '\0';
  return stat (parent, found);
}

static Undo *
push (int kind)
{
  Undo *undo = calloc (1, sizeof *undo);

  undo->kind = kind;
  undo->next = undos;
  undos = undo;
  return undo;
}

static void
forget (dev_t device, ino_t inode, int bytes)
{
  for (Undo **at = &undos; *at != NULL;) {
    Undo *undo = *at;
    if (undo->device == device && undo->inode == inode && (undo->kind == BYTES) == bytes) {
      *at = undo->next;
      if (undo->kind != BYTES && undo->bytes != NULL)
        syscall (SYS_unlinkat, AT_FDCWD, undo->bytes, 0);
      free (undo->bytes);
      free (undo);
    } else {
      at = &undo->next;
    }
  }
}

/* The power failure. */

static uint64_t
mix (uint64_t x)
{
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

/*
 * Whether the disk wrote this page before the failure. All changes of a name are lost or kept together, in their
 * order, as journals do.
 */
static int
is_kept (ino_t inode, off_t page)
{
  return seed != 0 && (mix (seed ^ mix ((uint64_t)inode) ^ (uint64_t)page) & 1);
}

static unsigned long
put_back_bytes (Undo *undo)
{
  int fd = (int)syscall (SYS_openat, AT_FDCWD, undo->path, O_RDWR | O_CLOEXEC);
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, undo->modified};
  struct stat found;
  unsigned long undone = 0;

  if (fd < 0)
    return 0;
  if (fstat (fd, &found) == 0 && found.st_ino == undo->inode) {
    for (size_t done = 0; done < undo->length;) {
      off_t at = undo->offset + (off_t)done;
      size_t n = PAGE - (size_t)(at % PAGE);
      n = n < undo->length - done ? n : undo->length - done;
      if (!is_kept (undo->inode, at / PAGE)) {
        syscall (SYS_pwrite64, fd, undo->bytes + done, n, at);
        undone += n;
      }
      done += n;
    }
    if (found.st_size != undo->size && !is_kept (undo->inode, -1))
      undone += syscall (SYS_ftruncate, fd, undo->size) == 0;
    futimens (fd, times);
  }
  syscall (SYS_close, fd);
  return undone;
}

static void
put_back_name (Undo *undo)
{
  struct stat found;

  if (undo->kind == CREATED) {
    if (lstat (undo->path, &found) == 0 && found.st_ino == undo->file)
      syscall (SYS_unlinkat, AT_FDCWD, undo->path, 0);
    return;
  }
  if (undo->kind == RENAMED)
    syscall (SYS_renameat2, AT_FDCWD, undo->path, AT_FDCWD, undo->other, 0);
  /* the old file of the name */
  if (undo->bytes != NULL)
    syscall (SYS_renameat2, AT_FDCWD, undo->bytes, AT_FDCWD, undo->path, 0);
}

/* Restores bytes first, then names, in order, because files are found by name. */
static void
fail_now (void)
{
  unsigned long bytes = 0, names = 0;
  char text[128];
  int fd, n;

  for (Undo *undo = undos; undo != NULL; undo = undo->next) {
    if (undo->kind == BYTES)
      bytes += put_back_bytes (undo);
  }
  for (Undo *undo = undos; undo != NULL; undo = undo->next) {
    if (undo->kind != BYTES && !is_kept (undo->inode, -2)) {
      put_back_name (undo);
      names++;
    }
  }
  fd = (int)syscall (SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  n = snprintf (text, sizeof text, "dropped %lu bytes, %lu names\n", bytes, names);
  syscall (SYS_write, fd, text, n);
  syscall (SYS_kill, getpid (), SIGKILL);
  for (;;)
    pause ();
}

/* Call it before each operation, with the lock. */
static void
count_down (void)
{
  if (countdown > 0 && --countdown == 0)
    fail_now ();
}

/* Bytes. */

/* Keeps the bytes of @fd in this range, and its size. Call it with the lock. */
static void
keep_bytes (int fd, off_t offset, size_t length)
{
  char path[PATH_MAX];
  struct stat found;
  Undo *undo;
  ssize_t n = 0;

  if (!get_path (fd, path) || fstat (fd, &found) != 0 || !S_ISREG (found.st_mode))
    return;
  count_down ();
  if (offset < 0)
    offset = found.st_size;
  undo = push (BYTES);
  undo->device = found.st_dev;
  undo->inode = found.st_ino;
  undo->size = found.st_size;
  undo->modified = found.st_mtim;
  undo->offset = offset;
  snprintf (undo->path, sizeof undo->path, "%s", path);
  if (offset < found.st_size && length > 0) {
    undo->bytes = malloc (length);
    /* the descriptor may be open for writing only */
    int reader = (int)syscall (SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
    n = syscall (SYS_pread64, reader, undo->bytes, length, offset);
    syscall (SYS_close, reader);
  }
  undo->length = n > 0 ? (size_t)n : 0;
}

ssize_t
pwrite64 (int fd, const void *data, size_t length, off_t offset)
{
  ssize_t n;

  pthread_mutex_lock (&mutex);
  keep_bytes (fd, offset, length);
  n = syscall (SYS_pwrite64, fd, data, length, offset);
  pthread_mutex_unlock (&mutex);
  return n;
}

ssize_t
pwrite (int fd, const void *data, size_t length, off_t offset)
{
  return pwrite64 (fd, data, length, offset);
}

ssize_t
write (int fd, const void *data, size_t length)
{
  ssize_t n;

  if (base_length == 0)
    return syscall (SYS_write, fd, data, length);
  pthread_mutex_lock (&mutex);
  keep_bytes (fd, lseek (fd, 0, SEEK_CUR), length);
  n = syscall (SYS_write, fd, data, length);
  pthread_mutex_unlock (&mutex);
  return n;
}

int
ftruncate64 (int fd, off_t size)
{
  struct stat found;
  int result;

  pthread_mutex_lock (&mutex);
  if (fstat (fd, &found) == 0)
    keep_bytes (fd, size, size < found.st_size ? (size_t)(found.st_size - size) : 0);
  result = (int)syscall (SYS_ftruncate, fd, size);
  pthread_mutex_unlock (&mutex);
  return result;
}

int
ftruncate (int fd, off_t size)
{
  return ftruncate64 (fd, size);
}

int
fallocate64 (int fd, int mode, off_t offset, off_t length)
{
  int result;

  pthread_mutex_lock (&mutex);
  keep_bytes (fd, offset, 0);
  result = (int)syscall (SYS_fallocate, fd, mode, offset, length);
  pthread_mutex_unlock (&mutex);
  return result;
}

int
fallocate (int fd, int mode, off_t offset, off_t length)
{
  return fallocate64 (fd, mode, offset, length);
}

/* Syncs. */

static int
synced (int fd)
{
  char path[PATH_MAX];
  struct stat found;

  pthread_mutex_lock (&mutex);
  if (get_path (fd, path) && fstat (fd, &found) == 0) {
    count_down ();
    forget (found.st_dev, found.st_ino, !S_ISDIR (found.st_mode));
  }
  pthread_mutex_unlock (&mutex);
  return 0;
}

int
fsync (int fd)
{
  return synced (fd);
}

int
fdatasync (int fd)
{
  return synced (fd);
}

static void
forget_all (void)
{
  pthread_mutex_lock (&mutex);
  count_down ();
  while (undos != NULL)
    forget (undos->device, undos->inode, undos->kind == BYTES);
  pthread_mutex_unlock (&mutex);
}

int
syncfs (int fd)
{
  (void)fd;
  forget_all ();
  return 0;
}

void
sync (void)
{
  forget_all ();
}

/* Names. */

static Undo *
push_name (int kind, const char *path)
{
  struct stat parent = {0}, file = {0};
  Undo *undo;

  stat_parent (path, &parent);
  lstat (path, &file);
  undo = push (kind);
  undo->device = parent.st_dev;
  undo->inode = parent.st_ino;
  undo->file = file.st_ino;
  snprintf (undo->path, sizeof undo->path, "%s", path);
  return undo;
}

/* Updates the path of the kept operations of a renamed file. */
static void
follow (ino_t file, const char *path)
{
  for (Undo *undo = undos; undo != NULL; undo = undo->next) {
    if (undo->kind == BYTES && undo->inode == file)
      snprintf (undo->path, sizeof undo->path, "%s", path);
  }
}

/* Makes a second link to a file that is about to lose its name; NULL if there is no such file. */
static uint8_t *
make_spare (const char *path)
{
  char *spare = malloc (PATH_MAX);

  snprintf (spare, PATH_MAX, "%.*s/.spare-%d-%u", (int)base_length, base, getpid (), spares++);
  if (syscall (SYS_linkat, AT_FDCWD, path, AT_FDCWD, spare, 0) == 0)
    return (uint8_t *)spare;
  free (spare);
  return NULL;
}

static int
open_any (int dir_fd, const char *name, int flags, mode_t mode)
{
  char path[PATH_MAX];
  struct stat found;
  int fd, existed;

  if (!(flags & (O_CREAT | O_TRUNC)) || !resolve (dir_fd, name, path))
    return (int)syscall (SYS_openat, dir_fd, name, flags, mode);
  pthread_mutex_lock (&mutex);
  existed = lstat (path, &found) == 0;
  if (!existed)
    count_down ();
  fd = (int)syscall (SYS_openat, dir_fd, name, flags, mode);
  if (fd >= 0 && !existed)
    push_name (CREATED, path);
  pthread_mutex_unlock (&mutex);
  return fd;
}

static mode_t
get_mode (int flags, va_list args)
{
  return flags & (O_CREAT | O_TMPFILE) ? va_arg (args, mode_t) : 0;
}

int
openat64 (int dir_fd, const char *name, int flags, ...)
{
  va_list args;

  va_start (args, flags);
  mode_t mode = get_mode (flags, args);
  va_end (args);
  return open_any (dir_fd, name, flags, mode);
}

int
openat (int dir_fd, const char *name, int flags, ...)
{
  va_list args;

  va_start (args, flags);
  mode_t mode = get_mode (flags, args);
  va_end (args);
  return open_any (dir_fd, name, flags, mode);
}

int
open64 (const char *name, int flags, ...)
{
  va_list args;

  va_start (args, flags);
  mode_t mode = get_mode (flags, args);
  va_end (args);
  return open_any (AT_FDCWD, name, flags, mode);
}

int
open (const char *name, int flags, ...)
{
  va_list args;

  va_start (args, flags);
  mode_t mode = get_mode (flags, args);
  va_end (args);
  return open_any (AT_FDCWD, name, flags, mode);
}

int
renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
  char from_path[PATH_MAX], to_path[PATH_MAX];
  uint8_t *spare;
  Undo *undo;
  int result;

  if (!resolve (from_fd, from, from_path) || !resolve (to_fd, to, to_path))
    return (int)syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
  pthread_mutex_lock (&mutex);
  count_down ();
  spare = flags == 0 ? make_spare (to_path) : NULL;
  result = (int)syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
  if (result == 0) {
    undo = push_name (RENAMED, to_path);
    snprintf (undo->other, sizeof undo->other, "%s", from_path);
    undo->bytes = spare;
    follow (undo->file, to_path);
  } else if (spare != NULL) {
    int err = errno;
    syscall (SYS_unlinkat, AT_FDCWD, spare, 0);
    free (spare);
    errno = err;
  }
  pthread_mutex_unlock (&mutex);
  return result;
}

int
renameat (int from_fd, const char *from, int to_fd, const char *to)
{
  return renameat2 (from_fd, from, to_fd, to, 0);
}

int
rename (const char *from, const char *to)
{
  return renameat2 (AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat (int from_fd, const char *from, int to_fd, const char *to, int flags)
{
  char path[PATH_MAX];
  int result;

  if (!resolve (to_fd, to, path))
    return (int)syscall (SYS_linkat, from_fd, from, to_fd, to, flags);
  pthread_mutex_lock (&mutex);
  count_down ();
  result = (int)syscall (SYS_linkat, from_fd, from, to_fd, to, flags);
  if (result == 0)
    push_name (CREATED, path);
  pthread_mutex_unlock (&mutex);
  return result;
}

int
unlinkat (int dir_fd, const char *name, int flags)
{
  char path[PATH_MAX];
  uint8_t *spare;
  int result;

  if (flags != 0 || !resolve (dir_fd, name, path))
    return (int)syscall (SYS_unlinkat, dir_fd, name, flags);
  pthread_mutex_lock (&mutex);
  count_down ();
  spare = make_spare (path);
  result = (int)syscall (SYS_unlinkat, dir_fd, name, flags);
  if (result == 0 && spare != NULL)
    push_name (REMOVED, path)->bytes = spare;
  pthread_mutex_unlock (&mutex);
  return result;
}

int
unlink (const char *name)
{
  return unlinkat (AT_FDCWD, name, 0);
}

int
statx (int dir_fd, const char *path, int flags, unsigned mask, struct statx *buffer)
{
  int result = (int)syscall (SYS_statx, dir_fd, path, flags, mask, buffer);

  if (result == 0)
    buffer->stx_ctime = buffer->stx_mtime;
  return result;
}
