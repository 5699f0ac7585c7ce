/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An alarm by the wall clock: one timerfd of CLOCK_REALTIME, which the kernel cancels when the clock is set
 * (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET), so that a jump is noticed at once, and no wake-up is needed in between.
 * The kernel counts the end of a suspension as a jump, too. A changed time zone is a changed /etc/localtime; one that
 * the environment variable TZ says stays.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SlClock SlClock;

/* Calls @changed on the main loop when the alarm is due, when the clock was set, and when the time zone was changed. */
SlClock *sl_clock_new (void (*changed) (gpointer user_data), gpointer user_data);
/* @time: Unix µs; G_MAXINT64 for no alarm (a jump is still noticed). Replaces the one before; one alarm calls once. */
void sl_clock_set_alarm (SlClock *clock, gint64 time);
/* (transfer none): the local time zone as it is now; it's valid until @changed is called */
GTimeZone *sl_clock_get_zone (SlClock *clock);
void sl_clock_free (SlClock *clock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlClock, sl_clock_free)

G_END_DECLS
