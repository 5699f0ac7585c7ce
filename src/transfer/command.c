/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls on a download, and the table of calls and states. */
#include "transfer/command.h"

#include "base/error.h"
#include "transfer/wanted.h"

#define BIT SL_STATE_BIT
#define NOT_ENDED                                                                                  \
  (BIT (SL_STATE_CREATED) | BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING) |                  \
   BIT (SL_STATE_PAUSED) | BIT (SL_STATE_RETRYING) | BIT (SL_STATE_FAILED) |                       \
   BIT (SL_STATE_TRANSFERRED))

/*
 * The states in which a call does something, and those in which nothing is left to do; in all others it fails with
 * InvalidState.
 */
static const struct {
  const char *name;
  guint allowed;
  guint nothing;
} calls[] = {
    [SL_COMMAND_START] = {"Start",
                          BIT (SL_STATE_CREATED) | BIT (SL_STATE_PAUSED) | BIT (SL_STATE_RETRYING) |
                              BIT (SL_STATE_FAILED) | BIT (SL_STATE_TRANSFERRED),
                          BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING)},
    [SL_COMMAND_PAUSE] = {"Pause",
                          BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING) |
                              BIT (SL_STATE_RETRYING),
                          BIT (SL_STATE_PAUSED)},
    [SL_COMMAND_ABORT] = {"Abort", NOT_ENDED, BIT (SL_STATE_ABORTED)},
    [SL_COMMAND_FINALIZE] = {"Finalize", BIT (SL_STATE_TRANSFERRED), BIT (SL_STATE_FINALIZED)},
};

SlCommand *
sl_command_new (SlCommandKind kind, const SlRanges *wanted, SlDone done, gpointer user_data)
{
  SlCommand *call = g_new0 (SlCommand, 1);

  call->kind = kind;
  call->wanted = wanted != NULL ? sl_ranges_copy (wanted) : NULL;
  call->done = done;
  call->user_data = user_data;
  return call;
}

void
sl_command_answer (SlCommand *call, const GError *error)
{
  if (call->done != NULL)
    call->done (error, call->user_data);
  g_clear_pointer (&call->wanted, sl_ranges_unref);
  g_free (call);
}

SlCommandVerdict
sl_command_judge (const SlCommand *call, const SlRecord *record, GError **error)
{
  guint state = BIT (record->state);

  if (calls[call->kind].allowed & state)
    return SL_COMMAND_DO;
  if (!(calls[call->kind].nothing & state)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                 "%s is not possible in state “%s”", calls[call->kind].name,
                 sl_state_to_string (record->state));
    return SL_COMMAND_REFUSE;
  }
  if (call->wanted != NULL && !sl_wanted_is_same (record, call->wanted)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                 "Other ranges can’t be requested in state “%s”; pause the download first",
                 sl_state_to_string (record->state));
    return SL_COMMAND_REFUSE;
  }
  return SL_COMMAND_NOTHING;
}
