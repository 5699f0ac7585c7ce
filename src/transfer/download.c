/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One download: how its calls, the end of its transfer, and its publication change its state. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/download.h"

#include "base/error.h"
#include "transfer/publishing.h"
#include "transfer/run.h"
#include "transfer/wanted.h"

/* What is being done with the file, apart from the state that the caller sees. */
typedef enum {
  IDLE,
  TRANSFERRING,
  STOPPING,   /* because of the call at the head of the list, or to yield the slot */
  COMMITTING, /* a Finalize waits until the seal is committed */
  PUBLISHING,
} Activity;

struct _SlDownload {
  grefcount ref_count;
  Activity activity;
  SlLife life;
  SlReporter reporter;
  SlRun *run; /* (owned by itself) (nullable) while TRANSFERRING or STOPPING */

  GSList *waiting;       /* (element-type SlCommand) calls that wait for the end of the activity */
  SlCommand *finalizing; /* (owned) (nullable) while committing or publishing */
  guint saving;          /* number of commits under way */
  gboolean suspending;   /* the service is ending */
  SlDone suspended;
  gpointer suspended_data;
  guint64 edited; /* options that changed, to be reported when they are saved */
};

static void handle_call (SlDownload *download, SlCommand *call);
static void on_run_ended (const SlTransferEnd *end, SlDownload *download);
static void publish_when_saved (SlDownload *download, const GError *error);

SlDownload *
sl_download_new (SlRecord *record, const SlDownloadContext *context)
{
  SlDownload *download = g_new0 (SlDownload, 1);

  g_ref_count_init (&download->ref_count);
  download->life.download = download;
  download->life.record = record;
  download->life.context = context;
  return download;
}

SlDownload *
sl_download_ref (SlDownload *download)
{
  g_ref_count_inc (&download->ref_count);
  return download;
}

void
sl_download_unref (SlDownload *download)
{
  if (!g_ref_count_dec (&download->ref_count))
    return;
  sl_record_free (download->life.record);
  g_free (download);
}

const SlRecord *
sl_download_get_record (SlDownload *download)
{
  return download->life.record;
}

void
sl_download_set_entry (SlDownload *download, gpointer entry)
{
  download->life.entry = entry;
}

gpointer
sl_download_get_entry (SlDownload *download)
{
  return download->life.entry;
}

/* Reporting. */

static void
report_state (SlDownload *download)
{
  sl_reporter_report_state (&download->reporter, &download->life,
                            sl_download_get_transferred (download));
}

/* Saving. */

/* What to do when the record has been committed. */
typedef struct {
  SlDownload *download; /* (owned) */
  SlDone done;          /* (nullable) */
  gpointer user_data;
  void (*then) (SlDownload *download); /* (nullable) called even if the commit failed */
  gboolean wipe;                       /* as in the record that was saved */
} Saved;

static void
on_saved (const GError *error, gpointer data)
{
  Saved *saved = data;

  saved->download->saving--;
  if (error != NULL) {
    /* the next commit has to do what this one did not */
    saved->download->life.record->unsaved = TRUE;
    saved->download->life.record->wipe |= saved->wipe;
  }
  if (saved->then != NULL)
    saved->then (saved->download);
  if (saved->done != NULL)
    saved->done (error, saved->user_data);
  publish_when_saved (saved->download, error);
  sl_download_unref (saved->download);
  g_free (saved);
}

static void
save (SlDownload *download, SlDone done, gpointer user_data, void (*then) (SlDownload *))
{
  Saved *saved = g_new0 (Saved, 1);

  download->saving++;
  download->life.record->modified = g_get_real_time ();
  download->life.record->touched = sl_age_now (download->life.context->age);
  saved->wipe = download->life.record->wipe;
  saved->download = sl_download_ref (download);
  saved->done = done;
  saved->user_data = user_data;
  saved->then = then;
  sl_store_save (download->life.context->store, download->life.record, on_saved, saved);
}

/* Calls that waited. */

static void
run_waiting (SlDownload *download)
{
  while (download->activity == IDLE && download->waiting != NULL) {
    SlCommand *call = download->waiting->data;
    download->waiting = g_slist_delete_link (download->waiting, download->waiting);
    handle_call (download, call);
  }
}

