/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The life of one download. Which call is good in which state is a table; each state is entered in one place. */
#define G_LOG_DOMAIN "sluice-transfer"

#include "transfer/download.h"

#include "base/error.h"
#include "base/text.h"
#include "content/publish.h"
#include "transfer/backoff.h"
#include "transfer/no-progress.h"
#include "transfer/transfer.h"
#include "transfer/vain.h"
#include "transfer/worker.h"

#include <string.h>

#define DAY                  G_GINT64_CONSTANT (86400)
#define MAXIMUM_TIME_DEFAULT (90 * DAY)
/* Each may be a request of its own, and all are in the row that is written again and again. */
#define RANGES_MAX 10000
/* At most so often for ProgressPercent. */
#define PERCENT_INTERVAL (G_USEC_PER_SEC / 10)

typedef enum { CALL_START, CALL_PAUSE, CALL_ABORT, CALL_FINALIZE } Call;

/* What goes on with the file, apart from the state that the caller sees. */
typedef enum {
  IDLE,
  TRANSFERRING,
  STOPPING, /* for the call at the head of the list */
  PUBLISHING,
} Activity;

/* A call that has to wait until the activity is over. */
typedef struct {
  Call call;
  SlRanges *wanted; /* (owned) (nullable) */
  SlDone done;
  gpointer user_data;
} Pending;

struct _SlDownload {
  grefcount ref_count;
  SlRecord *record; /* (owned) */
  const SlSurroundings *around;
  SlQueueLinks links;

  Activity activity;
  SlTransfer *transfer; /* (owned by itself) (nullable) */
  SlFlow *flow;         /* (owned) (nullable) of the transfer */
  GQueue pending;       /* (element-type Pending) */
  gboolean suspending;  /* the service ends */
  guint saving;         /* commits under way */
  Pending *publication; /* (owned) (nullable) a Finalize that waits for them */
  SlDone suspended;
  gpointer suspended_data;
  gint64 queued_at; /* monotonic, when it was last queued */
  gint64 shown_at;  /* monotonic, when progress was last told */
  guint64 shown;    /* bytes told then */
  guint64 best;     /* the most that was on disk at the end of a transfer since Start */
  SlReasons told;   /* the reasons that were told last */
};

#define BIT SL_STATE_BIT
#define NOT_ENDED                                                                                  \
  (BIT (SL_STATE_CREATED) | BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING) |                  \
   BIT (SL_STATE_PAUSED) | BIT (SL_STATE_RETRYING) | BIT (SL_STATE_FAILED) |                       \
   BIT (SL_STATE_TRANSFERRED))

/* In which states a call does something, and in which it finds nothing to do; in all others it's InvalidState. */
static const struct {
  const char *name;
  guint allowed;
  guint nothing;
} calls[] = {
    [CALL_START] = {"Start",
                    BIT (SL_STATE_CREATED) | BIT (SL_STATE_PAUSED) | BIT (SL_STATE_RETRYING) |
                        BIT (SL_STATE_FAILED) | BIT (SL_STATE_TRANSFERRED),
                    BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING)},
    [CALL_PAUSE] = {"Pause",
                    BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING) | BIT (SL_STATE_RETRYING),
                    BIT (SL_STATE_PAUSED)},
    [CALL_ABORT] = {"Abort", NOT_ENDED, BIT (SL_STATE_ABORTED)},
    [CALL_FINALIZE] = {"Finalize", BIT (SL_STATE_TRANSFERRED), BIT (SL_STATE_FINALIZED)},
};

static void handle_call (SlDownload *download, Pending *pending);
static void publish_when_saved (SlDownload *download, const GError *error);

SlDownload *
sl_download_new (SlRecord *record, const SlSurroundings *surroundings)
{
  SlDownload *download = g_new0 (SlDownload, 1);

  g_ref_count_init (&download->ref_count);
  download->record = record;
  download->around = surroundings;
  download->links.all.data = download;
  download->links.waiting.data = download;
  download->links.retry_at = -1;
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
  g_clear_pointer (&download->flow, sl_flow_unref);
  sl_record_free (download->record);
  g_free (download);
}

const SlRecord *
sl_download_get_record (SlDownload *download)
{
  return download->record;
}

SlQueueLinks *
sl_download_get_links (SlDownload *download)
{
  return &download->links;
}

/* Telling. */

static void
tell_changed (SlDownload *download, SlChanges changes)
{
  download->around->events->changed (download, changes, download->around->owner);
}

