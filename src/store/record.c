/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record of one download. */
#include "store/record.h"

#include "base/text.h"

#include <string.h>

#define VALIDATOR_MAX 1024
#define ADDRESS_MAX   8192

/* The fields of a response that help a caller most; if there is no room for all fields, these are kept. */
static const char *const useful_fields[] = {
    "retry-after",
    "www-authenticate",
    "proxy-authenticate",
    "location",
    "content-type",
    "content-length",
    "last-modified",
    "etag",
    "date",
    "server",
    "via",
};

/* (transfer none): the empty content, which records without content share */
static const SlContent *
get_nothing (void)
{
  static SlContent nothing;
  static gsize made = 0;

  if (g_once_init_enter (&made)) {
    nothing.progress.done = sl_ranges_new ();
    nothing.version.size = SL_SIZE_UNKNOWN;
    g_once_init_leave (&made, 1);
  }
  return &nothing;
}

/* (transfer full) */
static SlContent *
content_copy (const SlContent *content)
{
  SlContent *copy = g_memdup2 (content, sizeof *content);

  sl_progress_copy (&copy->progress, &content->progress);
  sl_validator_copy (&copy->version, &content->version);
  copy->response_headers =
      content->response_headers != NULL ? g_variant_ref (content->response_headers) : NULL;
  copy->effective_uri = g_strdup (content->effective_uri);
  return copy;
}

static void
content_free (SlContent *content)
{
  sl_progress_clear (&content->progress);
  sl_validator_clear (&content->version);
  g_clear_pointer (&content->response_headers, g_variant_unref);
  g_free (content->effective_uri);
  g_free (content);
}

SlContent *
sl_record_edit_content (SlRecord *record)
{
  if (record->content == get_nothing ())
    record->content = content_copy (get_nothing ());
  return (SlContent *)record->content;
}

SlRecord *
sl_record_new (void)
{
  SlRecord *record = g_new0 (SlRecord, 1);

  sl_options_init (&record->asked);
  record->content = get_nothing ();
  record->error = SL_NO_ERROR;
  return record;
}

SlRecord *
sl_record_copy (const SlRecord *record)
{
  SlRecord *copy = g_memdup2 (record, sizeof *record);

  sl_options_copy (&copy->asked, &record->asked);
  copy->wanted = record->wanted != NULL ? sl_ranges_copy (record->wanted) : NULL;
  copy->error_message = g_strdup (record->error_message);
  if (record->content != get_nothing ())
    copy->content = content_copy (record->content);
  return copy;
}

void
sl_record_free (SlRecord *record)
{
  sl_options_clear (&record->asked);
  g_clear_pointer (&record->wanted, sl_ranges_unref);
  g_free (record->error_message);
  if (record->content != get_nothing ())
    content_free ((SlContent *)record->content);
  g_free (record);
}

void
sl_progress_copy (SlProgress *copy, const SlProgress *progress)
{
  *copy = *progress;
  copy->done = sl_ranges_ref (progress->done);
  copy->computed = g_strdup (progress->computed);
}

void
sl_progress_clear (SlProgress *progress)
{
  g_clear_pointer (&progress->done, sl_ranges_unref);
  g_clear_pointer (&progress->computed, g_free);
}

void
sl_record_note (SlRecord *record, SlFacts facts)
{
  record->untold |= facts;
  record->unsaved = TRUE;
}

void
sl_record_forget_content (SlRecord *record)
{
  SlContent *content;
  SlProgress *progress;

  if (record->content == get_nothing ())
    return;
  content = sl_record_edit_content (record);
  content->completed = 0;
  sl_record_note (record, SL_FACT_COMPLETED);
  progress = &content->progress;
  sl_ranges_unref (progress->done);
  progress->done = sl_ranges_ref (get_nothing ()->progress.done);
  progress->stamp = (SlStamp){0};
  g_clear_pointer (&progress->computed, g_free);
}

void
sl_record_set_no_ranges (SlRecord *record, gboolean no_ranges)
{
  if (no_ranges == record->content->no_ranges)
    return;
  sl_record_edit_content (record)->no_ranges = no_ranges;
  sl_record_note (record, 0);
}

