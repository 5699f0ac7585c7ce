/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The properties of a Download. Those that a caller writes are the options (base/options.def); the others are rows here.
 */
#include "service/properties.h"

#include "base/address.h"
#include "base/error.h"
#include "service/range-list.h"

#include <stddef.h>

typedef GVariant *(*Get) (SlDownload *download);

/* A property that is only read. */
typedef struct {
  const char *name;
  SlValueKind kind; /* of the member */
  SlFacts fact;     /* the changes with which it is signalled; 0: never */
  Get get;          /* NULL: the value is the member at offset, of that kind */
  gboolean learned; /* the offset is in SlContent, not in SlRecord */
  gsize offset;
} Property;

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

/* Those that are not simply a member of the record. */

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
new_strv (const char **strings)
{
  GVariant *variant = g_variant_new_strv (strings, -1);

  g_free (strings);
  return variant;
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
  return sl_range_list_new (record_of (download)->content->progress.done);
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
get_effective_uri (SlDownload *download)
{
  const SlRecord *record = record_of (download);

  return new_string (record->content->effective_uri != NULL ? record->content->effective_uri
                                                            : record->asked.uri);
}

static GVariant *
get_expiry (SlDownload *download)
{
  const SlRecord *record = record_of (download);
  gint64 abandoned = record->modified + SL_DOWNLOAD_KEEP_IDLE;

  return g_variant_new_int64 (record->content->expiry != 0 ? record->content->expiry : abandoned);
}

#define SL_FACT_NONE 0 /* it is never announced */

#define READ(name, kind, fact, get)                                                                \
  {                                                                                                \
    name, SL_VALUE_##kind, SL_FACT_##fact, get, FALSE, 0                                           \
  }
#define HAVE(name, kind, fact, member)                                                             \
  {                                                                                                \
    name, SL_VALUE_##kind, SL_FACT_##fact, NULL, FALSE, offsetof (SlRecord, member)                \
  }
#define LEARNED(name, kind, fact, member)                                                          \
  {                                                                                                \
    name, SL_VALUE_##kind, SL_FACT_##fact, NULL, TRUE, offsetof (SlContent, member)                \
  }

static const Property properties[] = {
    READ ("InterfaceVersion", UINT32, NONE, get_version),
    READ ("Id", TEXT, NONE, get_id),
    HAVE ("Owner", UINT32, NONE, owner),
    READ ("Job", TEXT, NONE, get_job),
    READ ("State", TEXT, STATE, get_state),
    READ ("StateReasons", TEXT, REASONS, get_reasons),
    READ ("HeldSince", INT64, REASONS, get_held_since),
    READ ("BytesTotal", UINT64, SIZE, get_total),
    READ ("BytesTransferred", UINT64, NONE, get_transferred),
    READ ("BytesFetched", UINT64, NONE, get_fetched),
    READ ("BytesPerSecond", UINT64, NONE, get_rate),
    READ ("TransferredRanges", TEXT, NONE, get_ranges),
    READ ("Error", TEXT, ERROR, get_error),
    READ ("ErrorContext", TEXT, ERROR, get_error_context),
    HAVE ("ErrorMessage", TEXT, ERROR_MESSAGE, error_message),
    LEARNED ("ErrorCount", UINT32, ERROR_COUNT, error_count),
    LEARNED ("RestartCount", UINT32, RESTART_COUNT, restart_count),
    LEARNED ("RetryAt", INT64, RETRY_AT, retry_at),
    LEARNED ("HttpStatus", UINT32, HTTP_STATUS, http_status),
    LEARNED ("ResponseHeaders", FIELDS, RESPONSE_HEADERS, response_headers),
    READ ("EffectiveUri", TEXT, EFFECTIVE_URI, get_effective_uri),
    HAVE ("CreationTime", INT64, NONE, created),
    HAVE ("ModificationTime", INT64, NONE, modified),
    LEARNED ("TransferCompletionTime", INT64, COMPLETED, completed),
    READ ("ExpiryTime", INT64, STATE, get_expiry),
};

/* Options whose value is not simply what was set. */

/* (transfer full): the value of an option that nobody has set */
static GVariant *
get_initial (const SlOption *option)
{
  SlOptions options;

  sl_options_init (&options);
  return sl_options_get (&options, option);
}

static GVariant *
get_option (SlDownload *download, const SlOption *option)
{
  const SlOptions *asked = &record_of (download)->asked;

  if (option->number == SL_OPTION_COST_POLICY)
    return g_variant_ref_sink (get_cost_policy (download));
  if (sl_options_hides (asked, option))
    return get_initial (option);
  return sl_options_get (asked, option);
}

/* All of them, by number. */

static GVariant *
get_value (const Property *property, SlDownload *download)
{
  const SlRecord *record = record_of (download);
  const guint8 *part = property->learned ? (const guint8 *)record->content : (const guint8 *)record;

  return g_variant_take_ref (
      property->get != NULL ? property->get (download)
                            : sl_value_to_variant (property->kind, NULL, part + property->offset));
}

guint
sl_properties_count (void)
{
  return SL_N_OPTIONS + G_N_ELEMENTS (properties);
}

const char *
sl_properties_get_name (guint number)
{
  return number < SL_N_OPTIONS ? sl_option_get (number)->property
                               : properties[number - SL_N_OPTIONS].name;
}

GVariant *
sl_properties_get (SlDownload *download, guint number)
{
  return number < SL_N_OPTIONS ? get_option (download, sl_option_get (number))
                               : get_value (&properties[number - SL_N_OPTIONS], download);
}

/* Writing. */

/* (transfer none) (nullable): the option called @name; NULL with @error when nothing that can be written is */
static const SlOption *
find_option (const char *name, GError **error)
{
  const SlOption *option = sl_option_find (name);

  if (option != NULL)
    return option;
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++) {
    if (g_str_equal (properties[i].name, name)) {
      g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "%s can’t be written", name);
      return NULL;
    }
  }
  g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT, "There is no property “%s”",
               name);
  return NULL;
}

