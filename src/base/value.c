/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What can be done with a member of which only the kind is known. */
#include "base/value.h"

#include "base/id.h"
#include "base/ranges.h"

#include <string.h>

/* Of each kind: how large a member is, and its type on the bus. */
static const struct {
  gsize size;
  const char *type;
} kinds[] = {
    [SL_VALUE_TEXT] = {sizeof (char *), "s"},
    [SL_VALUE_BOOLEAN] = {sizeof (gboolean), "b"},
    [SL_VALUE_INT32] = {sizeof (gint32), "i"},
    [SL_VALUE_UINT32] = {sizeof (guint32), "u"},
    [SL_VALUE_INT64] = {sizeof (gint64), "x"},
    [SL_VALUE_UINT64] = {sizeof (guint64), "t"},
    [SL_VALUE_SIZE] = {sizeof (guint64), "t"},
    [SL_VALUE_ENUM] = {sizeof (guint), "s"},
    [SL_VALUE_SET] = {sizeof (guint), "as"},
    [SL_VALUE_FIELDS] = {sizeof (GVariant *), "a{ss}"},
    [SL_VALUE_RANGES] = {sizeof (SlRanges *), NULL},
    [SL_VALUE_ID] = {sizeof (SlId), NULL},
};

const char *
sl_value_get_type (SlValueKind kind)
{
  return kinds[kind].type;
}

void
sl_value_copy (SlValueKind kind, gpointer to, gconstpointer from)
{
  switch (kind) {
  case SL_VALUE_TEXT:
    *(char **)to = g_strdup (*(char *const *)from);
    break;
  case SL_VALUE_FIELDS:
    *(GVariant **)to =
        *(GVariant *const *)from != NULL ? g_variant_ref (*(GVariant *const *)from) : NULL;
    break;
  case SL_VALUE_RANGES:
    *(SlRanges **)to =
        *(SlRanges *const *)from != NULL ? sl_ranges_copy (*(SlRanges *const *)from) : NULL;
    break;
  case SL_VALUE_BOOLEAN:
  case SL_VALUE_INT32:
  case SL_VALUE_UINT32:
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
  case SL_VALUE_SIZE:
  case SL_VALUE_ENUM:
  case SL_VALUE_SET:
  case SL_VALUE_ID:
    memcpy (to, from, kinds[kind].size);
    break;
  }
}

void
sl_value_clear (SlValueKind kind, gpointer member)
{
  switch (kind) {
  case SL_VALUE_TEXT:
    g_clear_pointer ((char **)member, g_free);
    break;
  case SL_VALUE_FIELDS:
    g_clear_pointer ((GVariant **)member, g_variant_unref);
    break;
  case SL_VALUE_RANGES:
    g_clear_pointer ((SlRanges **)member, sl_ranges_free);
    break;
  case SL_VALUE_BOOLEAN:
  case SL_VALUE_INT32:
  case SL_VALUE_UINT32:
  case SL_VALUE_INT64:
  case SL_VALUE_UINT64:
  case SL_VALUE_SIZE:
  case SL_VALUE_ENUM:
  case SL_VALUE_SET:
  case SL_VALUE_ID:
    break;
  }
}

static GVariant *
set_to_variant (const SlWords *words, guint set)
{
  g_autofree const char **list = sl_words_to_strv (words, set);

  return g_variant_new_strv (list, -1);
}

GVariant *
sl_value_to_variant (SlValueKind kind, const SlWords *words, gconstpointer member)
{
  switch (kind) {
  case SL_VALUE_TEXT: {
    const char *text = *(char *const *)member;
    return g_variant_new_string (text != NULL ? text : "");
  }
  case SL_VALUE_BOOLEAN:
    return g_variant_new_boolean (*(const gboolean *)member);
  case SL_VALUE_INT32:
    return g_variant_new_int32 (*(const gint32 *)member);
  case SL_VALUE_UINT32:
    return g_variant_new_uint32 (*(const guint32 *)member);
  case SL_VALUE_INT64:
    return g_variant_new_int64 (*(const gint64 *)member);
  case SL_VALUE_UINT64:
  case SL_VALUE_SIZE:
    return g_variant_new_uint64 (*(const guint64 *)member);
  case SL_VALUE_ENUM:
    return g_variant_new_string (words->words[*(const guint *)member]);
  case SL_VALUE_SET:
    return set_to_variant (words, *(const guint *)member);
  case SL_VALUE_FIELDS: {
    GVariant *fields = *(GVariant *const *)member;
    return fields != NULL ? g_variant_ref (fields) : g_variant_new ("a{ss}", NULL);
  }
  case SL_VALUE_RANGES:
  case SL_VALUE_ID:
    break;
  }
  g_return_val_if_reached (NULL);
}

GVariant *
sl_fields_compact (GVariant *fields)
{
  /* floating or not */
  g_autoptr (GVariant) owned = g_variant_ref_sink (fields);
  g_autoptr (GBytes) bytes = g_bytes_new (g_variant_get_data (owned), g_variant_get_size (owned));

  return g_variant_ref_sink (
      g_variant_new_from_bytes (G_VARIANT_TYPE ("a{ss}"), bytes, g_variant_is_normal_form (owned)));
}