void
sl_record_set_one_connection (SlRecord *record, gboolean one_connection)
{
  if (one_connection == record->content->one_connection)
    return;
  sl_record_edit_content (record)->one_connection = one_connection;
  sl_record_note (record, 0);
}

/* Foreign text. */

static void
add_field (GVariantBuilder *builder, const char *name, const char *value, gsize *room)
{
  gsize size = strlen (name) + strlen (value);

  if (size > *room)
    return;
  *room -= size;
  g_variant_builder_add (builder, "{ss}", name, value);
}

static gboolean
is_useful (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (useful_fields); i++) {
    if (g_str_equal (useful_fields[i], name))
      return TRUE;
  }
  return FALSE;
}

/* (transfer full): as many cleaned fields as fit into @room bytes, the useful ones first */
static GVariant *
choose_fields (GVariant *fields, gsize room)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
  gsize longest = room / 2; /* so that one long field leaves room for others */
  GVariantIter iter;
  const char *name, *value;

  for (gsize i = 0; i < G_N_ELEMENTS (useful_fields); i++) {
    if (g_variant_lookup (fields, useful_fields[i], "&s", &value)) {
      g_autofree char *clean = sl_text_clean (value, longest);
      add_field (&builder, useful_fields[i], clean, &room);
    }
  }
  g_variant_iter_init (&iter, fields);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value)) {
    g_autofree char *clean_name = sl_text_clean (name, longest);
    g_autofree char *clean = sl_text_clean (value, longest);
    if (!is_useful (name))
      add_field (&builder, clean_name, clean, &room);
  }
  return sl_fields_compact (g_variant_builder_end (&builder));
}

static gsize
get_size (GVariant *fields)
{
  GVariantIter iter;
  const char *name, *value;
  gsize size = 0;

  g_variant_iter_init (&iter, fields);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    size += strlen (name) + strlen (value);
  return size;
}

void
sl_record_set_error (SlRecord *record, gint32 code, const char *message)
{
  /* before the old message is freed: @message may be part of it */
  char *clean = message != NULL ? sl_text_clean (message, SL_RECORD_MESSAGE_MAX) : NULL;

  sl_record_note (record,
                  (code != record->error ? SL_FACT_ERROR : 0) |
                      (g_strcmp0 (clean, record->error_message) != 0 ? SL_FACT_ERROR_MESSAGE : 0));
  record->error = code;
  g_free (record->error_message);
  record->error_message = clean;
}

void
sl_record_clear_error (SlRecord *record)
{
  sl_record_set_error (record, SL_NO_ERROR, NULL);
}

static char *
dup_validator (const char *text)
{
  return text != NULL && strlen (text) <= VALIDATOR_MAX ? g_strdup (text) : NULL;
}

void
sl_record_set_version (SlRecord *record, const SlValidator *version)
{
  SlContent *content = sl_record_edit_content (record);
  SlValidator kept = {dup_validator (version->etag), dup_validator (version->last_modified),
                      version->weak_date, content->version.size};

  sl_validator_clear (&content->version);
  content->version = kept;
  sl_record_note (record, 0);
  sl_record_set_size (record, version->size);
}

void
sl_record_set_size (SlRecord *record, guint64 size)
{
  if (size == record->content->version.size)
    return;
  sl_record_edit_content (record)->version.size = size;
  sl_record_note (record, SL_FACT_SIZE);
}

void
sl_record_set_http_status (SlRecord *record, guint32 status)
{
  if (status == record->content->http_status)
    return;
  sl_record_edit_content (record)->http_status = status;
  sl_record_note (record, SL_FACT_HTTP_STATUS);
}

void
sl_record_set_effective_uri (SlRecord *record, const char *uri)
{
  g_autofree char *clean = uri != NULL ? sl_text_clean (uri, ADDRESS_MAX) : NULL;
  SlContent *content;

  if (g_strcmp0 (clean, record->content->effective_uri) == 0)
    return;
  content = sl_record_edit_content (record);
  g_free (content->effective_uri);
  content->effective_uri = g_steal_pointer (&clean);
  sl_record_note (record, SL_FACT_EFFECTIVE_URI);
}

