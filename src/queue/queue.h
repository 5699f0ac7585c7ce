/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All downloads of the service: admission, lookup, slots, the time of retries, expiry. */
#pragma once

#include "policy/cost.h"
#include "transfer/download.h"

G_BEGIN_DECLS

typedef struct _SlQueue SlQueue;

/* What the service is told. */
typedef struct {
  void (*added) (SlDownload *download, gpointer owner);
  void (*removed) (SlDownload *download, gpointer owner);
  void (*changed) (SlDownload *download, SlChanges changes, gpointer owner);
  void (*status) (SlDownload *download, int cause, gpointer owner);
  void (*range) (SlDownload *download, guint64 offset, guint64 length, gpointer owner);
  /* What was decided may change by itself at another time than before: sl_queue_get_next_change (). */
  void (*replanned) (gpointer owner);
  /* Which interface leads to @host (host and perhaps port): sl_queue_set_route () tells. */
  void (*route_wanted) (const char *host, gpointer owner);
  /* @bytes have come over the interface @route (0: not known). */
  void (*moved) (guint route, guint64 bytes, gpointer owner);
  /* Whether something moves now, or is held: (re)start or stop measuring what only they need. */
  void (*activity) (gboolean transferring, gboolean urgent, gpointer owner);
} SlQueueEvents;

/* (transfer none) @settings and @policy, which may change in place: sl_queue_refresh () then */
SlQueue *sl_queue_new (const char *state_directory,
                       const SlSettings *settings,
                       const SlPolicySettings *policy,
                       const SlQueueEvents *events,
                       gpointer owner,
                       GError **error);
/* After sl_queue_stop () has called back. */
void sl_queue_free (SlQueue *queue);
/* What was loaded is there again, in states that can have survived. */
void sl_queue_begin (SlQueue *queue);
/* From now on what may run does: the conditions are known. */
void sl_queue_let_run (SlQueue *queue);
/* Stops all transfers, syncs, commits; then calls @stopped. */
void sl_queue_stop (SlQueue *queue, void (*stopped) (gpointer user_data), gpointer user_data);

/* Called when all are committed, or with why none of them is; (transfer none) (element-type SlDownload) */
typedef void (*SlAdmitted) (GPtrArray *downloads, const GError *error, gpointer user_data);
/* Admits all of @records (element-type SlRecord) (transfer full), or none. */
void sl_queue_admit (SlQueue *queue, GPtrArray *records, SlAdmitted admitted, gpointer user_data);

/* (transfer none) (nullable) */
SlDownload *sl_queue_find (SlQueue *queue, const SlId *id);
/* (transfer none) (nullable): the first link of all downloads, oldest first; its data is the SlDownload */
GList *sl_queue_get_all (SlQueue *queue);

/*
 * Gives @path to @download as its destination, taking it off the one it had. FALSE with FILE_EXISTS, which names the
 * id, when another one has it.
 */
gboolean
sl_queue_claim_path (SlQueue *queue, SlDownload *download, const char *path, GError **error);
/* After something was written that decides when @download runs: its priority, its conditions. */
void sl_queue_reorder (SlQueue *queue, SlDownload *download);
/* The network changed: what waits for a retry is tried at once, and what waits on an address that is gone fails. */
void sl_queue_retry_all (SlQueue *queue);

/* What decides who may run; each is acted on at once. */
void sl_queue_set_conditions (SlQueue *queue, const SlConditions *conditions);
/* The clock, the time zone, or the settings are others now. */
void sl_queue_refresh (SlQueue *queue, GTimeZone *zone);
void sl_queue_set_route (SlQueue *queue, const char *host, guint route);
/* The routes are others now: asks for them again. */
void sl_queue_forget_routes (SlQueue *queue);
/* Stops everything, or lets it go on; kept over restarts. @done: committed */
void sl_queue_set_suspended (SlQueue *queue, gboolean suspended, SlDone done, gpointer user_data);
gboolean sl_queue_is_suspended (SlQueue *queue);
/* When what is decided will change by itself: Unix µs, G_MAXINT64 for never. */
gint64 sl_queue_get_next_change (SlQueue *queue);
/* What @link costs now, and how many bytes of this month's volume have come over it. */
SlCostState sl_queue_get_cost (SlQueue *queue, const SlLink *link);
guint64 sl_queue_get_used (SlQueue *queue, const SlLink *link);
/* Whether now is within the hours in which the background may run. */
gboolean sl_queue_is_in_window (SlQueue *queue);
/* When that changes next (Unix µs); G_MAXINT64 for never. */
gint64 sl_queue_get_window_change (SlQueue *queue);

guint sl_queue_get_active (SlQueue *queue);
guint sl_queue_get_queued (SlQueue *queue);
guint64 sl_queue_get_rate (SlQueue *queue);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlQueue, sl_queue_free)

G_END_DECLS
