/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of a Download, as a table. */
#include "service/properties.h"

#include "base/address.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/validate.h"

#include <stddef.h>
#include <string.h>

#define TEXT_LENGTH_MAX 256

typedef GVariant *(*Get) (SlDownload *download);
typedef gboolean (*Set) (SlRecord *record, GVariant *value, GError **error);

typedef struct {
  const char *name;
  const char *type;
  guint states;    /* in which it can be written; 0: never */
  SlChanges group; /* with which changes it's announced; 0: never */
  Get get;         /* NULL: the member at offset, as type says */
  Set set;         /* NULL: the member at offset, as type says */
  gsize offset;
} Property;

#define BIT     SL_STATE_BIT
#define CREATED BIT (SL_STATE_CREATED)
#define STOPPED (CREATED | BIT (SL_STATE_PAUSED) | BIT (SL_STATE_FAILED))
#define LIVE                                                                                       \
  (STOPPED | BIT (SL_STATE_QUEUED) | BIT (SL_STATE_TRANSFERRING) | BIT (SL_STATE_RETRYING) |       \
   BIT (SL_STATE_TRANSFERRED))

static const SlRecord *
record_of (SlDownload *download)
{
  return sl_download_get_record (download);
}

static GVariant *
new_string (const char *text)
{
  return g_variant_new_string (text != NULL ? text : "");
}

/* Readers of what is not simply a member. */

static GVariant *
get_version (SlDownload *download)
{
  return g_variant_new_uint32 (1);
}

static GVariant *
get_id (SlDownload *download)
{
  return g_variant_new_string (record_of (download)->id.text);
}

static GVariant *
get_job (SlDownload *download)
{
  return g_variant_new_object_path ("/");
}

static GVariant *
get_priority (SlDownload *download)
{
  return g_variant_new_string (sl_priority_to_string (record_of (download)->priority));
}

static GVariant *
new_fields (GVariant *fields)
{
  return fields != NULL ? g_variant_ref (fields) : g_variant_new ("a{ss}", NULL);
}

static GVariant *
get_headers (SlDownload *download)
{
  const SlRecord *record = record_of (download);

  return new_fields (record->headers_write_only ? NULL : record->headers);
}

static GVariant *
new_strv (const char **strings)
{
  GVariant *variant = g_variant_new_strv (strings, -1);

  g_free (strings);
  return variant;
}

static GVariant *
get_security (SlDownload *download)
{
  return new_strv (sl_security_flags_to_strv (record_of (download)->security));
}

static GVariant *
get_redirect_policy (SlDownload *download)
{
  return g_variant_new_string (
      sl_redirect_policy_to_string (record_of (download)->redirect_policy));
}

static GVariant *
get_cost_policy (SlDownload *download)
{
  return g_variant_new_string (sl_cost_policy_to_string (sl_download_get_cost_policy (download)));
}

static GVariant *
get_held_since (SlDownload *download)
{
  return g_variant_new_int64 (sl_download_get_held_since (download));
}

static GVariant *
get_state (SlDownload *download)
{
  return g_variant_new_string (sl_state_to_string (record_of (download)->state));
}

static GVariant *
get_reasons (SlDownload *download)
{
  return new_strv (sl_reasons_to_strv (sl_download_get_reasons (download)));
}

static GVariant *
get_total (SlDownload *download)
{
  return g_variant_new_uint64 (sl_download_get_total (download));
}

static GVariant *
get_transferred (SlDownload *download)
{
  return g_variant_new_uint64 (sl_download_get_transferred (download));
}

static GVariant *
get_fetched (SlDownload *download)
{
  return g_variant_new_uint64 (sl_download_get_fetched (download));
}

static GVariant *
get_rate (SlDownload *download)
{
  return g_variant_new_uint64 (sl_download_get_rate (download));
}

static GVariant *
get_ranges (SlDownload *download)
{
  const SlRanges *done = record_of (download)->done;
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(tt)"));

  for (guint i = 0; i < sl_ranges_count (done); i++) {
    const SlRange *range = sl_ranges_get (done, i);
    g_variant_builder_add (&builder, "(tt)", range->start, range->end - range->start);
  }
  return g_variant_builder_end (&builder);
}