static void
tell_status (SlDownload *download, int cause)
{
  download->shown = sl_download_get_transferred (download);
  download->shown_at = g_get_monotonic_time ();
  download->around->events->status (download, cause, download->around->owner);
}

/* Saving. */

/* What is to be done when the record has been committed. */
typedef struct {
  SlDownload *download; /* (owned) */
  SlDone done;          /* (nullable) */
  gpointer user_data;
  void (*then) (SlDownload *download); /* (nullable) whether or not the commit succeeded */
} Saved;

static void
on_saved (const GError *error, gpointer data)
{
  Saved *saved = data;

  saved->download->saving--;
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
  download->record->modified = g_get_real_time ();
  download->record->touched = sl_age_now (download->around->age);
  saved->download = sl_download_ref (download);
  saved->done = done;
  saved->user_data = user_data;
  saved->then = then;
  sl_store_save (download->around->store, download->record, on_saved, saved);
  download->record->wipe = FALSE;
}

/* States. */

/* The one place where the state is written; the queue is told what that means for it. */
static void
set_state (SlDownload *download, SlState state)
{
  const SlSurroundings *around = download->around;
  SlState old = download->record->state;

  if (old == SL_STATE_QUEUED && state != old)
    around->events->leaves_queue (download, around->owner);
  if (old == SL_STATE_RETRYING && state != old) {
    download->record->retry_at = 0;
    download->record->disk_full = FALSE;
    around->events->retry_in (download, -1, around->owner);
  }
  download->record->state = state;
  g_debug ("%s: %s → %s", download->record->id.text, sl_state_to_string (old),
           sl_state_to_string (state));
  if (state == SL_STATE_QUEUED) {
    download->queued_at = g_get_monotonic_time ();
    around->events->wants_slot (download, around->owner);
  }
}

static void
tell_state (SlDownload *download)
{
  download->told = sl_download_get_reasons (download);
  tell_changed (download, SL_CHANGED_STATE | SL_CHANGED_ERROR);
  tell_status (download, SL_NO_ERROR);
}

static void
set_error (SlRecord *record, const GError *error)
{
  sl_record_set_error (record,
                       error->domain == SLUICE_ERROR ? error->code : (int)SLUICE_ERROR_INTERNAL,
                       error->message);
}

static void
discard_job (gpointer data)
{
  g_auto (GStrv) names = data;

  sl_publish_discard (names[0], names[1]);
}

static void
discard_content (SlDownload *download)
{
  SlRecord *record = download->record;

  if (record->local_path != NULL) {
    char **names = g_new0 (char *, 3);
    names[0] = sl_transfer_dup_directory (record);
    names[1] = sl_transfer_dup_part_name (record);
    sl_worker_run (discard_job, names);
  }
  sl_record_forget_content (record);
}

static void
set_fatal (SlDownload *download, const GError *error)
{
  set_error (download->record, error);
  sl_record_trim_response_headers (download->record);
  set_state (download, SL_STATE_FAILED);
  g_message ("%s: failed: %s", download->record->id.text, download->record->error_message);
}

static gint64
choose_delay (SlDownload *download, const SlTransferEnd *end)
{
  const SlSettings *settings = download->around->settings;
  SlRecord *record = download->record;
  gint64 delay;

  if (record->disk_full)
    return (gint64)settings->disk_full_retry * 1000;
  delay = sl_backoff (record->failures, settings->retry_delay_min, settings->retry_delay_max,
                      g_random_double ());
  delay = MAX (delay, (gint64)record->minimum_retry_delay * G_USEC_PER_SEC);
  return MAX (delay, (gint64)end->retry_after * G_USEC_PER_SEC);
}

static void
set_retrying (SlDownload *download, const SlTransferEnd *end)
{
  SlRecord *record = download->record;
  g_autoptr (GError) error = NULL;
  gint64 delay;

  set_error (record, end->error);
  record->disk_full = record->error == SLUICE_ERROR_NO_SPACE;
  /* waiting for room is not the server's silence */
  if (record->disk_full)
    record->progress_at = g_get_monotonic_time ();
  if (sl_has_no_progress (record, &error)) {
    set_fatal (download, error);
    return;
  }
  if (sl_ranges_total (record->done) > download->best)
    record->failures = 0;
  download->best = MAX (download->best, sl_ranges_total (record->done));
  record->failures++;
  delay = choose_delay (download, end);
  sl_record_trim_response_headers (record);
  set_state (download, SL_STATE_RETRYING);
  record->retry_at = g_get_real_time () + delay;
  download->around->events->retry_in (download, delay, download->around->owner);
  g_message ("%s: interrupted, next try in %.1f s: %s", record->id.text,
             (double)delay / G_USEC_PER_SEC, record->error_message);
}

