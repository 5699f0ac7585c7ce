/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hints: the alarm by the wall clock. The real clock is set, by a nanosecond; the time zone is in a separate /etc. */
#include "unit.h"

#include "hints/clock.h"

#include <fcntl.h>
#include <functional>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/timex.h>
#include <unistd.h>

namespace
{

constexpr gint64 kMillisecond = 1000, kHour = 3600 * gint64{G_USEC_PER_SEC};
constexpr guint kPatience = 10000; /* ms */

/* Waits until @done, or for @ms; whether it is done. */
bool
iterate_until (const std::function<bool ()> &done, guint ms)
{
  bool over = false;
  auto end = [] (gpointer data) -> gboolean {
    *(bool *)data = true;
    return G_SOURCE_REMOVE;
  };
  guint id = g_timeout_add (ms, end, &over);

  while (!done () && !over)
    g_main_context_iteration (nullptr, TRUE);
  if (!over)
    g_source_remove (id);
  return done ();
}

/* The machine has only one clock, so the cases run one after the other. */
class Clock : public testing::Test
{
protected:
  void
  SetUp () override
  {
    lock = open ("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ASSERT_EQ (flock (lock, LOCK_EX), 0) << g_strerror (errno);
    clock = sl_clock_new (on_changed, this);
  }
  void
  TearDown () override
  {
    g_clear_pointer (&clock, sl_clock_free);
    close (lock);
  }
  static void
  on_changed (gpointer data)
  {
    Clock *self = static_cast<Clock *> (data);

    self->calls++;
    if (self->then)
      self->then ();
  }
  static void
  jump (long nanoseconds)
  {
    struct timex change = {};

    change.modes = ADJ_SETOFFSET | ADJ_NANO;
    change.time.tv_sec = nanoseconds < 0 ? -1 : 0;
    change.time.tv_usec = nanoseconds < 0 ? nanoseconds + 1000000000 : nanoseconds;
    ASSERT_GE (adjtimex (&change), 0) << "the clock can't be set: " << g_strerror (errno);
  }
  bool
  wait_calls (int n)
  {
    return iterate_until ([this, n] { return calls >= n; }, kPatience);
  }
  /* Whether nothing is called within @ms. */
  bool
  is_quiet (guint ms)
  {
    return !iterate_until ([this, before = calls] { return calls > before; }, ms);
  }

  int lock = -1, calls = 0;
  SlClock *clock = nullptr;
  std::function<void ()> then;
};

/* With an /etc that has only what the case puts into it. */
class ClockZone : public Clock
{
protected:
  void
  SetUp () override
  {
    old_zone = g_strdup (g_getenv ("TZ"));
    g_unsetenv ("TZ");
    old_mounts = open ("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    ASSERT_EQ (unshare (CLONE_NEWNS), 0) << g_strerror (errno);
    ASSERT_EQ (mount (nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ (mount ("tmpfs", "/etc", "tmpfs", 0, nullptr), 0) << g_strerror (errno);
    put_link ("/usr/share/zoneinfo/Europe/Berlin");
    Clock::SetUp ();
  }
  void
  TearDown () override
  {
    Clock::TearDown ();
    ASSERT_EQ (setns (old_mounts, CLONE_NEWNS), 0) << g_strerror (errno);
    close (old_mounts);
    if (old_zone != nullptr)
      g_setenv ("TZ", old_zone, TRUE);
    g_free (old_zone);
  }
  /* Like systemd-timedated. */
  static void
  put_link (const char *target)
  {
    ASSERT_EQ (symlink (target, "/etc/.#localtime"), 0) << g_strerror (errno);
    ASSERT_EQ (rename ("/etc/.#localtime", "/etc/localtime"), 0) << g_strerror (errno);
  }
  /* The offset (s) in January 2026 */
  gint32
  offset ()
  {
    GTimeZone *zone = sl_clock_get_zone (clock);

    return g_time_zone_get_offset (zone, g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL,
                                                                    1767225600));
  }

  char *old_zone = nullptr;
  int old_mounts = -1;
};

} // namespace

TEST_F (Clock, RingsOnceAtItsTime)
{
  gint64 alarm = g_get_real_time () + 100 * kMillisecond, rang = 0;

  then = [&rang] { rang = g_get_real_time (); };
  sl_clock_set_alarm (clock, alarm);
  ASSERT_TRUE (wait_calls (1));
  EXPECT_GE (rang, alarm);
  EXPECT_TRUE (is_quiet (300));
  EXPECT_EQ (calls, 1);
}

TEST_F (Clock, AnotherAlarmReplacesTheFirst)
{
  gint64 alarm = g_get_real_time () + 300 * kMillisecond, rang = 0;

  then = [&rang] { rang = g_get_real_time (); };
  sl_clock_set_alarm (clock, alarm - 250 * kMillisecond);
  sl_clock_set_alarm (clock, alarm);
  ASSERT_TRUE (wait_calls (1));
  EXPECT_GE (rang, alarm);
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (Clock, NoAlarmAtTheEndOfTime)
{
  sl_clock_set_alarm (clock, g_get_real_time () + 100 * kMillisecond);
  sl_clock_set_alarm (clock, G_MAXINT64);
  EXPECT_TRUE (is_quiet (300));
  sl_clock_set_alarm (clock, G_MAXINT64 - 1);
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (Clock, WhatIsPastRingsAtOnce)
{
  int n = 0;

  for (gint64 alarm : {g_get_real_time (), g_get_real_time () - kHour, gint64{1}, gint64{0},
                       gint64{-1}, G_MININT64}) {
    sl_clock_set_alarm (clock, alarm);
    EXPECT_EQ (calls, n) << "called before the main loop";
    ASSERT_TRUE (wait_calls (++n)) << alarm;
  }
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (Clock, AlarmsFollowEachOther)
{
  then = [this] {
    if (calls < 5)
      sl_clock_set_alarm (clock, g_get_real_time () + 10 * kMillisecond);
  };
  sl_clock_set_alarm (clock, 0);
  ASSERT_TRUE (wait_calls (5));
  EXPECT_TRUE (is_quiet (100));
}

/* A process that waits for an alarm sleeps: no source is ready, none has a time-out. */
TEST_F (Clock, NoWakeUpInBetween)
{
  GMainContext *context = g_main_context_default ();
  gint priority = 0, timeout = 0;
  GPollFD polled[16];

  sl_clock_set_alarm (clock, g_get_real_time () + kHour);
  while (g_main_context_iteration (context, FALSE)) {
  }
  ASSERT_TRUE (g_main_context_acquire (context));
  EXPECT_FALSE (g_main_context_prepare (context, &priority));
  g_main_context_query (context, G_MAXINT, &timeout, polled, G_N_ELEMENTS (polled));
  g_main_context_release (context);
  EXPECT_EQ (timeout, -1);
}

TEST_F (Clock, JumpIsNoticed)
{
  jump (1);
  ASSERT_TRUE (wait_calls (1));
  jump (-1);
  ASSERT_TRUE (wait_calls (2));
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (Clock, AlarmOutlivesAJump)
{
  gint64 alarm = g_get_real_time () + 1500 * kMillisecond, rang = 0;

  then = [&rang] { rang = g_get_real_time (); };
  sl_clock_set_alarm (clock, alarm);
  jump (1);
  ASSERT_TRUE (wait_calls (1));
  EXPECT_LT (rang, alarm);
  jump (-1);
  ASSERT_TRUE (wait_calls (2));
  ASSERT_TRUE (wait_calls (3));
  EXPECT_GE (rang, alarm);
}

/* An alarm that was computed before the jump is set after it. */
TEST_F (Clock, JumpBeforeAnAlarmIsSetIsToldEvenSo)
{
  gint64 alarm = g_get_real_time () + kHour;

  jump (1);
  sl_clock_set_alarm (clock, alarm);
  sl_clock_set_alarm (clock, alarm + 1);
  EXPECT_EQ (calls, 0);
  ASSERT_TRUE (wait_calls (1));
  jump (-1);
  sl_clock_set_alarm (clock, alarm);
  g_clear_pointer (&clock, sl_clock_free);
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (Clock, MayBeFreedWhenItRings)
{
  then = [this] { g_clear_pointer (&clock, sl_clock_free); };
  sl_clock_set_alarm (clock, 0);
  ASSERT_TRUE (wait_calls (1));
  EXPECT_EQ (clock, nullptr);
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (ClockZone, LinkIsReplaced)
{
  EXPECT_EQ (offset (), 3600);
  put_link ("/usr/share/zoneinfo/America/New_York");
  EXPECT_EQ (offset (), 3600) << "another zone before it was told";
  ASSERT_TRUE (wait_calls (1));
  EXPECT_EQ (offset (), -5 * 3600);
  put_link ("../usr/share/zoneinfo/Asia/Kathmandu");
  ASSERT_TRUE (wait_calls (2));
  EXPECT_EQ (offset (), 5 * 3600 + 2700);
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (ClockZone, IsDeletedAndMadeAgain)
{
  EXPECT_EQ (offset (), 3600);
  ASSERT_EQ (unlink ("/etc/localtime"), 0);
  ASSERT_TRUE (wait_calls (1));
  EXPECT_EQ (offset (), 0);
  ASSERT_EQ (symlink ("/usr/share/zoneinfo/America/New_York", "/etc/localtime"), 0);
  ASSERT_TRUE (wait_calls (2));
  EXPECT_EQ (offset (), -5 * 3600);
}

/* A copy instead of a link, while /etc/timezone says something else. */
TEST_F (ClockZone, IsAFile)
{
  write_file ("/etc/timezone", "Europe/Berlin\n");
  ASSERT_EQ (unlink ("/etc/localtime"), 0);
  ASSERT_TRUE (wait_calls (1));
  write_file ("/etc/localtime", read_file ("/usr/share/zoneinfo/Asia/Tokyo"));
  ASSERT_TRUE (wait_calls (2));
  EXPECT_EQ (offset (), 9 * 3600);
  write_file ("/etc/localtime", read_file ("/usr/share/zoneinfo/America/New_York"));
  ASSERT_TRUE (wait_calls (3));
  EXPECT_EQ (offset (), -5 * 3600);
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (ClockZone, IsNoZone)
{
  ASSERT_EQ (unlink ("/etc/localtime"), 0);
  write_file ("/etc/localtime", "");
  ASSERT_TRUE (wait_calls (1));
  EXPECT_EQ (offset (), 0);
  put_link ("/etc/nothing");
  ASSERT_TRUE (wait_calls (2));
  EXPECT_EQ (offset (), 0);
}

TEST_F (ClockZone, OtherFilesDoNotMatter)
{
  EXPECT_EQ (offset (), 3600);
  for (const char *name : {"/etc/localtime2", "/etc/hosts", "/etc/localtim"}) {
    write_file (name, "x");
    ASSERT_EQ (unlink (name), 0);
  }
  EXPECT_TRUE (is_quiet (100));
}

TEST_F (ClockZone, TheEnvironmentHasTheLastWord)
{
  g_clear_pointer (&clock, sl_clock_free);
  g_setenv ("TZ", "Asia/Tokyo", TRUE);
  clock = sl_clock_new (on_changed, this);
  EXPECT_EQ (offset (), 9 * 3600);
  put_link ("/usr/share/zoneinfo/America/New_York");
  EXPECT_TRUE (is_quiet (100));
  EXPECT_EQ (offset (), 9 * 3600);
  g_clear_pointer (&clock, sl_clock_free);
  g_setenv ("TZ", ":/etc/localtime", TRUE);
  clock = sl_clock_new (on_changed, this);
  EXPECT_EQ (offset (), -5 * 3600);
  put_link ("/usr/share/zoneinfo/Europe/Berlin");
  ASSERT_TRUE (wait_calls (1));
  EXPECT_EQ (offset (), 3600);
  g_unsetenv ("TZ");
}