static GVariant *
get_error (SlDownload *download)
{
  gint32 code = record_of (download)->error;
  g_autofree char *name =
      code != SL_NO_ERROR ? sl_error_dbus_name ((SluiceError)code) : g_strdup ("");

  return g_variant_new_string (name);
}

static GVariant *
get_error_context (SlDownload *download)
{
  gint32 code = record_of (download)->error;
  SlErrorContext context =
      code != SL_NO_ERROR ? sl_error_info ((SluiceError)code)->context : SL_CONTEXT_NONE;

  return g_variant_new_string (sl_error_context_to_string (context));
}

static GVariant *
get_response_headers (SlDownload *download)
{
  return new_fields (record_of (download)->response_headers);
}

static GVariant *
get_effective_uri (SlDownload *download)
{
  const SlRecord *record = record_of (download);

  return new_string (record->effective_uri != NULL ? record->effective_uri : record->uri);
}

static GVariant *
get_expiry (SlDownload *download)
{
  const SlRecord *record = record_of (download);
  gint64 abandoned = record->modified + SL_DOWNLOAD_KEEP_IDLE;

  return g_variant_new_int64 (record->expiry != 0 ? record->expiry : abandoned);
}

/* Writers of what needs a check. */

static gboolean
is_same_origin (const char *a, const char *b)
{
  const char *why = NULL;
  g_autoptr (GUri) first = sl_address_parse (a, &why);
  g_autoptr (GUri) second = sl_address_parse (b, &why);

  return first != NULL && second != NULL && sl_address_same_origin (first, second);
}

static gboolean
set_uri (SlRecord *record, GVariant *value, GError **error)
{
  char *uri = sl_uri_normalize (g_variant_get_string (value, NULL), error);

  if (uri == NULL)
    return FALSE;
  /* whoever may write the address may not read them, and could have them sent to a server of its own */
  if (!is_same_origin (uri, record->uri))
    sl_record_wipe_headers (record);
  g_free (record->uri);
  record->uri = uri;
  record->no_ranges = record->one_connection = FALSE;
  return TRUE;
}

static gboolean
invalid (GError **error, const char *name, const char *why)
{
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s %s", name, why);
  return FALSE;
}

static gboolean
set_text (char **member, const char *name, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);

  if (strlen (text) > TEXT_LENGTH_MAX)
    return invalid (error, name, "has more than 256 bytes");
  g_free (*member);
  *member = *text != '\0' ? g_strdup (text) : NULL;
  return TRUE;
}

static gboolean
set_content_id (SlRecord *record, GVariant *value, GError **error)
{
  return set_text (&record->content_id, "ContentId", value, error);
}

static gboolean
set_display_name (SlRecord *record, GVariant *value, GError **error)
{
  return set_text (&record->display_name, "DisplayName", value, error);
}

static gboolean
set_correlation (SlRecord *record, GVariant *value, GError **error)
{
  return set_text (&record->correlation, "CorrelationVector", value, error);
}

static gboolean
set_local_path (SlRecord *record, GVariant *value, GError **error)
{
  char *path = sl_path_normalize (g_variant_get_string (value, NULL), error);

  if (path == NULL)
    return FALSE;
  g_free (record->local_path);
  record->local_path = path;
  return TRUE;
}

static gboolean
set_priority (SlRecord *record, GVariant *value, GError **error)
{
  if (sl_priority_from_string (g_variant_get_string (value, NULL), &record->priority))
    return TRUE;
  return invalid (error, "Priority", "is “foreground”, “high”, “normal” or “low”");
}

static gboolean
set_headers (SlRecord *record, GVariant *value, GError **error)
{
  if (!sl_headers_check (value, error))
    return FALSE;
  sl_record_set_headers (record, value);
  return TRUE;
}