/* Ranges that were asked for and are there. */
static void
tell_ranges (SlDownload *download)
{
  SlRecord *record = download->record;
  const SlSurroundings *around = download->around;

  if (record->wanted == NULL) {
    around->events->range (download, 0, record->size, around->owner);
    return;
  }
  for (guint i = 0; i < sl_ranges_count (record->wanted); i++) {
    const SlRange *range = sl_ranges_get (record->wanted, i);
    guint64 end = MIN (range->end, record->size);
    if (end > range->start)
      around->events->range (download, range->start, end - range->start, around->owner);
  }
}

/* Calls that waited. */

static void
run_pending (SlDownload *download)
{
  while (download->activity == IDLE && !g_queue_is_empty (&download->pending)) {
    Pending *pending = g_queue_pop_head (&download->pending);
    handle_call (download, pending);
  }
}

/* At the end of the service: nothing is under way any more. */
static void
tell_suspended (SlDownload *download)
{
  if (download->suspended != NULL && download->activity == IDLE)
    save (download, g_steal_pointer (&download->suspended), download->suspended_data, NULL);
}

static void
wait_for_activity (SlDownload *download, Pending *pending, gboolean first)
{
  if (first)
    g_queue_push_head (&download->pending, pending);
  else
    g_queue_push_tail (&download->pending, pending);
}

static void
pending_done (Pending *pending, const GError *error)
{
  if (pending->done != NULL)
    pending->done (error, pending->user_data);
  g_clear_pointer (&pending->wanted, sl_ranges_free);
  g_free (pending);
}

/* Commits; when that's done, tells the state and answers the call. */
static void
save_and_answer (SlDownload *download, Pending *pending)
{
  save (download, pending->done, pending->user_data, tell_state);
  pending->done = NULL;
  pending_done (pending, NULL);
}

/* Publishing. */

typedef struct {
  SlDownload *download; /* (owned) */
  Pending *pending;     /* (owned) */
  char *directory;      /* (owned) */
  char *part_name;      /* (owned) */
  char *target_name;    /* (owned) */
  char *expected;       /* (owned) (nullable) */
  char *computed;       /* (owned) (nullable) */
  SlStamp stamp;
  gboolean overwrite;
  SlPublishOutcome outcome;
  GError *error; /* (owned) (nullable) */
} Publishing;

static void
publishing_free (Publishing *publishing)
{
  sl_download_unref (publishing->download);
  g_free (publishing->directory);
  g_free (publishing->part_name);
  g_free (publishing->target_name);
  g_free (publishing->expected);
  g_free (publishing->computed);
  g_clear_error (&publishing->error);
  g_free (publishing);
}

static void
set_ended (SlDownload *download, SlState state)
{
  SlRecord *record = download->record;

  set_state (download, state);
  sl_record_trim_response_headers (record);
  sl_record_wipe_headers (record);
  record->expiry = g_get_real_time () + SL_DOWNLOAD_KEEP_ENDED;
  download->around->events->ended (download, download->around->owner);
}

static void
refetch (SlDownload *download, const GError *error)
{
  SlRecord *record = download->record;
  g_autoptr (GError) enough = NULL;

  sl_vain_count (record, sl_ranges_total (record->done));
  sl_record_forget_content (record);
  if (!sl_vain_may_go_on (record, error, &enough)) {
    set_fatal (download, enough);
    return;
  }
  record->progress_at = g_get_monotonic_time ();
  set_error (record, error);
  set_state (download, SL_STATE_QUEUED);
}

static gboolean
on_published (gpointer data)
{
  Publishing *publishing = data;
  SlDownload *download = publishing->download;
  Pending *pending = publishing->pending;
  gboolean automatic = pending->done == NULL;

  download->activity = IDLE;
  switch (publishing->outcome) {
  case SL_PUBLISH_DONE:
    sl_record_clear_error (download->record);
    set_ended (download, SL_STATE_FINALIZED);
    break;
  case SL_PUBLISH_REFUSED:
    /* with nobody to tell, the download itself has to say it */
    if (automatic)
      set_fatal (download, publishing->error);
    break;
  case SL_PUBLISH_CHANGED:
    refetch (download, publishing->error);
    break;
  case SL_PUBLISH_WRONG:
    discard_content (download);
    set_fatal (download, publishing->error);
    break;
  }
  if (publishing->outcome == SL_PUBLISH_DONE) {
    save_and_answer (download, pending);
  } else {
    /* before the reply: who gets it must not take the state of before for that of after */
    tell_state (download);
    save (download, NULL, NULL, NULL);
    pending_done (pending, publishing->error);
  }
  run_pending (download);
  tell_suspended (download);
  publishing_free (publishing);
  return G_SOURCE_REMOVE;
}

