/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is printed: JSON for programs, lines and columns for people. */
#pragma once

#include <json-glib/json-glib.h>
#include <sluice/sluice.h>

G_BEGIN_DECLS

extern gboolean output_json;
extern gboolean output_table;
/* Prints all bytes unchanged, even if the locale is not UTF-8, because programs read them and paths are bytes. */
void output_begin (void);
/* Returns the exit code: @code, or EXIT_GENERAL if that is EXIT_OK but the output could not be written. */
int output_end (int code);
gboolean output_is_json (void);
/* (transfer full): @value as JSON; unknown numbers become null */
JsonNode *output_node (GVariant *value);
void output_print_json (JsonNode *node, gboolean pretty);
void output_row (const char *label, const char *text);
/* Prints one element as an object, several as an array. */
void output_print_json_list (JsonArray *shown, gboolean several);
/* Prints a notice if all downloads are suspended. */
void output_suspended (SluiceManager *manager);
/* (transfer full): @text, dimmed on a terminal */
char *output_dim (const char *text);
/* Prints a cell, @width columns of the terminal wide, and two spaces. */
void output_cell (const char *text, int width, gboolean right);

G_END_DECLS