static gboolean
set_write_only (SlRecord *record, GVariant *value, GError **error)
{
  if (record->headers_write_only && !g_variant_get_boolean (value))
    return invalid (error, "HttpHeadersWriteOnly", "can’t be taken back");
  record->headers_write_only = g_variant_get_boolean (value);
  return TRUE;
}

static gboolean
set_security (SlRecord *record, GVariant *value, GError **error)
{
  g_autofree const char **names = g_variant_get_strv (value, NULL);

  if (sl_security_flags_from_strv (names, &record->security))
    return TRUE;
  return invalid (error, "SecurityFlags",
                  "has “ignore-unknown-ca”, “ignore-common-name”, “ignore-date” and "
                  "“allow-private-redirect”, no others");
}

static gboolean
set_redirect_policy (SlRecord *record, GVariant *value, GError **error)
{
  if (sl_redirect_policy_from_string (g_variant_get_string (value, NULL), &record->redirect_policy))
    return TRUE;
  return invalid (error, "RedirectPolicy", "is “allow”, “report” or “refuse”");
}

static gboolean
set_cost_policy (SlRecord *record, GVariant *value, GError **error)
{
  if (sl_cost_policy_from_string (g_variant_get_string (value, NULL), &record->cost_policy))
    return TRUE;
  return invalid (error, "CostPolicy",
                  "is “always”, “unrestricted”, “standard”, “no-roaming”, “no-surcharge”, "
                  "“no-cellular”, or empty for the default of its priority");
}

static gboolean
set_deadline (SlRecord *record, GVariant *value, GError **error)
{
  if (g_variant_get_int64 (value) < 0)
    return invalid (error, "Deadline", "is a time in Unix microseconds, or 0 for none");
  record->deadline = g_variant_get_int64 (value);
  return TRUE;
}

static gboolean
set_digest (SlRecord *record, GVariant *value, GError **error)
{
  const char *text = g_variant_get_string (value, NULL);
  g_autofree char *digest = NULL;

  if (*text != '\0' && (digest = sl_digest_normalize (text, error)) == NULL)
    return FALSE;
  g_free (record->digest);
  record->digest = g_steal_pointer (&digest);
  return TRUE;
}

static gboolean
set_percent (SlRecord *record, GVariant *value, GError **error)
{
  if (g_variant_get_uint32 (value) > 100)
    return invalid (error, "ProgressPercent", "is at most 100");
  record->progress_percent = g_variant_get_uint32 (value);
  return TRUE;
}

#define MEMBER(member) offsetof (SlRecord, member)
#define REQUEST        SL_CHANGED_REQUEST
#define STATE          SL_CHANGED_STATE
#define ERROR          SL_CHANGED_ERROR
#define RESPONSE       SL_CHANGED_RESPONSE