/* In a worker thread. */
static void
publish_job (gpointer data)
{
  Publishing *publishing = data;
  SlPublication publication = {
      .directory = publishing->directory,
      .part_name = publishing->part_name,
      .target_name = publishing->target_name,
      .stamp = &publishing->stamp,
      .expected = publishing->expected,
      .computed = publishing->computed,
      .overwrite = publishing->overwrite,
  };

  publishing->outcome = sl_publish (&publication, &publishing->error);
  sl_worker_post (on_published, publishing);
}

/* (transfer full) @pending */
static void
start_publishing (SlDownload *download, Pending *pending)
{
  SlRecord *record = download->record;
  Publishing *publishing = g_new0 (Publishing, 1);

  publishing->download = sl_download_ref (download);
  publishing->pending = pending;
  publishing->directory = sl_transfer_dup_directory (record);
  publishing->part_name = sl_transfer_dup_part_name (record);
  publishing->target_name = g_path_get_basename (record->local_path);
  publishing->expected = g_strdup (record->digest);
  publishing->computed = g_strdup (record->computed);
  publishing->stamp = record->stamp;
  publishing->overwrite = record->overwrite;
  sl_worker_run (publish_job, publishing);
}

/*
 * (transfer full) @pending: when the seal is recorded. A state can be read before it's on record; a file that got its name
 * then, and a kill before the commit, would make the next run miss its part file and begin again.
 */
static void
publish (SlDownload *download, Pending *pending)
{
  download->activity = PUBLISHING;
  if (download->saving > 0)
    download->publication = pending;
  else
    start_publishing (download, pending);
}

static gboolean
check_finalize (SlDownload *download, GError **error)
{
  const SlRecord *record = download->record;
  g_autofree char *directory = sl_transfer_dup_directory (record);

  /* its name may lead elsewhere since it was started */
  if (!sl_store_check_target (download->around->store, directory, error))
    return FALSE;
  if (record->digest != NULL && !sl_ranges_contains (record->done, 0, record->size)) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                         "Digest is of the whole file, and only parts of it were fetched");
    return FALSE;
  }
  return TRUE;
}

static void
auto_finalize (SlDownload *download)
{
  Pending *pending;

  tell_state (download);
  tell_ranges (download);
  if (!download->record->auto_finalize || download->record->state != SL_STATE_TRANSFERRED ||
      download->activity != IDLE)
    return;
  pending = g_new0 (Pending, 1);
  pending->call = CALL_FINALIZE;
  handle_call (download, pending);
}

/* The transfer's reports. */

static void
on_head (const char *file_name, gpointer owner)
{
  SlDownload *download = owner;
  SlRecord *record = download->record;

  if (g_str_has_suffix (record->local_path, "/")) {
    char *path =
        download->around->events->choose_path (download, file_name, download->around->owner);
    g_free (record->local_path);
    record->local_path = path;
  }
  tell_changed (download, SL_CHANGED_RESPONSE);
}

static void
on_restarted (const GError *cause, gpointer owner)
{
  SlDownload *download = owner;

  g_autofree char *why =
      cause != NULL ? sl_text_clean (cause->message, SL_RECORD_MESSAGE_MAX) : NULL;

  if (why != NULL)
    g_message ("%s: begins again: %s", download->record->id.text, why);
  tell_changed (download, SL_CHANGED_ERROR | SL_CHANGED_RESPONSE);
  tell_status (download,
               cause != NULL && cause->domain == SLUICE_ERROR ? cause->code : SL_NO_ERROR);
}

static SlFlow *
on_get_flow (gpointer owner)
{
  return ((SlDownload *)owner)->flow;
}

static gboolean
on_acquire (gpointer owner)
{
  SlDownload *download = owner;

  return download->around->events->acquire_connection (download, download->around->owner);
}

static void
on_release (gpointer owner)
{
  SlDownload *download = owner;

  download->around->events->release_connection (download, download->around->owner);
}

