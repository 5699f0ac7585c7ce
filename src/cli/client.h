/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service as the sub-commands use it. Calls wait by running the main loop, and print what went wrong. */
#pragma once

#include <sluice/sluice.h>

G_BEGIN_DECLS

/* (transfer full): NULL after an error, whose exit code is in @code */
SluiceManager *client_connect (int *code);
/* (transfer full): the download whose id begins with @prefix */
SluiceDownload *client_find (SluiceManager *manager, const char *prefix, int *code);
/* (transfer container): those in @state, or all for NULL */
GPtrArray *client_list (SluiceManager *manager, const char *state, int *code);
/* Reads what the manager knows; FALSE after an error was printed. */
gboolean client_refresh (SluiceManager *manager, int *code);
/* (transfer full): a(ssvs), every setting; NULL after an error was printed */
GVariant *client_read_config (SluiceManager *manager, int *code);
/* FALSE after an error was printed */
gboolean client_set (SluiceDownload *download, const char *name, GVariant *value, int *code);
/* Runs the main loop until a callback has stored its result here. */
GAsyncResult *client_wait (GAsyncResult **result);
void client_store_result (GObject *source, GAsyncResult *result, gpointer slot);
/* Prints @error, which happened with @subject (nullable), and what to do; the exit code of it. */
int client_report (const char *subject, const GError *error);
/* The same for what could not be made of @uri. */
int client_report_creation (const char *uri, const GError *error);

G_END_DECLS
