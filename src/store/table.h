/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table "download": SQL made from its columns, writing records to its rows, and reading them. */
#pragma once

#include "store/record.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/* (transfer full): SQL that creates the table */
char *sl_table_create_sql (void);
/* (transfer full): SQL statements that add the columns that @version of the schema brought */
char *sl_table_step_sql (int version);
/* (transfer full): SQL that inserts or replaces a row; parameters in the order of the columns */
char *sl_table_save_sql (void);
/* (transfer full): SQL that updates the progress in an existing row */
char *sl_table_save_progress_sql (void);
/* (transfer full): SQL that reads all rows in the order of creation */
char *sl_table_load_sql (void);

void sl_table_bind (sqlite3_stmt *statement, const SlRecord *record);
/* @modified and @seq: those of the record */
void sl_table_bind_progress (sqlite3_stmt *statement,
                             const SlProgress *progress,
                             gint64 modified,
                             gint64 seq);
/*
 * (transfer full) (nullable): a record with what can be read of a row. If a column can't be read, the record is
 * unreadable and in state failed, with an error that names the columns. NULL if the id can't be read.
 */
SlRecord *sl_table_read (sqlite3_stmt *statement);

G_END_DECLS