static void
set_transferred (SlDownload *download)
{
  SlRecord *record = download->record;

  record->completed = g_get_real_time ();
  record->failures = 0;
  sl_record_clear_error (record);
  set_state (download, SL_STATE_TRANSFERRED);
}

/* What the transfer's end means for the state. */
static void
apply_end (SlDownload *download, const SlTransferEnd *end)
{
  SlRecord *record = download->record;

  switch (end->outcome) {
  case SL_TRANSFER_COMPLETE:
    set_transferred (download);
    save (download, NULL, NULL, auto_finalize);
    return;
  case SL_TRANSFER_STOPPED:
    /* the call that stopped it goes on from here */
    return;
  case SL_TRANSFER_FAILED:
    record->error_count++;
    if (end->transient)
      set_retrying (download, end);
    else
      set_fatal (download, end->error);
    save (download, NULL, NULL, tell_state);
    return;
  }
}

/* It was stopped, and goes on later: when it gets a slot again, or in the next run of the service. */
static void
queue_again (SlDownload *download)
{
  set_state (download, SL_STATE_QUEUED);
  if (!download->suspending)
    tell_state (download);
  /* it may be held for long, and what has been counted is to outlast the service */
  save (download, NULL, NULL, NULL);
}

static void
on_transfer_ended (const SlTransferEnd *end, gpointer owner)
{
  g_autoptr (SlDownload) download = sl_download_ref (owner);
  const SlSurroundings *around = download->around;

  download->transfer = NULL;
  g_clear_pointer (&download->flow, sl_flow_unref);
  download->activity = IDLE;
  around->events->returns_slot (download, around->owner);
  apply_end (download, end);
  /* at the end of the service too: a caller that waits gets what it asked for, and an answer */
  run_pending (download);
  /* stopped, and no call has decided otherwise */
  if (download->record->state == SL_STATE_TRANSFERRING)
    queue_again (download);
  tell_suspended (download);
}

static const SlTransferEvents transfer_events = {
    on_get_flow, on_head, on_restarted, on_acquire, on_release, on_transfer_ended,
};

/* Calls. */

static gboolean
check_target (SlDownload *download, GError **error)
{
  const SlRecord *record = download->record;
  g_autofree char *directory = NULL, *name = NULL;

  if (record->local_path == NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                         "LocalPath is not set: where should the file go?");
    return FALSE;
  }
  directory = sl_transfer_dup_directory (record);
  if (!g_str_has_suffix (record->local_path, "/"))
    name = g_path_get_basename (record->local_path);
  return sl_store_check_target (download->around->store, directory, error) &&
         sl_publish_check_target (directory, name, record->overwrite, error);
}

static gboolean
same_ranges (const SlRanges *a, const SlRanges *b)
{
  return a == b || (a != NULL && b != NULL && sl_ranges_equal (a, b));
}

/* Start in a state where it finds nothing to do: only if nothing else is wanted. */
static gboolean
check_unchanged (SlDownload *download, const Pending *pending, GError **error)
{
  if (pending->wanted == NULL || same_ranges (pending->wanted, download->record->wanted))
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
               "Other ranges can’t be asked for in state “%s”; pause it first",
               sl_state_to_string (download->record->state));
  return FALSE;
}

gboolean
sl_download_check_readable (SlDownload *download, GError **error)
{
  if (!download->record->unreadable)
    return TRUE;
  g_set_error_literal (
      error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
      "The row of this download in the queue’s database can’t be read; it can only "
      "be aborted");
  return FALSE;
}

gboolean
sl_download_check_ranges (gsize n, GError **error)
{
  if (n <= RANGES_MAX)
    return TRUE;
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_LIMIT_EXCEEDED,
               "A download has at most %d ranges, and these would be %" G_GSIZE_FORMAT, RANGES_MAX,
               n);
  return FALSE;
}

static gboolean
add_wanted (SlRecord *record, SlRanges *wanted, GError **error)
{
  g_autoptr (SlRanges) all = NULL;

  /* once transferred, they come to those before; without any before, the whole file is there */
  if (wanted == NULL || (record->state == SL_STATE_TRANSFERRED && record->wanted == NULL))
    return TRUE;
  all = sl_ranges_copy (wanted);
  if (record->state == SL_STATE_TRANSFERRED)
    sl_ranges_add_all (all, record->wanted);
  if (!sl_download_check_ranges (sl_ranges_count (all), error))
    return FALSE;
  g_clear_pointer (&record->wanted, sl_ranges_free);
  record->wanted = g_steal_pointer (&all);
  return TRUE;
}