/* At the end of the service: saves the record once no activity is left. */
static void
report_suspended (SlDownload *download)
{
  if (download->suspended != NULL && download->activity == IDLE)
    save (download, g_steal_pointer (&download->suspended), download->suspended_data, NULL);
}

/* The activity is over: executes the calls that waited for its end. */
static void
go_on (SlDownload *download)
{
  run_waiting (download);
  report_suspended (download);
}

/* (transfer full) @call: commits, then reports the state, then answers. */
static void
save_and_answer (SlDownload *download, SlCommand *call)
{
  save (download, call->done, call->user_data, report_state);
  call->done = NULL;
  sl_command_answer (call, NULL);
}

/* Publishing. */

static void
on_published (SlPublishOutcome outcome, const GError *error, gpointer data)
{
  g_autoptr (SlDownload) download = data;
  SlCommand *call = g_steal_pointer (&download->finalizing);

  download->activity = IDLE;
  sl_publishing_apply (&download->life, outcome, error, call->done == NULL);
  if (outcome == SL_PUBLISH_DONE) {
    save_and_answer (download, call);
  } else {
    /* before the reply: otherwise the caller could take the old state for the new one */
    report_state (download);
    save (download, NULL, NULL, NULL);
    sl_command_answer (call, error);
  }
  go_on (download);
}

static void
start_publishing (SlDownload *download)
{
  download->activity = PUBLISHING;
  sl_publishing_start (download->life.record, on_published, sl_download_ref (download));
}

/* (transfer full) @call */
static void
refuse_finalize (SlDownload *download, SlCommand *call, const GError *error)
{
  /* AutoFinalize: no caller waits for an answer, so the download itself reports the error */
  if (call->done == NULL) {
    sl_life_fail (&download->life, error);
    save (download, NULL, NULL, report_state);
  }
  sl_command_answer (call, error);
}

/*
 * (transfer full) @call: publishes when the seal is committed. A caller may read the state before that, and call
 * Finalize. If the file got its name then and the service was killed before the commit, its next run would miss the
 * part file and begin again.
 */
static void
finalize (SlDownload *download, SlCommand *call)
{
  g_autoptr (GError) error = NULL;

  if (!sl_publishing_check (download->life.record, download->life.context->store, &error)) {
    refuse_finalize (download, call, error);
    return;
  }
  download->finalizing = call;
  download->activity = COMMITTING;
  if (download->saving == 0)
    start_publishing (download);
}

static void
publish_when_saved (SlDownload *download, const GError *error)
{
  if (download->activity != COMMITTING || (error == NULL && download->saving > 0))
    return;
  if (error == NULL) {
    start_publishing (download);
    return;
  }
  download->activity = IDLE;
  refuse_finalize (download, g_steal_pointer (&download->finalizing), error);
  go_on (download);
}

static void
auto_finalize (SlDownload *download)
{
  report_state (download);
  sl_reporter_report_ranges (&download->life);
  if (download->life.record->asked.auto_finalize &&
      download->life.record->state == SL_STATE_TRANSFERRED && download->activity == IDLE)
    sl_download_finalize (download, NULL, NULL);
}

/* The transfer's end. */

/* Changes the state as the transfer's end demands. */
static void
apply_end (SlDownload *download, const SlTransferEnd *end)
{
  SlRecord *record = download->life.record;

  switch (end->outcome) {
  case SL_TRANSFER_COMPLETE:
    sl_life_set_state (&download->life, SL_STATE_TRANSFERRED);
    save (download, NULL, NULL, auto_finalize);
    return;
  case SL_TRANSFER_STOPPED:
    /* the call that stopped it decides the state */
    return;
  case SL_TRANSFER_FAILED:
    sl_record_edit_content (record)->error_count++;
    sl_record_note (record, SL_FACT_ERROR_COUNT);
    if (end->transient)
      sl_life_retry (&download->life, end->error, end->retry_after);
    else
      sl_life_fail (&download->life, end->error);
    save (download, NULL, NULL, report_state);
    return;
  }
}

