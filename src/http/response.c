/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verdict on a response: nothing that a server says is believed unless it fits the request. */
#include "http/response.h"

#include "base/error.h"
#include "base/text.h"
#include "http/content-range.h"
#include "http/file-name.h"
#include "http/http-error.h"
#include "http/retry-after.h"

#define HEADERS_SIZE_MAX 16384
/* Of a server's words in a message. Messages of what failed are kept in memory, and there may be 100,000. */
#define FIELD_SHOWN_MAX  256
#define REASON_SHOWN_MAX 80

void
sl_response_free (SlResponse *response)
{
  sl_validator_clear (&response->validator);
  g_free (response->effective_uri);
  g_free (response->file_name);
  g_clear_pointer (&response->headers, g_variant_unref);
  g_clear_object (&response->body);
  g_clear_object (&response->message);
  g_free (response);
}

/* (transfer floating): all fields, as many as fit; valid UTF-8 without controls, as it goes to the bus and to logs */
static GVariant *
collect_headers (SoupMessageHeaders *headers)
{
  g_autoptr (GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  SoupMessageHeadersIter iter;
  GHashTableIter field;
  const char *name, *value;
  gpointer key, joined;
  gsize size = 0;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    g_autofree char *clean = sl_text_clean (name, HEADERS_SIZE_MAX);
    g_autofree char *lower = g_ascii_strdown (clean, -1);
    g_autofree char *valid = sl_text_clean (value, HEADERS_SIZE_MAX);
    const char *before = g_hash_table_lookup (fields, lower);
    size += strlen (lower) + strlen (valid);
    if (size > HEADERS_SIZE_MAX)
      break;
    joined = before != NULL ? g_strconcat (before, ", ", valid, NULL) : g_steal_pointer (&valid);
    g_hash_table_replace (fields, g_steal_pointer (&lower), joined);
  }
  g_hash_table_iter_init (&field, fields);
  while (g_hash_table_iter_next (&field, &key, &joined))
    g_variant_builder_add (&builder, "{ss}", key, joined);
  return g_variant_builder_end (&builder);
}

static SlVerdict
refuse (GError **error, SlVerdict verdict, const char *why, const char *field)
{
  g_autofree char *shown = sl_text_clean (field, FIELD_SHOWN_MAX);

  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
               "The server sent %s "
               "(Content-Range: %s)",
               why, field != NULL ? shown : "missing");
  return verdict;
}

/* All of a file whose size is @length, or not known. */
static gboolean
is_all (const SlContentRange *range, guint64 length)
{
  return range->start == 0 && range->end == range->total &&
         (length == SL_SIZE_UNKNOWN || length == range->total);
}

/* SL_SIZE_UNKNOWN when only the end of the body will tell */
static guint64
get_length (SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH)
    return SL_SIZE_UNKNOWN;
  return (guint64)soup_message_headers_get_content_length (headers);
}

static SlVerdict
accept_whole (SlResponse *response, guint64 size)
{
  response->start = 0;
  response->validator.size = response->end = size;
  return SL_VERDICT_WHOLE;
}

static SlVerdict
judge_version (SlResponse *response, const SlRequest *request, GError **error)
{
  if (request->range.known == NULL)
    return SL_VERDICT_RANGE;
  switch (sl_validator_compare (request->range.known, &response->validator)) {
  case SL_VERSION_SAME:
    return SL_VERDICT_RANGE;
  case SL_VERSION_OTHER:
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                         "The file changed on the server");
    return SL_VERDICT_CHANGED;
  case SL_VERSION_UNPROVEN:
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                         "The server does not tell which version of the file it sends a part of");
    return SL_VERDICT_UNPROVEN;
  }
  g_return_val_if_reached (SL_VERDICT_ERROR);
}

static SlVerdict
judge_206 (SlResponse *response,
           SoupMessageHeaders *headers,
           const SlRequest *request,
           GError **error)
{
  const char *field = soup_message_headers_get_one (headers, "Content-Range");
  guint64 length = get_length (headers);
  SlContentRange range;

  /* several parts in one body, whatever else is said (RFC 9110, section 15.3.7.2) */
  if (g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), "multipart/byteranges") ==
      0)
    return refuse (error, request->range.ranged ? SL_VERDICT_BAD_RANGE : SL_VERDICT_ERROR,
                   "several parts of the file at once", field);
  if (field == NULL || !sl_content_range_parse (field, &range))
    return refuse (error, request->range.ranged ? SL_VERDICT_BAD_RANGE : SL_VERDICT_ERROR,
                   "a part of the file without saying which", field);
  if (!request->range.ranged)
    return is_all (&range, length)
               ? accept_whole (response, range.total)
               : refuse (error, SL_VERDICT_ERROR,
                         "a part of the file though the whole was asked for", field);
  if (range.start != request->range.start || range.end > request->range.end ||
      (length != SL_SIZE_UNKNOWN && length != range.end - range.start))
    return refuse (error, SL_VERDICT_BAD_RANGE, "another part of the file than was asked for",
                   field);
  /* "*": the server does not say it, and what was known of it still holds */
  response->validator.size = range.total != SL_SIZE_UNKNOWN || request->range.known == NULL
                                 ? range.total
                                 : request->range.known->size;
  response->start = range.start;
  response->end = range.end;
  return judge_version (response, request, error);
}

