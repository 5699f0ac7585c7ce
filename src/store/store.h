/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The queue on disk. A thread of its own commits; what is asked for together shares one commit. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

typedef struct _SlStore SlStore;

/* Called on the main context when the commit has been made, or has failed with @error. */
typedef void (*SlStoreDone) (const GError *error, gpointer user_data);
/* Called for every record, oldest first; (transfer full) @record */
typedef void (*SlStoreEach) (SlRecord *record, gpointer user_data);

/*
 * Opens the database in @directory, which is made if missing, and gives every record to @each.
 * A database that is broken is set aside, with a message, and an empty one begun.
 * (transfer full) (nullable): NULL when the directory can't be used, another process has it, or a later version of the
 * service has written the queue (SL_STORE_ERROR_NEWER); nothing was changed then.
 */
SlStore *
sl_store_open (const char *directory, SlStoreEach each, gpointer user_data, GError **error);
/* The greatest seq of all rows, also of those that could not be given to the caller; 0 when there is none. */
gint64 sl_store_get_last_seq (SlStore *store);
/* Commits what is pending and closes. No done function is called any more. */
void sl_store_close (SlStore *store);

/* FALSE with INVALID_ARGUMENT when @directory is where the queue itself is, or lies in it: no file may go there. */
gboolean sl_store_check_target (SlStore *store, const char *directory, GError **error);

/*
 * Saves @record, which is not unreadable, as it is now. A later save of the same before the commit replaces this one, and both
 * are @done (nullable) with that commit.
 */
void sl_store_save (SlStore *store, SlRecord *record, SlStoreDone done, gpointer user_data);
/* Saves its progress alone, in a row that is there; or all of it, if more has changed since it was last saved. */
void
sl_store_save_progress (SlStore *store, SlRecord *record, SlStoreDone done, gpointer user_data);
/* What is saved between these two calls is in one transaction: all of it, or none. */
void sl_store_hold (SlStore *store);
void sl_store_release (SlStore *store);
void sl_store_remove (SlStore *store, const SlRecord *record);

/* Numbers by name, for what is no download's. One that was never set is 0, and 0 unsets it. */
gint64 sl_store_get_number (SlStore *store, const char *name);
void sl_store_foreach_number (SlStore *store,
                              void (*each) (const char *name, gint64 value, gpointer user_data),
                              gpointer user_data);
void sl_store_set_number (
    SlStore *store, const char *name, gint64 value, SlStoreDone done, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlStore, sl_store_close)

G_END_DECLS