static const Property properties[] = {
    {"InterfaceVersion", "u", 0, 0, get_version, NULL, 0},
    {"Id", "s", 0, 0, get_id, NULL, 0},
    {"Owner", "u", 0, 0, NULL, NULL, MEMBER (owner)},
    {"Job", "o", 0, 0, get_job, NULL, 0},
    {"Uri", "s", STOPPED, REQUEST, NULL, set_uri, MEMBER (uri)},
    {"ContentId", "s", LIVE, REQUEST, NULL, set_content_id, MEMBER (content_id)},
    {"DisplayName", "s", LIVE, REQUEST, NULL, set_display_name, MEMBER (display_name)},
    {"CorrelationVector", "s", LIVE, REQUEST, NULL, set_correlation, MEMBER (correlation)},
    {"LocalPath", "s", CREATED, REQUEST | RESPONSE, NULL, set_local_path, MEMBER (local_path)},
    {"Overwrite", "b", LIVE, REQUEST, NULL, NULL, MEMBER (overwrite)},
    {"Priority", "s", LIVE, REQUEST, get_priority, set_priority, 0},
    {"CostPolicy", "s", LIVE, REQUEST, get_cost_policy, set_cost_policy, 0},
    {"DisallowOnCellular", "b", LIVE, REQUEST, NULL, NULL, MEMBER (disallow_on_cellular)},
    {"OnlyWhenIdle", "b", LIVE, REQUEST, NULL, NULL, MEMBER (only_when_idle)},
    {"OnlyOnExternalPower", "b", LIVE, REQUEST, NULL, NULL, MEMBER (only_on_external_power)},
    {"IgnoreConditions", "b", LIVE, REQUEST, NULL, NULL, MEMBER (ignore_conditions)},
    {"Deadline", "x", LIVE, REQUEST, NULL, set_deadline, MEMBER (deadline)},
    {"AutoStart", "b", CREATED, REQUEST, NULL, NULL, MEMBER (auto_start)},
    {"AutoFinalize", "b", LIVE, REQUEST, NULL, NULL, MEMBER (auto_finalize)},
    {"HttpHeaders", "a{ss}", LIVE, REQUEST, get_headers, set_headers, 0},
    {"HttpHeadersWriteOnly", "b", LIVE, REQUEST, NULL, set_write_only, MEMBER (headers_write_only)},
    {"SecurityFlags", "as", LIVE, REQUEST, get_security, set_security, 0},
    {"RedirectPolicy", "s", LIVE, REQUEST, get_redirect_policy, set_redirect_policy, 0},
    {"AllowInsecureRedirect", "b", LIVE, REQUEST, NULL, NULL, MEMBER (insecure_redirect)},
    {"DynamicContent", "b", STOPPED, REQUEST, NULL, NULL, MEMBER (dynamic)},
    {"MaxSize", "t", LIVE, REQUEST, NULL, NULL, MEMBER (max_size)},
    {"MaxBytesPerSecond", "t", LIVE, REQUEST, NULL, NULL, MEMBER (max_rate)},
    {"Digest", "s", LIVE, REQUEST, NULL, set_digest, MEMBER (digest)},
    {"NoProgressTimeout", "u", LIVE, REQUEST, NULL, NULL, MEMBER (no_progress_timeout)},
    {"MinimumRetryDelay", "u", LIVE, REQUEST, NULL, NULL, MEMBER (minimum_retry_delay)},
    {"MaximumDownloadTime", "u", LIVE, REQUEST, NULL, NULL, MEMBER (maximum_time)},
    {"ProgressInterval", "u", LIVE, REQUEST, NULL, NULL, MEMBER (progress_interval)},
    {"ProgressPercent", "u", LIVE, REQUEST, NULL, set_percent, MEMBER (progress_percent)},
    {"Persistent", "b", CREATED, REQUEST, NULL, NULL, MEMBER (persistent)},
    {"State", "s", 0, STATE, get_state, NULL, 0},
    {"StateReasons", "as", 0, STATE, get_reasons, NULL, 0},
    {"HeldSince", "x", 0, STATE, get_held_since, NULL, 0},
    {"BytesTotal", "t", 0, RESPONSE, get_total, NULL, 0},
    {"BytesTransferred", "t", 0, 0, get_transferred, NULL, 0},
    {"BytesFetched", "t", 0, 0, get_fetched, NULL, 0},
    {"BytesPerSecond", "t", 0, 0, get_rate, NULL, 0},
    {"TransferredRanges", "a(tt)", 0, 0, get_ranges, NULL, 0},
    {"Error", "s", 0, ERROR, get_error, NULL, 0},
    {"ErrorContext", "s", 0, ERROR, get_error_context, NULL, 0},
    {"ErrorMessage", "s", 0, ERROR, NULL, NULL, MEMBER (error_message)},
    {"ErrorCount", "u", 0, ERROR, NULL, NULL, MEMBER (error_count)},
    {"RestartCount", "u", 0, ERROR, NULL, NULL, MEMBER (restart_count)},
    {"RetryAt", "x", 0, STATE, NULL, NULL, MEMBER (retry_at)},
    {"HttpStatus", "u", 0, RESPONSE, NULL, NULL, MEMBER (http_status)},
    {"ResponseHeaders", "a{ss}", 0, RESPONSE, get_response_headers, NULL, 0},
    {"EffectiveUri", "s", 0, RESPONSE, get_effective_uri, NULL, 0},
    {"CreationTime", "x", 0, 0, NULL, NULL, MEMBER (created)},
    {"ModificationTime", "x", 0, 0, NULL, NULL, MEMBER (modified)},
    {"TransferCompletionTime", "x", 0, STATE, NULL, NULL, MEMBER (completed)},
    {"ExpiryTime", "x", 0, STATE, get_expiry, NULL, 0},
};

