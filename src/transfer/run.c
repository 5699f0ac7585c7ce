/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The transfer of a download that has a slot: its reports, its connections, its rate, and its time limits. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/run.h"

#include "base/error.h"
#include "base/text.h"
#include "content/place.h"
#include "transfer/time-limits.h"

struct _SlRun {
  SlLife *life;         /* (unowned) of the download */
  SlReporter *reporter; /* (unowned) of the download */
  SlRunEnded ended;
  SlTransfer *transfer;   /* (owned by itself) */
  SlTransferLimit *limit; /* (owned) of the transfer */
};

/* The transfer's reports. */

static void
on_head (const char *file_name, gpointer user_data)
{
  SlRun *run = user_data;
  SlRecord *record = run->life->record;
  const SlDownloadContext *context = run->life->context;
  guint64 options = 0;

  if (sl_place_is_open (record->asked.local_path)) {
    char *path = context->paths->choose (run->life->download, file_name, context->paths_data);
    g_free (record->asked.local_path);
    record->asked.local_path = path;
    context->paths->take (run->life->download, context->paths_data);
    options = SL_OPTION_BIT (SL_OPTION_LOCAL_PATH);
    sl_record_note (record, 0);
  }
  sl_reporter_report_changed (run->life, options);
}

static void
on_restarted (const GError *cause, gpointer user_data)
{
  SlRun *run = user_data;
  g_autofree char *why =
      cause != NULL ? sl_text_clean (cause->message, SL_RECORD_MESSAGE_MAX) : NULL;

  if (why != NULL)
    g_message ("%s: begins again: %s", run->life->record->id.text, why);
  sl_reporter_report_changed (run->life, 0);
  sl_reporter_report_status (run->reporter, run->life, sl_run_get_transferred (run),
                             cause != NULL && cause->domain == SLUICE_ERROR ? cause->code
                                                                            : SL_NO_ERROR);
}

static gboolean
on_acquire (const char *host, gpointer user_data)
{
  const SlLife *life = ((SlRun *)user_data)->life;

  return life->context->host->acquire_connection (life->download, host, life->context->host_data);
}

static void
on_release (const char *host, gpointer user_data)
{
  const SlLife *life = ((SlRun *)user_data)->life;

  life->context->host->release_connection (life->download, host, life->context->host_data);
}

static void
on_ended (const SlTransferEnd *end, gpointer user_data)
{
  SlRun *run = user_data;

  run->ended (end, run->life->download);
  sl_transfer_limit_unref (run->limit);
  g_free (run);
}

static const SlTransferEvents transfer_events = {
    on_head, on_restarted, on_acquire, on_release, on_ended,
};

/* Running. */

SlRun *
sl_run_start (SlLife *life, SlReporter *reporter, SlRunEnded ended)
{
  SlRun *run = g_new0 (SlRun, 1);
  const SlDownloadContext *context = life->context;
  SlTransferTask task = {.record = life->record,
                         .store = context->store,
                         .settings = context->settings,
                         .events = &transfer_events,
                         .user_data = run};

  run->life = life;
  run->reporter = reporter;
  run->ended = ended;
  reporter->reported_at = g_get_monotonic_time ();
  run->limit = task.limit = sl_transfer_limit_new (NULL);
  sl_run_update (run);
  run->transfer = context->kind->start (&task);
  return run;
}

void
sl_run_stop (SlRun *run)
{
  run->life->context->kind->stop (run->transfer);
}

void
sl_run_update (SlRun *run)
{
  const SlRecord *record = run->life->record;

  sl_transfer_limit_set_rate (run->limit, record->asked.max_rate > 0 ? record->asked.max_rate
                                                                     : SL_RATE_UNLIMITED);
  sl_transfer_limit_set_class (run->limit,
                               run->life->context->classes[sl_class_of (record->asked.priority)]);
}

/* Fails the transfer if a time limit has passed. */
static void
check_limits (SlRun *run, gint64 now)
{
  const SlTransferKind *kind = run->life->context->kind;
  const SlRecord *record = run->life->record;
  g_autoptr (GError) error = NULL;

  if (sl_time_limits_no_progress (record, now, &error) ||
      sl_time_limits_too_long (record, kind->get_active_time (run->transfer, now), &error))
    kind->fail (run->transfer, error);
}

void
sl_run_tick (SlRun *run, gint64 now)
{
  run->life->context->kind->tick (run->transfer, now);
  sl_reporter_report_progress (run->reporter, run->life, sl_run_get_transferred (run), now);
  check_limits (run, now);
}

guint64
sl_run_get_transferred (const SlRun *run)
{
  return run->life->context->kind->get_transferred (run->transfer);
}

guint64
sl_run_get_fetched (const SlRun *run)
{
  return run->life->context->kind->get_fetched (run->transfer);
}

guint64
sl_run_get_rate (const SlRun *run)
{
  return run->life->context->kind->get_rate (run->transfer);
}
