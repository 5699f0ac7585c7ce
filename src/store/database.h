/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The database file of the queue, and its schema. */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/*
 * (transfer full) (nullable): the database in the file @path, with the present tables. Creates them in an empty one,
 * and brings one of an earlier version up to date. NULL with INTERNAL if the database is broken, and with another code
 * if it can't be opened for another reason. One of a later version (SL_STORE_ERROR_NEWER) is not written.
 */
sqlite3 *sl_database_open (const char *path, GError **error);
/*
 * Renames a broken database and its log, so that nothing is lost and the service can start. Logs @why, and the new
 * name.
 */
gboolean sl_database_set_aside (const char *path, const GError *why, GError **error);
/* Makes an error from @code of SQLite. @what: a verb such as “read”: what failed on @database (nullable) */
void sl_database_set_error (GError **error, sqlite3 *database, int code, const char *what);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

G_END_DECLS
