/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verdict on a response: nothing that a server says is believed unless it fits the request. */
#include "http/response.h"

#include "base/error.h"
#include "http/content-range.h"
#include "http/file-name.h"
#include "http/http-error.h"
#include "http/retry-after.h"

#define HEADERS_SIZE_MAX 16384

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

/* (transfer floating): all fields, as many as fit */
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
    g_autofree char *lower = g_ascii_strdown (name, -1);
    g_autofree char *valid = g_utf8_make_valid (value, -1);
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
judge_206 (SlResponse *response,
           SoupMessageHeaders *headers,
           const SlRequest *request,
           GError **error)
{
  const char *field = soup_message_headers_get_one (headers, "Content-Range");
  SlContentRange range;
  gboolean has_length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH;

  if (!request->ranged) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                         "The server sent a part of the file though the whole was asked for");
    return SL_VERDICT_ERROR;
  }
  if (field == NULL || !sl_content_range_parse (field, &range)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server sent a part of the file without saying which (Content-Range: %s)",
                 field != NULL ? field : "missing");
    return SL_VERDICT_BAD_RANGE;
  }
  if (range.start != request->start || range.end > request->end ||
      (has_length &&
       (guint64)soup_message_headers_get_content_length (headers) != range.end - range.start)) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server sent another part of the file than was asked for "
                 "(Content-Range: %s)",
                 field);
    return SL_VERDICT_BAD_RANGE;
  }
  response->validator.size = range.total;
  response->start = range.start;
  response->end = range.end;
  if (request->known != NULL && !sl_validator_matches (request->known, &response->validator)) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                         "The file changed on the server, or the server does not tell which "
                         "version it sends");
    return SL_VERDICT_CHANGED;
  }
  return SL_VERDICT_RANGE;
}

static SlVerdict
judge_200 (SlResponse *response, SoupMessageHeaders *headers)
{
  response->start = 0;
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
    response->validator.size = (guint64)soup_message_headers_get_content_length (headers);
  response->end = response->validator.size;
  return SL_VERDICT_WHOLE;
}

static SlVerdict
judge_status (SlResponse *response, SoupMessage *message, const SlRequest *request, GError **error)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *encoding = soup_message_headers_get_one (headers, "Content-Encoding");

  if ((response->status == 200 || response->status == 206) && encoding != NULL &&
      *encoding != '\0' && g_ascii_strcasecmp (encoding, "identity") != 0) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server sent the file in the encoding “%s”, though it was asked for it as it "
                 "is",
                 encoding);
    return SL_VERDICT_ERROR;
  }
  if (response->status == 200)
    return judge_200 (response, headers);
  if (response->status == 206)
    return judge_206 (response, headers, request, error);
  if (response->status == 416 && request->known != NULL) {
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_REMOTE_FILE_CHANGED,
                         "The file on the server is shorter than before");
    return SL_VERDICT_CHANGED;
  }
  if (response->status < 300 || response->status == 304)
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_RESPONSE,
                 "The server answered “%u %s”, which brings no file", response->status,
                 soup_message_get_reason_phrase (message));
  else if (response->status == 407)
    g_set_error_literal (error, SLUICE_ERROR, SLUICE_ERROR_PROXY,
                         "The proxy wants a user name and a password");
  else
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_HTTP_STATUS, "%s answered “%u %s”",
                 g_uri_get_host (soup_message_get_uri (message)), response->status,
                 soup_message_get_reason_phrase (message));
  response->transient = sl_http_status_is_transient (response->status);
  return SL_VERDICT_ERROR;
}

SlResponse *
sl_response_judge (SoupMessage *message, const SlRequest *request, GError **error)
{
  SlResponse *response = g_new0 (SlResponse, 1);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *field;

  response->status = soup_message_get_status (message);
  response->headers = g_variant_ref_sink (collect_headers (headers));
  response->effective_uri = g_uri_to_string (soup_message_get_uri (message));
  response->validator.size = SL_SIZE_UNKNOWN;
  response->end = SL_SIZE_UNKNOWN;
  field = soup_message_headers_get_one (headers, "ETag");
  if (field != NULL && sl_etag_is_valid (field))
    response->validator.etag = g_strdup (field);
  field = soup_message_headers_get_one (headers, "Last-Modified");
  if (sl_response_parse_time (field) != 0)
    response->validator.last_modified = g_strdup (field);
  field = soup_message_headers_get_list (headers, "Accept-Ranges");
  response->refuses_ranges = field != NULL && g_ascii_strcasecmp (field, "none") == 0;
  field = soup_message_headers_get_one (headers, "Content-Disposition");
  if (field != NULL)
    response->file_name = sl_file_name_from_disposition (field);
  field = soup_message_headers_get_one (headers, "Retry-After");
  if (field != NULL)
    response->retry_after = sl_retry_after_parse (field, g_get_real_time () / G_USEC_PER_SEC);
  response->verdict = judge_status (response, message, request, error);
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
