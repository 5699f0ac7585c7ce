/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An alarm by the wall clock: one timerfd of CLOCK_REALTIME. The kernel cancels it when the clock is set
 * (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET), so a jump is noticed at once, without polling. The kernel counts the
 * end of a suspension as a jump, too. The time zone is watched in /etc/localtime; a zone from the environment
 * variable TZ never changes.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlClock SlClock;

/* Calls @changed on the main loop when the alarm is due, when the clock was set, and when the time zone changed. */
SlClock *sl_clock_new (void (*changed) (gpointer user_data), gpointer user_data);
/* Replaces the alarm; it calls once. @time: Unix µs; G_MAXINT64: no alarm, but jumps are still noticed */
void sl_clock_set_alarm (SlClock *clock, gint64 time);
/* (transfer none): the present local time zone; valid until @changed is called */
GTimeZone *sl_clock_get_zone (SlClock *clock);
void sl_clock_free (SlClock *clock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlClock, sl_clock_free)

G_END_DECLS
