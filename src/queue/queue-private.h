/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue's own data: for the files that are the queue together. */
#pragma once

#include "queue/gate.h"
#include "queue/lanes.h"
#include "queue/pace.h"
#include "queue/queue.h"
#include "queue/usage.h"

G_BEGIN_DECLS

struct _SlQueue {
  SlStore *store; /* (owned) */
  SlSurroundings around;
  const SlQueueEvents *events;
  gpointer owner;

  GHashTable *by_id;   /* (owned) id → SlDownload (owned) */
  GHashTable *by_path; /* (owned) destination → SlDownload, while it is not ended */
  GQueue all;          /* links inside the downloads, oldest first */
  GQueue running;      /* (owned) (element-type SlDownload) those with a slot */
  SlLanes *lanes;      /* (owned) */
  SlGate *gate;        /* (owned) */
  SlPace *pace;        /* (owned) */
  SlUsage *usage;      /* (owned) */
  SlAge *age;          /* (owned) */
  GTimeZone *zone;     /* (owned) */
  GSequence *retries;  /* (owned) (element-type SlDownload) by the time of the retry */
  gint64 next_seq;
  guint schedule_id; /* idle source; 0 when none is due */
  guint tick_id;     /* 0 when nothing runs */
  guint sweep_id;
  GSource *retry_timer; /* (owned) */
  /* downloads whose creation is on its way into the database: nobody can see them yet */
  guint n_admitting;
  gboolean begun; /* what may run does */
  gboolean stopping;
  guint n_stopping;
  void (*stopped) (gpointer user_data);
  gpointer stopped_data;

  /* holding and releasing */
  guint decide_id;      /* idle source; 0 when nothing is to be decided anew */
  guint ramp;           /* so many are still to be started one after the other, not at once */
  guint walk_id;        /* idle source that tells changed reasons; 0 when none are to be told */
  GList *walk_next;     /* (nullable) the link of all where it goes on */
  gint64 next_patience; /* Unix µs: when one that waits for comfort has waited long enough */
  gboolean told_moving;
  gboolean told_urgent;
};

/* Lets those run that may, in a moment. */
void sl_queue_schedule (SlQueue *queue);

/* holding.c */
/* What @download demands at the moment, and when that changes by itself (nullable; only ever sooner). */
SlDemand sl_queue_get_demand (SlQueue *queue, SlDownload *download);
void sl_queue_note_patience (SlQueue *queue, SlDownload *download);
/* Something decided may be decided otherwise now. */
void sl_queue_decide_anew (SlQueue *queue);
/* Counts what the transfers have brought since the last time. */
void sl_queue_count (SlQueue *queue, SlDownload *download);
/* A volume that is used up meanwhile holds what costs. */
void sl_queue_follow_usage (SlQueue *queue);
/* Tells the owner whether bytes move, and whether somebody waits for them. */
void sl_queue_tell_activity (SlQueue *queue);
/* Before the link of @download leaves the list of all. */
void sl_queue_forget_walk (SlQueue *queue, SlDownload *download);

G_END_DECLS
