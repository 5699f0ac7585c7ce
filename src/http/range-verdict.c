/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Judges a response to a request for a file or a range of it. */
#include "http/range-verdict.h"

#include "base/error.h"
#include "base/text.h"
#include "http/content-range.h"
#include "http/http-error.h"

/*
 * Limits how much of a server's text goes into a message: messages of failed downloads are kept in memory, and there
 * may be 100,000.
 */
#define FIELD_SHOWN_MAX 256

/* The verdict on a body that is not the requested one, if the request can't be the cause. */
static SlRangeVerdict
distrust (const SlRangeAsked *asked, SlRangeFault fault)
{
  return (SlRangeVerdict){
      .verdict = asked->ranged ? SL_VERDICT_BAD_RANGE : SL_VERDICT_ERROR,
      .fault = fault,
  };
}

/* Whether @response proves its version, if the file has @size bytes. */
static SlVersion
compare_version (const SlRangeAsked *asked, const SlResponse *response, guint64 size)
{
  SlValidator found = response->validator; /* a shallow copy */

  if (asked->known == NULL)
    return SL_VERSION_UNPROVEN;
  found.size = size;
  return sl_validator_compare (asked->known, &found);
}

static SlRangeVerdict
accept_whole (const SlRangeAsked *asked, const SlResponse *response, guint64 size)
{
  return (SlRangeVerdict){
      .verdict = SL_VERDICT_WHOLE,
      .end = size,
      .size = size,
      .version = compare_version (asked, response, size),
  };
}

static SlRangeVerdict
accept_range (const SlRangeAsked *asked, const SlResponse *response, const SlContentRange *range)
{
  /* with "*" the server does not state the total, and the known size still holds */
  gboolean is_told = range->total != SL_SIZE_UNKNOWN || asked->known == NULL;
  guint64 size = is_told ? range->total : asked->known->size;
  SlRangeVerdict verdict = {
      .verdict = SL_VERDICT_RANGE,
      .start = range->start,
      .end = range->end,
      .size = size,
      .version = compare_version (asked, response, size),
  };

  if (asked->known == NULL || verdict.version == SL_VERSION_SAME)
    return verdict;
  if (verdict.version == SL_VERSION_OTHER)
    return (SlRangeVerdict){.verdict = SL_VERDICT_CHANGED, .fault = SL_FAULT_OTHER_VERSION};
  return (SlRangeVerdict){.verdict = SL_VERDICT_UNPROVEN, .fault = SL_FAULT_UNKNOWN_VERSION};
}

/* Whether @response states which part its body is; sets @range. */
static gboolean
has_place (const SlResponse *response, SlContentRange *range)
{
  return response->content_range != NULL && sl_content_range_parse (response->content_range, range);
}

/* Whether @range is the whole file; @length: of the body, or SL_SIZE_UNKNOWN. */
static gboolean
is_all (const SlContentRange *range, guint64 length)
{
  return range->start == 0 && range->end == range->total &&
         (length == SL_SIZE_UNKNOWN || length == range->total);
}

static gboolean
is_as_asked (const SlRangeAsked *asked, const SlContentRange *range, guint64 length)
{
  return range->start == asked->start && range->end <= asked->end &&
         (length == SL_SIZE_UNKNOWN || length == range->end - range->start);
}

static SlRangeVerdict
judge_206 (const SlRangeAsked *asked, const SlResponse *response)
{
  SlContentRange range;

  if (response->has_parts)
    return distrust (asked, SL_FAULT_SEVERAL_PARTS);
  if (!has_place (response, &range))
    return distrust (asked, SL_FAULT_NO_PLACE);
  if (!asked->ranged)
    return is_all (&range, response->length) ? accept_whole (asked, response, range.total)
                                             : distrust (asked, SL_FAULT_PART_FOR_WHOLE);
  if (!is_as_asked (asked, &range, response->length))
    return distrust (asked, SL_FAULT_OTHER_PART);
  return accept_range (asked, response, &range);
}

static gboolean
has_known_tag (const SlRangeAsked *asked, const SlResponse *response)
{
  const SlValidator *known = asked->known;

  return asked->ranged && known != NULL && known->etag != NULL && sl_etag_is_strong (known->etag) &&
         g_strcmp0 (known->etag, response->validator.etag) == 0;
}

