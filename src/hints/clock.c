/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An alarm by the wall clock. */
#define G_LOG_DOMAIN "sluice-hints"

#include "hints/clock.h"

#include "base/fd.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define LOCALTIME_DIRECTORY "/etc"
#define LOCALTIME_NAME      "localtime"
#define LOCALTIME           LOCALTIME_DIRECTORY "/" LOCALTIME_NAME

struct _SlClock {
  SlFd timer_fd;
  guint timer_id;
  guint lost_id;   /* idle source that reports a jump; 0 when there is none */
  SlFd inotify_fd; /* -1: the zone is not watched */
  guint inotify_id;
  GTimeZone *zone; /* (owned) (nullable) until somebody asks */
  void (*changed) (gpointer user_data);
  gpointer user_data;
};

/* Whether the local zone is read from LOCALTIME; the environment variable TZ can name another. */
static gboolean
is_from_file (void)
{
  const char *zone = g_getenv ("TZ");

  return zone == NULL || g_str_equal (zone[0] == ':' ? zone + 1 : zone, LOCALTIME);
}

/* GLib accepts whatever it reads, also a file that is still empty because it is being written. */
static gboolean
is_zone_file (void)
{
  g_autofree char *content = NULL;
  gsize length;

  return g_file_get_contents (LOCALTIME, &content, &length, NULL) && length > 44 &&
         memcmp (content, "TZif", 4) == 0;
}

/*
 * (transfer full): the zone of LOCALTIME. For a symbolic link, GLib is asked for the default zone: it reads the link
 * again each time. For a plain file it is asked by path, because it would take the default zone's name from elsewhere
 * and might return a zone that it has cached under that name.
 */
static GTimeZone *
read_zone (void)
{
  GTimeZone *zone = NULL;
  struct stat status;

  if (!is_from_file ())
    return g_time_zone_new_local ();
  if (is_zone_file () && lstat (LOCALTIME, &status) == 0)
    zone = g_time_zone_new_identifier (S_ISLNK (status.st_mode) ? NULL : LOCALTIME);
  return zone != NULL ? zone : g_time_zone_new_utc ();
}

static gboolean
on_lost (gpointer data)
{
  SlClock *clock = data;

  clock->lost_id = 0;
  clock->changed (clock->user_data);
  return G_SOURCE_REMOVE;
}

/* The alarm is due, or a jump of the clock cancelled it. The callback may free the clock. */
static gboolean
on_timer (gint fd, GIOCondition condition, gpointer data)
{
  SlClock *clock = data;
  guint64 times;

  if (read (fd, &times, sizeof times) == sizeof times || errno == ECANCELED)
    clock->changed (clock->user_data);
  return G_SOURCE_CONTINUE;
}

/* Whether the zone may have changed. A new file is read only when its writer closes it. */
static gboolean
concerns_zone (const struct inotify_event *event)
{
  struct stat status;

  if (event->mask & IN_Q_OVERFLOW)
    return TRUE;
  if (event->len == 0 || !g_str_equal (event->name, LOCALTIME_NAME))
    return FALSE;
  return (event->mask & IN_CREATE) == 0 || lstat (LOCALTIME, &status) != 0 ||
         S_ISLNK (status.st_mode);
}

/* The callback may free the clock. */
static gboolean
on_inotify (gint fd, GIOCondition condition, gpointer data)
{
  SlClock *clock = data;
  gboolean concerned = FALSE;
  _Alignas(struct inotify_event) char buffer[4096];
  ssize_t length;

  while ((length = read (fd, buffer, sizeof buffer)) > 0) {
    for (ssize_t at = 0; at < length;) {
      const struct inotify_event *event = (const struct inotify_event *)(void *)(buffer + at);
      concerned = concerned || concerns_zone (event);
      at += (ssize_t)(sizeof *event + event->len);
    }
  }
  if (concerned) {
    g_clear_pointer (&clock->zone, g_time_zone_unref);
    clock->changed (clock->user_data);
  }
  return G_SOURCE_CONTINUE;
}

/* Watches the directory, because a symbolic link is changed by replacing it. */
static void
watch_zone (SlClock *clock)
{
  const guint32 mask = IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_CLOSE_WRITE | IN_ONLYDIR;

  clock->inotify_fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (clock->inotify_fd < 0 ||
      inotify_add_watch (clock->inotify_fd, LOCALTIME_DIRECTORY, mask) < 0) {
    g_message ("A change of the time zone won't be noticed: %s", g_strerror (errno));
    return;
  }
  clock->inotify_id = g_unix_fd_add (clock->inotify_fd, G_IO_IN, on_inotify, clock);
}

SlClock *
sl_clock_new (void (*changed) (gpointer user_data), gpointer user_data)
{
  SlClock *clock = g_new0 (SlClock, 1);

  clock->changed = changed;
  clock->user_data = user_data;
  clock->timer_fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (clock->timer_fd < 0)
    g_error ("Could not create a timer: %s", g_strerror (errno));
  clock->timer_id = g_unix_fd_add (clock->timer_fd, G_IO_IN, on_timer, clock);
  sl_clock_set_alarm (clock, G_MAXINT64);
  clock->inotify_fd = -1;
  if (is_from_file ())
    watch_zone (clock);
  return clock;
}

void
sl_clock_set_alarm (SlClock *clock, gint64 time)
{
  struct itimerspec alarm = {.it_value.tv_sec = G_MAXINT64};

  if (time < G_MAXINT64) {
    /* a time of zero would disarm the timer */
    time = MAX (time, 1);
    alarm.it_value.tv_sec = time / G_USEC_PER_SEC;
    alarm.it_value.tv_nsec = time % G_USEC_PER_SEC * 1000;
  }
  /* When the clock has jumped since the previous alarm, the call sets the new one but reports the jump only here. */
  if (timerfd_settime (clock->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &alarm, NULL) <
          0 &&
      errno == ECANCELED && clock->lost_id == 0)
    clock->lost_id = g_idle_add (on_lost, clock);
}

GTimeZone *
sl_clock_get_zone (SlClock *clock)
{
  if (clock->zone == NULL)
    clock->zone = read_zone ();
  return clock->zone;
}

void
sl_clock_free (SlClock *clock)
{
  g_clear_handle_id (&clock->timer_id, g_source_remove);
  g_clear_handle_id (&clock->lost_id, g_source_remove);
  g_clear_handle_id (&clock->inotify_id, g_source_remove);
  sl_fd_clear (&clock->timer_fd);
  sl_fd_clear (&clock->inotify_fd);
  g_clear_pointer (&clock->zone, g_time_zone_unref);
  g_free (clock);
}