/* (transfer full) @pending */
static void
start (SlDownload *download, Pending *pending)
{
  SlRecord *record = download->record;
  g_autoptr (GError) error = NULL;

  if (record->state == SL_STATE_TRANSFERRED && (pending->wanted == NULL || record->wanted == NULL ||
                                                same_ranges (pending->wanted, record->wanted))) {
    pending_done (pending, NULL);
    return;
  }
  if (!sl_download_check_readable (download, &error) || !check_target (download, &error) ||
      !add_wanted (record, pending->wanted, &error)) {
    pending_done (pending, error);
    return;
  }
  sl_record_clear_error (record);
  sl_vain_reset (record);
  record->failures = 0;
  download->best = sl_ranges_total (record->done);
  record->progress_at = g_get_monotonic_time ();
  record->started = g_get_real_time ();
  set_state (download, SL_STATE_QUEUED);
  tell_state (download);
  save (download, pending->done, pending->user_data, NULL);
  pending->done = NULL;
  pending_done (pending, NULL);
}

/* (transfer full) @pending */
static void
refuse_finalize (SlDownload *download, Pending *pending, const GError *error)
{
  /* by AutoFinalize: with nobody to tell, the download itself has to say it */
  if (pending->done == NULL) {
    set_fatal (download, error);
    save (download, NULL, NULL, tell_state);
  }
  pending_done (pending, error);
}

static void
publish_when_saved (SlDownload *download, const GError *error)
{
  Pending *pending = download->publication;

  if (pending == NULL || (error == NULL && download->saving > 0))
    return;
  download->publication = NULL;
  if (error == NULL) {
    start_publishing (download, pending);
    return;
  }
  download->activity = IDLE;
  refuse_finalize (download, pending, error);
  run_pending (download);
  tell_suspended (download);
}

/* A row that can't be read makes way for that of an aborted download, and leaves no trace: it may have secrets in it. */
static void
give_up_row (SlRecord *record)
{
  record->wipe = record->wipe || record->unreadable;
  record->unreadable = FALSE;
}

/* (transfer full) @pending */
static void
perform (SlDownload *download, Pending *pending)
{
  g_autoptr (GError) error = NULL;

  switch (pending->call) {
  case CALL_START:
    start (download, pending);
    return;
  case CALL_PAUSE:
    set_state (download, SL_STATE_PAUSED);
    save_and_answer (download, pending);
    return;
  case CALL_ABORT:
    discard_content (download); /* the error stays: it may be why */
    give_up_row (download->record);
    set_ended (download, SL_STATE_ABORTED);
    save_and_answer (download, pending);
    return;
  case CALL_FINALIZE:
    if (check_finalize (download, &error))
      publish (download, pending);
    else
      refuse_finalize (download, pending, error);
    return;
  }
}

static gboolean
is_nothing_to_do (SlDownload *download, const Pending *pending, GError **error)
{
  if (!(calls[pending->call].nothing & BIT (download->record->state)))
    return FALSE;
  if (pending->call == CALL_START)
    check_unchanged (download, pending, error);
  return TRUE;
}

/* (transfer full) @pending: the one place where a call meets a state */
static void
handle_call (SlDownload *download, Pending *pending)
{
  SlState state = download->record->state;
  g_autoptr (GError) error = NULL;

  if (download->activity == STOPPING || download->activity == PUBLISHING) {
    wait_for_activity (download, pending, FALSE);
  } else if (is_nothing_to_do (download, pending, &error)) {
    pending_done (pending, error);
  } else if (!(calls[pending->call].allowed & BIT (state))) {
    g_set_error (&error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                 "%s is not possible in state “%s”", calls[pending->call].name,
                 sl_state_to_string (state));
    pending_done (pending, error);
  } else if (download->activity == TRANSFERRING) {
    download->activity = STOPPING;
    wait_for_activity (download, pending, TRUE);
    sl_transfer_stop (download->transfer);
  } else {
    perform (download, pending);
  }
}

static void
call (SlDownload *download, Call which, SlRanges *wanted, SlDone done, gpointer user_data)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->call = which;
  pending->wanted = wanted;
  pending->done = done;
  pending->user_data = user_data;
  handle_call (download, pending);
}

void
sl_download_start (SlDownload *download, SlRanges *wanted, SlDone done, gpointer user_data)
{
  call (download, CALL_START, wanted != NULL ? sl_ranges_copy (wanted) : NULL, done, user_data);
}

