/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue on disk. A thread of its own commits; requests that are pending together share one commit. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

typedef struct _SlStore SlStore;

/* Called in the main context after the commit, or with the @error with which it failed. */
typedef void (*SlStoreDone) (const GError *error, gpointer user_data);
/* Called for every record, oldest first; (transfer full) @record */
typedef void (*SlStoreEach) (SlRecord *record, gpointer user_data);

/*
 * Opens the database in @directory, which is created if it is missing, and gives each record to @each. A broken
 * database is set aside, with a message, and replaced by an empty one. (transfer full) (nullable): NULL if the
 * directory can't be used, another process uses it, or a later version of Sluice has written the queue
 * (SL_STORE_ERROR_NEWER); nothing was changed then.
 */
SlStore *
sl_store_open (const char *directory, SlStoreEach each, gpointer user_data, GError **error);
/* The greatest seq of all rows, even of those that were not given to the caller; 0 if there are none. */
gint64 sl_store_get_last_seq (SlStore *store);
/* Commits what is pending and closes. No done function is called any more. */
void sl_store_close (SlStore *store);

/* FALSE with INVALID_ARGUMENT if @directory is that of the queue, or is in it: no file may be published there. */
gboolean sl_store_check_target (SlStore *store, const char *directory, GError **error);

/*
 * Saves @record, which is not unreadable, as it is now. If it is saved again before the commit, only the later values
 * are written, and the commit calls @done (nullable) of both.
 */
void sl_store_save (SlStore *store, SlRecord *record, SlStoreDone done, gpointer user_data);
/* Saves only the progress, in a row that exists; or the whole record, if more has changed since it was last saved. */
void
sl_store_save_progress (SlStore *store, SlRecord *record, SlStoreDone done, gpointer user_data);
/* All saves between these two calls are in one transaction: all are committed, or none. */
void sl_store_hold (SlStore *store);
void sl_store_release (SlStore *store);
void sl_store_remove (SlStore *store, const SlRecord *record);

/* Named numbers that belong to no download. A number that was never set is 0; to set it to 0 removes it. */
gint64 sl_store_get_number (SlStore *store, const char *name);
void sl_store_foreach_number (SlStore *store,
                              void (*each) (const char *name, gint64 value, gpointer user_data),
                              gpointer user_data);
void sl_store_set_number (
    SlStore *store, const char *name, gint64 value, SlStoreDone done, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlStore, sl_store_close)

G_END_DECLS
