/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decides who runs now: gives slots to downloads that want one, stops and requeues downloads that conditions hold,
 * and retries downloads in time. One timer for all retries, one tick for all running downloads, none when idle.
 */
#pragma once

#include "policy/cost.h"
#include "queue/entry.h"

G_BEGIN_DECLS

typedef struct _SlScheduler SlScheduler;

/* Events for the code that feeds the scheduler with conditions, time and routes. */
typedef struct {
  /* The next time-based change has moved; ask sl_scheduler_get_next_change (). */
  void (*replanned) (gpointer user_data);
  /*
   * The scheduler needs the interface that leads to @host (host, and port if given): call sl_scheduler_set_route ().
   */
  void (*route_wanted) (const char *host, gpointer user_data);
  /* @bytes arrived over the interface @route (0: unknown). */
  void (*moved) (guint route, guint64 bytes, gpointer user_data);
  /*
   * @transferring: downloads run, or wait only for a quiet link; @urgent: somebody waits for one of them. Starts or
   * stops measurements that only these need.
   */
  void (*activity) (gboolean transferring, gboolean urgent, gpointer user_data);
} SlSchedulerEvents;

/* All (transfer none), and must outlive it. Settings may change in place; call sl_scheduler_refresh () then. */
SlScheduler *
sl_scheduler_new (SlStore *store, const SlSettings *settings, const SlPolicySettings *policy);
void sl_scheduler_free (SlScheduler *scheduler);
/* @events: (transfer none) (nullable): events while there are none are lost */
void sl_scheduler_set_events (SlScheduler *scheduler,
                              const SlSchedulerEvents *events,
                              gpointer user_data);
/* The conditions are known: downloads may be started from now on. */
void sl_scheduler_let_run (SlScheduler *scheduler);
/* Starts nothing any more; the caller stops what runs. */
void sl_scheduler_stop (SlScheduler *scheduler);

/*
 * The functions that downloads call; the user data is the SlScheduler. A download without an entry is not scheduled.
 */
extern const SlDownloadHost sl_scheduler_host;
/* (transfer none): the bucket that the transfers of a class share */
SlTokenBucket *sl_scheduler_get_bucket (SlScheduler *scheduler, SlClass class_);

/* Call it after a change of what decides when @download runs, such as its priority. */
void sl_scheduler_reorder (SlScheduler *scheduler, SlDownload *download);
/* The network changed: retries at once what waits for a retry, and breaks connections whose local address is gone. */
void sl_scheduler_retry_all (SlScheduler *scheduler);

/* Inputs of the decisions; each takes effect at once. */
void sl_scheduler_set_conditions (SlScheduler *scheduler, const SlConditions *conditions);
/* The clock, the time zone, or the settings changed. */
void sl_scheduler_refresh (SlScheduler *scheduler, GTimeZone *zone);
void sl_scheduler_set_route (SlScheduler *scheduler, const char *host, guint route);
/* The routes changed: asks for them again. */
void sl_scheduler_forget_routes (SlScheduler *scheduler);
/* Stops everything, or lets it continue; survives restarts. @done: committed */
void sl_scheduler_set_suspended (SlScheduler *scheduler,
                                 gboolean suspended,
                                 SlDone done,
                                 gpointer user_data);
gboolean sl_scheduler_is_suspended (SlScheduler *scheduler);

/* When decisions change next because of the time: Unix µs; G_MAXINT64 for never. */
gint64 sl_scheduler_get_next_change (SlScheduler *scheduler);
/* What @link costs now, and how many bytes of this month's volume arrived over it. */
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
