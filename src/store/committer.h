/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that writes into the database: it commits all that waits in one transaction. */
#pragma once

#include "store/record.h"

#include <sqlite3.h>

G_BEGIN_DECLS

typedef struct _SlCommitter SlCommitter;

/* Called on the main context when the commit has been made, or has failed with @error. */
typedef void (*SlCommitterDone) (const GError *error, gpointer user_data);

/* (transfer full) (nullable): writes into @database (transfer full), which nobody else may use from now on */
SlCommitter *sl_committer_new (sqlite3 *database, GError **error);
/* Commits what is pending and closes the database. No done function is called any more. */
void sl_committer_free (SlCommitter *committer);

/* What is asked for between these two calls is in one transaction: all of it, or none. */
void sl_committer_hold (SlCommitter *committer);
void sl_committer_release (SlCommitter *committer);

/*
 * Saves @record as it is now. What is asked for the same row later, before the commit, is saved in its place, and both are
 * @done (nullable) with that commit.
 */
void sl_committer_save (SlCommitter *committer,
                        const SlRecord *record,
                        SlCommitterDone done,
                        gpointer user_data);
/* Saves the progress of @record alone, whose row is there. */
void sl_committer_save_progress (SlCommitter *committer,
                                 const SlRecord *record,
                                 SlCommitterDone done,
                                 gpointer user_data);
/* @wipe: what was in the row is to leave no trace. */
void sl_committer_remove (SlCommitter *committer, gint64 seq, gboolean wipe);
/* 0 removes the number. @done (nullable) */
void sl_committer_set_number (SlCommitter *committer,
                              const char *name,
                              gint64 value,
                              SlCommitterDone done,
                              gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlCommitter, sl_committer_free)

G_END_DECLS