static SlRangeVerdict
judge_200 (const SlRangeAsked *asked, const SlResponse *response)
{
  SlContentRange range;

  if (has_known_tag (asked, response) && asked->known->size != SL_SIZE_UNKNOWN &&
      response->length != SL_SIZE_UNKNOWN && response->length != asked->known->size)
    return distrust (asked, SL_FAULT_OTHER_SIZE);
  if (!has_place (response, &range))
    return accept_whole (asked, response, response->length);
  if (is_all (&range, response->length))
    return accept_whole (asked, response, range.total);
  return distrust (asked, SL_FAULT_PART_AS_WHOLE);
}

static SlRangeVerdict
judge_status (const SlRangeAsked *asked, const SlResponse *response)
{
  SlRangeVerdict verdict = {.verdict = SL_VERDICT_ERROR, .fault = SL_FAULT_STATUS};

  if (response->status == 200)
    return judge_200 (asked, response);
  if (response->status == 206)
    return judge_206 (asked, response);
  if (response->status == 416 && asked->known != NULL)
    return (SlRangeVerdict){.verdict = SL_VERDICT_CHANGED, .fault = SL_FAULT_BEHIND_END};
  if (response->status < 300 || response->status == 304)
    verdict.fault = SL_FAULT_NO_FILE;
  else if (response->status == 407)
    verdict.fault = SL_FAULT_PROXY_WANTS_NAME;
  verdict.transient = sl_http_status_is_transient (response->status);
  return verdict;
}

SlRangeVerdict
sl_range_verdict_reach (const SlRangeAsked *asked, const SlResponse *response)
{
  SlRangeVerdict verdict = judge_status (asked, response);

  if (!response->checked && verdict.verdict != SL_VERDICT_ERROR)
    return (SlRangeVerdict){.verdict = SL_VERDICT_ERROR, .fault = SL_FAULT_UNCHECKED};
  return verdict;
}

/* Faults whose message is fixed. */
static const struct {
  SluiceError code;
  const char *words;
} plain_words[SL_N_FAULTS] = {
    [SL_FAULT_OTHER_VERSION] = {SLUICE_ERROR_REMOTE_FILE_CHANGED, "The file changed on the server"},
    [SL_FAULT_UNKNOWN_VERSION] = {SLUICE_ERROR_REMOTE_FILE_CHANGED,
                                  "The server does not say to which version of the file its "
                                  "part belongs"},
    [SL_FAULT_BEHIND_END] = {SLUICE_ERROR_REMOTE_FILE_CHANGED,
                             "The file on the server is shorter than before"},
    [SL_FAULT_PROXY_WANTS_NAME] = {SLUICE_ERROR_PROXY,
                                   "The proxy wants a user name and a password"},
    [SL_FAULT_UNCHECKED] = {SLUICE_ERROR_INTERNAL,
                            "The connection is of a kind whose responses can’t be checked"},
};

/* Faults of which the message says what the server sent. */
static const char *const sent[SL_N_FAULTS] = {
    [SL_FAULT_SEVERAL_PARTS] = "several parts of the file at once",
    [SL_FAULT_NO_PLACE] = "a part of the file without saying which",
    [SL_FAULT_PART_FOR_WHOLE] = "a part of the file although the whole was requested",
    [SL_FAULT_OTHER_PART] = "a different part of the file than requested",
    [SL_FAULT_OTHER_SIZE] = "a different size for the same version of the file",
    [SL_FAULT_PART_AS_WHOLE] = "a part of the file as if it were the whole",
};

GError *
sl_range_verdict_dup_error (const SlRangeVerdict *verdict, const SlResponse *response)
{
  SlRangeFault fault = verdict->fault;
  g_autofree char *field = NULL;

  if (fault == SL_FAULT_NONE)
    return NULL;
  if (plain_words[fault].words != NULL)
    return g_error_new_literal (SLUICE_ERROR, (int)plain_words[fault].code,
                                plain_words[fault].words);
  if (fault == SL_FAULT_NO_FILE)
    return g_error_new (SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                        "The server answered “%u %s”, which brings no file", response->status,
                        response->reason);
  if (fault == SL_FAULT_STATUS)
    return g_error_new (SLUICE_ERROR, SLUICE_ERROR_HTTP_STATUS, "%s answered “%u %s”",
                        response->host, response->status, response->reason);
  field = response->content_range != NULL ? sl_text_clean (response->content_range, FIELD_SHOWN_MAX)
                                          : g_strdup ("missing");
  return g_error_new (SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                      "The server sent %s (Content-Range: %s)", sent[fault], field);
}
