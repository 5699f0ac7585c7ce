/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that writes into the database. What waits when it comes to it shares one commit. */
#pragma once

#include "store/record.h"

#include <sqlite3.h>

G_BEGIN_DECLS

typedef struct _SlWriter SlWriter;

/* Called on the main context when the commit has been made, or has failed with @error. */
typedef void (*SlWriterDone) (const GError *error, gpointer user_data);

/* (transfer full) (nullable): writes into @database (transfer full), which nobody else may use from now on */
SlWriter *sl_writer_new (sqlite3 *database, GError **error);
/* Commits what is pending and closes the database. No done function is called any more. */
void sl_writer_free (SlWriter *writer);

/* What is asked for between these two calls is in one transaction: all of it, or none. */
void sl_writer_hold (SlWriter *writer);
void sl_writer_release (SlWriter *writer);

/* Writes @record (transfer full); what is asked for the same row later, before the commit, replaces this. @done (nullable) */
void sl_writer_save (SlWriter *writer, SlRecord *record, SlWriterDone done, gpointer user_data);
/* @wipe: what was in the row is to leave no trace. */
void sl_writer_remove (SlWriter *writer, gint64 seq, gboolean wipe);
/* 0 removes the number. @done (nullable) */
void sl_writer_set_number (
    SlWriter *writer, const char *name, gint64 value, SlWriterDone done, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlWriter, sl_writer_free)

G_END_DECLS