/* A strong tag stands for the same bytes (RFC 9110, section 8.8.1), so that they can't be more or fewer. */
static gboolean
contradicts_tag (const SlResponse *response, guint64 length, const SlRequest *request)
{
  const SlValidator *known = request->range.known;

  return request->range.ranged && known != NULL && known->etag != NULL &&
         sl_etag_is_strong (known->etag) &&
         g_strcmp0 (known->etag, response->validator.etag) == 0 && known->size != SL_SIZE_UNKNOWN &&
         length != SL_SIZE_UNKNOWN && length != known->size;
}

/* Content-Range has no meaning there (RFC 9110, section 14.4); but where it contradicts, the body is not the file. */
static SlVerdict
judge_200 (SlResponse *response,
           SoupMessageHeaders *headers,
           const SlRequest *request,
           GError **error)
{
  const char *field = soup_message_headers_get_one (headers, "Content-Range");
  guint64 length = get_length (headers);
  SlContentRange range;

  if (contradicts_tag (response, length, request))
    return refuse (error, SL_VERDICT_BAD_RANGE, "another size for the same version of the file",
                   field);
  if (field == NULL || !sl_content_range_parse (field, &range))
    return accept_whole (response, length);
  if (is_all (&range, length))
    return accept_whole (response, range.total);
  return refuse (error, request->range.ranged ? SL_VERDICT_BAD_RANGE : SL_VERDICT_ERROR,
                 "a part of the file as if it were the whole", field);
}

static SlVerdict
judge_status (SlResponse *response, SoupMessage *message, const SlRequest *request, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autofree char *reason =
      sl_text_clean (soup_message_get_reason_phrase (message), REASON_SHOWN_MAX);

  /* A Content-Encoding is the resource's own (RFC 9110, section 8.4), as identity was asked for: it's stored as it is. */
  if (response->status == 200)
    return judge_200 (response, headers, request, error);
  if (response->status == 206)
    return judge_206 (response, headers, request, error);
  if (response->status == 416 && request->range.known != NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                         "The file on the server is shorter than before");
    return SL_VERDICT_CHANGED;
  }
  if (response->status < 300 || response->status == 304)
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server answered “%u %s”, which brings no file", response->status, reason);
  else if (response->status == 407)
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_PROXY,
                         "The proxy wants a user name and a password");
  else
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_HTTP_STATUS, "%s answered “%u %s”",
                 g_uri_get_host (soup_message_get_uri (message)), response->status, reason);
  response->transient = sl_http_status_is_transient (response->status);
  return SL_VERDICT_ERROR;
}

/* (transfer full) (nullable) */
static char *
dup_field (SoupMessage *message, SlWire *wire, const char *name)
{
  if (wire != NULL)
    return sl_wire_dup_field (wire, name);
  return g_strdup (
      soup_message_headers_get_list (soup_message_get_response_headers (message), name));
}

/* From the wire, as it was sent: libsoup makes fields valid UTF-8, which could make two tags the same. */
static void
read_validator (SlResponse *response, SoupMessage *message, SlWire *wire)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autofree char *etag = dup_field (message, wire, "ETag");
  g_autofree char *modified = dup_field (message, wire, "Last-Modified");
  gint64 time = sl_response_parse_time (modified);

  response->validator.size = SL_SIZE_UNKNOWN;
  if (etag != NULL && sl_etag_is_valid (etag) && g_utf8_validate (etag, -1, NULL))
    response->validator.etag = g_steal_pointer (&etag);
  if (time == 0)
    return;
  response->validator.last_modified = g_steal_pointer (&modified);
  response->validator.weak_date = sl_validator_is_weak_date (
      time, sl_response_parse_time (soup_message_headers_get_one (headers, "Date")),
      g_get_real_time () / G_USEC_PER_SEC);
}

SlResponse *
sl_response_judge (SoupMessage *message, SlWire *wire, const SlRequest *request, GError **error)
{
  SlResponse *response = g_new0 (SlResponse, 1);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autofree char *disposition = dup_field (message, wire, "Content-Disposition");
  const char *field;

  response->status = soup_message_get_status (message);
  response->headers = g_variant_ref_sink (collect_headers (headers));
  response->effective_uri = g_uri_to_string (soup_message_get_uri (message));
  response->end = SL_SIZE_UNKNOWN;
  read_validator (response, message, wire);
  field = soup_message_headers_get_list (headers, "Accept-Ranges");
  response->refuses_ranges = field != NULL && g_ascii_strcasecmp (field, "none") == 0;
  if (disposition != NULL)
    response->file_name = sl_file_name_from_disposition (disposition);
  field = soup_message_headers_get_one (headers, "Retry-After");
  if (field != NULL)
    response->retry_after = sl_retry_after_parse (field, g_get_real_time () / G_USEC_PER_SEC);
  response->verdict = judge_status (response, message, request, error);
  if (wire == NULL && response->verdict != SL_VERDICT_ERROR) {
    g_clear_error (error);
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INTERNAL,
                         "The connection is of a kind whose responses can’t be checked");
    response->verdict = SL_VERDICT_ERROR;
  }
  return response;
}

gint64
sl_response_parse_time (const char *text)
{
  g_autoptr (GDateTime) time = NULL;

  if (text == NULL || !g_utf8_validate (text, -1, NULL))
    return 0;
  time = soup_date_time_new_from_http_string (text);
  return time != NULL ? g_date_time_to_unix (time) : 0;
}
