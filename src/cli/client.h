/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service as the sub-commands use it. Calls run the main loop until the reply, and print errors. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): NULL after an error was printed; @code is the exit code then, here and below */
SluiceManager *client_connect (int *code);
/* (transfer full) (nullable): the only download whose id begins with @prefix; NULL after an error was printed */
SluiceDownload *client_find (SluiceManager *manager, const char *prefix, int *code);
/* (transfer container) (nullable): the downloads in @state, or all (NULL); NULL after an error was printed */
GPtrArray *client_list (SluiceManager *manager, const char *state, int *code);
/* Reads the properties of the manager; FALSE after an error was printed. */
gboolean client_refresh (SluiceManager *manager, int *code);
/* (transfer full) (nullable): all settings, a(ssvs); NULL after an error was printed */
GVariant *client_read_config (SluiceManager *manager, int *code);
/* Sets a property; FALSE after an error was printed. */
gboolean client_set (SluiceDownload *download, const char *name, GVariant *value, int *code);
/* (transfer none): runs the main loop until a callback has stored its result in @result */
GAsyncResult *client_wait (GAsyncResult **result);
void client_store_result (GObject *source, GAsyncResult *result, gpointer slot);
/* Prints @error about @subject (nullable), and what to do. Returns its exit code. */
int client_report (const char *subject, const GError *error);
/* The same for a download of @uri that could not be created. */
int client_report_creation (const char *uri, const GError *error);

G_END_DECLS
