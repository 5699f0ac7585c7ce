/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the place of a file from LocalPath. */
#define G_LOG_DOMAIN "sluice-content"

#include "content/place.h"

#include "content/file-system.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

gboolean
sl_place_is_open (const char *local_path)
{
  return g_str_has_suffix (local_path, "/");
}

static char *
make_part_name (const SlId *id)
{
  return g_strdup_printf (".%s.sluice-part", id->text);
}

SlPlace *
sl_place_new (const char *local_path, const SlId *id)
{
  SlPlace *place = g_new0 (SlPlace, 1);
  const char *slash = strrchr (local_path, '/');

  /* keep the slash of the root */
  place->directory = g_strndup (local_path, MAX ((gsize)(slash - local_path), 1));
  place->part_name = make_part_name (id);
  place->target_fd = -1;
  place->target_name = sl_place_is_open (local_path) ? NULL : g_strdup (slash + 1);
  return place;
}

SlPlace *
sl_place_new_spooled (const char *spool, const SlId *id, int target_fd)
{
  SlPlace *place = g_new0 (SlPlace, 1);

  place->directory = g_strdup (spool);
  place->part_name = make_part_name (id);
  place->target_fd = target_fd;
  return place;
}

void
sl_place_free (SlPlace *place)
{
  sl_fd_clear (&place->target_fd);
  g_free (place->directory);
  g_free (place->part_name);
  g_free (place->target_name);
  g_free (place);
}

int
sl_place_open_directory (const SlPlace *place, GError **error)
{
  int fd = open (place->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    sl_fs_set_error (error, errno, "open the directory", place->directory);
  return fd;
}

void
sl_place_discard (const SlPlace *place)
{
  g_autofree char *path = g_build_filename (place->directory, place->part_name, NULL);

  if (unlink (path) != 0 && errno != ENOENT)
    g_message ("Could not delete “%s”: %s", path, g_strerror (errno));
}
