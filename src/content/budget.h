/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits the bytes of a file that are written but not yet recorded, which a kill would cost. A writer beyond the
 * limit waits until a sync has been recorded. All functions may be called from any thread; only sl_budget_enter ()
 * can wait.
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  GMutex mutex;
  GCond room;       /* signalled after recording and after cancellation */
  guint64 maximum;  /* most bytes that may be unrecorded; constant, like the next */
  guint64 interval; /* bytes after the last sync that make the next one due */
  guint64 written;
  guint64 writing; /* bytes of admitted writers */
  guint64 synced;
  guint64 recorded;
  gint64 synced_at; /* monotonic */
  gboolean syncing;
} SlBudget;

/*
 * @maximum: most bytes that may be unrecorded; @interval: bytes between two syncs, which are also due after a second
 */
void sl_budget_init (SlBudget *budget, guint64 maximum, guint64 interval);
void sl_budget_clear (SlBudget *budget);
/* Starts anew with @recorded bytes that are written, synced and recorded; call it only while nobody writes. */
void sl_budget_reset (SlBudget *budget, guint64 recorded);

/*
 * Admits a writer with @length bytes: when there is room, or when it was cancelled, because its bytes would otherwise
 * certainly be lost.
 */
void sl_budget_enter (SlBudget *budget, gsize length, GCancellable *cancellable);
/* Call it after the write; @added: how many of the bytes are new. */
void sl_budget_leave (SlBudget *budget, gsize length, guint64 added);

/* Whether a sync is due; TRUE for one caller at a time, which must then sync and call sl_budget_synced (). */
gboolean sl_budget_wants_sync (SlBudget *budget);
/* Call it after a sync; @synced: synced bytes in total, 0 if it failed. */
void sl_budget_synced (SlBudget *budget, guint64 synced);
/* @recorded: bytes recorded in total; a late, smaller value changes nothing. */
void sl_budget_recorded (SlBudget *budget, guint64 recorded);

G_END_DECLS