void
sl_download_pause (SlDownload *download, SlDone done, gpointer user_data)
{
  call (download, CALL_PAUSE, NULL, done, user_data);
}

void
sl_download_abort (SlDownload *download, SlDone done, gpointer user_data)
{
  call (download, CALL_ABORT, NULL, done, user_data);
}

void
sl_download_finalize (SlDownload *download, SlDone done, gpointer user_data)
{
  call (download, CALL_FINALIZE, NULL, done, user_data);
}

SlRecord *
sl_download_edit (SlDownload *download)
{
  return download->record;
}

/* The transfer under way goes by what was written. */
static void
update_flow (SlDownload *download)
{
  const SlRecord *record = download->record;

  if (download->flow == NULL)
    return;
  sl_flow_set_limit (download->flow, record->max_rate > 0 ? record->max_rate : SL_RATE_UNLIMITED);
  sl_flow_set_class (download->flow,
                     download->around->classes[record->priority == SL_PRIORITY_FOREGROUND]);
}

static void
tell_request (SlDownload *download)
{
  tell_changed (download, SL_CHANGED_REQUEST);
}

void
sl_download_edited (SlDownload *download, SlDone done, gpointer user_data)
{
  update_flow (download);
  save (download, done, user_data, tell_request);
}

/* By the queue. */

void
sl_download_resume (SlDownload *download)
{
  SlRecord *record = download->record;
  const SlSurroundings *around = download->around;

  switch (record->state) {
  case SL_STATE_TRANSFERRING:
    /* progress does not count as a touch; it may have been at it for months */
    record->touched = sl_age_now (around->age);
    G_GNUC_FALLTHROUGH;
  case SL_STATE_QUEUED:
    /* while the service was not there, nobody tried to get a byte */
    record->progress_at = g_get_monotonic_time ();
    set_state (download, SL_STATE_QUEUED);
    break;
  case SL_STATE_RETRYING: {
    gint64 max = (gint64)around->settings->retry_delay_max * 1000;
    gint64 delay = CLAMP (record->retry_at - g_get_real_time (), 0, max);
    record->progress_at = g_get_monotonic_time ();
    around->events->retry_in (download, delay, around->owner);
    break;
  }
  case SL_STATE_TRANSFERRED:
    if (record->auto_finalize)
      call (download, CALL_FINALIZE, NULL, NULL, NULL);
    break;
  case SL_STATE_CREATED:
  case SL_STATE_PAUSED:
  case SL_STATE_FAILED:
  case SL_STATE_FINALIZED:
  case SL_STATE_ABORTED:
    break;
  }
}

void
sl_download_run (SlDownload *download)
{
  const SlSurroundings *around = download->around;

  g_return_if_fail (download->activity == IDLE);
  set_state (download, SL_STATE_TRANSFERRING);
  /* while it waited its turn, nobody tried to get a byte */
  download->record->progress_at += g_get_monotonic_time () - download->queued_at;
  download->activity = TRANSFERRING;
  download->shown_at = g_get_monotonic_time ();
  download->flow = sl_flow_new (NULL);
  update_flow (download);
  download->transfer = sl_transfer_start (download->record, around->store, around->settings,
                                          &transfer_events, download);
  tell_state (download);
}

void
sl_download_yield (SlDownload *download)
{
  guint64 total = sl_download_get_total (download);

  /* one that has everything needs nothing any more but its end */
  if (download->activity != TRANSFERRING ||
      (total != SL_SIZE_UNKNOWN && sl_download_get_transferred (download) >= total))
    return;
  download->activity = STOPPING;
  sl_transfer_stop (download->transfer);
}

gboolean
sl_download_is_stopping (SlDownload *download)
{
  return download->activity == STOPPING;
}

void
sl_download_tell_reasons (SlDownload *download)
{
  SlReasons reasons = sl_download_get_reasons (download);

  if (reasons == download->told)
    return;
  download->told = reasons;
  tell_changed (download, SL_CHANGED_STATE);
}

void
sl_download_retry (SlDownload *download)
{
  if (download->record->state != SL_STATE_RETRYING)
    return;
  set_state (download, SL_STATE_QUEUED);
  if (download->record->state == SL_STATE_QUEUED)
    tell_state (download);
}

