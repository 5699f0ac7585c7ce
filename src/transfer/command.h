/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call for a download, from when it's made until it's answered, and which call is good in which state. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* Called once, when a call has been carried out and committed, or with why it was not. */
typedef void (*SlDone) (const GError *error, gpointer user_data);

typedef enum {
  SL_COMMAND_START,
  SL_COMMAND_PAUSE,
  SL_COMMAND_ABORT,
  SL_COMMAND_FINALIZE
} SlCommandKind;

typedef struct {
  SlCommandKind kind;
  SlRanges *wanted; /* (owned) (nullable) of a Start */
  SlDone done;      /* (nullable) NULL when nobody called, or when it's answered already */
  gpointer user_data;
} SlCommand;

/* (transfer full) */
SlCommand *
sl_command_new (SlCommandKind kind, const SlRanges *wanted, SlDone done, gpointer user_data);
/* (transfer full) @call: answers it, with what went wrong or NULL, if it isn't yet. */
void sl_command_answer (SlCommand *call, const GError *error);

typedef enum {
  SL_COMMAND_DO,
  SL_COMMAND_NOTHING, /* all is as it is called for */
  SL_COMMAND_REFUSE,  /* with why */
} SlCommandVerdict;

/* What @call means in the state of @record. */
SlCommandVerdict sl_command_judge (const SlCommand *call, const SlRecord *record, GError **error);

G_END_DECLS
