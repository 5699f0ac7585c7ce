/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A call on a download, from its arrival to its answer, and which call is possible in which state. */
#pragma once

#include "store/record.h"

G_BEGIN_DECLS

/* Called once: when a call has been carried out and committed, or with the @error that prevented it. */
typedef void (*SlDone) (const GError *error, gpointer user_data);

typedef enum {
  SL_COMMAND_START,
  SL_COMMAND_PAUSE,
  SL_COMMAND_ABORT,
  SL_COMMAND_FINALIZE
} SlCommandKind;

typedef struct {
  SlCommandKind kind;
  SlRanges *wanted; /* (owned) (nullable) the ranges of a Start */
  SlDone done; /* (nullable) NULL if no caller waits for an answer, or if it was answered already */
  gpointer user_data;
} SlCommand;

/* (transfer full) */
SlCommand *
sl_command_new (SlCommandKind kind, const SlRanges *wanted, SlDone done, gpointer user_data);
/* (transfer full) @call: answers it with @error (nullable), if it has not been answered, and frees it */
void sl_command_answer (SlCommand *call, const GError *error);

typedef enum {
  SL_COMMAND_DO,
  SL_COMMAND_NOTHING, /* the state is already what the call asks for */
  SL_COMMAND_REFUSE,  /* with an error */
} SlCommandVerdict;

/* Judges @call by the state of @record. */
SlCommandVerdict sl_command_judge (const SlCommand *call, const SlRecord *record, GError **error);

G_END_DECLS
