/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who runs now: gives slots to downloads that want one, stops and queues again what conditions hold, and has them tried
 * again in time. One timer for all retries, one tick for all that run, none when idle.
 */
#pragma once

#include "policy/cost.h"
#include "queue/entry.h"

G_BEGIN_DECLS

typedef struct _SlScheduler SlScheduler;

/* What those hear who feed it with conditions, time and routes. */
typedef struct {
  /* The next time-based change has moved; ask sl_scheduler_get_next_change (). */
  void (*replanned) (gpointer owner);
  /* Which interface leads to @host (host and perhaps port): sl_scheduler_set_route () tells. */
  void (*route_wanted) (const char *host, gpointer owner);
  /* @bytes have come over the interface @route (0: not known). */
  void (*moved) (guint route, guint64 bytes, gpointer owner);
  /* Whether something moves now, or is held: (re)start or stop measuring what only they need. */
  void (*activity) (gboolean transferring, gboolean urgent, gpointer owner);
} SlSchedulerEvents;

/* All (transfer none), and outlive it; settings may change in place: sl_scheduler_refresh () then */
SlScheduler *
sl_scheduler_new (SlStore *store, const SlSettings *settings, const SlPolicySettings *policy);
void sl_scheduler_free (SlScheduler *scheduler);
/* (transfer none) (nullable) @events: nobody hears of what comes while there are none */
void
sl_scheduler_set_events (SlScheduler *scheduler, const SlSchedulerEvents *events, gpointer owner);
/* The conditions are known: downloads may be started from now on. */
void sl_scheduler_let_run (SlScheduler *scheduler);
/* From now on nothing new runs; what does is for others to stop. */
void sl_scheduler_stop (SlScheduler *scheduler);

/* What downloads call, with the scheduler as the user data. One that has no entry yet is not scheduled. */
extern const SlDownloadHost sl_scheduler_host;
/* (transfer none): what the transfers of a class share */
SlTokenBucket *sl_scheduler_get_pacer (SlScheduler *scheduler, SlClass class_);

/* After something was written that decides when @download runs: its priority, its conditions. */
void sl_scheduler_reorder (SlScheduler *scheduler, SlDownload *download);
/* The network changed: what waits for a retry is tried at once, and what waits on an address that is gone fails. */
void sl_scheduler_retry_all (SlScheduler *scheduler);

/* What decides who may run; each is acted on at once. */
void sl_scheduler_set_conditions (SlScheduler *scheduler, const SlConditions *conditions);
/* The clock, the time zone, or the settings are others now. */
void sl_scheduler_refresh (SlScheduler *scheduler, GTimeZone *zone);
void sl_scheduler_set_route (SlScheduler *scheduler, const char *host, guint route);
/* The routes are others now: asks for them again. */
void sl_scheduler_forget_routes (SlScheduler *scheduler);
/* Stops everything, or lets it go on; kept over restarts. @done: committed */
void sl_scheduler_set_suspended (SlScheduler *scheduler,
                                 gboolean suspended,
                                 SlDone done,
                                 gpointer user_data);
gboolean sl_scheduler_is_suspended (SlScheduler *scheduler);

/* When what is decided will change by itself: Unix µs, G_MAXINT64 for never. */
gint64 sl_scheduler_get_next_change (SlScheduler *scheduler);
/* What @link costs now, and how many bytes of this month's volume have come over it. */
SlCostState sl_scheduler_get_cost (SlScheduler *scheduler, const SlLink *link);
guint64 sl_scheduler_get_used (SlScheduler *scheduler, const SlLink *link);
/* Whether now is within the hours in which the background may run. */
gboolean sl_scheduler_is_in_window (SlScheduler *scheduler);
/* When that changes next (Unix µs); G_MAXINT64 for never. */
gint64 sl_scheduler_get_window_change (SlScheduler *scheduler);

guint sl_scheduler_get_active (SlScheduler *scheduler);
guint sl_scheduler_get_queued (SlScheduler *scheduler);
guint64 sl_scheduler_get_rate (SlScheduler *scheduler);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlScheduler, sl_scheduler_free)

G_END_DECLS