static const Property *
find_property (const char *name, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++) {
    if (g_str_equal (properties[i].name, name))
      return &properties[i];
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "There is no property “%s”",
               name);
  return NULL;
}

static GVariant *
get_member (const Property *property, const SlRecord *record)
{
  const guint8 *member = (const guint8 *)record + property->offset;

  switch (property->type[0]) {
  case 's':
    return new_string (*(char *const *)member);
  case 'b':
    return g_variant_new_boolean (*(const gboolean *)member);
  case 'u':
    return g_variant_new_uint32 (*(const guint32 *)member);
  case 't':
    return g_variant_new_uint64 (*(const guint64 *)member);
  case 'x':
    return g_variant_new_int64 (*(const gint64 *)member);
  default:
    g_return_val_if_reached (NULL);
  }
}

static GVariant *
get_value (const Property *property, SlDownload *download)
{
  GVariant *value = property->get != NULL ? property->get (download)
                                          : get_member (property, record_of (download));

  return g_variant_take_ref (value);
}

GVariant *
sl_properties_get (SlDownload *download, const char *name, GError **error)
{
  const Property *property = find_property (name, error);

  return property != NULL ? get_value (property, download) : NULL;
}

gboolean
sl_properties_check_access (const char *name, GVariant *value, SlState state, GError **error)
{
  const Property *property = find_property (name, error);

  if (property == NULL)
    return FALSE;
  if (property->states == 0) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s can’t be written", name);
    return FALSE;
  }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (property->type))) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                 "%s has the type “%s”, not “%s”", name, property->type,
                 g_variant_get_type_string (value));
    return FALSE;
  }
  if (!(property->states & BIT (state))) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                 "%s can’t be written in state “%s”", name, sl_state_to_string (state));
    return FALSE;
  }
  return TRUE;
}

gboolean
sl_properties_set (SlRecord *record, const char *name, GVariant *value, GError **error)
{
  const Property *property = find_property (name, error);
  guint8 *member;

  if (property == NULL)
    return FALSE;
  if (property->set != NULL)
    return property->set (record, value, error);
  member = (guint8 *)record + property->offset;
  switch (property->type[0]) {
  case 'b':
    *(gboolean *)member = g_variant_get_boolean (value);
    return TRUE;
  case 'u':
    *(guint32 *)member = g_variant_get_uint32 (value);
    return TRUE;
  case 't':
    *(guint64 *)member = g_variant_get_uint64 (value);
    return TRUE;
  default:
    g_return_val_if_reached (FALSE);
  }
}

SlRecord *
sl_properties_make_record (const char *uri, GVariant *values, guint32 owner, GError **error)
{
  g_autoptr (SlRecord) record = sl_record_new ();
  GVariantIter iter;
  const char *name;
  GVariant *value;

  record->owner = owner;
  record->uri = sl_uri_normalize (uri, error);
  if (record->uri == NULL)
    return NULL;
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value)) {
    g_autoptr (GVariant) owned = value;
    if (!sl_properties_check_access (name, owned, SL_STATE_CREATED, error) ||
        !sl_properties_set (record, name, owned, error))
      return NULL;
  }
  return g_steal_pointer (&record);
}

void
sl_properties_collect (SlDownload *download, SlChanges changes, GVariantBuilder *builder)
{
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++) {
    g_autoptr (GVariant) value = NULL;
    if (!(properties[i].group & changes))
      continue;
    value = get_value (&properties[i], download);
    g_variant_builder_add (builder, "{sv}", properties[i].name, value);
  }
}

void
sl_properties_foreach (void (*each) (const char *name, gpointer user_data), gpointer user_data)
{
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    each (properties[i].name, user_data);
}
