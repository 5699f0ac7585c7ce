/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asking a source for a range, and what its answer means. */
#include "transfer/ask.h"

#include "base/error.h"
#include "transfer/worker.h"

/* What is to be asked for: the whole file plainly where that says the same. */
static void
make_request (SlAsk *ask, SlRequest *request)
{
  const SlRecord *record = ask->attempt->record;
  gboolean fresh = ask->opening != NULL && sl_part_get_written (ask->file->part) == 0;

  *request = (SlRequest){
      .method = "GET",
      .address = ask->source->address,
      .access = {.owner = record->owner, .security = record->asked.security},
      .headers = record->asked.headers,
      .range = {.ranged = !fresh || record->wanted != NULL,
                .start = ask->range.start,
                .end = ask->range.end,
                .known = fresh ? NULL : &ask->source->version},
      .redirect_policy = record->asked.redirect_policy,
      .insecure_redirect = record->asked.insecure_redirect,
      .first_byte_timeout = ask->attempt->settings.first_byte_timeout,
      .stall_timeout = ask->attempt->settings.stall_timeout,
  };
}

/* A whole file though a range was asked for: another version, or a server without ranges. */
static gboolean
accept_whole (SlAsk *ask, const SlRequest *request, GError **error)
{
  gboolean same = ask->verdict.version == SL_VERSION_SAME;

  if (!request->range.ranged)
    return TRUE;
  if (ask->attempt->record->wanted != NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_RANGE_NOT_SUPPORTED,
                         "Parts of the file were asked for, and the server only sends the whole");
    return FALSE;
  }
  ask->opening->no_ranges |= same;
  return sl_file_drop (ask->file, ask->opening, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                       same ? "The server does not resume; the file begins again"
                            : "The file changed on the server; it begins again",
                       error);
}

/* Whether who begins the file should drop what is there and ask again. */
static gboolean
should_begin_again (SlAsk *ask, const SlRequest *request)
{
  SlVerdict verdict = ask->verdict.verdict;

  return request->range.known != NULL &&
         (verdict == SL_VERDICT_CHANGED || verdict == SL_VERDICT_UNPROVEN ||
          verdict == SL_VERDICT_BAD_RANGE);
}

/* What nobody can use, whichever connection it came by. */
static gboolean
take_refusal (SlAsk *ask, SlSegmentEnd *end)
{
  const SlRangeVerdict *answer = &ask->verdict;

  if (answer->verdict == SL_VERDICT_CHANGED || answer->verdict == SL_VERDICT_UNPROVEN)
    end->outcome = SL_SEGMENT_CHANGED;
  if (answer->verdict == SL_VERDICT_ERROR) {
    end->transient = answer->transient;
    end->retry_after = ask->response->retry_after;
  }
  return FALSE;
}

/* What the answer to the first request of an attempt means. TRUE when the body is to be stored; else @error says why not. */
static gboolean
judge_first (SlAsk *ask, const SlRequest *request, SlSegmentEnd *end, GError **error)
{
  if (ask->verdict.verdict == SL_VERDICT_RANGE)
    return TRUE;
  if (ask->verdict.verdict == SL_VERDICT_WHOLE)
    return accept_whole (ask, request, error);
  return take_refusal (ask, end);
}

/*
 * What the answer on a further connection means: it can only be of use or not, and takes nothing from those that bring
 * bytes (RFC 9110, section 15.3.7: a part is used only where it's proven to be of the same version). TRUE when it is.
 */
static gboolean
judge_further (SlAsk *ask, SlSegmentEnd *end)
{
  const SlRangeVerdict *answer = &ask->verdict;
  gboolean whole = answer->verdict == SL_VERDICT_WHOLE;
  gboolean same = whole && answer->version == SL_VERSION_SAME;

  if (answer->verdict == SL_VERDICT_RANGE)
    return TRUE;
  if (same || answer->verdict == SL_VERDICT_BAD_RANGE)
    end->outcome = SL_SEGMENT_NO_RANGES;
  else if (whole)
    end->outcome = SL_SEGMENT_CHANGED;
  return take_refusal (ask, end);
}

/* One request. FALSE with @error unless there is a response, whatever its verdict; @why is about the verdict. */
static gboolean
request_once (SlAsk *ask, const SlRequest *request, SlSegmentEnd *end, GError **why, GError **error)
{
  g_autoptr (GError) cause = NULL;

  ask->response = sl_client_open (sl_worker_get_client (), request, &ask->body,
                                  ask->attempt->cancellable, &cause);
  if (ask->response == NULL) {
    /* what is wrong with the answer to a range may be right with the whole file: see is_resume_hopeless () in file.c */
    end->transient = cause->domain != SLUICE_ERROR || sl_error_info (cause->code)->transient ||
                     (request->range.ranged && cause->code == SLUICE_ERROR_INVALID_RESPONSE);
    g_propagate_error (error, g_steal_pointer (&cause));
    return FALSE;
  }
  end->status = ask->response->status;
  g_clear_pointer (&end->headers, g_variant_unref);
  end->headers = g_variant_ref (ask->response->headers);
  ask->verdict = sl_range_verdict_reach (&request->range, ask->response);
  *why = sl_range_verdict_dup_error (&ask->verdict, ask->response);
  return TRUE;
}

void
sl_ask_close (SlAsk *ask)
{
  g_clear_pointer (&ask->body, sl_body_reader_free);
  g_clear_pointer (&ask->response, sl_response_unref);
}

/* Asks; a second time, for who begins the file, if what is there had to be dropped. */
gboolean
sl_ask (SlAsk *ask, SlSegmentEnd *end, GError **error)
{
  for (guint tries = 0;; tries++) {
    g_autoptr (GError) why = NULL;
    SlRequest request;

    make_request (ask, &request);
    if (!request_once (ask, &request, end, &why, error))
      return FALSE;
    if (tries > 0 || ask->opening == NULL || !should_begin_again (ask, &request)) {
      gboolean ok =
          ask->opening != NULL ? judge_first (ask, &request, end, error) : judge_further (ask, end);
      if (why != NULL && (error == NULL || *error == NULL))
        g_propagate_error (error, g_steal_pointer (&why));
      return ok;
    }
    ask->opening->no_ranges |= ask->verdict.verdict == SL_VERDICT_BAD_RANGE;
    sl_ask_close (ask);
    if (!sl_file_drop (ask->file, ask->opening, why->code, why->message, error))
      return FALSE;
    sl_file_find_missing (ask->file, ask->attempt->record, &ask->range);
  }
}