/*
 * The transfer was stopped, and continues when the download gets a slot again, perhaps in the next run of the service.
 */
static void
queue_again (SlDownload *download)
{
  sl_life_set_state (&download->life, SL_STATE_QUEUED);
  if (!download->suspending)
    report_state (download);
  /* it may be held for a long time, and the progress is to outlast the service */
  save (download, NULL, NULL, NULL);
}

static void
on_run_ended (const SlTransferEnd *end, SlDownload *download)
{
  g_autoptr (SlDownload) kept G_GNUC_UNUSED = sl_download_ref (download);
  const SlDownloadContext *context = download->life.context;

  download->run = NULL;
  download->activity = IDLE;
  context->host->returns_slot (download, context->host_data);
  apply_end (download, end);
  /* at the end of the service too: calls that wait are executed and answered */
  run_waiting (download);
  /* stopped, and no call has changed the state */
  if (download->life.record->state == SL_STATE_TRANSFERRING)
    queue_again (download);
  report_suspended (download);
}

/* Calls. */

gboolean
sl_download_check_readable (SlDownload *download, GError **error)
{
  if (!download->life.record->unreadable)
    return TRUE;
  g_set_error_literal (
      error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
      "The row of this download in the queue’s database can’t be read; it can only "
      "be aborted");
  return FALSE;
}

/* (transfer full) @call */
static void
start (SlDownload *download, SlCommand *call)
{
  SlRecord *record = download->life.record;
  g_autoptr (GError) error = NULL;

  if (record->state == SL_STATE_TRANSFERRED && (call->wanted == NULL || record->wanted == NULL ||
                                                sl_wanted_is_same (record, call->wanted))) {
    sl_command_answer (call, NULL);
    return;
  }
  if (!sl_download_check_readable (download, &error) ||
      !sl_publishing_check_target (record, download->life.context->store, &error) ||
      !sl_wanted_add (record, call->wanted, &error)) {
    sl_command_answer (call, error);
    return;
  }
  sl_life_start (&download->life);
  report_state (download);
  save (download, call->done, call->user_data, NULL);
  call->done = NULL;
  sl_command_answer (call, NULL);
}

/* A row that can't be read is replaced by that of an aborted download, and wiped, because it may contain secrets. */
static void
give_up_row (SlRecord *record)
{
  record->wipe = record->wipe || record->unreadable;
  record->unreadable = FALSE;
}

/* (transfer full) @call */
static void
perform (SlDownload *download, SlCommand *call)
{
  switch (call->kind) {
  case SL_COMMAND_START:
    start (download, call);
    return;
  case SL_COMMAND_PAUSE:
    sl_life_set_state (&download->life, SL_STATE_PAUSED);
    save_and_answer (download, call);
    return;
  case SL_COMMAND_ABORT:
    sl_publishing_discard (download->life.record); /* keeps the error: it may be why */
    give_up_row (download->life.record);
    sl_life_set_state (&download->life, SL_STATE_ABORTED);
    save_and_answer (download, call);
    return;
  case SL_COMMAND_FINALIZE:
    finalize (download, call);
    return;
  }
}

/* (transfer full) @call: the only place where a call is judged by the state. */
static void
handle_call (SlDownload *download, SlCommand *call)
{
  g_autoptr (GError) error = NULL;

  if (download->activity != IDLE && download->activity != TRANSFERRING) {
    download->waiting = g_slist_append (download->waiting, call);
  } else if (sl_command_judge (call, download->life.record, &error) != SL_COMMAND_DO) {
    sl_command_answer (call, error);
  } else if (download->activity == TRANSFERRING) {
    download->activity = STOPPING;
    download->waiting = g_slist_prepend (download->waiting, call);
    sl_run_stop (download->run);
  } else {
    perform (download, call);
  }
}

void
sl_download_start (SlDownload *download, SlRanges *wanted, SlDone done, gpointer user_data)
{
  handle_call (download, sl_command_new (SL_COMMAND_START, wanted, done, user_data));
}

void
sl_download_pause (SlDownload *download, SlDone done, gpointer user_data)
{
  handle_call (download, sl_command_new (SL_COMMAND_PAUSE, NULL, done, user_data));
}

