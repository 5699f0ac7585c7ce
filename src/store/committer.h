/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that writes to the database: it commits everything that is pending in one transaction. */
#pragma once

#include "store/record.h"

#include <sqlite3.h>

G_BEGIN_DECLS

typedef struct _SlCommitter SlCommitter;

/* Called in the main context after the commit, or with the @error with which it failed. */
typedef void (*SlCommitterDone) (const GError *error, gpointer user_data);

/* (transfer full) (nullable): a committer for @database (transfer full), which no other code may use from now on */
SlCommitter *sl_committer_new (sqlite3 *database, GError **error);
/* Commits what is pending and closes the database. No done function is called any more. */
void sl_committer_free (SlCommitter *committer);

/* All requests between these two calls are in one transaction: all are committed, or none. */
void sl_committer_hold (SlCommitter *committer);
void sl_committer_release (SlCommitter *committer);

/*
 * Saves @record as it is now. If the same row is saved again before the commit, only the later values are written, and
 * the commit calls @done (nullable) of both.
 */
void sl_committer_save (SlCommitter *committer,
                        const SlRecord *record,
                        SlCommitterDone done,
                        gpointer user_data);
/* Saves only the progress of @record, whose row exists. */
void sl_committer_save_progress (SlCommitter *committer,
                                 const SlRecord *record,
                                 SlCommitterDone done,
                                 gpointer user_data);
/* @wipe: leave no trace of what was in the row */
void sl_committer_remove (SlCommitter *committer, gint64 seq, gboolean wipe);
/* 0 removes the number. @done (nullable) */
void sl_committer_set_number (SlCommitter *committer,
                              const char *name,
                              gint64 value,
                              SlCommitterDone done,
                              gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlCommitter, sl_committer_free)

G_END_DECLS
