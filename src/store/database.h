/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The database file of the queue, and the version of its schema. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/*
 * (transfer full) (nullable): the database in the file @path, with the tables of today: an empty one gets them, one of an
 * earlier version what came since. NULL with INTERNAL when it is broken, and with another error when it is not; one of a
 * later version (SL_STORE_ERROR_NEWER) is not written to.
 */
sqlite3 *sl_database_open (const char *path, GError **error);
/* Renames the database and its log, so that nothing is lost and the service can start; logs that, and @why. */
gboolean sl_database_set_aside (const char *path, const GError *why, GError **error);
/* Turns @code of SQLite into an error; @what could not be done to @database (nullable). */
void sl_database_set_error (GError **error, sqlite3 *database, int code, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

G_END_DECLS
