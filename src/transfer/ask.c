/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests a range from a source, and judges the response. */
#include "transfer/ask.h"

#include "base/error.h"
#include "transfer/worker.h"

/* Fills in @request. For a whole file from its start it is a plain GET, without a range. */
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

/*
 * Accepts a response with the whole file. If a range was requested, the version has changed or the server has no
 * ranges: drops the part file's bytes, or fails if the caller wants only ranges.
 */
static gboolean
accept_whole (SlAsk *ask, const SlRequest *request, GError **error)
{
  gboolean same = ask->verdict.version == SL_VERSION_SAME;

  if (!request->range.ranged)
    return TRUE;
  if (ask->attempt->record->wanted != NULL) {
    g_set_error_literal (
        error, SLUICE_ERROR, SLUICE_ERROR_RANGE_NOT_SUPPORTED,
        "Parts of the file were requested, but the server sends only the whole file");
    return FALSE;
  }
  ask->opening->no_ranges |= same;
  return sl_file_drop (ask->file, ask->opening, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                       same ? "The server does not resume; the download begins again"
                            : "The file changed on the server; the download begins again",
                       error);
}

/* Whether the segment that begins the file should drop the part file's bytes and send a second request. */
static gboolean
should_begin_again (SlAsk *ask, const SlRequest *request)
{
  SlVerdict verdict = ask->verdict.verdict;

  return request->range.known != NULL &&
         (verdict == SL_VERDICT_CHANGED || verdict == SL_VERDICT_UNPROVEN ||
          verdict == SL_VERDICT_BAD_RANGE);
}

/* Notes in @end what follows from a response that no connection can use. Returns FALSE. */
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

/*
 * Judges the response to the first request of an attempt. TRUE if its body is to be stored; otherwise @error says why
 * not.
 */
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
 * Judges the response on a further connection: TRUE if it is useful. If not, the connections that bring bytes go on
 * without it. (RFC 9110, section 15.3.7: a part is used only if it is proven to be of the same version.)
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

/* Sends one request. FALSE with @error if no response came. @why is set if the verdict on the response is a refusal. */
static gboolean
request_once (SlAsk *ask, const SlRequest *request, SlSegmentEnd *end, GError **why, GError **error)
{
  g_autoptr (GError) cause = NULL;

  ask->response = sl_client_open (sl_worker_get_client (), request, &ask->body,
                                  ask->attempt->cancellable, &cause);
  if (ask->response == NULL) {
    /* a server that fails with a range may succeed with the whole file: see is_resume_hopeless () in file.c */
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

/* If the segment begins the file and had to drop the part file's bytes, it sends a second request. */
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