/* Limits that pass while bytes flow, or don't. */
static void
check_limits (SlDownload *download, gint64 now)
{
  SlRecord *record = download->record;
  gint64 maximum = record->maximum_time != 0 ? record->maximum_time : MAXIMUM_TIME_DEFAULT;
  g_autoptr (GError) error = NULL;

  if (sl_has_no_progress (record, &error)) {
    sl_transfer_fail (download->transfer, error);
  } else if (sl_transfer_get_active_time (download->transfer, now) > maximum * G_USEC_PER_SEC) {
    g_set_error (&error, SLUICE_ERROR, SLUICE_ERROR_MAXIMUM_TIME,
                 "It has been transferring for longer than the %" G_GINT64_FORMAT
                 " seconds that MaximumDownloadTime allows",
                 maximum);
    sl_transfer_fail (download->transfer, error);
  }
}

static gboolean
is_progress_due (SlDownload *download, gint64 now, guint64 transferred)
{
  const SlRecord *record = download->record;
  gint64 since = now - download->shown_at;
  guint64 total = sl_download_get_total (download);

  if (transferred == download->shown)
    return FALSE;
  if (record->progress_interval > 0 && since >= (gint64)record->progress_interval * G_USEC_PER_SEC)
    return TRUE;
  return record->progress_percent > 0 && total != SL_SIZE_UNKNOWN && total > 0 &&
         since >= PERCENT_INTERVAL &&
         (transferred - MIN (transferred, download->shown)) * 100 / total >=
             record->progress_percent;
}

void
sl_download_tick (SlDownload *download, gint64 now)
{
  guint64 transferred;

  if (download->activity != TRANSFERRING)
    return;
  sl_transfer_tick (download->transfer, now);
  transferred = sl_download_get_transferred (download);
  if (is_progress_due (download, now, transferred))
    tell_status (download, SL_NO_ERROR);
  check_limits (download, now);
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
  if (download->transfer != NULL)
    sl_transfer_stop (download->transfer);
}

guint64
sl_download_get_transferred (SlDownload *download)
{
  const SlRecord *record = download->record;

  return download->transfer != NULL ? sl_transfer_get_transferred (download->transfer)
                                    : sl_ranges_total_within (record->done, record->wanted);
}

guint64
sl_download_get_total (SlDownload *download)
{
  const SlRecord *record = download->record;
  g_autoptr (SlRanges) wanted = NULL;

  if (record->wanted == NULL)
    return record->size;
  wanted = sl_ranges_copy (record->wanted);
  if (record->size != SL_SIZE_UNKNOWN)
    sl_ranges_remove (wanted, record->size, SL_SIZE_UNKNOWN);
  return sl_ranges_end (wanted) == SL_SIZE_UNKNOWN ? SL_SIZE_UNKNOWN : sl_ranges_total (wanted);
}

guint64
sl_download_get_rate (SlDownload *download)
{
  return download->transfer != NULL ? sl_transfer_get_rate (download->transfer) : 0;
}

guint64
sl_download_get_fetched (SlDownload *download)
{
  return download->transfer != NULL ? sl_transfer_get_fetched (download->transfer)
                                    : download->record->fetched;
}

static SlReasons
get_retry_reasons (SlDownload *download)
{
  int error = download->record->error;

  if (download->record->disk_full)
    return SL_REASON_DISK_FULL;
  if (sl_vain_is_much (download->record))
    return SL_REASON_STARTING_OVER | SL_REASON_BACKOFF;
  if (download->around->offline &&
      (error == SLUICE_ERROR_CONNECT || error == SLUICE_ERROR_NAME_RESOLUTION ||
       error == SLUICE_ERROR_TIMEOUT))
    return SL_REASON_NO_NETWORK | SL_REASON_BACKOFF;
  return SL_REASON_BACKOFF;
}

SlReasons
sl_download_get_reasons (SlDownload *download)
{
  const SlSurroundings *around = download->around;
  SlReasons held;

  switch (download->record->state) {
  case SL_STATE_QUEUED:
    held = around->events->get_hold (download, NULL, around->owner);
    return held != SL_REASON_NONE ? held : SL_REASON_SLOTS_FULL;
  case SL_STATE_RETRYING:
    return get_retry_reasons (download);
  default:
    return SL_REASON_NONE;
  }
}

gint64
sl_download_get_held_since (SlDownload *download)
{
  const SlSurroundings *around = download->around;
  gint64 since = 0;

  if (download->record->state == SL_STATE_QUEUED)
    around->events->get_hold (download, &since, around->owner);
  return since;
}

SlCostPolicy
sl_download_get_cost_policy (SlDownload *download)
{
  const SlRecord *record = download->record;

  return sl_policy_settings_get_cost_policy (download->around->policy, record->priority,
                                             record->cost_policy);
}