/* Whether choose_fields () would keep @fields as they are. */
static gboolean
are_chosen (GVariant *fields, gsize room)
{
  gsize longest = room / 2;
  GVariantIter iter;
  const char *name, *value;

  g_variant_iter_init (&iter, fields);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value)) {
    gsize size = strlen (name) + strlen (value);
    if (size > room || !sl_text_is_clean (name, longest) || !sl_text_is_clean (value, longest))
      return FALSE;
    room -= size;
  }
  return TRUE;
}

/*
 * (transfer full): the fields to keep. If they are fine as they are, no copy is made: this runs on the main loop for
 * each response.
 */
static GVariant *
keep_fields (GVariant *fields, gsize room)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (fields); /* floating or not */

  if (!are_chosen (owned, room))
    return choose_fields (owned, room);
  g_variant_get_data (
      owned); /* serializes it into one piece of memory, like sl_fields_compact () */
  return g_steal_pointer (&owned);
}

static gboolean
are_equal (GVariant *a, GVariant *b)
{
  return a != NULL && b != NULL && g_variant_equal (a, b);
}

/* (transfer full) (nullable) @headers */
static void
replace_response_headers (SlRecord *record, GVariant *headers)
{
  SlContent *content;

  if (headers == NULL && record->content->response_headers == NULL)
    return;
  if (!are_equal (headers, record->content->response_headers))
    sl_record_note (record, SL_FACT_RESPONSE_HEADERS);
  content = sl_record_edit_content (record);
  g_clear_pointer (&content->response_headers, g_variant_unref);
  content->response_headers = headers;
}

void
sl_record_set_response_headers (SlRecord *record, GVariant *headers)
{
  replace_response_headers (record,
                            headers != NULL ? keep_fields (headers, SL_RECORD_HEADERS_MAX) : NULL);
}

void
sl_record_trim_response_headers (SlRecord *record)
{
  GVariant *all = record->content->response_headers;

  /* the serialized size is quick to get, and never less than that of the fields */
  if (all != NULL && g_variant_get_size (all) > SL_RECORD_HEADERS_AT_REST &&
      get_size (all) > SL_RECORD_HEADERS_AT_REST)
    replace_response_headers (record, choose_fields (all, SL_RECORD_HEADERS_AT_REST));
}

void
sl_record_wipe_secrets (SlRecord *record)
{
  if (!sl_options_have_secrets (&record->asked))
    return;
  sl_options_unset_secrets (&record->asked);
  record->wipe = TRUE;
}

static gboolean
is_at_rest (const SlRecord *record)
{
  return record->state == SL_STATE_RETRYING || record->state == SL_STATE_FAILED ||
         record->state == SL_STATE_FINALIZED || record->state == SL_STATE_ABORTED;
}

/* Callers may set any text that D-Bus allows; so only what D-Bus would refuse is mended. */
static void
clean_options (SlOptions *asked)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    const SlOption *option = sl_option_get (i);
    char **text = sl_options_member (asked, option);
    g_autofree char *before = NULL;
    if (option->kind != SL_VALUE_TEXT || *text == NULL || g_utf8_validate (*text, -1, NULL))
      continue;
    before = g_steal_pointer (text);
    *text = g_utf8_make_valid (before, -1);
  }
  if (asked->headers != NULL) {
    g_autoptr (GVariant) headers = g_steal_pointer (&asked->headers);
    asked->headers = sl_fields_compact (headers);
  }
}

/* Cleans the text that servers have sent. */
static void
clean_content (SlRecord *record)
{
  g_autoptr (GVariant) headers = NULL;
  g_auto (SlValidator) version = {NULL, NULL, FALSE, 0};

  if (record->content == get_nothing ())
    return;
  sl_validator_copy (&version, &record->content->version);
  headers = g_steal_pointer (&sl_record_edit_content (record)->response_headers);
  sl_record_set_effective_uri (record, record->content->effective_uri);
  sl_record_set_version (record, &version);
  sl_record_set_response_headers (record, headers);
  if (is_at_rest (record))
    sl_record_trim_response_headers (record);
}

void
sl_record_clean (SlRecord *record)
{
  clean_options (&record->asked);
  sl_record_set_error (record, record->error, record->error_message);
  clean_content (record);
  /* a record that was just loaded is saved, and nothing of it has to be reported */
  record->untold = 0;
  record->unsaved = FALSE;
}
