/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the sub-commands share: exit codes, the table of commands, the service, output. */
#pragma once

#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include <sluice/sluice.h>

G_BEGIN_DECLS

typedef enum {
  EXIT_OK = 0,
  EXIT_GENERAL = 1,
  EXIT_USAGE = 2,
  EXIT_TRANSFER = 3,
  EXIT_NO_SERVICE = 4,
  EXIT_NOT_FOUND = 5,
  EXIT_INTERRUPTED = 130,
} ExitCode;

typedef struct {
  const char *name;
  const char *arguments; /* for the first line of the help; translated */
  const char *summary;   /* translated */
  int (*run) (int argc, char **argv);
} Command;

/* The command of this name; NULL if there is none. */
const Command *command_find (const char *name);

int cmd_add (int argc, char **argv);
int cmd_conditions (int argc, char **argv);
int cmd_config (int argc, char **argv);
int cmd_control (int argc, char **argv); /* start, pause, abort, finalize */
int cmd_get (int argc, char **argv);
int cmd_list (int argc, char **argv);
int cmd_monitor (int argc, char **argv);
int cmd_set (int argc, char **argv);
int cmd_show (int argc, char **argv);
int cmd_suspend (int argc, char **argv); /* suspend, resume */
int cmd_wait (int argc, char **argv);
int cmd_why (int argc, char **argv);

/* client.c: the service. They wait by running the main loop, and print what went wrong. */
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

/* text.c */
/* What a terminal would act on instead of showing it, or that can't be told how it is shown. */
gboolean text_acts (gunichar c);
/* (transfer full): @text with everything that a terminal would act on replaced */
char *text_safe (const char *text);
char *text_size (guint64 bytes);
/* A size as people write it, such as 500K; FALSE if @text is none, or 0. */
gboolean text_parse_size (const char *text, guint64 *bytes);
char *text_duration (guint64 seconds);
/* A time of the bus, in microseconds; a dash for 0, which is never. */
char *text_time (gint64 microseconds);
char *text_reason (SluiceDownload *download);
const char *text_state (SluiceState state);
/* The columns of the longest state */
int text_state_width (void);
/* Columns that @text takes on a terminal */
int text_width (const char *text);
/* (transfer full): what of @text goes into so many columns, with a mark where more was */
char *text_shorten (const char *text, int columns);
/* (transfer none) (nullable): its path; NULL while that is only a directory */
const char *text_path (SluiceDownload *download);
/* (transfer full): what to call it: its path, or its address while that is only a directory */
char *text_name (SluiceDownload *download);

/* output.c */
extern gboolean output_json;
extern gboolean output_table;
/* Bytes go out as they are, UTF-8 also where the locale has no such thing: programs read it, and paths are bytes. */
void output_begin (void);
/* The exit code: @code, or that of an output that could not be written. */
int output_end (int code);
gboolean output_is_json (void);
/* (transfer full): numbers that are unknown become null */
JsonNode *output_node (GVariant *value);
void output_print_json (JsonNode *node, gboolean pretty);
void output_row (const char *label, const char *text);
/* One as an object, several as an array. */
void output_print_json_list (JsonArray *shown, gboolean several);
/* That nothing moves, if that is so. */
void output_suspended (SluiceManager *manager);
/* (transfer full): @text, dimmed on a terminal */
char *output_dim (const char *text);
/* A column: @width columns of a terminal, and two more */
void output_cell (const char *text, int width, gboolean right);

G_END_DECLS