void
sl_download_abort (SlDownload *download, SlDone done, gpointer user_data)
{
  handle_call (download, sl_command_new (SL_COMMAND_ABORT, NULL, done, user_data));
}

void
sl_download_finalize (SlDownload *download, SlDone done, gpointer user_data)
{
  handle_call (download, sl_command_new (SL_COMMAND_FINALIZE, NULL, done, user_data));
}

static void
report_edited (SlDownload *download)
{
  if (download->edited != 0)
    sl_reporter_report_changed (&download->life, download->edited);
  download->edited = 0;
}

void
sl_download_edit (
    SlDownload *download, SlEdit edit, gpointer edit_data, SlDone done, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  guint64 options = 0;

  if (!edit (download->life.record, edit_data, &options, &error)) {
    done (error, user_data);
    return;
  }
  download->edited |= options;
  if (download->run != NULL)
    sl_run_update (download->run);
  save (download, done, user_data, report_edited);
}

/* Called by the queue. */

void
sl_download_resume (SlDownload *download)
{
  const SlRecord *record = download->life.record;

  sl_life_resume (&download->life);
  if (record->state == SL_STATE_TRANSFERRED && record->asked.auto_finalize)
    sl_download_finalize (download, NULL, NULL);
}

void
sl_download_run (SlDownload *download)
{
  g_return_if_fail (download->activity == IDLE);
  sl_life_set_state (&download->life, SL_STATE_TRANSFERRING);
  download->activity = TRANSFERRING;
  download->run = sl_run_start (&download->life, &download->reporter, on_run_ended);
  report_state (download);
}

void
sl_download_yield (SlDownload *download)
{
  guint64 total = sl_download_get_total (download);

  /* if all bytes are there, the transfer is about to end by itself */
  if (download->activity != TRANSFERRING ||
      (total != SL_SIZE_UNKNOWN && sl_download_get_transferred (download) >= total))
    return;
  download->activity = STOPPING;
  sl_run_stop (download->run);
}

gboolean
sl_download_is_stopping (SlDownload *download)
{
  return download->activity == STOPPING;
}

void
sl_download_report_reasons (SlDownload *download)
{
  sl_reporter_report_reasons (&download->reporter, &download->life);
}

void
sl_download_retry (SlDownload *download)
{
  if (download->life.record->state != SL_STATE_RETRYING)
    return;
  sl_life_set_state (&download->life, SL_STATE_QUEUED);
  report_state (download);
}

void
sl_download_tick (SlDownload *download, gint64 now)
{
  if (download->activity == TRANSFERRING)
    sl_run_tick (download->run, now);
}

void
sl_download_suspend (SlDownload *download, SlDone done, gpointer user_data)
{
  download->suspending = TRUE;
  if (download->activity == IDLE) {
    done (NULL, user_data);
    return;
  }
  download->suspended = done;
  download->suspended_data = user_data;
  if (download->run != NULL)
    sl_run_stop (download->run);
}

guint64
sl_download_get_transferred (SlDownload *download)
{
  const SlRecord *record = download->life.record;

  return download->run != NULL
             ? sl_run_get_transferred (download->run)
             : sl_ranges_total_within (record->content->progress.done, record->wanted);
}

guint64
sl_download_get_total (SlDownload *download)
{
  return sl_wanted_get_total (download->life.record);
}

guint64
sl_download_get_rate (SlDownload *download)
{
  return download->run != NULL ? sl_run_get_rate (download->run) : 0;
}

guint64
sl_download_get_fetched (SlDownload *download)
{
  return download->run != NULL ? sl_run_get_fetched (download->run)
                               : download->life.record->content->progress.fetched;
}

SlReasons
sl_download_get_reasons (SlDownload *download)
{
  return sl_life_get_reasons (&download->life);
}

gint64
sl_download_get_held_since (SlDownload *download)
{
  return sl_life_get_held_since (&download->life);
}

SlCostPolicy
sl_download_get_cost_policy (SlDownload *download)
{
  const SlRecord *record = download->life.record;

  return sl_policy_settings_get_cost_policy (download->life.context->policy, record->asked.priority,
                                             record->asked.cost_policy);
}
