/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Notices changed configuration files, with inotify(7). GFileMonitor is not used, because it looks every few seconds for a
 * directory that doesn't exist, and an idle service has to sleep.
 */
#define G_LOG_DOMAIN "sluice-service"

#include "service/config-watch.h"

#include "base/fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

/* Editors write in several steps. The files are read when nothing has changed for this long (ms). */
#define SETTLE_TIME 200
#define CHANGES                                                                                    \
  (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF |         \
   IN_MOVE_SELF | IN_ONLYDIR)

/* A directory that is watched. */
typedef struct {
  int descriptor;
  /* (owned) (nullable) the entry that is waited for; NULL: any that may be configuration */
  char *name;
} Place;

struct _SlConfigWatch {
  GPtrArray *directories; /* (owned) (element-type filename) */
  void (*changed) (gpointer user_data);
  gpointer user_data;
  SlFd fd;
  guint source_id;
  guint settle_id; /* 0 when nothing has changed */
  GArray *places;  /* (owned) (element-type Place) */
};

static void
place_clear (gpointer data)
{
  g_free (((Place *)data)->name);
}

/* Watches @directory. While it doesn't exist, watches the nearest one above it, for the name that is missing there. */
static void
add_place (SlConfigWatch *watch, const char *directory)
{
  g_autofree char *at = g_strdup (directory);
  Place place = {-1, NULL};

  while ((place.descriptor = inotify_add_watch (watch->fd, at, CHANGES | IN_MASK_ADD)) < 0) {
    char *above = g_path_get_dirname (at);
    gboolean is_top = g_str_equal (above, at);
    g_free (place.name);
    place.name = g_path_get_basename (at);
    g_free (at);
    at = above;
    if (is_top)
      break;
  }
  g_array_append_val (watch->places, place);
}

static void
add_all (SlConfigWatch *watch)
{
  for (guint i = 0; i < watch->places->len; i++)
    inotify_rm_watch (watch->fd, g_array_index (watch->places, Place, i).descriptor);
  g_array_set_size (watch->places, 0);
  for (guint i = 0; i < watch->directories->len; i++)
    add_place (watch, watch->directories->pdata[i]);
}

static gboolean
on_settled (gpointer data)
{
  SlConfigWatch *watch = data;

  watch->settle_id = 0;
  /* a directory that was missing may exist now, and the other way round */
  add_all (watch);
  watch->changed (watch->user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
is_of_interest (SlConfigWatch *watch, const struct inotify_event *event)
{
  const char *name = event->len > 0 ? event->name : NULL;

  if (event->mask & IN_Q_OVERFLOW)
    return TRUE;
  for (guint i = 0; i < watch->places->len; i++) {
    const Place *place = &g_array_index (watch->places, Place, i);
    if (place->descriptor != event->wd)
      continue;
    if (name == NULL)
      return (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
    if (place->name != NULL
            ? g_str_equal (place->name, name)
            : g_str_has_suffix (name, ".conf") || g_str_equal (name, "sluice.conf.d"))
      return TRUE;
  }
  return FALSE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  SlConfigWatch *watch = data;
  union {
    struct inotify_event event;
    char bytes[4096];
  } buffer;
  gboolean any = FALSE;
  ssize_t n = read (fd, &buffer, sizeof buffer);

  for (ssize_t at = 0; at < n;) {
    const struct inotify_event *event = (const struct inotify_event *)(void *)(buffer.bytes + at);
    any |= is_of_interest (watch, event);
    at += (ssize_t)sizeof *event + event->len;
  }
  if (any) {
    g_clear_handle_id (&watch->settle_id, g_source_remove);
    watch->settle_id = g_timeout_add (SETTLE_TIME, on_settled, watch);
  }
  return G_SOURCE_CONTINUE;
}

static void
add_directory (SlConfigWatch *watch, const char *directory)
{
  if (directory == NULL)
    return;
  g_ptr_array_add (watch->directories, g_strdup (directory));
  g_ptr_array_add (watch->directories, g_build_filename (directory, "sluice.conf.d", NULL));
}

SlConfigWatch *
sl_config_watch_new (const SlConfigurationPaths *paths,
                     void (*changed) (gpointer user_data),
                     gpointer user_data)
{
  SlConfigWatch *watch = g_new0 (SlConfigWatch, 1);

  watch->changed = changed;
  watch->user_data = user_data;
  watch->directories = g_ptr_array_new_with_free_func (g_free);
  watch->places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_array_set_clear_func (watch->places, place_clear);
  add_directory (watch, paths->vendor);
  add_directory (watch, paths->admin);
  add_directory (watch, paths->user);
  watch->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (watch->fd < 0) {
    g_message ("Changed configuration files are not noticed: %s", g_strerror (errno));
    return watch;
  }
  add_all (watch);
  watch->source_id = g_unix_fd_add (watch->fd, G_IO_IN, on_readable, watch);
  return watch;
}

void
sl_config_watch_free (SlConfigWatch *watch)
{
  g_clear_handle_id (&watch->source_id, g_source_remove);
  g_clear_handle_id (&watch->settle_id, g_source_remove);
  sl_fd_clear (&watch->fd);
  g_array_unref (watch->places);
  g_ptr_array_unref (watch->directories);
  g_free (watch);
}