gboolean
sl_properties_check_access (const SlOption *option, GVariant *value, SlState state, GError **error)
{
  const char *type = sl_value_get_type (option->kind);

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (type))) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_ARGUMENT,
                 "%s has the type “%s”, not “%s”", option->property, type,
                 g_variant_get_type_string (value));
    return FALSE;
  }
  if (!(option->states & SL_STATE_BIT (state))) {
    g_set_error (error, SLUICE_ERROR, SLUICE_ERROR_INVALID_STATE,
                 "%s can’t be written in state “%s”", option->property, sl_state_to_string (state));
    return FALSE;
  }
  return TRUE;
}

static gboolean
is_same_origin (const char *a, const char *b)
{
  const char *why = NULL;
  g_autoptr (GUri) first = sl_address_parse (a, &why);
  g_autoptr (GUri) second = sl_address_parse (b, &why);

  return first != NULL && second != NULL && sl_address_same_origin (first, second);
}

/* What the service learned about the server at the old address need not be true at the new one. */
static gboolean
set_uri (SlRecord *record, const SlOption *option, GVariant *value, GError **error)
{
  g_autofree char *before = g_strdup (record->asked.uri);

  if (!sl_options_set (&record->asked, option, value, error))
    return FALSE;
  /* who writes the address may not read the headers, and could have them sent to a server of his own */
  if (!is_same_origin (record->asked.uri, before))
    sl_record_wipe_secrets (record);
  sl_record_set_no_ranges (record, FALSE);
  sl_record_set_one_connection (record, FALSE);
  /* until there was a redirect, that is the same */
  sl_record_note (record, record->content->effective_uri == NULL ? SL_FACT_EFFECTIVE_URI : 0);
  return TRUE;
}

gboolean
sl_properties_set (SlRecord *record, const SlOption *option, GVariant *value, GError **error)
{
  if (option->number == SL_OPTION_URI)
    return set_uri (record, option, value, error);
  return sl_options_set (&record->asked, option, value, error);
}

SlRecord *
sl_properties_make_record (const char *uri, GVariant *values, guint32 owner, GError **error)
{
  g_autoptr (SlRecord) record = sl_record_new ();
  g_autoptr (GVariant) address = g_variant_ref_sink (g_variant_new_string (uri));
  GVariantIter iter;
  const char *name;
  GVariant *value;

  record->owner = owner;
  if (!sl_options_set (&record->asked, sl_option_get (SL_OPTION_URI), address, error))
    return NULL;
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value)) {
    g_autoptr (GVariant) owned = value;
    const SlOption *option = find_option (name, error);
    if (option == NULL || !sl_properties_check_access (option, owned, SL_STATE_CREATED, error) ||
        !sl_properties_set (record, option, owned, error))
      return NULL;
  }
  return g_steal_pointer (&record);
}

/* What has changed. */

GPtrArray *
sl_properties_dup_options (SlDownload *download)
{
  GPtrArray *values = g_ptr_array_new_full (SL_N_OPTIONS, (GDestroyNotify)g_variant_unref);

  for (guint i = 0; i < SL_N_OPTIONS; i++)
    g_ptr_array_add (values, get_option (download, sl_option_get (i)));
  return values;
}

guint64
sl_properties_compare_options (SlDownload *download, GPtrArray *before)
{
  guint64 changed = 0;

  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    g_autoptr (GVariant) now = get_option (download, sl_option_get (i));
    if (!g_variant_equal (now, before->pdata[i]))
      changed |= SL_OPTION_BIT (i);
  }
  return changed;
}

static void
add (GVariantBuilder *builder, const char *name, GVariant *owned)
{
  g_autoptr (GVariant) value = owned;

  g_variant_builder_add (builder, "{sv}", name, value);
}

void
sl_properties_collect (SlDownload *download, const SlChanges *changes, GVariantBuilder *builder)
{
  for (guint i = 0; i < SL_N_OPTIONS; i++) {
    if (changes->options & SL_OPTION_BIT (i))
      add (builder, sl_option_get (i)->property, get_option (download, sl_option_get (i)));
  }
  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++) {
    if (changes->facts & properties[i].fact)
      add (builder, properties[i].name, get_value (&properties[i], download));
  }
}
