/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The limit of what a file has that is written and not yet recorded: what a kill would cost. Who would write more waits
 * until a sync has been recorded. All may be called from any thread; only entering may wait.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  GMutex mutex;
  GCond room;       /* signalled when something was recorded or cancelled */
  guint64 maximum;  /* not recorded; constant, as the next */
  guint64 interval; /* written since the last sync, which make it time for the next */
  guint64 written;
  guint64 writing; /* what writers have been let in with */
  guint64 synced;
  guint64 recorded;
  gint64 synced_at; /* monotonic */
  gboolean syncing;
} SlBudget;

/* @maximum bytes not recorded; a sync every @interval bytes, or after a second. */
void sl_budget_init (SlBudget *budget, guint64 maximum, guint64 interval);
void sl_budget_clear (SlBudget *budget);
/* From now on, so much is written, synced and recorded; nobody writes. */
void sl_budget_reset (SlBudget *budget, guint64 recorded);

/*
 * Lets a writer in with @length bytes: when there is room, or, as what it has would else be lost for sure, when it was
 * cancelled.
 */
void sl_budget_enter (SlBudget *budget, gsize length, GCancellable *cancellable);
/* It has written, of these, @added bytes that were not there before. */
void sl_budget_leave (SlBudget *budget, gsize length, guint64 added);

/* Whether it's time for a sync; TRUE for one caller at a time, which then has to sync, and say sl_budget_synced (). */
gboolean sl_budget_wants_sync (SlBudget *budget);
/* A sync is over: of so much, or, when it failed, of nothing new (0). */
void sl_budget_synced (SlBudget *budget, guint64 synced);
/* So much has been recorded; told late, it takes no room back. */
void sl_budget_recorded (SlBudget *budget, guint64 recorded);

G_END_DECLS
