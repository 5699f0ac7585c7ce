/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is printed: JSON for programs, columns for people. */
#pragma once

#include <json-glib/json-glib.h>
#include <sluice/sluice.h>

G_BEGIN_DECLS

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
/* Prints a notice if all downloads are suspended. */
void output_suspended (SluiceManager *manager);
/* (transfer full): @text, dimmed on a terminal */
char *output_dim (const char *text);
/* A column: @width columns of a terminal, and two more */
void output_cell (const char *text, int width, gboolean right);

G_END_DECLS
