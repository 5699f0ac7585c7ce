/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sub-commands: a row of their table, and the functions that run them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct Command Command;

struct Command {
  const char *name;
  const char *arguments; /* for the first line of the help; translated */
  const char *summary;   /* translated */
  int (*run) (const Command *command, int argc, char **argv);
};

int cmd_add (const Command *command, int argc, char **argv);
int cmd_conditions (const Command *command, int argc, char **argv);
int cmd_config (const Command *command, int argc, char **argv);
int cmd_control (const Command *command, int argc, char **argv); /* start, pause, abort, finalize */
int cmd_get (const Command *command, int argc, char **argv);
int cmd_list (const Command *command, int argc, char **argv);
int cmd_monitor (const Command *command, int argc, char **argv);
int cmd_set (const Command *command, int argc, char **argv);
int cmd_show (const Command *command, int argc, char **argv);
int cmd_suspend (const Command *command, int argc, char **argv); /* suspend, resume */
int cmd_wait (const Command *command, int argc, char **argv);
int cmd_why (const Command *command, int argc, char **argv);

G_END_DECLS
