/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a sub-command takes from its command line. */
#pragma once

#include "commands.h"

#include <glib.h>

G_BEGIN_DECLS

/* Parses options of a command; FALSE after an error was printed. @description may be NULL. */
gboolean options_parse (const Command *command,
                        const GOptionEntry *entries,
                        const char *description,
                        int *argc,
                        char ***argv);

/* Prints @problem, and where the help is. FALSE, which is for the caller to return. */
gboolean options_refuse (const char *problem);

/* Whether nothing is left but the command; else FALSE after an error was printed. */
gboolean options_take_no_arguments (int argc);
/* FALSE, with an error printed, when no id was given. */
gboolean options_take_ids (int argc);

G_END_DECLS
