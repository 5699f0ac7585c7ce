/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sub-commands: what the table of them has of each, and the functions that run them. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

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

G_END_DECLS
