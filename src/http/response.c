/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts of one response. */
#include "http/response.h"

#include "base/text.h"
#include "http/file-name.h"
#include "http/retry-after.h"

#define HEADERS_SIZE_MAX 16384
/*
 * Limits how much of a server's text goes into a message: messages of failed downloads are kept in memory, and there
 * may be 100,000.
 */
#define REASON_SHOWN_MAX 80

/* Adds @value to the values of the field @name (in lower case). */
static void
add_value (GHashTable *fields, char *name, const char *value)
{
  const char *before = g_hash_table_lookup (fields, name);
  char *joined = before != NULL ? g_strconcat (before, ", ", value, NULL) : g_strdup (value);

  g_hash_table_replace (fields, name, joined);
}

/*
 * (transfer full): all fields, up to a limit; valid UTF-8 without control characters, because they go to the bus and
 * to logs. In one block of memory; otherwise each string would be an object of 100 bytes.
 */
static GVariant *
collect_headers (SoupMessageHeaders *headers)
{
  g_autoptr (GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GPtrArray) entries = g_ptr_array_new ();
  SoupMessageHeadersIter iter;
  GHashTableIter field;
  const char *name, *value;
  gpointer key, joined;
  gsize size = 0;
  GVariant *collected;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    g_autofree char *clean = sl_text_clean (name, HEADERS_SIZE_MAX);
    g_autofree char *valid = sl_text_clean (value, HEADERS_SIZE_MAX);
    size += strlen (clean) + strlen (valid);
    if (size > HEADERS_SIZE_MAX)
      break;
    add_value (fields, g_ascii_strdown (clean, -1), valid);
  }
  g_hash_table_iter_init (&field, fields);
  while (g_hash_table_iter_next (&field, &key, &joined))
    g_ptr_array_add (entries, g_variant_new_dict_entry (g_variant_new_string (key),
                                                        g_variant_new_string (joined)));
  collected =
      g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{ss}"),
                                               (GVariant *const *)entries->pdata, entries->len));
  g_variant_get_data (collected);
  return collected;
}

/* SL_SIZE_UNKNOWN if only the end of the body shows it. */
static guint64
get_length (SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH)
    return SL_SIZE_UNKNOWN;
  return (guint64)soup_message_headers_get_content_length (headers);
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

/*
 * Reads the fields from the wire, as they were sent: libsoup converts them to valid UTF-8, which could make two tags
 * equal.
 */
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
sl_response_new (SoupMessage *message, SlWire *wire, gint64 latency)
{
  SlResponse *response = g_new0 (SlResponse, 1);
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  g_autofree char *disposition = dup_field (message, wire, "Content-Disposition");
  const char *field;

  g_atomic_ref_count_init (&response->ref_count);
  response->status = soup_message_get_status (message);
  response->reason = sl_text_clean (soup_message_get_reason_phrase (message), REASON_SHOWN_MAX);
  response->host = g_strdup (g_uri_get_host (soup_message_get_uri (message)));
  response->effective_uri = g_uri_to_string (soup_message_get_uri (message));
  response->checked = wire != NULL;
  response->length = get_length (headers);
  /* whatever other fields say (RFC 9110, section 15.3.7.2) */
  response->has_parts = g_strcmp0 (soup_message_headers_get_content_type (headers, NULL),
                                   "multipart/byteranges") == 0;
  response->content_range = g_strdup (soup_message_headers_get_one (headers, "Content-Range"));
  read_validator (response, message, wire);
  field = soup_message_headers_get_list (headers, "Accept-Ranges");
  response->refuses_ranges = field != NULL && g_ascii_strcasecmp (field, "none") == 0;
  if (disposition != NULL)
    response->file_name = sl_file_name_from_disposition (disposition);
  response->headers = collect_headers (headers);
  field = soup_message_headers_get_one (headers, "Retry-After");
  if (field != NULL)
    response->retry_after = sl_retry_after_parse (field, g_get_real_time () / G_USEC_PER_SEC);
  response->latency = latency;
  return response;
}

SlResponse *
sl_response_ref (SlResponse *response)
{
  g_atomic_ref_count_inc (&response->ref_count);
  return response;
}

void
sl_response_unref (SlResponse *response)
{
  if (!g_atomic_ref_count_dec (&response->ref_count))
    return;
  g_free (response->reason);
  g_free (response->host);
  g_free (response->effective_uri);
  g_free (response->content_range);
  sl_validator_clear (&response->validator);
  g_free (response->file_name);
  g_variant_unref (response->headers);
  g_free (response);
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
