/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Free space on file systems. */
#include "content/space.h"

#include "base/error.h"
#include "base/settings.h"

#include <sys/stat.h>
#include <sys/statfs.h>

/* By default 1/20 stays free. */
#define AUTO_SHARE 20
/* How much is written between two checks. */
#define LOOK_EVERY (4 * 1024 * 1024)
/* How many file systems are remembered at a time. */
#define N_DEVICES 8

typedef struct {
  guint64 device;
  guint64 left; /* may be written before the next check */
} Device;

static GMutex mutex;
static Device devices[N_DEVICES]; /* guarded by mutex */
static guint n_devices;           /* guarded by mutex */

gboolean
sl_space_read (SlSpace *space, int fd, guint64 minimum_free)
{
  struct statfs found;
  guint64 size;

  /* some network file systems report a size of 0, which means unknown */
  if (fstatfs (fd, &found) != 0 || found.f_blocks == 0)
    return FALSE;
  size = (guint64)found.f_blocks * (guint64)found.f_frsize;
  space->available = (guint64)found.f_bavail * (guint64)found.f_frsize;
  space->minimum = minimum_free != SL_MINIMUM_FREE_AUTO
                       ? minimum_free
                       : MIN (size / AUTO_SHARE, SL_MINIMUM_FREE_AUTO_MAX);
  return TRUE;
}

guint64
sl_space_get_room (const SlSpace *space)
{
  return space->available > space->minimum ? space->available - space->minimum : 0;
}

/* (transfer full): the mount point of the file system of @path, as far as device numbers show it */
static char *
find_root (const char *path)
{
  g_autofree char *root = g_path_get_dirname (path);
  struct stat here, above;

  if (stat (root, &here) != 0)
    return g_steal_pointer (&root);
  while (root[1] != '\0') {
    g_autofree char *parent = g_path_get_dirname (root);
    if (stat (parent, &above) != 0 || above.st_dev != here.st_dev)
      break;
    g_free (root);
    root = g_steal_pointer (&parent);
  }
  return g_steal_pointer (&root);
}

void
sl_space_set_error (GError **error, const SlSpace *space, const char *path, guint64 needed)
{
  g_autofree char *root = find_root (path);
  g_autofree char *available = g_format_size (space->available);
  g_autofree char *minimum = g_format_size (space->minimum);
  g_autofree char *wanted = g_format_size (needed);

  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_NO_SPACE,
               "No room for “%s”: the file system at “%s” has %s free, %s are needed, and %s have "
               "to stay free (MinimumFree)",
               path, root, available, wanted, minimum);
}

/* Call it with the mutex held. */
static Device *
find_device (guint64 number)
{
  Device *device;

  for (guint i = 0; i < MIN (n_devices, N_DEVICES); i++) {
    if (devices[i].device == number)
      return &devices[i];
  }
  device = &devices[n_devices++ % N_DEVICES];
  *device = (Device){number, LOOK_EVERY};
  return device;
}

gboolean
sl_space_spend (guint64 device, gsize length)
{
  Device *found;
  gboolean ok;

  g_mutex_lock (&mutex);
  found = find_device (device);
  ok = found->left >= length;
  /* if there is too little, the next call checks again */
  found->left = ok ? found->left - length : 0;
  g_mutex_unlock (&mutex);
  return ok;
}

void
sl_space_grant (guint64 device, guint64 room)
{
  g_mutex_lock (&mutex);
  find_device (device)->left = MIN (room, LOOK_EVERY);
  g_mutex_unlock (&mutex);
}
