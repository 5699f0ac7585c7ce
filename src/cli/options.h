/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses and checks the command line of a sub-command. */
#pragma once

#include "commands.h"

#include <glib.h>

G_BEGIN_DECLS

/* Parses the options of a command; FALSE after an error was printed. @description: (nullable) */
gboolean options_parse (const Command *command,
                        const GOptionEntry *entries,
                        const char *description,
                        int *argc,
                        char ***argv);

/* Prints @problem, and where the help is. Returns FALSE, for the caller to return. */
gboolean options_refuse (const char *problem);

/* Whether no arguments are left; FALSE after an error was printed. */
gboolean options_take_no_arguments (int argc);
/* Whether an id was given; FALSE after an error was printed. */
gboolean options_take_ids (int argc);

G_END_DECLS
